"""Crystals into packed crystal graphs, built in parallel, streamed to the cache and memory-mapped from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.files.arrays import digest_arrays
from cgcnn.files.cache import cached
from cgcnn.graphs.distinct_sites import Quotient, merge_equal_sites
from cgcnn.graphs.neighbors import nearest_neighbors
from cgcnn.machine.parallel import parallel_map

# Part of every cached graph's address: raised when the same crystals would give other graphs.
_GRAPH_VERSION = 1
# Crystals a task: enough to spread the cost of the vectorized steps, few enough that the arrays stay small.
_CRYSTALS_PER_TASK = 1000
# Below this a pool of processes costs more than it saves (a crystal takes about 0.1 ms).
_CRYSTALS_FOR_PARALLEL = 5000


@dataclass(frozen=True)
class CrystalGraphs:
    """The graphs of n crystals: m nodes and e directed edges in all, sorted by crystal, node and center.

    Attributes:
        node_offsets: (n + 1,) int64; crystal c has the nodes ``node_offsets[c]:node_offsets[c + 1]``.
        edge_offsets: (m + 1,) int64; node i has the edges ``edge_offsets[i]:edge_offsets[i + 1]``.
        atomic_numbers: (m,) uint8, element of each node.
        sites: (m,) int32, the first site, counted in its crystal, that the node stands for.
        multiplicities: (m,) float32, how many sites it stands for.
        neighbors: (e,) int32, neighbor node of each edge, counted in its crystal.
        distances: (e,) float32, in angstrom.
        weights: (e,) float32; those of one node sum to the number of neighbors.
        targets: (n,) float64, NaN where unknown.
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

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays, in hexadecimal."""
        return digest_arrays(self.arrays())

    @property
    def n_nodes(self) -> int:
        """Number of nodes: the distinct coordination environments."""
        return len(self.atomic_numbers)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.neighbors)

    @property
    def crystal_of_node(self) -> np.ndarray:
        """(m,) int64, the crystal of each node."""
        return np.repeat(np.arange(len(self)), np.diff(self.node_offsets))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the packed arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def build(
    crystals: Crystals,
    n_neighbors: int = 12,
    tolerance: float = 1e-3,
    merge: bool = True,
) -> CrystalGraphs:
    """Build the graphs of crystals, in parallel where there are many.

    Args:
        crystals: n crystals.
        n_neighbors: How many nearest neighbors a site has; the paper has 12.
        tolerance: Distances closer than this are taken as equal, in angstrom: in ties for the last neighbor and
            in merging sites.
        merge: Merge sites and bonds that the network cannot tell apart. False keeps every site and bond, which
            costs time and changes no prediction beyond the rounding: it is there for tests and comparisons.

    Returns:
        The graphs, in the crystals' order.

    Raises:
        DataError: Two sites of a crystal are on one spot, or a cell has no volume.
    """
    parts = list(_shifted(_build_parts(crystals, n_neighbors, tolerance, merge)))
    return CrystalGraphs(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def load_or_build(crystals: Crystals, n_neighbors: int = 12, tolerance: float = 1e-3) -> CrystalGraphs:
    """Map the graphs of a data set from the cache, building them where they are missing or damaged.

    Args:
        crystals: The data set.
        n_neighbors: As for :func:`build`.
        tolerance: As for :func:`build`.

    Returns:
        The graphs, memory-mapped; their address is the crystals' digest and the parameters. They are written part
        by part, so that the set may be larger than the memory.
    """
    key = f"{crystals.digest}-{n_neighbors}-{tolerance}-{_GRAPH_VERSION}"
    stored = cached(
        "graphs", crystals.name, key, lambda: (_shifted(_build_parts(crystals, n_neighbors, tolerance)), {})
    )
    return CrystalGraphs(**stored.arrays)


def _build_parts(crystals: Crystals, n_neighbors: int, tolerance: float, merge: bool = True) -> Iterator[CrystalGraphs]:
    """Return an iterator over the graphs of a thousand crystals at a time, in order."""
    starts = range(0, len(crystals), _CRYSTALS_PER_TASK)
    parts = (crystals.select(np.arange(i, min(i + _CRYSTALS_PER_TASK, len(crystals)))) for i in starts)
    tasks = ((part, n_neighbors, tolerance, merge) for part in parts)
    n_jobs = -1 if len(crystals) >= _CRYSTALS_FOR_PARALLEL else 1
    return parallel_map(_build_some, tasks, len(crystals), "build graphs", "crystal", count=len, n_jobs=n_jobs)


def _build_some(crystals: Crystals, n_neighbors: int, tolerance: float, merge: bool) -> CrystalGraphs:
    edges = nearest_neighbors(crystals, n_neighbors, tolerance)
    crystal_of_site = np.repeat(np.arange(len(crystals)), crystals.n_sites)
    if merge:
        graph = merge_equal_sites(crystal_of_site, crystals.atomic_numbers, edges, tolerance)
    else:
        every = np.arange(len(crystal_of_site))
        graph = Quotient(
            every, every, np.ones_like(every), edges.centers, edges.neighbors, edges.distances, edges.weights
        )
    crystal_of_node = crystal_of_site[graph.sites]
    node_offsets = np.searchsorted(crystal_of_node, np.arange(len(crystals) + 1))
    first_node = node_offsets[crystal_of_node[graph.centers]]
    return CrystalGraphs(
        node_offsets=node_offsets,
        edge_offsets=np.searchsorted(graph.centers, np.arange(len(graph.sites) + 1)),
        atomic_numbers=np.asarray(crystals.atomic_numbers)[graph.sites],
        sites=(graph.sites - crystals.site_offsets[crystal_of_node]).astype(np.int32),
        multiplicities=graph.multiplicities.astype(np.float32),
        neighbors=(graph.neighbors - first_node).astype(np.int32),
        distances=graph.distances.astype(np.float32),
        weights=graph.weights.astype(np.float32),
        targets=np.asarray(crystals.targets),
    )


def _shifted(parts: Iterable[CrystalGraphs]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the arrays of parts so that they can be joined end to end: offsets go on where the last part's ended."""
    ends: dict[str, int] = {}
    for part in parts:
        arrays = part.arrays()
        for name in ("node_offsets", "edge_offsets"):
            whole = arrays[name] + ends.get(name, 0)
            arrays[name] = whole[1:] if name in ends else whole
            ends[name] = int(whole[-1])
        yield arrays
