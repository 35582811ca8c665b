"""The search for hyperparameters on validation data: Optuna proposes, the run store remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import optuna
import pandas as pd
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import run_key

#: What is searched: the paper's three hyperparameters (its supplementary Table I), each with its least and greatest.
RANGES: dict[str, tuple[float, float]] = {"n_convolutions": (1, 5), "width": (16, 128), "learning_rate": (1e-3, 3e-2)}
_WIDTH_STEP = 16


def search(
    crystals: Crystals, config: Config, n_trials: int, known: Path | None = None, device: str = "auto"
) -> pd.DataFrame:
    """Search for layers, width and learning rate; return one row a trial, in the order they were tried.

    The tree-structured Parzen estimator (Bergstra et al. 2011, as Optuna has it, doi 10.1145/3292500.3330701) proposes
    each from the validation errors of those before. The parameters of ``config`` come first, so that the search has
    them to beat. The sampler's seed is that of ``config``: a search that is run again makes the same proposals, finds
    what it tried before and goes on where it was.

    Args:
        crystals: The data set. Its test part is never looked at.
        config: What all trials share, and the first of them.
        n_trials: How many trials, the first included.
        known: A table that :func:`cgcnn.files.tables.save_table` wrote of an earlier search: its trials are not trained
            again. Those that are not in it are looked for in the run store, as always.
        device: As for :func:`cgcnn.training.fit.fit`.

    Returns:
        Columns ``trial``, the parameters searched, ``validation_mae_eV_per_atom`` and ``key`` (the run's address).
    """
    errors = known_errors(known)
    quiet = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return pd.DataFrame(_trials(crystals, config, n_trials, errors, device))
    finally:
        optuna.logging.set_verbosity(quiet)


def known_errors(table: Path | None) -> dict[str, float]:
    """Return the validation errors of a table of runs by their addresses; none where there is no table."""
    if table is None or not table.is_file():
        return {}
    rows = pd.read_csv(table)
    return dict(zip(rows["key"], rows["validation_mae_eV_per_atom"], strict=True))


def _trials(
    crystals: Crystals, config: Config, n_trials: int, errors: Mapping[str, float], device: str
) -> Iterator[dict[str, float | str]]:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=config.seed))
    study.enqueue_trial({name: getattr(config, name) for name in RANGES})
    layers, width, rate = RANGES.values()
    for number in tqdm(range(n_trials), unit="trial", disable=None):
        trial = study.ask()
        values = {
            "n_convolutions": trial.suggest_int("n_convolutions", int(layers[0]), int(layers[1])),
            "width": trial.suggest_int("width", int(width[0]), int(width[1]), step=_WIDTH_STEP),
            # Two digits are enough, and keep the parameters short wherever they are printed.
            "learning_rate": float(f"{trial.suggest_float('learning_rate', *rate, log=True):.2g}"),
        }
        tried = config.replace(**values)
        key = run_key(crystals, tried)
        error = errors[key] if key in errors else fit(crystals, tried, device).validation_mae
        # As a table of it has it, so that a search from the table makes the same proposals.
        error = float(f"{error:.6g}")
        study.tell(trial, error)
        yield {"trial": number, **values, "validation_mae_eV_per_atom": error, "key": key}
