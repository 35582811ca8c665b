"""Cut batches out of packed graphs by slicing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cgcnn.graphs.packed_graphs import CrystalGraphs


@dataclass(frozen=True)
class Batch:
    """The graphs of b crystals, with m nodes and e directed edges that are numbered from 0 within the batch.

    Attributes:
        atomic_numbers: (m,) int64, the element of each node.
        multiplicities: (m,) float32, the number of sites that each node stands for.
        crystals: (m,) int64, the crystal of each node, numbered within the batch.
        n_sites: (b,) float32, the number of sites of each crystal, which is the sum of its multiplicities.
        node_offsets: (b + 1,) int64; crystal c has the nodes ``node_offsets[c]:node_offsets[c + 1]``.
        edge_offsets: (m + 1,) int64; node i has the edges ``edge_offsets[i]:edge_offsets[i + 1]``.
        centers: (e,) int64, the center node of each edge, ascending.
        neighbors: (e,) int64, the neighbor node of each edge.
        distances: (e,) float32, the length of each edge in angstrom.
        weights: (e,) float32; the weights of one center sum to the number of neighbors.
        targets: (b,) float32, the target of each crystal, in the unit of the data set.
        angles: (e, 12) float32, the angular sums of each edge, or None where the graphs have none.
    """

    atomic_numbers: Tensor
    multiplicities: Tensor
    crystals: Tensor
    n_sites: Tensor
    node_offsets: Tensor
    edge_offsets: Tensor
    centers: Tensor
    neighbors: Tensor
    distances: Tensor
    weights: Tensor
    targets: Tensor
    angles: Tensor | None = None


class Batcher:
    """Cut batches out of packed graphs by slicing, without a loop over crystals.

    On a GPU, all arrays are copied to its memory once. On the CPU they stay memory-mapped, and only the slices of a
    batch are read.

    Args:
        graphs: The graphs of all crystals.
        device: The device of the batches.
    """

    def __init__(self, graphs: CrystalGraphs, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        with warnings.catch_warnings():
            # Memory-mapped arrays are read-only. torch warns that writing to them would be undefined behavior, but
            # nothing writes to them.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            tensors = {name: torch.from_numpy(array) for name, array in graphs.arrays().items()}
        self._arrays = {name: tensor.to(self._device) for name, tensor in tensors.items()}

    def __call__(self, crystals: Tensor) -> Batch:
        """Return the batch of some crystals, on the device of this batcher.

        Args:
            crystals: (b,) int64, the indices of the crystals, in the order of the batch.
        """
        crystals = crystals.to(self._device)
        first_node = self._rows("node_offsets", crystals)
        nodes, crystal_of_node, node_offsets = joined_ranges(
            first_node, self._rows("node_offsets", crystals + 1) - first_node
        )
        first_edge = self._rows("edge_offsets", nodes)
        edges, centers, edge_offsets = joined_ranges(first_edge, self._rows("edge_offsets", nodes + 1) - first_edge)
        multiplicities = self._rows("multiplicities", nodes)
        n_sites = torch.zeros(len(crystals), device=self._device).index_add_(0, crystal_of_node, multiplicities)
        first_of_center = node_offsets.index_select(0, crystal_of_node.index_select(0, centers))
        return Batch(
            atomic_numbers=self._rows("atomic_numbers", nodes).long(),
            multiplicities=multiplicities,
            crystals=crystal_of_node,
            n_sites=n_sites,
            node_offsets=node_offsets,
            edge_offsets=edge_offsets,
            centers=centers,
            neighbors=self._rows("neighbors", edges).long() + first_of_center,
            distances=self._rows("distances", edges),
            weights=self._rows("weights", edges),
            targets=self._rows("targets", crystals).float(),
            angles=self._rows("angles", edges) if "angles" in self._arrays else None,
        )

    def _rows(self, name: str, indices: Tensor) -> Tensor:
        """Return some rows of an array of all crystals; brackets would give the same, and take three times as long."""
        return self._arrays[name].index_select(0, indices)

    def batches(self, crystals: Tensor, batch_size: int) -> Iterator[Batch]:
        """Yield batches of some crystals, in order.

        Args:
            crystals: (k,) int64, the indices of the crystals.
            batch_size: The number of crystals per batch; the last batch can be smaller.
        """
        for start in range(0, len(crystals), batch_size):
            yield self(crystals[start : start + batch_size])


def joined_ranges(first: Tensor, counts: Tensor, size: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Write ranges of whole numbers one after the other.

    Args:
        first: (k,) int64, the first number of each range.
        counts: (k,) int64, how many numbers each range has.
        size: How many numbers are returned, at least as many as the ranges have; those behind the ranges are 0 and
            belong to the last range. Without it, the processor asks the device how many the ranges have, and waits.

    Returns:
        The numbers; the range of each; and where each range begins and the last one ends, (k + 1,). All are int64.
    """
    offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    away = first - offsets[:-1]
    if size is None:
        owner = torch.repeat_interleave(counts)
        return torch.arange(len(owner), device=first.device) + away.index_select(0, owner), owner, offsets
    places = torch.arange(size, device=first.device)
    owner = torch.searchsorted(offsets[1:], places, right=True).clamp(max=len(counts) - 1)
    return torch.where(places < offsets[-1], places + away[owner], 0), owner, offsets
