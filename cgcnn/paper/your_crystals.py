"""The tables of the section on a person's own crystals: the check, and which predictions to trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.learning_curves import FEWEST_SIZES, fit_power_laws
from cgcnn.analysis.prediction import predictable
from cgcnn.analysis.ranges import WORDS
from cgcnn.data.crystals import Crystals
from cgcnn.data.datasets import folder_of
from cgcnn.data.folder_check import check_folder
from cgcnn.data.quantity import Quantity
from cgcnn.training.runs import Run

# The number of crystals that are named as the farthest.
_N_FARTHEST = 5


def check(dataset: str, meaning: Mapping[str, str | None]) -> list[str]:
    """Return the report on a folder, one line each: what is in it, and all that is wrong with it.

    Args:
        dataset: A folder, or the name of a data set.
        meaning: ``target``, ``unit`` and ``per``, as :func:`cgcnn.data.folder_check.check_folder` takes them.

    Returns:
        The lines; for a named data set one line, which says that its files are known.
    """
    folder = folder_of(dataset)
    if folder is None:
        return [f"{dataset}: a data set of this package, whose files are known"]
    # The reader knows where the folder is.
    named = ((f"{Path(dataset)}/", ""), (str(Path(dataset)), Path(dataset).name))
    lines = check_folder(folder, **meaning).lines()
    return [reduce(lambda line, pair: line.replace(*pair), named, line) for line in lines]


def files_on_the_page(written: pd.DataFrame) -> pd.DataFrame:
    """Return the table of :func:`cgcnn.figures.files.save_figures` with the names of the files and the unit.

    Args:
        written: The table, with paths and sizes in millimeters.
    """
    return pd.DataFrame(
        {
            "file": [Path(path).name for path in written["file"]],
            "width (mm)": written["width"],
            "height (mm)": written["height"],
        }
    )


def power_laws(curve: pd.DataFrame, quantity: Quantity) -> dict[str, tuple[float, float]]:
    """Return the lines through learning curves, as :func:`cgcnn.figures.studies.learning_curves` draws them.

    Args:
        curve: One row per set and training size, from :func:`cgcnn.analysis.learning_curves.average_over_seeds`.
        quantity: What the runs predict.

    Returns:
        The slope and the intercept by the name of the set; empty where there are too few sizes for a line.
    """
    if curve["training_size"].nunique() < FEWEST_SIZES:
        return {}
    return {name: (law.slope, law.intercept) for name, law in fit_power_laws(curve, quantity).items()}


def predictable_test(runs: Sequence[Run], crystals: Crystals) -> Crystals:
    """Return the test crystals of runs on one split without those that have an element of no training crystal."""
    chosen = runs[0].split.test
    for run in runs:
        chosen = predictable(run, crystals, chosen)
    return crystals.select(chosen)


def trust_table(predicted: pd.DataFrame, crystals: Crystals) -> pd.DataFrame:
    """Return how well crystals are predicted, by how far they are from what was seen.

    Args:
        predicted: The table of :func:`cgcnn.analysis.ranges.predict_with_range`.
        crystals: The crystals, with their targets.

    Returns:
        One row per word that occurs (``inside``, ``at the edge``, ``outside``) and one for all: the number of
        ``crystals``, their mean absolute error, such as ``mae_eV_per_atom``, and ``in their interval``, the share whose
        target lies between the ends.
    """
    of_all = pd.DataFrame(
        {
            "range": predicted["range"].to_numpy(),
            "error": np.abs(predicted[crystals.quantity.column()].to_numpy() - crystals.targets),
            "covered": _covered(predicted, crystals),
        }
    )
    words = [word for word in WORDS if (of_all["range"] == word).any()]
    rows = {word: of_all[of_all["range"] == word] for word in words} | {"all": of_all}
    return pd.DataFrame(
        {
            "crystals": {word: len(table) for word, table in rows.items()},
            crystals.quantity.in_unit("MAE"): {word: table["error"].mean() for word, table in rows.items()},
            "in their interval": {word: table["covered"].mean() for word, table in rows.items()},
        }
    )


def farthest(predicted: pd.DataFrame, crystals: Crystals, n_crystals: int = _N_FARTHEST) -> pd.DataFrame:
    """Return the crystals that are farthest from what was seen, the farthest first.

    Args:
        predicted: The table of :func:`cgcnn.analysis.ranges.predict_with_range`.
        crystals: The crystals, with their targets.
        n_crystals: The number of crystals to return.

    Returns:
        The rows of these crystals, with the further column of the target, such as ``target_eV_per_atom``, and without
        ``range`` and the uncertainty, which say less about such crystals than the ends of the interval.
    """
    target = crystals.quantity.with_unit("target")
    table = predicted.drop(columns=["range", crystals.quantity.with_unit("uncertainty")], errors="ignore")
    table.insert(0, target, crystals.targets)
    return table.sort_values("distance", ascending=False, kind="stable").head(n_crystals)


def range_numbers(predicted: pd.DataFrame, crystals: Crystals) -> dict[str, Any]:
    """Return which share of crystals lies in its interval, and which share is outside of what was seen.

    Args:
        predicted: The table of :func:`cgcnn.analysis.ranges.predict_with_range`.
        crystals: The crystals, with their targets.

    Returns:
        ``coverage`` and ``outside``.
    """
    return {
        "coverage": _covered(predicted, crystals).mean(),
        "outside": (predicted["range"] == WORDS[-1]).mean(),
    }


def _covered(predicted: pd.DataFrame, crystals: Crystals) -> np.ndarray:
    named = crystals.quantity.with_unit
    lower, upper = predicted[named("lower")].to_numpy(), predicted[named("upper")].to_numpy()
    covered: np.ndarray = (lower <= crystals.targets) & (crystals.targets <= upper)
    return covered
