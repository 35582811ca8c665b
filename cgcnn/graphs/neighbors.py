"""Find the nearest neighbors of every site, ties included, so that the result depends only on the crystal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cgcnn.data.crystals import COINCIDENT, Crystals
from cgcnn.data.limits import check_limits, surely_within_limits
from cgcnn.data.pair_search import LARGEST_RADIUS, PairSearch
from cgcnn.errors import DataError, check_number
from cgcnn.graphs.search_bounds import MOST_NEIGHBORS, TOLERANCES

# The first search radius, which holds 12 neighbors in most crystals, and its growth where it holds too few (angstrom).
_FIRST_RADIUS = 4.5
_RADIUS_STEP = 1.0
# The largest of these radii that is searched. On the way to it, each is at most a third larger than the last one.
_LAST_RADIUS = _FIRST_RADIUS + math.floor(LARGEST_RADIUS - _FIRST_RADIUS) * _RADIUS_STEP
_GROWTH = 0.3
# Of more pairs of one crystal, those beyond the last shell are left out before the next crystal is searched.
_MANY_PAIRS = 100_000

# Centers, neighbors, distances and vectors.
_Edges: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Neighbors:
    """The e directed edges of all sites of a set of crystals, sorted by center.

    Attributes:
        centers: (e,) int64, the index of the center site in the packed set.
        neighbors: (e,) int64, the index of the neighbor site in the packed set.
        distances: (e,) float64, the length of each edge in angstrom.
        weights: (e,) float64; the weights of one center sum to the number of neighbors that was asked for.
        vectors: (e, 3) float64, from the center to the neighbor in angstrom, those of one crystal in the same axes; or
            (e, 0), where no vectors were asked for.
    """

    centers: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray
    vectors: np.ndarray


def nearest_neighbors(
    crystals: Crystals, n_neighbors: int, tie_tolerance: float, with_vectors: bool = False
) -> Neighbors:
    """Find the nearest neighbors of every site, however far away they are.

    A list that ends after the n-th neighbor would choose among equally distant neighbors by the order of the atoms.
    Such ties are common: for 35 % of the sites of the perovskites, the distances of the 12th and the 13th neighbor
    differ by less than 0.001 angstrom. Here all neighbors within ``tie_tolerance`` of the n-th distance are kept. They
    share the weight that the nearer neighbors leave. So the result is the same for a permutation, a rotation, a
    translation and a supercell.

    Args:
        crystals: The crystals, with s sites in all.
        n_neighbors: The number of nearest neighbors per site, to which the weights of a site sum; the paper has 12.
        tie_tolerance: Distances that differ from the n-th one by this or less are tied with it, in angstrom.
        with_vectors: Whether the vectors of the edges are wanted.

    Returns:
        At least s times ``n_neighbors`` edges, in which each site is a center.

    Raises:
        DataError: ``n_neighbors`` or ``tie_tolerance`` is out of its bounds (:mod:`cgcnn.graphs.search_bounds`), a
            crystal has a number out of its bounds (:mod:`cgcnn.data.limits`), two of its sites are on one spot, or the
            search would need too large a radius or find too many pairs (:mod:`cgcnn.data.pair_search`). The message
            names the crystal.
    """
    check_number("n_neighbors", n_neighbors, 1, MOST_NEIGHBORS)
    check_number("tolerance", tie_tolerance, *TOLERANCES, is_whole=False)
    _refuse_beyond_limits(crystals)
    found = [_edges(crystals, crystal, n_neighbors, tie_tolerance, with_vectors) for crystal in range(len(crystals))]
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return Neighbors(empty, empty, np.empty(0), np.empty(0), np.empty((0, 3 * with_vectors)))
    centers, neighbors, distances, vectors = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _share_last_shell((centers, neighbors, distances, vectors), n_neighbors, tie_tolerance)


def _refuse_beyond_limits(crystals: Crystals) -> None:
    lattices, coordinates = np.asarray(crystals.lattices), np.asarray(crystals.fractional_coordinates)
    for crystal in np.flatnonzero(~surely_within_limits(lattices, coordinates, crystals.n_sites)).tolist():
        check_limits(lattices[crystal], coordinates[crystals.sites(crystal)], _name(crystals, crystal))


def _name(crystals: Crystals, crystal: int) -> str:
    return f"{crystals.name}: crystal {crystals.ids[crystal]!r}"


def _edges(crystals: Crystals, crystal: int, n_neighbors: int, tie_tolerance: float, with_vectors: bool) -> _Edges:
    """Return all edges of a crystal within a radius in which each site has enough neighbors, by the set's sites."""
    sites = crystals.sites(crystal)
    where = _name(crystals, crystal)
    lattice, coordinates = np.asarray(crystals.lattices[crystal]), np.asarray(crystals.fractional_coordinates[sites])
    search = PairSearch(lattice, coordinates, where)
    radius, every = _FIRST_RADIUS, np.arange(len(coordinates))
    edges = _within(search, radius, every, where, with_vectors)
    lacking = every[_counts(edges, radius - tie_tolerance, len(every)) < n_neighbors]
    if len(lacking):
        # Where few sites lack neighbors, these alone are searched for the radius that they need.
        searched = lacking if 2 * len(lacking) < len(every) else every
        radius, probed, edges = _sufficient(search, searched, n_neighbors, tie_tolerance, where, with_vectors)
        if probed > radius or searched is lacking:
            edges = _within(search, radius, every, where, with_vectors)
    if len(edges[0]) > _MANY_PAIRS:
        shell = _share_last_shell(edges, n_neighbors, tie_tolerance)
        edges = shell.centers, shell.neighbors, shell.distances, shell.vectors
    centers, neighbors, distances, vectors = edges
    return centers + sites.start, neighbors + sites.start, distances, vectors


def _counts(edges: _Edges, radius: float, n_sites: int) -> np.ndarray:
    """Return how many neighbors within a radius each site has.

    The sphere of a search is larger by the tolerance, so that it also holds all neighbors that are tied with the n-th.
    """
    return np.bincount(edges[0][edges[2] <= radius], minlength=n_sites)


def _sufficient(
    search: PairSearch, chosen: np.ndarray, n_neighbors: int, tie_tolerance: float, where: str, with_vectors: bool
) -> tuple[float, float, _Edges]:
    """Return the smallest radius in which sites have enough neighbors, and the radius and edges of the last search."""
    n_sites, radius = int(chosen.max()) + 1, _FIRST_RADIUS
    while True:
        # The steps grow. The radius that is needed is then found among the distances.
        farther = radius + _RADIUS_STEP * max(1, round(radius * _GROWTH))
        radius = min(farther, _LAST_RADIUS) if radius < _LAST_RADIUS else farther
        edges = _within(search, radius, chosen, where, with_vectors)
        if (_counts(edges, radius - tie_tolerance, n_sites)[chosen] >= n_neighbors).all():
            break
    smaller = _FIRST_RADIUS + _RADIUS_STEP
    while not (_counts(edges, smaller - tie_tolerance, n_sites)[chosen] >= n_neighbors).all():
        smaller += _RADIUS_STEP
    return smaller, radius, edges


def _within(search: PairSearch, radius: float, chosen: np.ndarray, where: str, with_vectors: bool) -> _Edges:
    """Return the pairs of chosen sites, each with others and images."""
    rows, neighbors, images, distances = search.within(radius, chosen)
    centers = chosen[rows]
    others = (centers != neighbors) | (distances > 1e-8)
    centers, neighbors, distances = centers[others], neighbors[others], distances[others]
    if len(distances) and distances.min() < COINCIDENT:
        pair = int(distances.argmin())
        raise DataError(
            f"{where}: sites {centers[pair]} and {neighbors[pair]} are {distances[pair]:.3f} angstrom apart, "
            "on one spot",
            "remove one of them",
        )
    vectors = np.empty((len(centers), 0))
    if with_vectors:
        vectors = search.vectors(radius, centers, neighbors, images[others])
    return centers, neighbors, distances, vectors


def _share_last_shell(edges: _Edges, n_neighbors: int, tie_tolerance: float) -> Neighbors:
    """Keep the nearest neighbors of each center; those that are tied with the n-th one share the remaining weight."""
    order = np.lexsort((edges[2], edges[0]))
    centers, neighbors, distances, vectors = (each[order] for each in edges)
    n_sites = int(centers[-1]) + 1
    first = np.searchsorted(centers, np.arange(n_sites))
    last_distance = distances[np.minimum(first + n_neighbors - 1, len(distances) - 1)]
    beyond = distances - last_distance[centers]
    nearer, tied = beyond < -tie_tolerance, np.abs(beyond) <= tie_tolerance
    n_nearer = np.bincount(centers, weights=nearer, minlength=n_sites)
    n_tied = np.bincount(centers, weights=tied, minlength=n_sites)
    shared = (n_neighbors - n_nearer) / np.maximum(n_tied, 1)
    weights = np.where(nearer, 1.0, shared[centers])
    kept = nearer | tied
    return Neighbors(centers[kept], neighbors[kept], distances[kept], weights[kept], vectors[kept])
