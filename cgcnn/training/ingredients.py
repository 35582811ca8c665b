"""Measure the gain of each single change to a network: one run per change, judged by its validation error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import run_key


def try_ingredients(
    crystals: Crystals,
    config: Config,
    ingredients: Mapping[str, Mapping[str, Any]],
    known: Path | None = None,
    device: str = "auto",
) -> pd.DataFrame:
    """Train one run without any ingredient, and one run with each ingredient alone.

    Args:
        crystals: The data set. No error on its test set is computed.
        config: The parameters of the run without any ingredient.
        ingredients: The parameters that each ingredient changes, by the name of the ingredient.
        known: A table that :func:`cgcnn.files.tables.save_table` wrote earlier. Its runs are not trained again; their
            errors are taken from the table.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per run, the one without any ingredient (``none``) first. Its columns are ``ingredient``,
        the validation error, such as ``validation_mae_eV_per_atom``, ``over_none`` (the ratio of this error to that of
        the first row) and ``key`` (the key of the run).

    Raises:
        DataError: A run cannot be trained, as for :func:`cgcnn.training.fit.fit`.
    """
    errors = known_errors(known, crystals.quantity)
    measured: dict[str, float] = {}
    keys: dict[str, str] = {}
    changes: dict[str, Mapping[str, Any]] = {"none": {}, **ingredients}
    for name, changed in tqdm(changes.items(), unit="ingredient", disable=None):
        tried = config.replace(**changed)
        keys[name] = run_key(crystals, tried)
        error = errors[keys[name]] if keys[name] in errors else fit(crystals, tried, device).validation_mae
        # Rounded as in a table of it, so that a second call, which reads the table, returns the same.
        measured[name] = float(f"{error:.6g}")
    return pd.DataFrame(
        {
            "ingredient": list(measured),
            crystals.quantity.with_unit("validation_mae"): list(measured.values()),
            "over_none": [error / measured["none"] for error in measured.values()],
            "key": list(keys.values()),
        }
    )


def known_errors(table: Path | None, quantity: Quantity) -> dict[str, float]:
    """Return the validation errors of a table of runs, in the unit of their target, by the keys of the runs.

    Args:
        table: A CSV file with the columns ``key`` and the validation error, such as ``validation_mae_eV_per_atom``.
            Where it is None or not there, no errors are known.
        quantity: What the runs predict.

    Raises:
        KeyError: A column is missing.
    """
    if table is None or not table.is_file():
        return {}
    rows = pd.read_csv(table)
    return dict(zip(rows["key"], rows[quantity.with_unit("validation_mae")], strict=True))
