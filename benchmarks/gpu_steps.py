"""Training steps on a GPU that are recorded once and replayed, on batches of one size.

A step of this network has hundreds of operations, and each of them takes a few microseconds. Launching them one by one
takes the processor ten times as long as the GPU needs for the work.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from cgcnn.graphs.batches import Batch
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config

# The sizes to which batches are filled up: coarse enough that few steps are recorded, fine enough that little is
# computed in vain.
_NODES, _EDGES = 256, 2048
# Steps before the recording, in which torch's libraries set themselves up.
_WARM_UP = 3


class FixedBatcher:
    """Cut batches with given numbers of nodes and edges, on one device, without waiting for the device.

    A batch is filled up with nodes of multiplicity 0 that have no edges, and with edges behind ``edge_offsets[m]`` that
    belong to no node. Neither changes an energy, a moment of a batch norm or a gradient.

    Args:
        graphs: The graphs of all crystals.
        device: The device of the batches, to which all arrays are copied once.
    """

    def __init__(self, graphs: CrystalGraphs, device: torch.device | str) -> None:
        #: The index of a crystal without sites, which fills up a batch of too few crystals.
        self.empty = len(graphs)
        self._n_nodes = np.append(np.diff(graphs.node_offsets), 0)
        self._n_edges = np.append(np.diff(np.asarray(graphs.edge_offsets)[np.asarray(graphs.node_offsets)]), 0)
        arrays = {name: torch.from_numpy(np.array(array)).to(device) for name, array in graphs.arrays().items()}
        arrays["node_offsets"] = torch.cat([arrays["node_offsets"], arrays["node_offsets"][-1:]])
        arrays["targets"] = torch.cat([arrays["targets"].float(), torch.zeros(1, device=device)])
        self._arrays = arrays

    def sizes(self, crystals: np.ndarray) -> tuple[int, int]:
        """Return the numbers of nodes and of edges of some crystals.

        Args:
            crystals: (b,) The indices of the crystals.
        """
        return int(self._n_nodes[crystals].sum()), int(self._n_edges[crystals].sum())

    def __call__(self, crystals: Tensor, n_nodes: int, n_edges: int) -> Batch:
        """Return the batch of some crystals.

        Args:
            crystals: (b,) int64 on the device, the indices of the crystals; ``empty`` may be among them.
            n_nodes: The number of nodes of the batch, at least that of the crystals.
            n_edges: The number of edges of the batch, at least that of the crystals.
        """
        a = self._arrays
        first_node = a["node_offsets"][crystals]
        nodes, crystal_of_node, node_begins, is_node = _slices(
            first_node, a["node_offsets"][crystals + 1] - first_node, n_nodes
        )
        first_edge = a["edge_offsets"][nodes]
        counts = torch.where(is_node, a["edge_offsets"][nodes + 1] - first_edge, 0)
        edges, centers, edge_begins, is_edge = _slices(first_edge, counts, n_edges)
        multiplicities = torch.where(is_node, a["multiplicities"][nodes], 0)
        n_sites = torch.zeros(len(crystals), device=multiplicities.device)
        n_sites = n_sites.index_add_(0, crystal_of_node, multiplicities).clamp(min=1)
        neighbors = a["neighbors"][edges].long() + node_begins[crystal_of_node[centers]]
        return Batch(
            atomic_numbers=torch.where(is_node, a["atomic_numbers"][nodes].long(), 0),
            multiplicities=multiplicities,
            crystals=crystal_of_node,
            n_sites=n_sites,
            node_offsets=node_begins,
            edge_offsets=edge_begins,
            centers=centers,
            neighbors=torch.where(is_edge, neighbors, 0),
            distances=torch.where(is_edge, a["distances"][edges], 0),
            weights=torch.where(is_edge, a["weights"][edges], 0),
            targets=a["targets"][crystals],
            angles=torch.where(is_edge[:, None], a["angles"][edges], 0) if "angles" in a else None,
        )


def _slices(first: Tensor, counts: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Concatenate k ranges to ``size`` elements; elements beyond the ranges are 0 and belong to the last range.

    Returns:
        The elements, the range of each element, where each range begins and the last one ends, (k + 1,), and whether
        an element is of a range.
    """
    ends = counts.cumsum(0)
    places = torch.arange(size, device=first.device)
    owner = torch.searchsorted(ends, places, right=True).clamp(max=len(counts) - 1)
    of_range = places < ends[-1]
    begins = ends - counts
    return torch.where(of_range, (first - begins)[owner] + places, 0), owner, torch.cat([begins, ends[-1:]]), of_range


class ReplayedSteps:
    """Steps that a GPU replays without waiting for the processor, in one process.

    A recorded step begins with the indices of the crystals and ends with the averaged weights. Everything that it reads
    or writes stays at its place in the GPU's memory. The steps belong to the stream that is current when they are made,
    which must not be the default one, and in which no other network is trained.

    Args:
        network: The network, on its GPU.
        averaged: The network of the averaged weights, on the same GPU.
        batcher: The graphs of all crystals, on the same GPU.
        config: The parameters of the run.
    """

    def __init__(
        self, network: CrystalGraphNetwork, averaged: CrystalGraphNetwork, batcher: FixedBatcher, config: Config
    ) -> None:
        device = network.target_mean.device
        self._network, self._averaged, self._config = network, averaged, config
        self._batcher = batcher
        self._pool = torch.cuda.graph_pool_handle()
        # The libraries of products have one work space per stream, which two networks must not share.
        self._stream = torch.cuda.current_stream()
        self._states = (list(averaged.state_dict().values()), list(network.state_dict().values()))
        self._rate = torch.tensor(config.learning_rate, device=device)
        self._gain = torch.zeros((), device=device)
        self._crystals = torch.full((config.batch_size,), self._batcher.empty, device=device)
        self._recorded: dict[tuple[int, int], torch.cuda.CUDAGraph] = {}
        self._order = self._crystals[None]
        self._sizes = [(_NODES, _EDGES)]
        self.loss = torch.zeros((), device=device)
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            network.parameters(), lr=self._rate, weight_decay=config.weight_decay, fused=True, capturable=True
        )

    def epoch(self, order: np.ndarray) -> None:
        """Copy the order to the GPU, choose the sizes of the batches, and set the sum of the loss to 0."""
        size = self._config.batch_size
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        self._sizes = [_rounded_up(*self._batcher.sizes(batch)) for batch in batches]
        filled = np.full(len(batches) * size, self._batcher.empty)
        filled[: len(order)] = order
        # Memory that is pinned is copied without a wait for the steps that the GPU has still to do.
        order_of_crystals = torch.from_numpy(filled).pin_memory().to(self._crystals.device, non_blocking=True)
        self._order = order_of_crystals.view(len(batches), size)
        self.loss.zero_()
        self._network.train()

    def step(self, number: int, rate: float, decay: float) -> None:
        """Replay the step of the batch's size; record it first where this size is new."""
        self._crystals.copy_(self._order[number])
        self._rate.fill_(rate)
        self._gain.fill_(1 - decay)
        size = self._sizes[number]
        if size not in self._recorded:
            self._recorded[size] = self._record(size)
        self._recorded[size].replay()

    def _record(self, size: tuple[int, int]) -> torch.cuda.CUDAGraph:
        """Record a step, and leave all weights and the optimizer as they were."""
        weights = [tensor.clone() for state in self._states for tensor in state]
        before: dict[Any, Any] = copy.deepcopy(self.optimizer.state_dict()["state"])
        loss = self.loss.clone()
        for _ in range(_WARM_UP):
            self._step(*size)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
            self._step(*size)
        for tensor, kept in zip((tensor for state in self._states for tensor in state), weights, strict=True):
            tensor.copy_(kept)
        for number, state in enumerate(self.optimizer.state.values()):
            for name, tensor in state.items():
                tensor.copy_(before[number][name]) if before else tensor.zero_()
        self.loss.copy_(loss)
        return graph

    def _step(self, n_nodes: int, n_edges: int) -> None:
        batch = self._batcher(self._crystals, n_nodes, n_edges)
        is_crystal = self._crystals < self._batcher.empty
        error = torch.where(is_crystal, (self._network(batch) - batch.targets) / self._network.target_scale, 0)
        loss = smooth_l1_loss(error, torch.zeros_like(error), beta=self._config.loss_width, reduction="sum")
        self.optimizer.zero_grad(set_to_none=False)
        (loss / is_crystal.sum()).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.optimizer.step()
        self.loss += loss.detach()
        with torch.no_grad():
            away = torch._foreach_sub(self._states[1], self._states[0])
            torch._foreach_mul_(away, self._gain)
            torch._foreach_add_(self._states[0], away)


def _rounded_up(n_nodes: int, n_edges: int) -> tuple[int, int]:
    return math.ceil(n_nodes / _NODES) * _NODES, math.ceil(n_edges / _EDGES) * _EDGES
