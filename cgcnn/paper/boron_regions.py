"""The regions of Fig. 4, named by geometry alone: disconnected, layered, icosahedral or amorphous boron sites."""

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

#: Two boron atoms closer than this are bonded, in angstrom. Bonds are 1.67 to 1.80 long in and between the icosahedra
#: of alpha-B12, and 2.02 in its three-center bonds (Ogitsu, Schwegler and Galli 2013, doi 10.1021/cr300356t).
BOND = 2.1
#: The regions in the order of the paper's Fig. S2.
REGIONS = ("disconnected", "amorphous", "layered", "icosahedral")
# A site with at most this number of bonds is at the edge of its network, and counts as disconnected.
_BONDS_AT_AN_EDGE = 2
# The radius, in angstrom, within which atoms must lie on one side of a site for it to be layered.
_NEAR = 2.5
# The sine of five degrees, by which a neighbor may lie beyond the plane, since layers are buckled.
_BEYOND = 0.087
# One crystal takes some 10 ms, so a task of 16 takes much longer than its start.
_CRYSTALS_PER_TASK = 16


def name_regions(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Name the regions of sites, on all processors.

    A site is in the first of these regions whose condition it meets. Bonds are distances under 2.1 angstrom.

    1. **icosahedral**: The site is a corner of a whole icosahedron
       (:func:`cgcnn.paper.boron_icosahedra.icosahedra`).
    2. **disconnected**: The site has at most two bonds, or its bonded network is periodic in fewer than two directions,
       as an atom, a cluster or a chain is.
    3. **layered**: The bonded network of the site is periodic in two directions but not in three, or all atoms within
       2.5 angstrom lie on one side of the site: there is a plane through the site beyond which no direction to them
       rises by more than five degrees.
    4. **amorphous**: The site meets no other condition.

    Args:
        crystals: The data set.
        sites: One row per site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).

    Returns:
        One row per site, by the same index: ``region``, ``n_bonds``, ``periodicity`` (the number of directions in which
        the bonded network is periodic), ``is_one_sided`` (all near atoms lie on one side) and ``has_pentagon`` (five
        of the neighbors form a ring, whether or not it belongs to an icosahedron).
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
    """Return whether a plane through a site has none of the (n, 3) positions around it more than five degrees beyond.

    Args:
        positions: The positions of the atoms around the site, relative to the site.
    """
    if len(positions) <= 3:
        return True
    directions = positions / np.linalg.norm(positions, axis=1, keepdims=True)
    try:
        # No direction lies beyond a face of the hull. The last number of a face is minus its distance from the site.
        faces = ConvexHull(directions).equations
    except QhullError:  # all directions lie in one plane
        return True
    return bool((-faces[:, -1]).min() <= _BEYOND)


def _periodicity(structure: Structure) -> list[int]:
    """Return the number of directions in which the bonded network of each site is periodic.

    Source: pymatgen's implementation of Larsen et al. 2019, doi 10.1103/PhysRevMaterials.3.034003.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymatgen warns of very short bonds, which random structures have
        graph = StructureGraph.from_local_env_strategy(structure, CutOffDictNN({("B", "B"): BOND}))
        components = get_structure_components(graph, inc_site_ids=True)  # type: ignore[no-untyped-call]  # so pymatgen has it
    found = [0] * len(structure)
    for component in components:
        for site in component["site_ids"]:
            found[site] = int(component["dimensionality"])
    return found
