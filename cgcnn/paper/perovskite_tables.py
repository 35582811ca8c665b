"""Tables on the crystals of the perovskites' section, and the numbers in its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict, predictable
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.errors import DataError
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.paper.element_accuracies import group_range
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.element_radius import BLOCKS
from cgcnn.paper.section import error_texts
from cgcnn.paper.seed_numbers import named_values
from cgcnn.training.runs import Run

#: Atoms in a formula unit and in the cubic cell of a perovskite ABX3.
ATOMS_PER_FORMULA_UNIT = 5
# The energies of Castelli's data are multiples of this step, in the unit of the data set.
_STEP = 0.02
_DIFFERENCE = "merging_largest_difference"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Numbers that the text of the section shows by their own names.
_SHOWN = (
    "n_train", "test_mae", "test_mae_std", "test_mae_composition_split", "same_group_share", "same_group_chance",
    "merging_fewer_edges", "plane_similarity_smallest", "plane_similarity_random", "plane_similarity_full",
    "plane_similarity_second", "alkali_together",
    "alignment_full", "alignment_random", "radius_in_plane", "radius_r2", "lr_assignments",
)  # fmt: skip
# The dotted names of the other numbers, by their names in the text.
_IN_TEXT = {
    **{name: name for name in _SHOWN},
    "radius_pc2": "radius_pc2_rank_correlation",
    **{f"radius_{block}": f"radius_pc2_by_block.{block}" for block in BLOCKS},
    **{f"lr_{name}": f"lr_accuracy.{name}" for name in PROPERTIES},
    **{f"lr_{name}_unit": f"lr_accuracy_unit_start.{name}" for name in PROPERTIES},
    "usual_variance": "explained_variance.both",
    "unit_variance": "explained_variance_unit_start.both",
}
# The names of errors, by the names of their texts.
_ERRORS = {
    "train_error": "train_mae",
    "composition_error": "test_mae_composition_split",
    "cation_pair_error": "test_mae_cation_pair_split",
    "held_out_error": "test_mae_held_out_elements",
    "held_out_mean": "mean_predictor_mae_held_out_elements",
    "unit_error": "test_mae_unit_start",
}


def lowest_of_composition(crystals: Crystals, formula: str) -> int:
    """Return the index of the crystal with the lowest target of all crystals of a composition.

    Args:
        crystals: The data set.
        formula: A reduced chemical formula, such as ``SrTiO3``.

    Raises:
        DataError: The data set has no crystal of this composition.
    """
    places = np.flatnonzero(crystals.reduced_formulas() == formula)
    if not len(places):
        raise DataError(f"{crystals.name}: no crystal is {formula}", "name a composition of this data set")
    return int(places[crystals.targets[places].argmin()])


def energies_per_formula_unit(target: float) -> pd.DataFrame:
    """Return the energy per formula unit of a perovskite, if its target is per atom and if it is per cell.

    Args:
        target: The target of one perovskite, in eV per atom or eV per cell of five atoms.

    Returns:
        One row per reading of the unit, and the column ``energy per formula unit (eV)``.
    """
    return pd.DataFrame(
        {"energy per formula unit (eV)": [ATOMS_PER_FORMULA_UNIT * target, target]},
        index=[f"target {target:.2f} read as eV/atom", f"target {target:.2f} read as eV/cell"],
    )


def rounding_error(targets: np.ndarray) -> float:
    """Return the mean absolute error that rounding gives targets, in their unit; 0 if they are not rounded.

    Targets count as rounded if all of them are multiples of 0.02. A number that is rounded to multiples of h has an
    absolute error of h / 4 on average, since its error is spread evenly between -h / 2 and h / 2.

    Args:
        targets: The (n,) targets of a data set.
    """
    steps = targets / _STEP
    return _STEP / 4 if (np.abs(steps - np.round(steps)) < 1e-6).all() else 0.0


def rounding_statement(targets: np.ndarray, quantity: Quantity = ENERGY) -> str:
    """Return a sentence that says whether targets are rounded, and how large the rounding error is.

    Args:
        targets: The (n,) targets of a data set.
        quantity: What the targets are, and in which unit.
    """
    error = rounding_error(targets)
    if not error:
        return "The targets are not rounded."
    exact = "energies" if quantity.noun == ENERGY.noun else "values"
    return (
        f"Every target is a multiple of {_STEP}: even the exact {exact} would be off "
        f"by {quantity.value(error, 3)} on average."
    )


def texts(numbers: Mapping[str, Any], quantity: Quantity) -> dict[str, Any]:
    """Return what the text of the section shows of its numbers, by the names in the text.

    Args:
        numbers: The numbers of the section.
        quantity: What the runs predict.

    Returns:
        Numbers such as ``lr_group``, ``lr_group_unit`` (from the start with unit variance) and ``radius_d`` (among
        the d metals), and errors with their unit, such as ``cation_pair_error``; None for what this run did not
        measure.
    """
    return {
        **named_values(numbers, _IN_TEXT),
        **error_texts(numbers, _ERRORS, quantity),
        "overfitting": numbers["test_mae"] / numbers["train_mae"],
        "lr_group_range": group_range(numbers),
        "merging_difference": merging_text(numbers, quantity),
    }


def merging_text(numbers: Mapping[str, float], quantity: Quantity) -> str | None:
    """Return the largest difference of :func:`merging_numbers` with its unit, or None where it was not measured.

    It is written with a power of ten, such as 10⁻⁶, and not as 1e-06.
    """
    difference = numbers[quantity.with_unit(_DIFFERENCE)]
    if np.isnan(difference):
        return None
    factor, power = f"{difference:.1e}".split("e")
    return f"{factor} \N{MULTIPLICATION SIGN} 10{str(int(power)).translate(_RAISED)} {quantity.unit}".rstrip()


def merging_numbers(run: Run, crystals: Crystals, graphs: CrystalGraphs) -> dict[str, float]:
    """Measure how the merging of equal sites and bonds changes a run's test predictions, and how many edges it saves.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        graphs: The merged graphs of this data set, with as many neighbors per site as the run has.

    Returns:
        The largest absolute difference between predictions for the test crystals from merged graphs and from graphs
        that keep every site and bond, such as ``merging_largest_difference_eV_per_atom``, and ``merging_fewer_edges``,
        the number of edges of the whole data set before merging divided by that after it. The difference is NaN where
        every test crystal has an element that no training crystal has.
    """
    test = crystals.select(predictable(run, crystals, run.split.test))
    difference = predict(run, test, merge=False) - predict(run, test)
    return {
        run.quantity.with_unit(_DIFFERENCE): np.abs(difference).max() if len(test) else np.nan,
        "merging_fewer_edges": run.config.n_neighbors * crystals.n_sites.sum() / graphs.n_edges,
    }
