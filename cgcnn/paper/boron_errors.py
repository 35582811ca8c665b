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
from cgcnn.paper.seed_numbers import join, over_seeds, text_by_seed
from cgcnn.training.runs import Run

#: The energy above the lowest structure, in eV per atom, up to which experiments may meet a structure.
MODERATE = 1.0


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


def with_parts(
    errors: pd.DataFrame, runs: Sequence[Run], crystals: Crystals, is_twin: np.ndarray
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Add the errors on three parts of the test structures.

    Args:
        errors: The errors of the runs, from :func:`cgcnn.paper.section.run_errors`.
        runs: One run per seed, all on the same split.
        crystals: The whole data set.
        is_twin: (c,) Whether each test structure has a near-copy in training, from :func:`has_twin`.

    Returns:
        The errors with ``test_mae_within_1_eV_eV_per_atom`` (of structures at most 1 eV per atom above the lowest),
        ``test_mae_without_twins_eV_per_atom`` and ``test_mae_of_twins_eV_per_atom`` (NaN where there are none); and the
        numbers ``test_mae_within_1_eV``, ``test_mae_without_twins`` and ``test_mae_of_twins``, each the mean over the
        runs and by seed, the standard deviations of the first two, and the numbers of structures
        ``n_test_within_1_eV``, ``n_test_without_twins`` and ``n_test_twins``.
    """
    test = runs[0].split.test
    absolute = [np.abs(predict_part(run, crystals, test) - crystals.targets[test]) for run in runs]
    parts = {"within_1_eV": crystals.targets[test] <= MODERATE, "without_twins": ~is_twin, "of_twins": is_twin}
    means = {
        f"test_mae_{part}": [float(each[chosen].mean()) if chosen.any() else np.nan for each in absolute]
        for part, chosen in parts.items()
    }
    known = {name: values for name, values in means.items() if np.isfinite(values).all()}
    numbers = over_seeds([dict(zip(known, values, strict=True)) for values in zip(*known.values(), strict=True)])
    table = errors.assign(**{f"{name}_eV_per_atom": values for name, values in means.items()})
    return table, {
        **numbers,
        **{f"{name}_std": pd.Series(means[name]).std() for name in ("test_mae_within_1_eV", "test_mae_without_twins")},
        "n_test_within_1_eV": int(parts["within_1_eV"].sum()),
        "n_test_without_twins": int((~is_twin).sum()),
        "n_test_twins": int(is_twin.sum()),
    }


def with_families(errors: pd.DataFrame, runs: Sequence[Run], crystals: Crystals) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Add the errors of runs on the set that is split by relaxation family.

    Args:
        errors: The errors of the other runs.
        runs: One run per seed on ``boron-by-family``.
        crystals: That set.

    Returns:
        The errors with one more row per run, whose ``split`` is ``by family``; and the numbers
        ``train_mae_family_split`` and ``test_mae_family_split``, each the mean over the runs and by seed, and the
        standard deviation of the second.
    """
    added = run_errors(runs, crystals).assign(split="by family")
    rows = added.to_dict("records")
    of_seeds = [
        {f"{part}_mae_family_split": row[f"{part}_mae_eV_per_atom"] for part in ("train", "test")} for row in rows
    ]
    numbers = {**over_seeds(of_seeds), "test_mae_family_split_std": added["test_mae_eV_per_atom"].std()}
    return pd.concat([errors, added], ignore_index=True), numbers


def boron_errors(
    errors: pd.DataFrame, runs: Sequence[Run], crystals: Crystals, family_runs: Sequence[Run], families: Crystals | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Add the errors on parts of the test structures and, where there are such runs, those of the split by family.

    Args:
        errors: As for :func:`with_parts`.
        runs: As for :func:`with_parts`.
        crystals: As for :func:`with_parts`.
        family_runs: As for :func:`with_families`; empty if there are none.
        families: As for :func:`with_families`; None if there are no such runs.

    Returns:
        The table and the numbers of both.
    """
    errors, numbers = with_parts(errors, runs, crystals, has_twin(crystals, runs[0].split))
    if families is None:
        return errors, numbers
    errors, of_families = with_families(errors, family_runs, families)
    return errors, join(numbers, of_families)


def error_texts(numbers: Mapping[str, Any], quantity: Quantity) -> dict[str, str]:
    """Return the errors of the section as its text shows them, by their names in the text.

    Args:
        numbers: The numbers of the section.
        quantity: What the runs predict.
    """
    names = {
        "train_error": "train_mae",
        "error_within_1_eV": "test_mae_within_1_eV",
        "error_without_twins": "test_mae_without_twins",
        "error_family_split": "test_mae_family_split",
        "train_error_family_split": "train_mae_family_split",
    }
    unmeasured = "not measured here"
    texts = {
        text: f"{text_by_seed(numbers, name, 3)} {quantity.unit}" if name in numbers else unmeasured
        for text, name in names.items()
    }
    share, ratio = numbers["train_mae"] / numbers["test_mae"], numbers["local_energy_seed_difference_over_test_mae"]
    return {**texts, "train_share": f"{100 * share:.0f} %", "difference_over_error": f"{ratio:.1f}"}
