"""The errors of perovskites on splits that ask more than a random one: new pairs of cations, and new elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import error_table
from cgcnn.data import datasets
from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.data.perovskite_splits import held_out_elements
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.recipes import paper_config
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.runs import Run
from cgcnn.training.sweeps import sweep

CATION_PAIR, HELD_OUT = "cation pair", "held-out elements"
#: The sets that bring these splits, by the name of the split, for the set whose crystals they have.
SPLITS: Mapping[str, Mapping[str, str]] = {
    "perovskites": {CATION_PAIR: "perovskites-by-cation-pair", HELD_OUT: "perovskites-held-out-elements"}
}

# The names of the splits in the results.
_NAMES = {CATION_PAIR: "cation_pair_split", HELD_OUT: "held_out_elements"}


def split_runs(
    dataset: str, network: str, seeds: Sequence[int], device: str, retrain: bool = False, **given: object
) -> dict[str, list[Run]]:
    """Return runs on each stricter split of a data set, found or trained.

    Args:
        dataset: The name of the data set. A set that is not in :data:`SPLITS` has no stricter split.
        network: The name of the network, as :func:`cgcnn.paper.recipes.paper_config` takes it.
        seeds: The seeds of the runs of each split; without a seed, no split is trained on.
        device: The device, as for :func:`cgcnn.training.fit.fit`.
        retrain: Whether runs are trained anew where they are known already.
        given: Parameters that replace those of the recipe; one that is None keeps the value of the recipe.

    Returns:
        One run per seed, by the name of the split.
    """
    sets = SPLITS.get(dataset, {}) if len(seeds) else {}
    return {
        split: sweep(datasets.load(name), paper_config(name, network, **given), [None], seeds, device, retrain)
        for split, name in sets.items()
    }


def split_errors(runs: Mapping[str, Sequence[Run]]) -> pd.DataFrame:
    """Return the errors of runs on stricter splits.

    An element that is in test crystals alone keeps the vector of the random start. These crystals are predicted with it
    all the same.

    Args:
        runs: The runs by the name of the split, from :func:`split_runs`.

    Returns:
        The rows of :func:`cgcnn.analysis.prediction.error_table`, with the name of the split in the column ``split``.
    """
    tables = [error_table(of_split, datasets.load(of_split[0].dataset)) for of_split in runs.values()]
    named = [table.assign(split=split) for split, table in zip(runs, tables, strict=True)]
    return pd.concat(named, ignore_index=True) if named else pd.DataFrame()


def split_numbers(runs: Mapping[str, Sequence[Run]], errors: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the stricter splits.

    Args:
        runs: The runs by the name of the split, from :func:`split_runs`.
        errors: Their errors from :func:`split_errors`.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them, the training error, the test error and that of
        predicting the mean of the training crystals: ``train_mae_cation_pair_split``,
        ``test_mae_cation_pair_split`` and ``mean_predictor_mae_cation_pair_split``, and the same for
        ``held_out_elements``. They are None for a split without runs.
    """
    columns = ("train_mae", "test_mae", "mean_predictor_mae")
    of_seeds: dict[str, list[float]] = {}
    missing: dict[str, None] = {}
    for split, name in _NAMES.items():
        for column in columns:
            if split in runs:
                with_unit = runs[split][0].quantity.with_unit(column)
                of_seeds[f"{column}_{name}"] = errors.loc[errors["split"] == split, with_unit].tolist()
            else:
                missing[f"{column}_{name}"] = None
    rows = [dict(zip(of_seeds, values, strict=True)) for values in zip(*of_seeds.values(), strict=True)]
    return {**missing, **(over_seeds(rows) if rows else {})}


def composition_numbers(errors: pd.DataFrame, quantity: Quantity) -> dict[str, Any]:
    """Return the test error of the runs that were split by composition.

    Args:
        errors: The table of :func:`cgcnn.paper.section.run_errors`.
        quantity: What the runs predict.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives it, ``test_mae_composition_split``, and the list of the
        seeds' errors ``test_mae_composition_split_by_seed``. Without such runs they are None and empty.
    """
    of_split = errors.loc[errors["split"] == "composition", quantity.with_unit("test_mae")].tolist()
    name = "test_mae_composition_split"
    numbers = over_seeds([{name: error} for error in of_split]) if of_split else {name: None}
    return {**numbers, f"{name}_by_seed": of_split}


def shown(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the training error and the test errors of all splits, as the page shows them.

    Args:
        numbers: The numbers of the section.
        quantity: What the runs predict.

    Returns:
        One row per error that this run measured, by what it is the error of.
    """
    names = {
        "training crystals": "train_mae",
        "test crystals": "test_mae",
        "test crystals, deviation over the seeds": "test_mae_std",
        "test crystals of new compositions": "test_mae_composition_split",
        **{f"test crystals, split by {name}": f"test_mae_{part}" for name, part in _NAMES.items()},
    }
    errors = {label: numbers[name] for label, name in names.items() if numbers[name] is not None}
    return pd.Series(errors, dtype=float).round(4).to_frame(quantity.in_unit("mean absolute error"))


def errors_on_the_page(errors: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the errors of every split and size of the training set, as the page shows them.

    Args:
        errors: One row per run: ``split``, ``training_size`` and the errors, such as ``test_mae_eV_per_atom``.
        quantity: What the runs predict.

    Returns:
        One row per split and size: the mean and the standard deviation over the seeds of each error, as one text.
    """
    parts = {
        name: quantity.in_unit(f"{label} MAE")
        for part, label in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if (name := quantity.with_unit(f"{part}_mae")) in errors.dropna(axis=1)
    }
    groups = errors.groupby(["split", "training_size"])[list(parts)]
    means, deviations = groups.mean(), groups.std()
    texts = {
        label: [
            f"{mean:.4f}" + ("" if np.isnan(std) else f" \N{PLUS-MINUS SIGN} {std:.4f}")
            for mean, std in zip(means[name], deviations[name], strict=True)
        ]
        for name, label in parts.items()
    }
    index = [means.index.get_level_values("split"), [f"{size:,}" for _, size in means.index]]
    return pd.DataFrame(texts, index=index).rename_axis(["split", "training crystals"])


def held_out_symbols(runs: Mapping[str, Sequence[Run]]) -> str | None:
    """Return the elements that were held out, such as ``Mn, Ni, Zr, Ag and Hf``; None where there are no such runs.

    Args:
        runs: The runs by the name of the split, from :func:`split_runs`.
    """
    if HELD_OUT not in runs:
        return None
    *first, last = ELEMENT_SYMBOLS[np.asarray(held_out_elements(datasets.load(runs[HELD_OUT][0].dataset)))].tolist()
    return f"{', '.join(first)} and {last}"
