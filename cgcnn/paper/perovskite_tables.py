"""What the section on the perovskites says of its crystals: their number, their unit, and what merging changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.training.runs import Run

#: Atoms in a formula unit and in the cubic cell of a perovskite ABX3.
ATOMS_PER_FORMULA_UNIT = 5
# Castelli's energies are multiples of this, in the set's unit.
_STEP = 0.02


def set_size(crystals: Crystals, graphs: CrystalGraphs, n_neighbors: int = 12) -> pd.Series:
    """Count what is in a data set and in its graphs.

    Args:
        crystals: The data set.
        graphs: Its graphs, in which equal sites and bonds are merged.
        n_neighbors: The number of nearest neighbors that each site has in the graphs.

    Returns:
        Numbers by their names on the page; the lowest, median and highest target are in the set's unit.
    """
    n_sites = crystals.n_sites.sum()
    return pd.Series(
        {
            "crystals": len(crystals),
            "distinct compositions": len(np.unique(crystals.reduced_formulas())),
            "elements": len(np.unique(crystals.atomic_numbers)),
            "sites": n_sites,
            "nodes after merging": graphs.n_nodes,
            f"edges before merging ({n_neighbors} per site)": n_neighbors * n_sites,
            "edges after merging": graphs.n_edges,
            f"lowest target ({crystals.unit})": crystals.targets.min(),
            f"median target ({crystals.unit})": np.median(crystals.targets),
            f"highest target ({crystals.unit})": crystals.targets.max(),
        },
        name="value",
    )


def lowest_of_composition(crystals: Crystals, formula: str) -> int:
    """Return the place of the crystal that has the lowest target of all crystals of a composition.

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
    """Return what a perovskite's target means for a formula unit, if it is per atom and if it is per cell.

    Args:
        target: The target of one perovskite, in eV per atom or eV per cell of five atoms.

    Returns:
        One row per reading of the unit, with the column ``energy per formula unit (eV)``.
    """
    return pd.DataFrame(
        {"energy per formula unit (eV)": [ATOMS_PER_FORMULA_UNIT * target, target]},
        index=[f"target {target:.2f} read as eV/atom", f"target {target:.2f} read as eV/cell"],
    )


def rounding_error(targets: np.ndarray) -> float:
    """Return by how much rounding has moved targets on average, in their unit; 0 where they are not rounded.

    Targets count as rounded where all are multiples of 0.02. A number that is rounded to multiples of h is off by h / 4
    on average, since its error is spread evenly between -h / 2 and h / 2.

    Args:
        targets: (n,) targets of a data set.
    """
    steps = targets / _STEP
    return _STEP / 4 if (np.abs(steps - np.round(steps)) < 1e-6).all() else 0.0


def rounding_statement(targets: np.ndarray) -> str:
    """Say in one sentence whether targets in eV/atom are rounded, and how far off that makes them."""
    error = rounding_error(targets)
    if not error:
        return "The targets are not rounded."
    return (
        f"Every target is a multiple of {_STEP}: even the exact energies would be off "
        f"by {error:.3f} eV/atom on average."
    )


def merging_numbers(run: Run, crystals: Crystals, graphs: CrystalGraphs) -> dict[str, float]:
    """Measure what merging equal sites and bonds changes in a run's test predictions, and what it saves.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        graphs: Its merged graphs, with as many neighbors per site as the run has.

    Returns:
        ``merging_largest_difference_eV_per_atom``, between predictions for the test crystals from merged graphs and
        from graphs in which every site and bond stands on its own; ``merging_fewer_edges``, the number of edges of the
        whole set before merging over that after it.
    """
    test = crystals.select(run.split.test)
    difference = predict(run, test, merge=False) - predict(run, test)
    return {
        "merging_largest_difference_eV_per_atom": np.abs(difference).max(),
        "merging_fewer_edges": run.config.n_neighbors * crystals.n_sites.sum() / graphs.n_edges,
    }
