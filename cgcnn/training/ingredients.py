"""What each change to a network buys: one run for each, judged by its validation error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import run_key
from cgcnn.training.search import known_errors


def try_ingredients(
    crystals: Crystals,
    config: Config,
    ingredients: Mapping[str, Mapping[str, Any]],
    known: Path | None = None,
    device: str = "auto",
) -> pd.DataFrame:
    """Train once with each ingredient alone and return one row each, after one for none of them.

    Args:
        crystals: The data set. Its test part is never looked at.
        config: What an ingredient is added to, and the first row.
        ingredients: By its name on the page, the parameters that each changes.
        known: As for :func:`cgcnn.training.search.search`.
        device: As for :func:`cgcnn.training.fit.fit`.

    Returns:
        Columns ``ingredient``, ``validation_mae_eV_per_atom``, ``over_none`` (that over the first row's) and ``key``
        (the run's address).
    """
    errors = known_errors(known)
    measured: dict[str, float] = {}
    keys: dict[str, str] = {}
    changes: dict[str, Mapping[str, Any]] = {"none": {}, **ingredients}
    for name, changed in tqdm(changes.items(), unit="ingredient", disable=None):
        tried = config.replace(**changed)
        keys[name] = run_key(crystals, tried)
        known_error = errors.get(keys[name])
        measured[name] = fit(crystals, tried, device).validation_mae if known_error is None else known_error
    return pd.DataFrame(
        {
            "ingredient": list(measured),
            "validation_mae_eV_per_atom": list(measured.values()),
            "over_none": [error / measured["none"] for error in measured.values()],
            "key": list(keys.values()),
        }
    )
