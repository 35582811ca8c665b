"""The network that sees angles beside published errors on the Materials Project's snapshot of 2018."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from typing import Any

import pandas as pd

from cgcnn.analysis.learning_curves import PowerLaw
from cgcnn.data.quantity import ENERGY, Quantity

#: The name of the data of these methods in ``book/literature.yaml``, and the number of their training crystals.
LEADERS_DATA, LEADERS_TRAINING_SIZE = "Materials Project 2018.6.1", 60_000
_OURS = "the network that sees angles"


def error_at(law: PowerLaw, n_train: int) -> float:
    """Return the error that a power law gives at a number of training crystals, in the unit of the curve."""
    return float(10 ** (law.intercept + law.slope * log10(n_train)))


def beside_leaders(leaders: pd.DataFrame, of_set: Mapping[str, Any], law: PowerLaw | None) -> pd.DataFrame:
    """Return the errors of the leaders and ours in one table, each with its number of training crystals.

    Args:
        leaders: The rows of :func:`cgcnn.paper.literature.read_literature`.
        of_set: The numbers of our set, as :func:`cgcnn.paper.angles_errors.angles_numbers` gives them.
        law: The power law through our learning curve; None where there is none.

    Returns:
        One row per method, the largest error first: ``method``, ``mae_eV_per_atom``, ``training_size``, ``cite`` and
        ``kind``, which is ``published``, ``ours`` or ``drawn on``. The last is our power law at the leaders' number of
        crystals, and no measurement.
    """
    kept = leaders.loc[leaders["data"] == LEADERS_DATA, ["method", "mae_eV_per_atom", "training_size", "cite"]]
    size = of_set["n_train"]
    ours = [(_OURS, of_set["test_mae"], size, "", "ours")]
    if "together_mae" in of_set:
        together = f"{_OURS}, {len(of_set['seeds'])} together"
        ours.append((together, of_set["together_mae"], size, "", "ours"))
    if law is not None:
        ours.append((_OURS, error_at(law, LEADERS_TRAINING_SIZE), LEADERS_TRAINING_SIZE, "", "drawn on"))
    rows = pd.DataFrame(ours, columns=[*kept.columns, "kind"])
    both = pd.concat([kept.assign(kind="published"), rows], ignore_index=True)
    return both.sort_values("mae_eV_per_atom", ascending=False, ignore_index=True)


def to_draw(
    beside: pd.DataFrame, points: pd.DataFrame, law: PowerLaw | None, quantity: Quantity = ENERGY
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables that :func:`cgcnn.figures.angles.beside_published` draws.

    Args:
        beside: The table of :func:`beside_leaders`.
        points: Our learning curve, as :func:`cgcnn.analysis.learning_curves.average_over_seeds` returns it.
        law: The power law through it; None where it has too few points.
        quantity: What the runs predict.

    Returns:
        The published errors, the points of our curve, and its line from the smallest number of training crystals to
        that of the leaders, which is empty without a law; each with ``training_size`` and ``mae_eV_per_atom``.
    """
    error = quantity.with_unit("mae")
    ours = points[["training_size", quantity.with_unit("test_mae")]].set_axis(["training_size", error], axis=1)
    ends = [] if law is None else [int(ours["training_size"].min()), LEADERS_TRAINING_SIZE]
    line = pd.DataFrame({"training_size": ends, error: [error_at(law, size) for size in ends if law is not None]})
    return beside[beside["kind"] == "published"], ours, line


def words_of(of_set: Mapping[str, Any]) -> dict[str, float]:
    """Return our numbers on the leaders' split by their names in the text of the section.

    Args:
        of_set: The numbers of our set, as for :func:`beside_leaders`, of several runs.

    Returns:
        ``megnet_one``, ``megnet_together`` and ``megnet_train`` (errors), ``megnet_seeds`` (the number of runs), and
        ``megnet_share`` (our training crystals over those of the leaders).
    """
    named = {"test_mae": "one", "together_mae": "together", "train_mae": "train"}
    words: dict[str, float] = {f"megnet_{to}": of_set[of] for of, to in named.items()}
    share = of_set["n_train"] / LEADERS_TRAINING_SIZE
    return words | {"megnet_seeds": len(of_set["seeds"]), "megnet_share": share}
