"""The numbers that the text of the Materials Project section tells, by their names in the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.mp_maps import AnionMap
from cgcnn.paper.section import parts_for_text

# Numbers of the results that keep their names, and those of which the text tells the parts.
_PLAIN = (
    "n_train",
    "test_mae",
    "test_mae_std",
    "n_distinct_environments",
    "same_group_share",
    "same_group_chance",
    "non_metals_apart",
    "non_metals_apart_without",
    "n_cells",
    "n_cells_with_few",
    "n_residuals",
    "elemental_ratio",
    "mean_abs_diagonal",
    "mean_abs_off_diagonal",
    "lowest_cells_as_said",
    "tm_h_rank",
    "n_hydrides",
)
_PARTS = (
    "spearman_electronegativity",
    "spearman_less_electronegative",
    "residual_places",
    "bonded_diagonal",
    "al_si_p_s_o",
    "local_energy_span",
    "alkali_above_alkaline_earths",
    "class_by_place",
)
# The centers whose sites the text describes, by anion, and the lanthanides whose energies it names.
_CENTERS = {
    "O": ("H", "Li", "Rb", "B", "P", "Si", "Al", "Ti", "Nb", "Fe", "Ba", "La", "Mg"),
    "S": ("Li", "K", "Zn", "Cu", "Ag", "Sb", "P", "Cr", "Ba", "La"),
}
_LANTHANIDES = ("Eu", "Gd", "Yb")
# The names in the text of what is told of sites.
_OF_SITES = {"n_neighbors": "neighbors", "octahedral": "octahedral", "tetrahedral": "tetrahedral"}


def results(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results of the section that its text tells.

    Args:
        numbers: The numbers of the section.

    Returns:
        Numbers by their names, and parts of numbers by names such as ``residual_places_Al``. ``diagonal_O_energy`` is
        the mean local energy of the cell O-O.
    """
    plain = {name: numbers.get(name) for name in _PLAIN}
    oxygen = numbers.get("diagonal", {}).get("O", {}).get("energy")
    return {**plain, **parts_for_text(numbers, _PARTS), "diagonal_O_energy": oxygen}


def sites(anion_maps: Mapping[str, Sequence[AnionMap]], quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return what the text tells of the sites of single elements on the maps of the first run.

    Args:
        anion_maps: The maps of each anion by the runs.
        quantity: What the runs predict.

    Returns:
        The number of sites and the means of their numbers by names such as ``O_Si_sites``, ``O_Si_neighbors``,
        ``O_Si_octahedral``, ``O_Si_tetrahedral`` and ``O_Si_energy``.
    """
    columns = {**_OF_SITES, quantity.column("local"): quantity.noun}
    told: dict[str, float] = {}
    for anion, (first, *_) in anion_maps.items():
        for element in _CENTERS.get(anion, ()):
            rows = first.table[first.table["element"] == element]
            if len(rows):
                told |= {f"{anion}_{element}_{name}": float(rows[column].mean()) for column, name in columns.items()}
                told[f"{anion}_{element}_sites"] = len(rows)
    return told


def lanthanides(by_center: Mapping[str, pd.DataFrame], quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return the mean local energies of the lanthanides that the text names, such as ``center_O_Eu``.

    Args:
        by_center: The tables of :func:`cgcnn.paper.mp_coordination.energies_by_center`, by anion.
        quantity: What the runs predict.
    """
    energies = {anion: table[quantity.column("mean_local")] for anion, table in by_center.items()}
    return {f"center_{a}_{e}": float(x[e]) for a, x in energies.items() for e in _LANTHANIDES if e in x.index}
