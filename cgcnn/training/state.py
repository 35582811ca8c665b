"""All that changes in a training: the weights, the optimizer, the loss, and how far it has come."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.workers import Workers


@dataclass
class Progress:
    """How far a training has come.

    Attributes:
        epoch: The number of finished epochs.
        batch: The number of finished batches of the epoch that is under way.
        step: The number of finished steps of the optimizer.
        last_validation: The step of the last validation.
        best_mae: The lowest validation error so far, in the unit of the targets.
        best_epoch: The epoch of that error.
        history: One row per validation.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    last_validation: int = 0
    best_mae: float = math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epochs_without_gain(self) -> float:
        """The number of epochs from the best validation to the last one."""
        return self.history[-1]["epoch"] - self.best_epoch if self.history else 0


@dataclass
class State:
    """All that changes in a training, and that it needs in order to go on as if it had never stopped.

    Attributes:
        network: The network that is trained.
        averaged: The network of the averaged weights.
        optimizer: The optimizer of the network's parameters.
        loss: The sum of the loss over this process's part of the batches of the epoch that is under way, a scalar.
        workers: The threads and processes of the training, from its beginning.
        best_weights: The averaged weights of the best epoch, by name; empty before the first validation.
        progress: How far the training has come.
    """

    network: CrystalGraphNetwork
    averaged: CrystalGraphNetwork
    optimizer: torch.optim.Optimizer
    loss: Tensor
    workers: Workers
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors but the loss by name, on the CPU and contiguous."""
        parts: dict[str, Mapping[str, Tensor]] = {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "best": self.best_weights,
        }
        for name, parameter in self.network.named_parameters():
            parts[f"optimizer.{name}"] = self.optimizer.state.get(parameter, {})
        return {
            f"{part}.{name}": tensor.detach().cpu().contiguous()
            for part, tensors in parts.items()
            for name, tensor in tensors.items()
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take all tensors but the loss from another state, as :meth:`State.tensors` returned them."""

        def beginning(prefix: str) -> dict[str, Tensor]:
            return {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}

        self.network.load_state_dict(beginning("network."))
        self.averaged.load_state_dict(beginning("averaged."))
        self.best_weights = beginning("best.")
        known = (beginning(f"optimizer.{name}.") for name, _ in self.network.named_parameters())
        of_parameters = {number: state for number, state in enumerate(known) if state}
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": of_parameters})
