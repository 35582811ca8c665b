"""Boron sites named by geometry alone: disconnected, layered, icosahedral or amorphous (the regions of Fig. 4)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from pymatgen.analysis.dimensionality import get_structure_components
from pymatgen.analysis.graphs import StructureGraph
from pymatgen.analysis.local_env import CutOffDictNN
from pymatgen.core import Structure
from scipy.spatial import ConvexHull, QhullError

from cgcnn.data.crystals import Crystals
from cgcnn.machine.parallel import parallel_map
from cgcnn.paper.boron_icosahedra import icosahedra, pentagons

#: Two boron atoms closer than this are bonded, in angstrom: 1.67 to 1.80 in and between the icosahedra of alpha-B12,
#: 2.02 in its three-center bonds (Ogitsu, Schwegler and Galli 2013, doi 10.1021/cr300356t).
BOND = 2.1
#: The regions in the order in which the paper's Fig. S2 has them.
REGIONS = ("disconnected", "amorphous", "layered", "icosahedral")
# A site with so few bonds is at an edge, whatever it is an edge of.
_BONDS_AT_AN_EDGE = 2
# Atoms further away than this count as the far side of a layer, in angstrom.
_NEAR = 2.5
# The sine of five degrees: by so much may a site of a buckled layer have neighbors beyond its own plane.
_BEYOND = 0.087
# A crystal takes some 10 ms, so that starting a task costs little beside it.
_CRYSTALS_PER_TASK = 16


def name_regions(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Name the region of sites, on all cores.

    The rule, in this order; bonds are distances under 2.1 angstrom:

    1. **icosahedral**: it is a corner of a whole icosahedron (:func:`cgcnn.paper.boron_icosahedra.icosahedra`).
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
        ``is_one_sided`` and ``has_pentagon`` (five of its neighbors form a ring, closed to an icosahedron or not).
    """
    places = {crystal_id: place for place, crystal_id in enumerate(crystals.ids)}
    wanted = sites["crystal"].unique().tolist()
    starts = range(0, len(wanted), _CRYSTALS_PER_TASK)
    tasks = (([crystals.structure(places[each]) for each in wanted[i : i + _CRYSTALS_PER_TASK]],) for i in starts)
    described = parallel_map(_describe_some, tasks, len(wanted), "regions", "crystal", count=len)
    rows = dict(zip(wanted, (sites_of_one for some in described for sites_of_one in some), strict=True))
    of_sites = [rows[crystal_id][site] for crystal_id, site in zip(sites["crystal"], sites["site"], strict=True)]
    return pd.DataFrame(of_sites, sites.index)


def _describe_some(structures: Sequence[Structure]) -> list[list[dict[str, object]]]:
    return [_describe(structure) for structure in structures]


def _describe(structure: Structure) -> list[dict[str, object]]:
    """Return the description of every site of a crystal."""
    periodicity = _periodicity(structure)
    has_pentagon = pentagons(structure)
    corners = set().union(*icosahedra(structure))
    rows: list[dict[str, object]] = []
    for site, near in enumerate(structure.get_all_neighbors(_NEAR)):
        positions = np.array([neighbor.coords for neighbor in near]).reshape(-1, 3) - structure[site].coords
        n_bonds = int((np.linalg.norm(positions, axis=1) < BOND).sum())
        is_one_sided = _is_one_sided(positions)
        if site in corners:
            region = "icosahedral"
        elif n_bonds <= _BONDS_AT_AN_EDGE or periodicity[site] < 2:
            region = "disconnected"
        elif periodicity[site] == 2 or is_one_sided:
            region = "layered"
        else:
            region = "amorphous"
        rows.append(
            {
                "region": region,
                "n_bonds": n_bonds,
                "periodicity": periodicity[site],
                "is_one_sided": is_one_sided,
                "has_pentagon": site in has_pentagon,
            }
        )
    return rows


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
