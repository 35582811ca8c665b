"""The 12 nearest neighbors of every site, ties included, in a way that depends on the crystal alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pymatgen.optimization.neighbors import find_points_in_spheres

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError

# A first radius that holds 12 neighbors in most crystals, and by how much it grows where it does not (angstrom).
_FIRST_RADIUS = 4.5
_RADIUS_STEP = 1.0
# Two sites closer than this are one atom written twice: the shortest bond, H-H, is 0.74 angstrom.
_COINCIDENT = 0.05
_PERIODIC = np.ones(3, dtype=np.int64)


@dataclass(frozen=True)
class Neighbors:
    """Directed edges of all sites of a set of crystals, sorted by center.

    Attributes:
        centers: (e,) int64, index of the center site in the packed set.
        neighbors: (e,) int64, index of the neighbor site in the packed set.
        distances: (e,) float64, in angstrom.
        weights: (e,) float64; those of one center sum to the number of neighbors asked for.
    """

    centers: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray


def nearest_neighbors(crystals: Crystals, n_neighbors: int, tie_tolerance: float) -> Neighbors:
    """Find the nearest neighbors of every site, at whatever distance they are.

    A list cut after the n-th entry would choose among neighbors at one distance by the order of the atoms: 35 % of
    the perovskites' sites have their 12th and 13th neighbor within 0.001 angstrom. Here the neighbors within
    ``tie_tolerance`` of the n-th distance share the weight that the nearer ones leave, so that the result is the
    same for a permutation, a rotation, a translation and a supercell.

    Args:
        crystals: The crystals, s sites in all.
        n_neighbors: How many neighbors the weights of a site sum to; the paper has 12.
        tie_tolerance: Distances this close to the n-th one are tied, in angstrom.

    Returns:
        The edges, s times ``n_neighbors`` or more.

    Raises:
        DataError: Two sites of a crystal are on one spot, or its cell has no volume.
    """
    pending = np.arange(len(crystals))
    radius = _FIRST_RADIUS
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while len(pending):
        unfinished = []
        for crystal in pending:
            edges = _within(crystals, int(crystal), radius)
            # Every tied neighbor of the n-th must be in the sphere too, so the tolerance is kept clear.
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
    """Return centers, neighbors (packed indices) and distances of all pairs within ``radius``."""
    sites = crystals.sites(crystal)
    lattice = np.ascontiguousarray(crystals.lattices[crystal], dtype=np.float64)
    where = f"{crystals.name}: crystal {crystals.ids[crystal]!r}"
    if abs(np.linalg.det(lattice)) < 1e-6:
        raise DataError(f"{where}: its cell has no volume", "repair the lattice vectors")
    # The search wants coordinates near the home cell; which image of a site is taken changes no distance.
    fractional = np.asarray(crystals.fractional_coordinates[sites])
    positions = np.ascontiguousarray((fractional - np.floor(fractional)) @ lattice)
    centers, neighbors, _, distances = find_points_in_spheres(
        positions, positions, r=radius, pbc=_PERIODIC, lattice=lattice, tol=1e-8
    )
    others = (centers != neighbors) | (distances > 1e-8)
    centers, neighbors, distances = centers[others], neighbors[others], distances[others]
    if len(distances) and distances.min() < _COINCIDENT:
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
    """Keep each center's nearest neighbors and let those tied with the n-th share what weight is left."""
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
