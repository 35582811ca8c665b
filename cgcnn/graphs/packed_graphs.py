"""The graphs of many crystals in a few arrays, which need nothing but NumPy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from cgcnn.files.arrays import digest_arrays

#: The number of angular sums of an edge: one per degree and shell of :func:`cgcnn.graphs.angles.angular_sums`.
N_ANGLES = 12


@dataclass(frozen=True)
class CrystalGraphs:
    """The graphs of n crystals, with m nodes and e directed edges in all; nodes are sorted by crystal, edges by center.

    Attributes:
        node_offsets: (n + 1,) int64; crystal c has the nodes ``node_offsets[c]:node_offsets[c + 1]``.
        edge_offsets: (m + 1,) int64; node i has the edges ``edge_offsets[i]:edge_offsets[i + 1]``.
        atomic_numbers: (m,) uint8, the element of each node.
        sites: (m,) int32, the first site that each node stands for, numbered within its crystal.
        multiplicities: (m,) float32, the number of sites that each node stands for.
        neighbors: (e,) int32, the neighbor node of each edge, numbered within its crystal.
        distances: (e,) float32, the length of each edge in angstrom.
        weights: (e,) float32; the weights of one center sum to the number of neighbors.
        targets: (n,) float64, in the unit of the crystals' targets; NaN where the target is not known.
        angles: (e, 12) float32, the angular sums of each edge (:func:`cgcnn.graphs.angles.angular_sums`), or None
            where the graphs have none.
    """

    node_offsets: np.ndarray
    edge_offsets: np.ndarray
    atomic_numbers: np.ndarray
    sites: np.ndarray
    multiplicities: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    weights: np.ndarray
    targets: np.ndarray
    angles: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all arrays in hexadecimal."""
        return digest_arrays(self.arrays())

    @property
    def n_nodes(self) -> int:
        """The number of nodes in all graphs."""
        return len(self.atomic_numbers)

    @property
    def n_edges(self) -> int:
        """The number of directed edges in all graphs."""
        return len(self.neighbors)

    @property
    def crystal_of_node(self) -> np.ndarray:
        """The crystal of each node, (m,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.node_offsets))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the packed arrays by name, those that the graphs have."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: array for name, array in arrays.items() if array is not None}
