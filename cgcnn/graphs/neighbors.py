"""Find the nearest neighbors of every site, ties included, so that the result depends only on the crystal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pymatgen.optimization.neighbors import find_points_in_spheres

from cgcnn.data.crystals import COINCIDENT, Crystals
from cgcnn.errors import DataError

# The first search radius, which holds 12 neighbors in most crystals, and its growth where it holds too few (angstrom).
_FIRST_RADIUS = 4.5
_RADIUS_STEP = 1.0
_PERIODIC = np.ones(3, dtype=np.int64)


@dataclass(frozen=True)
class Neighbors:
    """The e directed edges of all sites of a set of crystals, sorted by center.

    Attributes:
        centers: (e,) int64, the index of the center site in the packed set.
        neighbors: (e,) int64, the index of the neighbor site in the packed set.
        distances: (e,) float64, the length of each edge in angstrom.
        weights: (e,) float64; the weights of one center sum to the number of neighbors that was asked for.
    """

    centers: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray


def nearest_neighbors(crystals: Crystals, n_neighbors: int, tie_tolerance: float) -> Neighbors:
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

    Returns:
        At least s times ``n_neighbors`` edges, in which each site is a center.

    Raises:
        DataError: Two sites of a crystal are on one spot, or its cell has no volume; the message names the crystal.
    """
    pending = np.arange(len(crystals))
    radius = _FIRST_RADIUS
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while len(pending):
        unfinished = []
        for crystal in pending:
            edges = _within(crystals, int(crystal), radius)
            # The sphere must also hold all neighbors that are tied with the n-th one.
            inside = edges[0][edges[2] <= radius - tie_tolerance]
            sites = crystals.sites(int(crystal))
            enough = np.bincount(inside - sites.start, minlength=sites.stop - sites.start) >= n_neighbors
            if enough.all():
                found.append(edges)
            else:
                unfinished.append(crystal)
        pending = np.array(unfinished, dtype=np.int64)
        radius += _RADIUS_STEP
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return Neighbors(empty, empty, np.empty(0), np.empty(0))
    centers, neighbors, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _share_last_shell(centers, neighbors, distances, n_neighbors, tie_tolerance)


def _within(crystals: Crystals, crystal: int, radius: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the centers and neighbors (indices in the packed set) and the distances of all pairs within ``radius``."""
    sites = crystals.sites(crystal)
    lattice = np.ascontiguousarray(crystals.lattices[crystal], dtype=np.float64)
    where = f"{crystals.name}: crystal {crystals.ids[crystal]!r}"
    if abs(np.linalg.det(lattice)) < 1e-6:
        raise DataError(f"{where}: its cell has no volume", "repair the lattice vectors")
    # The search needs coordinates inside the cell. Moving a site by a lattice vector changes no distance.
    fractional = np.asarray(crystals.fractional_coordinates[sites])
    positions = np.ascontiguousarray((fractional - np.floor(fractional)) @ lattice)
    centers, neighbors, _, distances = find_points_in_spheres(
        positions, positions, r=radius, pbc=_PERIODIC, lattice=lattice, tol=1e-8
    )
    others = (centers != neighbors) | (distances > 1e-8)
    centers, neighbors, distances = centers[others], neighbors[others], distances[others]
    if len(distances) and distances.min() < COINCIDENT:
        pair = int(distances.argmin())
        raise DataError(
            f"{where}: sites {centers[pair]} and {neighbors[pair]} are {distances[pair]:.3f} angstrom apart, "
            "on one spot",
            "remove one of them",
        )
    return centers + sites.start, neighbors + sites.start, distances


def _share_last_shell(
    centers: np.ndarray, neighbors: np.ndarray, distances: np.ndarray, n_neighbors: int, tie_tolerance: float
) -> Neighbors:
    """Keep the nearest neighbors of each center; those that are tied with the n-th one share the remaining weight."""
    order = np.lexsort((distances, centers))
    centers, neighbors, distances = centers[order], neighbors[order], distances[order]
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
    return Neighbors(centers[kept], neighbors[kept], distances[kept], weights[kept])
