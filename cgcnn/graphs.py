"""Crystals into packed crystal graphs, cached and memory-mapped, and batches sliced from them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, delayed
from torch import Tensor
from tqdm import tqdm

from cgcnn.crystals import Crystals
from cgcnn.distinct_sites import Quotient, merge_equal_sites
from cgcnn.model import Batch
from cgcnn.neighbors import nearest_neighbors
from cgcnn.paths import cache_directory
from cgcnn.storage import DataError, digest_arrays, load_arrays, save_arrays

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


class Batcher:
    """Cuts batches out of packed graphs by slicing, without a loop over crystals.

    The arrays stay where ``device`` says: on the device as a whole, or memory-mapped on the CPU, from which only
    the slices of a batch are read.
    """

    def __init__(self, graphs: CrystalGraphs, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        self._arrays = {
            # Memory-mapped arrays are read-only, which torch warns of; nothing here writes to them.
            name: torch.from_numpy(array if array.flags.writeable else _writable_view(array)).to(self._device)
            for name, array in graphs.arrays().items()
        }

    def __call__(self, crystals: Tensor) -> Batch:
        """Return the batch of the named crystals.

        Args:
            crystals: (b,) int64, indices of crystals, in the order the batch will have.
        """
        a = self._arrays
        crystals = crystals.to(self._device)
        first_node = a["node_offsets"][crystals]
        n_nodes = a["node_offsets"][crystals + 1] - first_node
        nodes, crystal_of_node, batch_first_node = _slices(first_node, n_nodes)
        first_edge = a["edge_offsets"][nodes]
        edges, centers, batch_first_edge = _slices(first_edge, a["edge_offsets"][nodes + 1] - first_edge)
        multiplicities = a["multiplicities"][nodes]
        n_sites = torch.zeros(len(crystals), device=self._device).index_add_(0, crystal_of_node, multiplicities)
        return Batch(
            atomic_numbers=a["atomic_numbers"][nodes].long(),
            multiplicities=multiplicities,
            crystals=crystal_of_node,
            n_sites=n_sites,
            node_offsets=_closed(batch_first_node, len(nodes)),
            edge_offsets=_closed(batch_first_edge, len(edges)),
            centers=centers,
            neighbors=a["neighbors"][edges].long() + batch_first_node[crystal_of_node[centers]],
            distances=a["distances"][edges],
            weights=a["weights"][edges],
            targets=a["targets"][crystals].float(),
        )

    def batches(self, crystals: Tensor, batch_size: int) -> Iterator[Batch]:
        """Yield the named crystals in order, ``batch_size`` at a time."""
        for start in range(0, len(crystals), batch_size):
            yield self(crystals[start : start + batch_size])


def _writable_view(array: np.ndarray) -> np.ndarray:
    """Return a view of a read-only memory map that torch accepts silently (copied where it is no memory map)."""
    if isinstance(array, np.memmap) and array.filename is not None:
        return np.memmap(array.filename, dtype=array.dtype, mode="c", offset=array.offset, shape=array.shape)
    return array.copy()


def _slices(first: Tensor, counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Concatenate ranges: their elements, which range each is of, and where each range begins in the result."""
    ends = torch.cumsum(counts, 0)
    begins = ends - counts
    owner = torch.repeat_interleave(counts)
    return torch.arange(len(owner), device=first.device) + (first - begins)[owner], owner, begins


def _closed(begins: Tensor, end: int) -> Tensor:
    return torch.cat([begins, begins.new_full((1,), end)])


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
    starts = range(0, len(crystals), _CRYSTALS_PER_TASK)
    parts = (crystals.select(np.arange(i, min(i + _CRYSTALS_PER_TASK, len(crystals)))) for i in starts)
    tasks = Parallel(n_jobs=-1 if len(crystals) >= _CRYSTALS_FOR_PARALLEL else 1, return_as="generator")(
        delayed(_build_some)(part, n_neighbors, tolerance, merge) for part in parts
    )
    built = []
    with tqdm(total=len(crystals), desc="build graphs", unit="crystal", disable=not sys.stderr.isatty()) as bar:
        for part in tasks:
            built.append(part)
            bar.update(len(part))
    return _concatenate(built)


def load_or_build(crystals: Crystals, n_neighbors: int = 12, tolerance: float = 1e-3) -> CrystalGraphs:
    """Map the graphs of a data set from the cache, building them where they are missing or damaged.

    Args:
        crystals: The data set.
        n_neighbors: As for :func:`build`.
        tolerance: As for :func:`build`.

    Returns:
        The graphs, memory-mapped; their address is the crystals' digest and the parameters.
    """
    key = f"{crystals.digest}-{n_neighbors}-{tolerance}-{_GRAPH_VERSION}"
    name = f"{crystals.name}-{crystals.digest[:16]}-{n_neighbors}-{tolerance}.safetensors"
    path = cache_directory() / "graphs" / name
    if path.is_file():
        try:
            return _load(path, key)
        except DataError as error:
            print(f"{error.args[0].split(';')[0]}; building it anew")
    save_arrays(path, build(crystals, n_neighbors, tolerance).arrays(), {"key": key})
    print(f"built the graphs of {crystals.name} into {path}")
    return _load(path, key)


def _load(path: Path, key: str) -> CrystalGraphs:
    stored = load_arrays(path)
    if stored.metadata.get("key") != key:
        raise DataError(f"{path}: holds the graphs of other crystals; delete it")
    return CrystalGraphs(**stored.arrays)


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


def _concatenate(parts: list[CrystalGraphs]) -> CrystalGraphs:
    """Join graphs end to end: offsets are shifted, everything else is counted inside its crystal."""
    joined = {}
    for name in (field.name for field in fields(CrystalGraphs)):
        arrays = [getattr(part, name) for part in parts]
        if name.endswith("_offsets"):
            shifts = np.cumsum([0] + [int(array[-1]) for array in arrays])
            moved = [array[1:] + shift for array, shift in zip(arrays, shifts[:-1], strict=True)]
            joined[name] = np.concatenate([np.zeros(1, np.int64), *moved])
        else:
            joined[name] = np.concatenate(arrays)
    return CrystalGraphs(**joined)
