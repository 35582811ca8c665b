"""Sites and bonds that the network cannot tell apart, merged into one node and one edge each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.graphs.neighbors import Neighbors

# Bins of distances begin off the round numbers that lattice constants are written with, so that the last bit of a
# distance does not decide its bin.
_BIN_OFFSET = 0.618


@dataclass(frozen=True)
class Quotient:
    """The sites' graph with equal sites and equal bonds merged.

    Attributes:
        node_of_site: (s,) int64, the node that stands for each site.
        sites: (m,) int64, one site of each node: the first.
        multiplicities: (m,) int64, how many sites each node stands for.
        centers: (e,) int64, nodes, ascending.
        neighbors: (e,) int64, nodes.
        distances: (e,) float64, in angstrom, the weighted mean of the merged bonds.
        weights: (e,) float64; those of one node sum to the number of neighbors.
    """

    node_of_site: np.ndarray
    sites: np.ndarray
    multiplicities: np.ndarray
    centers: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray


def merge_equal_sites(
    crystal_of_site: np.ndarray, atomic_numbers: np.ndarray, edges: Neighbors, distance_step: float
) -> Quotient:
    """Merge what is equal by color refinement, over all crystals at once.

    Every site starts with its element as color. In each round its color becomes a hash of itself and of the
    multiset of (rounded distance, weight, color of the neighbor), until no color splits any more. Sites of one
    color then have the same multiset of (distance, weight, color): an equitable partition (Weisfeiler and Leman
    1968; Cardon and Crochemore 1982, doi 10.1016/0304-3975(82)90016-0), on which message passing of any depth
    gives every member the same vector. With distances rounded to ``distance_step`` that holds to the rounding;
    a merged edge carries the mean distance of its members, so nothing depends on the order of the sites.

    Args:
        crystal_of_site: (s,) The crystal of each site; sites of two crystals are never merged.
        atomic_numbers: (s,) Elements.
        edges: The sites' neighbors.
        distance_step: Distances are rounded to multiples of this, in angstrom.

    Returns:
        The merged graph; its nodes are in the order of their first sites.
    """
    steps = np.floor(edges.distances / distance_step + _BIN_OFFSET).astype(np.uint64)
    weights = np.round(edges.weights * 2**20).astype(np.uint64)
    bonds = _mix(_mix(steps) + weights)
    first_edge = np.searchsorted(edges.centers, np.arange(len(crystal_of_site)))
    colors = _mix(_mix(crystal_of_site.astype(np.uint64)) + atomic_numbers.astype(np.uint64))
    n_colors = -1
    while True:
        _, first_site, labels = np.unique(colors, return_index=True, return_inverse=True)
        if len(first_site) == n_colors:
            break
        n_colors = len(first_site)
        # A sum does not depend on order, and of 64-bit hashes it is as good as the multiset itself.
        surroundings = np.add.reduceat(_mix(bonds + colors[edges.neighbors]), first_edge)
        colors = _mix(colors + _mix(surroundings))
    return _merge(first_site, labels, steps, edges)


def _merge(first_site: np.ndarray, labels: np.ndarray, steps: np.ndarray, edges: Neighbors) -> Quotient:
    order = np.argsort(first_site)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    node_of_site = rank[labels]
    multiplicities = np.bincount(node_of_site)
    centers, neighbors = node_of_site[edges.centers], node_of_site[edges.neighbors]
    by_bond = np.lexsort((steps, neighbors, centers))
    keys = np.stack([centers, neighbors, steps.astype(np.int64)])[:, by_bond]
    new = np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    starts = np.flatnonzero(new)
    sums = np.add.reduceat(edges.weights[by_bond], starts)
    distances = np.add.reduceat((edges.weights * edges.distances)[by_bond], starts) / sums
    merged = keys[0, starts]
    return Quotient(
        node_of_site=node_of_site,
        sites=first_site[order],
        multiplicities=multiplicities,
        centers=merged,
        neighbors=keys[1, starts],
        distances=distances,
        weights=sums / multiplicities[merged],
    )


def _mix(values: np.ndarray) -> np.ndarray:
    """Hash 64-bit integers (the finalizer of SplitMix64; Steele, Lea and Flood 2014, doi 10.1145/2714064.2660195)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
