"""The steps of a training: what a step is, its learning rate, and steps that are taken one by one."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from cgcnn.graphs.batches import Batcher
from cgcnn.machine import processes
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.state import State

# The one-cycle schedule (Smith and Topin 2017, arXiv:1708.07120): the share of the steps in which the learning rate
# rises, the ratio of the highest rate to the first one, and the ratio of the first rate to the last one.
_RISING_SHARE, _START_DIVISOR, _END_DIVISOR = 0.3, 25.0, 1e4


class Steps(Protocol):
    """The steps of the epochs of one training.

    A step moves the weights of the network against the gradient of a batch's mean loss, adds the sum of the loss over
    this process's part of the batch to that of the epoch, and moves the averaged weights towards the new ones.
    """

    def begin(self, order: np.ndarray) -> None:
        """Begin an epoch.

        Args:
            order: (n,) int64, the training crystals in the order of the epoch.
        """

    def take(self, number: int, rate: float, decay: float) -> None:
        """Take a step.

        Args:
            number: The number of the batch in the epoch, from 0.
            rate: The learning rate.
            decay: The share that the averaged weights keep of themselves.
        """


class SingleSteps:
    """Steps on any device, in one process or many, whose operations are started one by one.

    Args:
        state: The state of the training.
        batcher: The graphs of all crystals.
        config: The parameters of the run.
    """

    def __init__(self, state: State, batcher: Batcher, config: Config) -> None:
        self._state, self._batcher, self._config = state, batcher, config
        self._shared = processes.shared(state.network)
        self._batches: tuple[Tensor, ...] = ()

    def begin(self, order: np.ndarray) -> None:
        """Cut the order into batches, and put the network into training mode."""
        self._batches = torch.split(torch.from_numpy(order), self._config.batch_size)
        self._state.network.train()

    def take(self, number: int, rate: float, decay: float) -> None:
        """Take a step on all processes together."""
        state = self._state
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        state.optimizer.zero_grad(set_to_none=True)
        crystals = self._batches[number]
        state.loss += backward(self._shared, state.network, self._batcher, crystals, self._config.loss_width)
        state.optimizer.step()
        with torch.no_grad():
            states = (list(state.averaged.state_dict().values()), list(state.network.state_dict().values()))
            torch._foreach_lerp_(states[0], states[1], 1 - decay)


def backward(
    shared: nn.Module, network: CrystalGraphNetwork, batcher: Batcher, crystals: Tensor, loss_width: float
) -> Tensor:
    """Add the gradient of the mean loss of a batch to the gradients of the parameters.

    Args:
        shared: The network as :func:`cgcnn.machine.processes.shared` returns it.
        network: The network itself.
        batcher: The batcher of the graphs.
        crystals: (b,) int64, the indices of the crystals of the whole batch. They are cut into one part of almost equal
            size per process, and this process takes its own part.
        loss_width: The error at which the loss turns from squared to absolute error, in standard deviations of the
            training targets.

    Returns:
        The sum of the loss over this process's part, a dimensionless scalar.
    """
    mine = crystals.tensor_split(processes.count())[processes.rank()]
    batch = batcher(mine)
    error = (shared(batch) - batch.targets) / network.target_scale
    loss = smooth_l1_loss(error, torch.zeros_like(error), beta=loss_width, reduction="sum")
    # The wrapper takes the mean of the processes' gradients, but the batch needs their sum.
    (loss * (processes.count() / len(crystals))).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return loss.detach()


def one_cycle(step: int, n_steps: int) -> float:
    """Return the learning rate of a step as a share of the highest one.

    It rises from 1/25 to 1 in the first 30 % of the steps, and falls to 4e-6 in the others. Both parts are half a
    cosine (Smith and Topin 2017, arXiv:1708.07120, with the defaults of torch's OneCycleLR).

    Args:
        step: The number of the step, from 0 to ``n_steps - 1``.
        n_steps: The number of steps of the whole training.
    """
    rising = _RISING_SHARE * n_steps
    if step < rising:
        low, share = 1 / _START_DIVISOR, step / rising
    else:
        low, share = 1 / (_START_DIVISOR * _END_DIVISOR), 1 - (step - rising) / max(n_steps - 1 - rising, 1)
    return low + (1 - low) * 0.5 * (1 - math.cos(math.pi * share))
