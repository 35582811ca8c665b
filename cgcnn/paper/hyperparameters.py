"""The paper's hyperparameters beside the best that a search has found, on the first seed and on all seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.files.tables import save_table
from cgcnn.paper.recipes import PAPER_CHOICE
from cgcnn.paper.seed_numbers import by_set_and_seed
from cgcnn.training.config import Config
from cgcnn.training.repeats import repeat
from cgcnn.training.search import search

#: The names of the hyperparameters on the page, in the order of the panels.
LABELS = {"n_convolutions": "convolutions", "width": "length of v", "learning_rate": "learning rate"}

_CHOICE, _BEST = "the paper's choice", "best trial"


def search_and_repeat(
    crystals: Mapping[str, Crystals],
    configs: Mapping[str, Config],
    table_of: Callable[[str, str], Path],
    n_trials: int,
    seeds: Sequence[int],
    device: str = "auto",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Search for hyperparameters on each set, and train the paper's choice and the best trial again with all seeds.

    Args:
        crystals: The data set of each set. No error on its test set is computed.
        configs: The parameters of the first trial of each set, which has the paper's hyperparameters.
        table_of: The file that keeps the runs of a set and a kind, as
            :meth:`cgcnn.paper.section.Section.table_of_trials` returns it. Its runs are not trained again.
        n_trials: The number of trials of each set.
        seeds: The seeds with which the two choices are trained again.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The trials of :func:`cgcnn.training.search.search` and the runs of :func:`cgcnn.training.repeats.repeat`, both
        without the keys of the runs and with the name of the set in the column ``set``.
    """
    trials, repeats = [], []
    for name, config in configs.items():
        files = [table_of(name, kind) for kind in ("search", "search_seeds")]
        trials.append(search(crystals[name], config, n_trials, files[0], device))
        save_table(trials[-1], files[0])
        best = best_trials(trials[-1].assign(set=name), crystals[name].quantity).iloc[0]
        repeats.append(repeat(crystals[name], choices(config, best), seeds, files, device))
        save_table(repeats[-1], files[1])
    return _joined(configs, trials), _joined(configs, repeats)


def best_trials(trials: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Compare the paper's hyperparameters with the best that a search has found.

    Args:
        trials: One row per trial: ``set``, the hyperparameters and the validation error, such as
            ``validation_mae_eV_per_atom``. The first trial of a set has the paper's hyperparameters.
        quantity: What is predicted.

    Returns:
        The best trial of each set, with the further columns ``of the paper's choice`` (the validation error of the
        paper's hyperparameters) and ``ratio`` (this error divided by that of the best trial).
    """
    error = quantity.with_unit("validation_mae")
    errors = trials.groupby("set", sort=False)[error]
    best = trials.loc[errors.idxmin()].set_index("set")
    best["of the paper's choice"] = errors.first()
    best["ratio"] = best["of the paper's choice"] / best[error]
    return best


def choices(config: Config, best: pd.Series) -> dict[str, Config]:
    """Return the parameters of the paper's choice and of the best trial of a search, by the names of the choices.

    Args:
        config: The parameters of the first trial, which has the paper's choice.
        best: The row of the set in :func:`best_trials`.
    """
    searched = {name: type(getattr(config, name))(best[name]) for name in PAPER_CHOICE}
    return {_CHOICE: config, _BEST: config.replace(**searched)}


def repeated_table(repeats: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the two choices of hyperparameters side by side, as the page shows them.

    Args:
        repeats: The rows of :func:`cgcnn.training.repeats.repeat` for :func:`choices`, with a column ``set``.
        quantity: What is predicted.

    Returns:
        One row per set: the mean validation error of each choice over the seeds, ``ratio`` and ``standard deviation``
        (the mean and the standard deviation of the ratio of the two errors of one seed), and ``seeds`` (their number).
    """
    ratios = _ratios_of_choices(repeats, quantity).groupby("set", sort=False)
    error = quantity.with_unit("validation_mae")
    means = repeats.pivot_table(index="set", columns="choice", values=error, sort=False)[[_CHOICE, _BEST]]
    means.columns.name = None
    return means.assign(**{"ratio": ratios.mean(), "standard deviation": ratios.std(), "seeds": ratios.size()})


def paper_choice_over_best(repeats: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the validation error of the paper's hyperparameters divided by that of the best trial's, seed by seed.

    Args:
        repeats: The rows of :func:`cgcnn.training.repeats.repeat` for :func:`choices`, with a column ``set``.
        quantity: What is predicted.

    Returns:
        ``paper_choice_over_best``, the mean over the seeds by set, with the ratio of each seed under ``by_seed``.
    """
    ratios = _ratios_of_choices(repeats, quantity).groupby("set", sort=False)
    return by_set_and_seed("paper_choice_over_best", {str(name): of_set.tolist() for name, of_set in ratios})


def _joined(names: Iterable[str], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    named = [table.drop(columns="key").assign(set=name) for name, table in zip(names, tables, strict=True)]
    table = pd.concat(named, ignore_index=True)
    return table[["set", *table.columns.drop("set")]]


def _ratios_of_choices(repeats: pd.DataFrame, quantity: Quantity) -> pd.Series:
    error = quantity.with_unit("validation_mae")
    wide = repeats.pivot_table(index=["set", "seed"], columns="choice", values=error, sort=False)
    return wide[_CHOICE] / wide[_BEST]
