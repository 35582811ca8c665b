"""Steps on batches of one size, which a GPU records once and replays without waiting for the processor.

A step of this network has hundreds of operations, and each of them takes a few microseconds. Starting them one by one
takes the processor ten times as long as the GPU needs for the work.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import torch
from torch.nn.functional import smooth_l1_loss

from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.machine import processes
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.state import State

# The sizes to which batches are filled up: coarse enough that few steps are recorded, fine enough that little is
# computed in vain.
_NODES, _EDGES = 256, 2048
# Steps before a recording, in which torch's libraries set themselves up.
_WARM_UP = 3


def are_replayed(device: torch.device) -> bool:
    """Return whether the steps of a training are replayed: on a GPU, but not where several processes share a step.

    Args:
        device: The device of the network.
    """
    return device.type == "cuda" and processes.count() == 1


def adamw(network: CrystalGraphNetwork, config: Config, device: torch.device) -> torch.optim.Optimizer:
    """Return the optimizer of a training; where its steps are replayed, all that it changes lies on the device.

    Args:
        network: The network, on its device.
        config: The parameters of the run.
        device: The device.
    """
    replayed = are_replayed(device)
    rate = torch.tensor(config.learning_rate, device=device) if replayed else config.learning_rate
    return torch.optim.AdamW(
        network.parameters(), lr=rate, weight_decay=config.weight_decay, fused=True, capturable=replayed
    )


class FilledSteps:
    """Steps of one process on batches that are filled up to a few sizes, and that ask nothing of the device.

    A step begins with the indices of the crystals and ends with the averaged weights. Everything that it reads or
    writes stays at its place in the memory of the device.

    Args:
        state: The state of the training. The learning rate of its optimizer is a tensor on the device.
        batcher: The graphs of all crystals, on the same device.
        config: The parameters of the run.
    """

    def __init__(self, state: State, batcher: FilledBatcher, config: Config) -> None:
        self._state, self._batcher, self._config = state, batcher, config
        self._weights = (list(state.averaged.state_dict().values()), list(state.network.state_dict().values()))
        self._rate = state.optimizer.param_groups[0]["lr"]
        self._gain = torch.zeros((), device=state.loss.device)
        self._crystals = torch.full((config.batch_size,), batcher.empty, device=state.loss.device)
        self._order = self._crystals[None]
        self._sizes = [(_NODES, _EDGES)]

    def begin(self, order: np.ndarray) -> None:
        """Copy the order to the device, choose the sizes of the batches, and put the network into training mode."""
        size = self._config.batch_size
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        self._sizes = [_rounded_up(*self._batcher.sizes(batch)) for batch in batches]
        filled = torch.full((len(batches) * size,), self._batcher.empty)
        filled[: len(order)] = torch.from_numpy(order)
        self._order = self._batcher.sent(filled).view(len(batches), size)
        self._state.network.train()

    def take(self, number: int, rate: float, decay: float) -> None:
        """Take a step."""
        self._crystals.copy_(self._order[number])
        self._rate.fill_(rate)
        self._gain.fill_(1 - decay)
        self._run(self._sizes[number])

    def _run(self, size: tuple[int, int]) -> None:
        self._step(size)

    def _step(self, size: tuple[int, int]) -> None:
        """Do what a step does on the device, on a batch with these numbers of nodes and edges."""
        network, optimizer = self._state.network, self._state.optimizer
        batch = self._batcher(self._crystals, *size)
        is_crystal = self._crystals < self._batcher.empty
        error = torch.where(is_crystal, (network(batch) - batch.targets) / network.target_scale, 0)
        loss = smooth_l1_loss(error, torch.zeros_like(error), beta=self._config.loss_width, reduction="sum")
        optimizer.zero_grad(set_to_none=False)
        (loss / is_crystal.sum()).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        self._state.loss += loss.detach()
        with torch.no_grad():
            away = torch._foreach_sub(self._weights[1], self._weights[0])
            torch._foreach_mul_(away, self._gain)
            torch._foreach_add_(self._weights[0], away)


class ReplayedSteps(FilledSteps):
    """The same steps on a GPU: the step of each size of batch is recorded once, and replayed from then on.

    The recordings belong to the stream that is current when this is made. It must not be the default one, and no other
    network may be trained in it: the libraries of products have one work space per stream.
    """

    def __init__(self, state: State, batcher: FilledBatcher, config: Config) -> None:
        super().__init__(state, batcher, config)
        self._stream = torch.cuda.current_stream()
        self._pool = torch.cuda.graph_pool_handle()
        self._recorded: dict[tuple[int, int], torch.cuda.CUDAGraph] = {}

    def _run(self, size: tuple[int, int]) -> None:
        if size not in self._recorded:
            self._recorded[size] = self._record(size)
        self._recorded[size].replay()

    def _record(self, size: tuple[int, int]) -> torch.cuda.CUDAGraph:
        """Record a step, and leave all weights, the loss and the optimizer as they were."""
        optimizer = self._state.optimizer
        weights = [tensor.clone() for tensors in self._weights for tensor in tensors]
        before: dict[Any, Any] = copy.deepcopy(optimizer.state_dict()["state"])
        loss = self._state.loss.clone()
        for _ in range(_WARM_UP):
            self._step(size)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
            self._step(size)
        for tensor, kept in zip((tensor for tensors in self._weights for tensor in tensors), weights, strict=True):
            tensor.copy_(kept)
        for number, of_parameter in enumerate(optimizer.state.values()):
            for name, tensor in of_parameter.items():
                tensor.copy_(before[number][name]) if before else tensor.zero_()
        self._state.loss.copy_(loss)
        return graph


def _rounded_up(n_nodes: int, n_edges: int) -> tuple[int, int]:
    return max(1, math.ceil(n_nodes / _NODES)) * _NODES, max(1, math.ceil(n_edges / _EDGES)) * _EDGES
