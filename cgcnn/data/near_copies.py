"""Find crystals of one element that are nearly the same, by the distances around their sites."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from cgcnn.data.crystals import Crystals
from cgcnn.data.pair_search import PairSearch

#: Two crystals are near-copies where their distances differ by at most this, as a root mean square, in angstrom.
#: Of the 12.7 million pairs of the boron set, 1,868 differ by less than 0.01 angstrom and only 664 by 0.01 to 0.03.
NEAR = 0.02
# The number of neighbors per site whose distances are compared: as many as the network sees.
_N_NEIGHBORS = 12
# The first search radius in angstrom, and the factor by which it grows where a site has too few neighbors.
_FIRST_RADIUS, _GROWTH = 4.5, 1.3
# Each list is read at so many evenly spaced places, so that crystals of any numbers of sites can be compared. All sites
# of crystals with 8, 12, 24 or 28 of them count equally.
_N_PLACES = 168
# Pairs that are compared at a time, so that their arrays stay small.
_AT_ONCE = 10_000


def near_copies(crystals: Crystals) -> np.ndarray:
    """Return the pairs of crystals that are nearly the same, also where their cells differ.

    A crystal is described by the distances of the 12 nearest neighbors of its sites, which depend on no choice of the
    cell. The distances of the k-th neighbor are sorted over the sites, for each k. Two crystals are near-copies where
    the root mean square difference of these 12 sorted lists is at most :data:`NEAR`. The lists of a supercell are the
    same.

    Source: the mean over the sites of each of the 12 lists is the average minimum distance of Widdowson et al. 2022
    (MATCH Commun. Math. Comput. Chem. 87, 529). Its difference is never larger than that of the lists, so that it
    chooses the pairs that are compared.

    Args:
        crystals: n crystals of one element. The elements of the sites are not compared.

    Returns:
        (k, 2) int64, the indices of the crystals of each pair in ascending order, sorted.

    Raises:
        DataError: A crystal is so large or thin that a search would take long (:mod:`cgcnn.data.pair_search`).
    """
    lists = _sorted_distances(crystals)
    means = lists.mean(axis=1)
    candidates = cKDTree(means).query_pairs(NEAR * math.sqrt(_N_NEIGHBORS), output_type="ndarray")
    near = [np.empty((0, 2), np.int64)]
    for start in range(0, len(candidates), _AT_ONCE):
        pairs = candidates[start : start + _AT_ONCE]
        apart = np.sqrt(np.square(lists[pairs[:, 0]] - lists[pairs[:, 1]]).mean(axis=(1, 2)))
        near.append(pairs[apart <= NEAR])
    found = np.sort(np.concatenate(near), axis=1)
    return found[np.lexsort(found.T[::-1])]


def _sorted_distances(crystals: Crystals) -> np.ndarray:
    """Return the lists of all crystals at evenly spaced places, (n, 168, 12) in angstrom."""
    middles = (np.arange(_N_PLACES) + 0.5) / _N_PLACES
    lists = np.empty((len(crystals), _N_PLACES, _N_NEIGHBORS))
    for crystal in range(len(crystals)):
        of_sites = np.sort(neighbor_distances(crystals, crystal), axis=0)
        lists[crystal] = of_sites[(middles * len(of_sites)).astype(np.int64)]
    return lists


def neighbor_distances(crystals: Crystals, crystal: int) -> np.ndarray:
    """Return the distances of the 12 nearest neighbors of each site of a crystal, (sites, 12) in angstrom, ascending.

    Args:
        crystals: A set of crystals.
        crystal: The index of the crystal.

    Raises:
        DataError: The crystal is so large or thin that the search would take long (:mod:`cgcnn.data.pair_search`).
    """
    coordinates = np.asarray(crystals.fractional_coordinates[crystals.sites(crystal)])
    where = f"{crystals.name}: crystal {crystals.ids[crystal]!r}"
    search, radius = PairSearch(np.asarray(crystals.lattices[crystal]), coordinates, where), _FIRST_RADIUS
    while True:
        centers, neighbors, images, distances = search.within(radius)
        others = (centers != neighbors) | (images != 0).any(axis=1)
        centers, distances = centers[others], distances[others]
        counts = np.bincount(centers, minlength=len(coordinates))
        if counts.min() >= _N_NEIGHBORS:
            break
        radius *= _GROWTH
    ordered = distances[np.lexsort((distances, centers))]
    first = np.cumsum(counts) - counts
    return np.asarray(ordered[first[:, None] + np.arange(_N_NEIGHBORS)])
