"""Merge sites that the network cannot tell apart into one node, and bonds between such sites into one edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.graphs.neighbors import Neighbors

# Distances are sorted into bins. This offset shifts the borders of the bins away from the round numbers with which
# lattice constants are written, so that the last bit of such a distance does not decide its bin.
_BIN_OFFSET = 0.618
# By about so many tolerances an angular sum changes where one neighbor moves by one tolerance: a neighbor at 2 angstrom
# turns by 1/2 radian per angstrom, and the Legendre polynomial of degree 4 has slopes up to 10.
_ANGLE_STEPS = 10


@dataclass(frozen=True)
class Quotient:
    """The graph of s sites in which m nodes stand for the distinct sites, and e directed edges for the distinct bonds.

    Attributes:
        node_of_site: (s,) int64, the node that stands for each site.
        sites: (m,) int64, the first site that each node stands for.
        multiplicities: (m,) int64, the number of sites that each node stands for.
        centers: (e,) int64, the center node of each edge, ascending.
        neighbors: (e,) int64, the neighbor node of each edge.
        distances: (e,) float64, the weighted mean length of the merged bonds, in angstrom.
        weights: (e,) float64; the weights of one center sum to the number of neighbors.
        angles: (e, n) float64, the weighted means of the angular sums of the merged bonds.
    """

    node_of_site: np.ndarray
    sites: np.ndarray
    multiplicities: np.ndarray
    centers: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray
    angles: np.ndarray


def merge_equal_sites(
    crystal_of_site: np.ndarray,
    atomic_numbers: np.ndarray,
    edges: Neighbors,
    distance_step: float,
    angles: np.ndarray,
) -> Quotient:
    """Merge equal sites and equal bonds of all crystals at once, by color refinement.

    The first color of a site is its element. In each round, the new color of a site is a hash of its color and of the
    multiset of (rounded distance, rounded angular sums, weight, color of the neighbor) over its edges. The rounds end
    when no color splits any more. Then all sites of one color have the same multiset, which is called an equitable
    partition (Weisfeiler and Leman 1968; Cardon and Crochemore 1982, doi 10.1016/0304-3975(82)90016-0). Message passing
    of any depth gives all sites of one color the same vector.

    Because distances and angular sums are rounded, the vectors of merged sites are equal only within this rounding. A
    merged edge has the mean distance and the mean sums of its bonds, so nothing depends on the order of the sites.

    Args:
        crystal_of_site: (s,) int, the crystal of each site; sites of different crystals are never merged.
        atomic_numbers: (s,) int, the element of each site.
        edges: The edges of all sites.
        distance_step: Distances are rounded to multiples of this, in angstrom; angular sums to ten times the number.
        angles: (e, n) The angular sums of the edges (:mod:`cgcnn.graphs.angles`), with n = 0 where they are not used.

    Returns:
        The merged graph; its nodes are in the order of their first sites.
    """
    shapes = np.floor(edges.distances / distance_step + _BIN_OFFSET).astype(np.uint64)
    for each in np.floor(angles / (_ANGLE_STEPS * distance_step) + _BIN_OFFSET).astype(np.int64).T:
        shapes = _mix(shapes) + each.view(np.uint64)
    weights = np.round(edges.weights * 2**20).astype(np.uint64)
    bonds = _mix(_mix(shapes) + weights)
    first_edge = np.searchsorted(edges.centers, np.arange(len(crystal_of_site)))
    colors = _mix(_mix(crystal_of_site.astype(np.uint64)) + atomic_numbers.astype(np.uint64))
    n_colors = -1
    while True:
        _, first_site, labels = np.unique(colors, return_index=True, return_inverse=True)
        if len(first_site) == n_colors:
            break
        n_colors = len(first_site)
        # A sum does not depend on the order, and two different multisets of 64-bit hashes practically never have the
        # same sum.
        surroundings = np.add.reduceat(_mix(bonds + colors[edges.neighbors]), first_edge)
        colors = _mix(colors + _mix(surroundings))
    return _merge(first_site, labels, shapes, edges, angles)


def _merge(
    first_site: np.ndarray, labels: np.ndarray, shapes: np.ndarray, edges: Neighbors, angles: np.ndarray
) -> Quotient:
    order = np.argsort(first_site)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    node_of_site = rank[labels]
    multiplicities = np.bincount(node_of_site)
    centers, neighbors = node_of_site[edges.centers], node_of_site[edges.neighbors]
    by_bond = np.lexsort((shapes, neighbors, centers))
    keys = np.stack([centers, neighbors, shapes.astype(np.int64)])[:, by_bond]
    is_new = np.ones(len(by_bond), dtype=bool)  # the first bond is, where there is one
    is_new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts = np.flatnonzero(is_new)
    sums = np.add.reduceat(edges.weights[by_bond], starts)
    distances = np.add.reduceat((edges.weights * edges.distances)[by_bond], starts) / sums
    weighted = (edges.weights[:, None] * angles)[by_bond]
    merged = keys[0, starts]
    return Quotient(
        node_of_site=node_of_site,
        sites=first_site[order],
        multiplicities=multiplicities,
        centers=merged,
        neighbors=keys[1, starts],
        distances=distances,
        weights=sums / multiplicities[merged],
        angles=np.add.reduceat(weighted, starts) / sums[:, None],
    )


def _mix(values: np.ndarray) -> np.ndarray:
    """Hash 64-bit integers by SplitMix64's finalizer (Steele, Lea and Flood 2014, doi 10.1145/2714064.2660195)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
