"""Build packed crystal graphs in parallel, stream them to the cache, and memory-map them from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.files.cache import cached
from cgcnn.graphs.angles import angular_sums
from cgcnn.graphs.distinct_sites import Quotient, merge_equal_sites
from cgcnn.graphs.neighbors import nearest_neighbors
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.parallel import parallel_map

# Part of the cache's key of all graphs. It is raised when the same crystals would give other graphs.
_GRAPH_VERSION = 1
# The same for the angular sums.
_ANGLE_VERSION = 1
# Crystals per task: enough that the vectorized steps are efficient, and few enough that their arrays stay small.
_CRYSTALS_PER_TASK = 1000
# Below this number of crystals, starting processes takes more time than they save (about 0.1 ms per crystal).
_CRYSTALS_FOR_PARALLEL = 5000


def build(
    crystals: Crystals,
    n_neighbors: int = 12,
    tolerance: float = 1e-3,
    angles: bool = False,
    merge: bool = True,
) -> CrystalGraphs:
    """Build the graphs of crystals, in parallel where there are many.

    Args:
        crystals: n crystals; none are allowed, as where a network knows no element of any.
        n_neighbors: The number of nearest neighbors per site; the paper has 12.
        tolerance: The tolerance of distances, in angstrom. Neighbors within it of the last one are tied with that one,
            and distances are rounded to multiples of it before equal sites are merged.
        angles: Whether the edges have angular sums.
        merge: Whether sites and bonds that the network cannot tell apart are merged. False keeps every site and bond,
            for tests and comparisons. Merging saves time and changes predictions only by rounding.

    Returns:
        The graphs, in the order of the crystals.

    Raises:
        DataError: Two sites of a crystal are on one spot, or a cell has no volume; the message names the crystal.
    """
    parts = list(_shifted(_build_parts(crystals, n_neighbors, tolerance, angles, merge)))
    return CrystalGraphs(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def load_or_build(
    crystals: Crystals, n_neighbors: int = 12, tolerance: float = 1e-3, angles: bool = False
) -> CrystalGraphs:
    """Map the graphs of a data set from the cache; build them where they are missing or damaged.

    The graphs are written part by part, so that the set may be larger than the memory. The key of their file is made
    of the crystals' digest and the parameters.

    Args:
        crystals: The data set.
        n_neighbors: The number of nearest neighbors per site; the paper has 12.
        tolerance: The tolerance of distances, in angstrom, for ties between neighbors and for merging equal sites.
        angles: Whether the edges have angular sums.

    Returns:
        The graphs, memory-mapped, in the order of the crystals.

    Raises:
        DataError: Two sites of a crystal are on one spot, or a cell has no volume; the message names the crystal.
    """
    key = f"{crystals.digest}-{n_neighbors}-{tolerance}-{_GRAPH_VERSION}" + angles * f"-angles-{_ANGLE_VERSION}"
    stored = cached(
        "graphs", crystals.name, key, lambda: (_shifted(_build_parts(crystals, n_neighbors, tolerance, angles)), {})
    )
    return CrystalGraphs(**stored.arrays)


def _build_parts(
    crystals: Crystals, n_neighbors: int, tolerance: float, angles: bool, merge: bool = True
) -> Iterator[CrystalGraphs]:
    """Return an iterator over the graphs of ``_CRYSTALS_PER_TASK`` crystals at a time, in order."""
    starts = range(0, max(len(crystals), 1), _CRYSTALS_PER_TASK)  # without crystals there is one part, which is empty
    parts = (crystals.select(np.arange(i, min(i + _CRYSTALS_PER_TASK, len(crystals)))) for i in starts)
    tasks = ((part, n_neighbors, tolerance, angles, merge) for part in parts)
    n_jobs = -1 if len(crystals) >= _CRYSTALS_FOR_PARALLEL else 1
    return parallel_map(_build_some, tasks, len(crystals), "build graphs", "crystal", count=len, n_jobs=n_jobs)


def _build_some(crystals: Crystals, n_neighbors: int, tolerance: float, angles: bool, merge: bool) -> CrystalGraphs:
    edges = nearest_neighbors(crystals, n_neighbors, tolerance, with_vectors=angles)
    sums = angular_sums(edges) if angles else np.empty((len(edges.centers), 0))
    crystal_of_site = np.repeat(np.arange(len(crystals)), crystals.n_sites)
    if merge:
        graph = merge_equal_sites(crystal_of_site, crystals.atomic_numbers, edges, tolerance, sums)
    else:
        every = np.arange(len(crystal_of_site))
        graph = Quotient(
            every, every, np.ones_like(every), edges.centers, edges.neighbors, edges.distances, edges.weights, sums
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
        angles=graph.angles.astype(np.float32) if angles else None,
    )


def _shifted(parts: Iterable[CrystalGraphs]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the arrays of parts that can be joined end to end: offsets continue where those of the last part ended."""
    ends: dict[str, int] = {}
    for part in parts:
        arrays = part.arrays()
        for name in ("node_offsets", "edge_offsets"):
            whole = arrays[name] + ends.get(name, 0)
            arrays[name] = whole[1:] if name in ends else whole
            ends[name] = int(whole[-1])
        yield arrays
