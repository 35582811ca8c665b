"""How near and how far the neighbors of sites are in the graphs of crystals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.graphs.packed_graphs import CrystalGraphs

#: The number of rows of a table by atomic number; row 0 is not used.
N_ELEMENTS = 119


@dataclass(frozen=True)
class Extents:
    """The distances of n crystals with m nodes and e edges.

    Attributes:
        crystal_of_node: (m,) int64, the crystal of each node.
        elements: (m,) int64, the atomic number of each node.
        nearest: (m,) float32, the distance to the nearest neighbor in angstrom.
        reach: (m,) float32, the distance to the farthest of the neighbors in the graph in angstrom.
        crystal_of_edge: (e,) int64, the crystal of each edge.
        pairs: (e, 2) int64, the atomic numbers of both ends of each edge, the smaller one first.
        distances: (e,) float32, the length of each edge in angstrom.
        volumes: (n,) float64, the volume per atom in cubic angstrom.
    """

    crystal_of_node: np.ndarray
    elements: np.ndarray
    nearest: np.ndarray
    reach: np.ndarray
    crystal_of_edge: np.ndarray
    pairs: np.ndarray
    distances: np.ndarray
    volumes: np.ndarray


def extents(crystals: Crystals, graphs: CrystalGraphs, chosen: np.ndarray) -> Extents:
    """Return the distances in some crystals.

    Args:
        crystals: The crystals.
        graphs: Their graphs.
        chosen: The (n,) indices of the crystals, ascending; crystals are numbered by their place in it.
    """
    place = np.full(len(graphs), -1)
    place[chosen] = np.arange(len(chosen))
    crystal_of_node = place[graphs.crystal_of_node]
    center_of_edge = np.repeat(np.arange(graphs.n_nodes), np.diff(graphs.edge_offsets))
    is_edge = crystal_of_node[center_of_edge] >= 0
    centers, neighbors = center_of_edge[is_edge], graphs.neighbors[is_edge]
    first_node = graphs.node_offsets[graphs.crystal_of_node[centers]]
    numbers = graphs.atomic_numbers.astype(np.int64)
    ends = np.stack([numbers[centers], numbers[first_node + neighbors]], axis=1)
    is_node = crystal_of_node >= 0
    lattices = np.asarray(crystals.lattices)[chosen]
    return Extents(
        crystal_of_node=crystal_of_node[is_node],
        elements=numbers[is_node],
        nearest=np.minimum.reduceat(graphs.distances, graphs.edge_offsets[:-1])[is_node],
        reach=np.maximum.reduceat(graphs.distances, graphs.edge_offsets[:-1])[is_node],
        crystal_of_edge=crystal_of_node[centers],
        pairs=np.sort(ends, axis=1),
        distances=graphs.distances[is_edge],
        volumes=np.abs(np.linalg.det(lattices)) / crystals.n_sites[chosen],
    )
