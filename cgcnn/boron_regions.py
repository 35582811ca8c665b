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

from cgcnn.crystals import Crystals

#: Two boron atoms closer than this are bonded, in angstrom: 1.67 to 1.80 in and between the icosahedra of alpha-B12,
#: 2.02 in its three-center bonds (Ogitsu, Schwegler and Galli 2013, doi 10.1021/cr300356t).
BOND = 2.1
#: The regions in the order in which the paper's Fig. S2 has them.
REGIONS = ("disconnected", "amorphous", "layered", "icosahedral")
# A corner of an icosahedron has five bonds inside it and one to four outside.
_MOST_BONDS = 9
# A site with so few bonds is at an edge, whatever it is an edge of.
_BONDS_AT_AN_EDGE = 2
# A layered site and its neighbors are this close to one plane, in angstrom (root mean square).
_FLAT = 0.35


def name_regions(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Name the region of sites.

    The rule, in this order; bonds are distances under 2.1 angstrom:

    1. **icosahedral**: five of its neighbors form a ring, each bonded to the next, and every one of the five has
       such a ring itself. That is what a corner of a B12 icosahedron has.
    2. **disconnected**: it has two bonds or fewer, or the bonded network that it belongs to does not go on for ever in
       two directions: an atom, a cluster or a chain.
    3. **layered**: that network goes on in two directions and not in the third, or the site and its neighbors are
       within 0.35 angstrom of one plane.
    4. **amorphous**: everything else.

    Args:
        crystals: The data set.
        sites: One row a site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).

    Returns:
        By the same index: ``region``, ``n_bonds``, ``periodicity`` (directions in which its network goes on),
        ``flatness_angstrom`` (distance of the site and its neighbors from their best plane) and ``has_ring``.
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
    neighbors = [structure.get_neighbors(site, BOND) for site in structure]
    rings = [_rings(np.array([n.coords for n in around])) for around in neighbors]
    periodicity = _periodicity(structure)
    rows: list[dict[str, object]] = []
    for site, around in enumerate(neighbors):
        flatness = _flatness(np.array([structure[site].coords, *(n.coords for n in around)]))
        # The ring's members are images of sites, which have rings where these have.
        icosahedral = any(all(rings[around[k].index] for k in ring) for ring in rings[site])
        if icosahedral:
            region = "icosahedral"
        elif len(around) <= _BONDS_AT_AN_EDGE or periodicity[site] < 2:
            region = "disconnected"
        elif periodicity[site] == 2 or flatness < _FLAT:
            region = "layered"
        else:
            region = "amorphous"
        rows.append(
            {
                "region": region,
                "n_bonds": len(around),
                "periodicity": periodicity[site],
                "flatness_angstrom": flatness,
                "has_ring": bool(rings[site]),
            }
        )
    return rows


def _rings(positions: np.ndarray) -> list[tuple[int, ...]]:
    """Return every choice of five of the (n, 3) points that form a ring: each bonded to two of the others."""
    if not 5 <= len(positions) <= _MOST_BONDS:
        return []
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    bonded = (distances < BOND) & (distances > 0)
    found: list[tuple[int, ...]] = []
    for five in itertools.combinations(range(len(positions)), 5):
        inside = bonded[np.ix_(five, five)]
        # Five points with two bonds each are one ring: a triangle would leave two points, which cannot have two.
        if (inside.sum(axis=0) == 2).all():
            found.append(five)
    return found


def _flatness(positions: np.ndarray) -> float:
    """Return the root mean square distance of (n, 3) points from their best plane, in angstrom."""
    if len(positions) <= 3:
        return 0.0
    return float(np.linalg.svd(positions - positions.mean(axis=0), compute_uv=False)[-1] / np.sqrt(len(positions)))


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
