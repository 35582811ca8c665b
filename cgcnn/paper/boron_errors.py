"""The errors of the boron section: on all test structures, without those with a near-copy in training, by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import Crystals
from cgcnn.data.near_copies import near_copies
from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.paper.section import run_errors
from cgcnn.paper.seed_numbers import over_seeds, text_by_seed
from cgcnn.training.runs import Run

#: The energy above the lowest structure, in eV per atom, up to which experiments may meet a structure.
MODERATE = 1.0
_WITHIN, _WITHOUT_TWINS, _TWINS = (
    f"test_mae_{part}_eV_per_atom" for part in ("within_1_eV", "without_twins", "of_twins")
)


def has_twin(crystals: Crystals, split: Split) -> np.ndarray:
    """Return whether each test structure has a near-copy among the training structures, (c,) bool.

    Args:
        crystals: The whole data set.
        split: Its split, with c test crystals.
    """
    pairs = near_copies(crystals)
    is_trained = np.isin(np.arange(len(crystals)), split.train)
    twins = np.concatenate([pairs[is_trained[pairs[:, other]], own] for own, other in ((0, 1), (1, 0))])
    return np.isin(split.test, twins)


def boron_errors(runs: Sequence[Run], crystals: Crystals, is_twin: np.ndarray) -> pd.DataFrame:
    """Return the errors of runs on all test structures and on three parts of them.

    Args:
        runs: Finished runs on the same split.
        crystals: The whole data set.
        is_twin: (c,) Whether each test structure has a near-copy in training, from :func:`has_twin`.

    Returns:
        One row per run: the columns of :func:`cgcnn.paper.section.run_errors`,
        ``test_mae_within_1_eV_eV_per_atom`` (of structures at most 1 eV per atom above the lowest),
        ``test_mae_without_twins_eV_per_atom`` and ``test_mae_of_twins_eV_per_atom`` (NaN where there are none).
    """
    test = runs[0].split.test
    errors = [np.abs(predict_part(run, crystals, test) - crystals.targets[test]) for run in runs]
    parts = {_WITHIN: crystals.targets[test] <= MODERATE, _WITHOUT_TWINS: ~is_twin, _TWINS: is_twin}
    means = {name: [each[part].mean() if part.any() else np.nan for each in errors] for name, part in parts.items()}
    return run_errors(runs, crystals).assign(**means)


def error_numbers(errors: pd.DataFrame, runs: Sequence[Run], crystals: Crystals, is_twin: np.ndarray) -> dict[str, Any]:
    """Return the numbers of the errors on parts of the test structures.

    Args:
        errors: The errors from :func:`boron_errors`.
        runs: The runs that have these errors.
        crystals: The whole data set.
        is_twin: As for :func:`boron_errors`.

    Returns:
        ``test_mae_within_1_eV``, ``test_mae_without_twins`` and ``test_mae_of_twins``, each the mean over the runs and
        by seed (:func:`cgcnn.paper.seed_numbers.over_seeds`), the standard deviations of the first two, and the numbers
        of structures ``n_test_within_1_eV``, ``n_test_without_twins`` and ``n_test_twins``.
    """
    names = {"test_mae_within_1_eV": _WITHIN, "test_mae_without_twins": _WITHOUT_TWINS}
    if is_twin.any():
        names["test_mae_of_twins"] = _TWINS
    of_seeds = [{name: row[column] for name, column in names.items()} for row in errors.to_dict("records")]
    return {
        **over_seeds(of_seeds),
        "test_mae_within_1_eV_std": errors[_WITHIN].std(),
        "test_mae_without_twins_std": errors[_WITHOUT_TWINS].std(),
        "n_test_within_1_eV": int((crystals.targets[runs[0].split.test] <= MODERATE).sum()),
        "n_test_without_twins": int((~is_twin).sum()),
        "n_test_twins": int(is_twin.sum()),
    }


def family_numbers(errors: pd.DataFrame) -> dict[str, Any]:
    """Return the errors of runs on the set that is split by relaxation family.

    Args:
        errors: The errors of these runs, one per seed, from :func:`cgcnn.paper.section.run_errors`.

    Returns:
        ``train_mae_family_split`` and ``test_mae_family_split``, each the mean over the runs and by seed, and the
        standard deviation of the second.
    """
    rows = errors.to_dict("records")
    of_seeds = [
        {f"{part}_mae_family_split": row[f"{part}_mae_eV_per_atom"] for part in ("train", "test")} for row in rows
    ]
    return {**over_seeds(of_seeds), "test_mae_family_split_std": errors["test_mae_eV_per_atom"].std()}


def error_texts(numbers: Mapping[str, Any], quantity: Quantity) -> dict[str, str]:
    """Return the errors of the section as its text shows them, by their names in the text.

    Args:
        numbers: The numbers of the section.
        quantity: What the runs predict.
    """
    names = {
        "error_within_1_eV": "test_mae_within_1_eV",
        "error_without_twins": "test_mae_without_twins",
        "error_family_split": "test_mae_family_split",
    }
    texts = {
        text: f"{text_by_seed(numbers, name, 3)} {quantity.unit}" for text, name in names.items() if name in numbers
    }
    ratio = numbers["local_energy_seed_difference_over_test_mae"]
    return {"error_family_split": "not measured here", "difference_over_error": f"{ratio:.1f}", **texts}
