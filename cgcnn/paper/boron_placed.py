"""Where the sites of the structure of lowest energy lie on the finished map of boron."""

from __future__ import annotations

import pandas as pd

from cgcnn.analysis import maps
from cgcnn.analysis.representations import environment_vectors
from cgcnn.paper.boron_map import BoronMap

# A structure that is above the lowest by less than this, in eV per atom, counts as a copy of it.
_SAME = 1e-3
_ICOSAHEDRAL = "icosahedral"
_NEAR, _NEAR_OTHERS = "icosahedral among the ten nearest", "without copies of it"


def ground_state_table(mapped: BoronMap, environments: pd.DataFrame, energies: pd.Series) -> pd.DataFrame:
    """Place the distinct sites of the structure of lowest energy on the map, and count icosahedral environments nearby.

    Args:
        mapped: The map, which has no environment of this structure.
        environments: All distinct environments of the data set: ``crystal``, ``site``, ``region``,
            ``local_energy_eV_per_atom`` and the vectors v0, v1, ...
        energies: The energy of each crystal above the lowest, in eV per atom, by the id of the crystal.

    Returns:
        One row per distinct site: ``site``, ``by geometry`` (its region), ``local energy (eV)``, and the number of
        icosahedral environments among the ten nearest, first of all mapped environments and then of those that are not
        in a copy of the structure.
    """
    ground = environments[environments["crystal"] == energies.idxmin()].reset_index(drop=True)
    points = maps.place(mapped.chart, environment_vectors(ground))
    is_copy = mapped.table["crystal"].isin(energies.index[energies < _SAME]).to_numpy()
    return pd.DataFrame(
        {
            "site": ground["site"],
            "by geometry": ground["region"],
            "local energy (eV)": ground["local_energy_eV_per_atom"].round(3),
            _NEAR: (mapped.near(points) == _ICOSAHEDRAL).sum(axis=1),
            _NEAR_OTHERS: (mapped.near(points, ~is_copy) == _ICOSAHEDRAL).sum(axis=1),
        }
    )


def ground_state_numbers(table: pd.DataFrame) -> dict[str, float]:
    """Return how icosahedral the distinct sites of the structure of lowest energy are.

    Args:
        table: The table from :func:`ground_state_table`.

    Returns:
        The share of sites that are icosahedral by geometry, and the mean shares of icosahedral environments among the
        ten nearest, with and without copies of the structure.
    """
    return {
        "ground_state_icosahedral_by_geometry": (table["by geometry"] == _ICOSAHEDRAL).mean(),
        "ground_state_in_icosahedral_region": _share_of_ten(table[_NEAR]),
        "ground_state_near_other_icosahedra": _share_of_ten(table[_NEAR_OTHERS]),
    }


def _share_of_ten(counts: pd.Series) -> float:
    return float(counts.sum() / (10 * len(counts)))
