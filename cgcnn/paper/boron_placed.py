"""Sites that are placed on the finished map of boron: those of the ground state and those of cages (Fig. S3)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import maps
from cgcnn.analysis.representations import environment_vectors
from cgcnn.paper.boron_cages import CAGES
from cgcnn.paper.boron_map import BoronMap
from cgcnn.paper.boron_regions import REGIONS

# A structure that is above the lowest by less than this, in eV per atom, counts as a copy of it.
_SAME = 1e-3
_ICOSAHEDRAL = "icosahedral"
_NEAR, _NEAR_OTHERS = "icosahedral among the ten nearest", "without copies of it"
_SPREAD = "spread of v(K)"


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


def place_cages(mapped: BoronMap, caged: pd.DataFrame) -> pd.DataFrame:
    """Place the distinct sites of cages on the map, and measure how far they are from its environments.

    Args:
        mapped: The map.
        caged: The distinct environments of the cages, from :func:`cgcnn.analysis.representations.represent`.

    Returns:
        One row per site, by the index of ``caged``: ``x`` and ``y`` on the map, ``crystal``, ``multiplicity``,
        ``n_icosahedral`` (the number of icosahedral environments among the ten nearest on the map), and for each region
        the Euclidean distance of the site's vector to the nearest vector of the region.
    """
    vectors = environment_vectors(caged)
    placed = maps.place(mapped.chart, vectors)
    distances = maps.distances_to(mapped.vectors, vectors, mapped.regions)
    n_icosahedral = (mapped.near(placed) == _ICOSAHEDRAL).sum(axis=1).rename("n_icosahedral")
    return placed.join(caged[["crystal", "multiplicity"]]).join(n_icosahedral).join(distances)


def cage_table(caged: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Describe each cage by its distinct sites.

    Args:
        caged: The distinct environments of the cages.
        placed: The same environments on the map, from :func:`place_cages`.

    Returns:
        One column per cage: the number of distinct sites, the mean local energy over all sites, the spread of the
        vectors of the distinct sites (the root of their summed variances), the mean distance to each region, and the
        share of icosahedral environments among the ten nearest.
    """
    columns = {}
    for cage, sites in caged.groupby("crystal"):
        on_map = placed.loc[sites.index]
        columns[cage] = {
            "distinct sites": len(sites),
            "mean local energy (eV)": np.average(sites["local_energy_eV_per_atom"], weights=sites["multiplicity"]),
            _SPREAD: np.sqrt(environment_vectors(sites).var(ddof=0).sum()),
            **{f"distance to {region}": on_map[region].mean() for region in _regions(placed)},
            _NEAR: _share_of_ten(on_map["n_icosahedral"]),
        }
    return pd.DataFrame(columns)


def cage_numbers(table: pd.DataFrame, placed: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the cages.

    Args:
        table: The properties of the cages, from :func:`cage_table`.
        placed: The distinct environments of the cages on the map, from :func:`place_cages`.

    Returns:
        ``fullerene_spread`` and ``fullerene_near_icosahedral`` of each cage, ``fullerene_spread_ratio`` (the spread of
        the less symmetric cage divided by that of the more symmetric one; None if a cage is missing), and
        ``fullerene_nearest_is_icosahedral``, the share of all distinct sites whose nearest mapped vector is that of an
        icosahedral site.
    """
    spread = table.loc[_SPREAD]
    less_symmetric, symmetric = CAGES
    has_both = set(CAGES) <= set(spread.index)
    nearest = placed[_regions(placed)].idxmin(axis=1)
    return {
        "fullerene_spread": spread.to_dict(),
        "fullerene_near_icosahedral": table.loc[_NEAR].to_dict(),
        "fullerene_spread_ratio": spread[less_symmetric] / spread[symmetric] if has_both else None,
        "fullerene_nearest_is_icosahedral": (nearest == _ICOSAHEDRAL).mean(),
    }


def _regions(placed: pd.DataFrame) -> list[str]:
    return [region for region in REGIONS if region in placed]


def _share_of_ten(counts: pd.Series) -> float:
    return float(counts.sum() / (10 * len(counts)))
