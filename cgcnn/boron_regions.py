"""Boron sites named by geometry alone: disconnected, layered, icosahedral or amorphous (the regions of Fig. 4)."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
from pymatgen.analysis.dimensionality import get_structure_components
from pymatgen.analysis.graphs import StructureGraph
from pymatgen.analysis.local_env import CutOffDictNN
from pymatgen.core import Structure
from scipy.spatial import ConvexHull, QhullError

from cgcnn.crystals import Crystals

#: Two boron atoms closer than this are bonded, in angstrom: 1.67 to 1.80 in and between the icosahedra of alpha-B12,
#: 2.02 in its three-center bonds (Ogitsu, Schwegler and Galli 2013, doi 10.1021/cr300356t).
BOND = 2.1
#: The regions in the order in which the paper's Fig. S2 has them.
REGIONS = ("disconnected", "amorphous", "layered", "icosahedral")
# A corner of an icosahedron has five bonds inside it and one or two outside: six or seven in alpha-B12. Atoms of
# crystals squeezed together have more, and rings of all kinds among them.
_MOST_BONDS = 7
# The edges of a distorted icosahedron, in angstrom: a tenth longer than the longest bond.
_EDGE = 2.3
# A site with so few bonds is at an edge, whatever it is an edge of.
_BONDS_AT_AN_EDGE = 2
# Atoms further away than this count as the far side of a layer, in angstrom.
_NEAR = 2.5
# The sine of five degrees: by so much may a site of a buckled layer have neighbors beyond its own plane.
_BEYOND = 0.087


def name_regions(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Name the region of sites.

    The rule, in this order; bonds are distances under 2.1 angstrom:

    1. **icosahedral**: it has five to seven bonds, and five of its neighbors form a ring, each within 2.3 angstrom of
       the next. That is what a corner of a slightly distorted B12 icosahedron has.
    2. **disconnected**: it has two bonds or fewer, or the bonded network that it belongs to does not go on for ever in
       two directions: an atom, a cluster or a chain.
    3. **layered**: that network goes on in two directions and not in the third, or all atoms within 2.5 angstrom are on
       one side of the site: no direction to them is more than five degrees beyond some plane through it.
    4. **amorphous**: everything else.

    Args:
        crystals: The data set.
        sites: One row a site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).

    Returns:
        By the same index: ``region``, ``n_bonds``, ``periodicity`` (directions in which its network goes on),
        ``is_one_sided`` and ``has_ring``.
    """
    places = {crystal_id: place for place, crystal_id in enumerate(crystals.ids)}
    rows: dict[object, dict[str, object]] = {}
    for crystal_id, of_crystal in sites.groupby("crystal"):
        structure = crystals.structure(places[str(crystal_id)])
        described = _describe(structure)
        for index, site in of_crystal["site"].items():
            rows[index] = described[int(site)]
    return pd.DataFrame([rows[index] for index in sites.index], sites.index)


def _describe(structure: Structure) -> list[dict[str, object]]:
    """Return the description of every site of a crystal."""
    periodicity = _periodicity(structure)
    rows: list[dict[str, object]] = []
    for site, near in enumerate(structure.get_all_neighbors(_NEAR)):
        positions = np.array([neighbor.coords for neighbor in near]).reshape(-1, 3) - structure[site].coords
        bonded = positions[np.linalg.norm(positions, axis=1) < BOND]
        has_ring = _has_ring(bonded)
        is_one_sided = _is_one_sided(positions)
        if has_ring:
            region = "icosahedral"
        elif len(bonded) <= _BONDS_AT_AN_EDGE or periodicity[site] < 2:
            region = "disconnected"
        elif periodicity[site] == 2 or is_one_sided:
            region = "layered"
        else:
            region = "amorphous"
        rows.append(
            {
                "region": region,
                "n_bonds": len(bonded),
                "periodicity": periodicity[site],
                "is_one_sided": is_one_sided,
                "has_ring": has_ring,
            }
        )
    return rows


def _has_ring(positions: np.ndarray) -> bool:
    """Return whether five of the (n, 3) neighbors form a ring: each at an edge's length from two of the others."""
    if not 5 <= len(positions) <= _MOST_BONDS:
        return False
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    close = (distances < _EDGE) & (distances > 0)
    for five in itertools.combinations(range(len(positions)), 5):
        # A walk around all five, begun at the first.
        for rest in itertools.permutations(five[1:]):
            around = (five[0], *rest)
            if all(close[around[k], around[k - 1]] for k in range(5)):
                return True
    return False


def _is_one_sided(positions: np.ndarray) -> bool:
    """Return whether the (n, 3) positions about a site lie on one side of some plane through it, as far as allowed."""
    if len(positions) <= 3:
        return True
    directions = positions / np.linalg.norm(positions, axis=1, keepdims=True)
    try:
        # The faces of the hull are the planes with nothing beyond them; the last number is minus their distance.
        faces = ConvexHull(directions).equations
    except QhullError:  # all directions in one plane
        return True
    return bool((-faces[:, -1]).min() <= _BEYOND)


def _periodicity(structure: Structure) -> list[int]:
    """Return, for every site, in how many directions its bonded network goes on (Larsen et al. 2019).

    Source: pymatgen's implementation of doi 10.1103/PhysRevMaterials.3.034003.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of atoms closer than bonds should be, which random structures have
        graph = StructureGraph.from_local_env_strategy(structure, CutOffDictNN({("B", "B"): BOND}))
        components = get_structure_components(graph, inc_site_ids=True)  # type: ignore[no-untyped-call]  # so pymatgen has it
    found = [0] * len(structure)
    for component in components:
        for site in component["site_ids"]:
            found[site] = int(component["dimensionality"])
    return found
