"""Cut batches that are filled up to given numbers of nodes and edges, so that a GPU can replay a step on many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from cgcnn.graphs.batches import Batch, joined_ranges
from cgcnn.graphs.packed_graphs import CrystalGraphs

# In angstrom, the length of an edge that fills a batch up: all Gaussians are 0 there, and no real edge is longer.
_FAR = 1e6


class FilledBatcher:
    """Cut batches with given numbers of nodes and edges, on one device, without waiting for the device.

    A batch is filled up with nodes of multiplicity 0 that have no edges, and with edges of weight 0 behind
    ``edge_offsets[m]`` that belong to no node. Neither changes an energy, a moment of a batch norm or a gradient.

    Args:
        graphs: The graphs of all crystals.
        device: The device of the batches, to which all arrays are copied once.
    """

    def __init__(self, graphs: CrystalGraphs, device: torch.device | str) -> None:
        #: The index of a crystal without sites, which fills up a batch of too few crystals.
        self.empty = len(graphs)
        self._n_nodes = np.append(np.diff(graphs.node_offsets), 0)
        self._n_edges = np.append(np.diff(np.asarray(graphs.edge_offsets)[np.asarray(graphs.node_offsets)]), 0)
        self._device = torch.device(device)
        arrays = {name: torch.from_numpy(np.array(array)).to(device) for name, array in graphs.arrays().items()}
        arrays["node_offsets"] = torch.cat([arrays["node_offsets"], arrays["node_offsets"][-1:]])
        arrays["targets"] = torch.cat([arrays["targets"].float(), torch.zeros(1, device=device)])
        self._arrays = arrays

    def sizes(self, crystals: np.ndarray) -> tuple[int, int]:
        """Return the numbers of nodes and of edges of some crystals.

        Args:
            crystals: (b,) integers, the indices of the crystals.
        """
        return int(self._n_nodes[crystals].sum()), int(self._n_edges[crystals].sum())

    def sent(self, indices: Tensor) -> Tensor:
        """Return indices on the device, which are copied without a wait for the work that the device has still to do.

        Args:
            indices: int64, on the CPU.
        """
        if self._device.type == "cuda":
            indices = indices.pin_memory()
        return indices.to(self._device, non_blocking=True)

    def batches(self, crystals: Tensor, batch_size: int) -> Iterator[Batch]:
        """Yield batches of some crystals, in order, with the nodes and edges of these crystals alone.

        Args:
            crystals: (k,) int64 on the CPU, the indices of the crystals.
            batch_size: The number of crystals per batch; the last batch can be smaller.
        """
        for start in range(0, len(crystals), batch_size):
            part = crystals[start : start + batch_size]
            yield self(self.sent(part), *self.sizes(part.numpy()))

    def __call__(self, crystals: Tensor, n_nodes: int, n_edges: int) -> Batch:
        """Return the batch of some crystals.

        Args:
            crystals: (b,) int64 on the device, the indices of the crystals; ``empty`` may be among them.
            n_nodes: The number of nodes of the batch, at least that of the crystals.
            n_edges: The number of edges of the batch, at least that of the crystals.
        """
        a = self._arrays
        first_node = a["node_offsets"][crystals]
        nodes, crystal_of_node, node_offsets = joined_ranges(
            first_node, a["node_offsets"][crystals + 1] - first_node, n_nodes
        )
        is_node = torch.arange(n_nodes, device=nodes.device) < node_offsets[-1]
        first_edge = a["edge_offsets"][nodes]
        counts = torch.where(is_node, a["edge_offsets"][nodes + 1] - first_edge, 0)
        edges, centers, edge_offsets = joined_ranges(first_edge, counts, n_edges)
        is_edge = torch.arange(n_edges, device=nodes.device) < edge_offsets[-1]
        multiplicities = torch.where(is_node, a["multiplicities"][nodes], 0)
        n_sites = torch.zeros(len(crystals), device=multiplicities.device)
        n_sites = n_sites.index_add_(0, crystal_of_node, multiplicities).clamp(min=1)
        neighbors = a["neighbors"][edges].long() + node_offsets[crystal_of_node[centers]]
        return Batch(
            atomic_numbers=torch.where(is_node, a["atomic_numbers"][nodes].long(), 0),
            multiplicities=multiplicities,
            crystals=crystal_of_node,
            n_sites=n_sites,
            node_offsets=node_offsets,
            edge_offsets=edge_offsets,
            centers=centers,
            neighbors=torch.where(is_edge, neighbors, 0),
            distances=torch.where(is_edge, a["distances"][edges], _FAR),
            weights=torch.where(is_edge, a["weights"][edges], 0),
            targets=a["targets"][crystals],
            angles=torch.where(is_edge[:, None], a["angles"][edges], 0) if "angles" in a else None,
        )
