"""Batches sliced out of packed graphs, and a network's energies batch by batch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from cgcnn.graphs import CrystalGraphs
from cgcnn.model import Batch, CrystalGraphNetwork

_EVALUATION_BATCH = 512


class Batcher:
    """Cuts batches out of packed graphs by slicing, without a loop over crystals.

    The arrays stay where ``device`` says: on the device as a whole, or memory-mapped on the CPU, from which only
    the slices of a batch are read.
    """

    def __init__(self, graphs: CrystalGraphs, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        with warnings.catch_warnings():
            # Of read-only arrays, which memory-mapped ones are, torch warns that writing to them would be undefined
            # behavior; nothing writes to them.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            tensors = {name: torch.from_numpy(array) for name, array in graphs.arrays().items()}
        self._arrays = {name: tensor.to(self._device) for name, tensor in tensors.items()}

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


def predict_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> Tensor:
    """Return the energies of the named crystals, (b,), on the CPU; the network is left in evaluation mode."""
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    with torch.inference_mode():
        energies = [network(batch).cpu() for batch in batcher.batches(indices, _EVALUATION_BATCH)]
    return torch.cat(energies or [torch.empty(0)])


def _slices(first: Tensor, counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Concatenate ranges: their elements, which range each is of, and where each range begins in the result."""
    ends = torch.cumsum(counts, 0)
    begins = ends - counts
    owner = torch.repeat_interleave(counts)
    return torch.arange(len(owner), device=first.device) + (first - begins)[owner], owner, begins


def _closed(begins: Tensor, end: int) -> Tensor:
    return torch.cat([begins, begins.new_full((1,), end)])
