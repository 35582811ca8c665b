"""Repeat chosen runs with further seeds, each judged by its validation error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.ingredients import known_errors
from cgcnn.training.runs import run_key


def repeat(
    crystals: Crystals, choices: Mapping[str, Config], seeds: Sequence[int], known: Sequence[Path], device: str = "auto"
) -> pd.DataFrame:
    """Train runs of several seeds with each of some choices of parameters.

    Args:
        crystals: The data set. No error on its test set is computed.
        choices: The parameters by the name of the choice. Their seeds do not count.
        seeds: The seeds.
        known: Tables that :func:`cgcnn.files.tables.save_table` wrote earlier. Their runs are not trained again.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per choice and seed. Its columns are ``choice``, ``seed``, the validation error, such as
        ``validation_mae_eV_per_atom``, and ``key`` (the key of the run).

    Raises:
        DataError: A run cannot be trained, as for :func:`cgcnn.training.fit.fit`.
    """
    errors = {key: error for table in known for key, error in known_errors(table, crystals.quantity).items()}
    pairs = [(name, seed) for name in choices for seed in seeds]
    rows = []
    for name, seed in tqdm(pairs, unit="run", disable=None):
        config = choices[name].replace(seed=seed)
        key = run_key(crystals, config)
        error = errors[key] if key in errors else fit(crystals, config, device).validation_mae
        # Rounded as in a table of it, so that a second call, which reads the table, returns the same.
        rows.append((name, seed, float(f"{error:.6g}"), key))
    return pd.DataFrame(rows, columns=["choice", "seed", crystals.quantity.with_unit("validation_mae"), "key"])
