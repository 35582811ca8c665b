"""The epochs of a training as a sequence that can be stopped after each step: steps, averaged weights and validations.

There is no other loop over the steps of a training. :func:`cgcnn.training.loop.train` goes through it with checkpoints,
and ``benchmarks/gpu_runs.py`` goes through several at once, which share a GPU.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine import processes
from cgcnn.machine.devices import unfinished
from cgcnn.network.evaluation import EVALUATION_BATCH, energies
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.replayed_steps import ReplayedSteps, adamw, are_replayed
from cgcnn.training.state import State
from cgcnn.training.steps import SingleSteps, Steps, one_cycle
from cgcnn.training.workers import Workers

#: What has happened in a training: a step is taken, an epoch is over with its validation, or the GPU is still at work.
Event = Literal["step", "epoch", "wait"]

# A validation follows the first epoch that ends so many steps or more after the last validation. For a large training
# set that is every epoch.
_STEPS_BETWEEN_VALIDATIONS = 100


def batcher_for(graphs: CrystalGraphs, device: torch.device) -> Batcher | FilledBatcher:
    """Return the batcher of a training: one that never waits for the device, where steps are replayed.

    Args:
        graphs: The graphs of all crystals of the data set.
        device: The device of the training.
    """
    return FilledBatcher(graphs, device) if are_replayed(device) else Batcher(graphs, device)


def begun(network: CrystalGraphNetwork, config: Config, device: torch.device) -> State:
    """Return the state of a training at its start.

    Args:
        network: The network at the start, with the normalizer of the targets. It is trained in place.
        config: The parameters of the run.
        device: The device of the training.
    """
    network = network.to(device)
    averaged, loss = copy.deepcopy(network), torch.zeros((), device=device)
    return State(network, averaged, adamw(network, config, device), loss, Workers.of(device))


def epochs_of(config: Config, n_train: int) -> tuple[int, int]:
    """Return the number of epochs of a training, and the number of steps of each.

    Args:
        config: The parameters of the run.
        n_train: The number of training crystals.
    """
    steps_per_epoch = math.ceil(n_train / config.batch_size)
    return max(config.epochs, math.ceil(config.minimum_steps / steps_per_epoch)), steps_per_epoch


def epochs(
    state: State,
    batcher: Batcher | FilledBatcher,
    graphs: CrystalGraphs,
    split: Split,
    config: Config,
    validation_batch: int = EVALUATION_BATCH,
) -> Iterator[Event]:
    """Train from a state to the end, and stop after each step.

    The work of a GPU goes to the stream that is current when the sequence is asked for its next element. This is to be
    the same one each time, not the default one, and no other training's, for the reason that
    :class:`cgcnn.training.replayed_steps.ReplayedSteps` gives.

    Args:
        state: The state, which is changed in place: its ``best_weights`` and ``progress`` are what the training finds.
        batcher: The graphs of all crystals, from :func:`batcher_for`. Trainings can share it.
        graphs: The graphs of all crystals of the data set.
        split: The split, of which only the training and the validation set are used.
        config: The parameters of the run.
        validation_batch: The number of validation crystals that are predicted at once.

    Yields:
        ``step`` after each step; ``epoch`` after each epoch, with which the last row of the history agrees where it had
        a validation; and ``wait`` while a GPU has not computed a validation, as often as it is asked.

    Raises:
        DataError: The training diverged.
    """
    progress = state.progress
    n_epochs, steps_per_epoch = epochs_of(config, len(split.train))
    n_steps = n_epochs * steps_per_epoch
    patience = math.ceil(config.patience * n_epochs / config.epochs)
    # Each process judges its own part of the validation crystals.
    mine = np.array_split(split.validation, processes.count())[processes.rank()]
    aims, n_aims = graphs.targets[mine], len(split.validation)
    if config.start is not None and not progress.history:
        # What the run that is gone on from predicts is the first candidate: few crystals may not make it better.
        predicted = energies(state.averaged, batcher, mine, validation_batch)
        _judge(state, predicted, aims, n_aims, math.nan, 0.0)
    steps: Steps
    if isinstance(batcher, FilledBatcher):
        steps = ReplayedSteps(state, batcher, config)
    else:
        steps = SingleSteps(state, batcher, config)
    while progress.epoch < n_epochs and progress.epochs_without_gain < patience:
        # The order of the crystals depends only on the seed and the epoch, so that a resumed run has the same one.
        order = np.random.default_rng([config.seed, progress.epoch]).permutation(split.train)
        steps.begin(order)
        while progress.batch < steps_per_epoch:
            rate = _rate(config, progress.step, n_steps)
            steps.take(progress.batch, rate, min(config.averaging, (2 + progress.step) / (11 + progress.step)))
            progress.step += 1
            progress.batch += 1
            yield "step"
        progress.epoch += 1
        progress.batch = 0
        if progress.step - progress.last_validation >= _STEPS_BETWEEN_VALIDATIONS or progress.epoch == n_epochs:
            predicted = energies(state.averaged, batcher, mine, validation_batch)
            for _ in unfinished(predicted.device):
                yield "wait"
            mean_loss = float(processes.sum_over(state.loss)) / len(order)
            rate = _rate(config, progress.step - 1, n_steps)
            _judge(state, predicted, aims, n_aims, mean_loss, rate)
        state.loss.zero_()
        yield "epoch"


def _rate(config: Config, step: int, n_steps: int) -> float:
    return config.learning_rate * one_cycle(step, n_steps)


def _judge(state: State, predicted: Tensor, aims: np.ndarray, n_aims: int, loss: float, rate: float) -> None:
    """Record the validation error of the averaged network, and keep its weights if the error is the lowest so far.

    Args:
        state: The state of the training.
        predicted: (b,), what the averaged network predicts for this process's part of the validation crystals.
        aims: (b,) float64, the targets of these crystals.
        n_aims: The number of all validation crystals.
        loss: The mean loss of the epoch.
        rate: The learning rate of its last step.
    """
    averaged, progress = state.averaged, state.progress
    error = torch.tensor(np.abs(predicted.cpu().double().numpy() - aims).sum(), device=predicted.device)
    mae = float(processes.sum_over(error)) / n_aims
    if not math.isfinite(mae):
        with processes.together():
            raise DataError(
                f"training diverged in epoch {progress.epoch}: validation error {mae}", "lower learning_rate"
            )
    progress.last_validation = progress.step
    progress.history.append(
        {"epoch": progress.epoch, "learning_rate": rate, "training_loss": loss, "validation_mae": mae}
    )
    if mae < progress.best_mae:
        progress.best_mae, progress.best_epoch = mae, progress.epoch
        state.best_weights = {name: tensor.clone() for name, tensor in averaged.state_dict().items()}
