"""Train a network step by step, with schedule, averaged weights, validation and checkpoints, in one process or many."""

from __future__ import annotations

import copy
import logging
import math
import time

import numpy as np
import pandas as pd
import torch

from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine import processes
from cgcnn.machine.devices import own_stream
from cgcnn.machine.interrupts import Interrupt, noticed
from cgcnn.machine.memory import keep_freed_memory
from cgcnn.machine.progress import show_progress
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.replayed_steps import ReplayedSteps, adamw, are_replayed
from cgcnn.training.runs import KEY_LENGTH
from cgcnn.training.state import State
from cgcnn.training.steps import SingleSteps, Steps, one_cycle
from cgcnn.training.workers import Workers

_logger = logging.getLogger(__name__)

# A validation follows the first epoch that ends so many steps or more after the last validation. For a large training
# set that is every epoch.
_STEPS_BETWEEN_VALIDATIONS = 100
_SECONDS_BETWEEN_CHECKPOINTS = 20.0


def train(
    network: CrystalGraphNetwork,
    graphs: CrystalGraphs,
    split: Split,
    config: Config,
    quantity: Quantity,
    device: torch.device,
    checkpoints: Checkpoints,
) -> tuple[CrystalGraphNetwork, pd.DataFrame, Workers]:
    """Train a network from its start or from a checkpoint, together with the other processes where there are any.

    Each process takes an equal part of every batch. Batch norms and gradients are those of the whole batch. Ctrl-C and
    SIGTERM end the training after the batch, with a checkpoint that it goes on from to the same result.

    Args:
        network: The network at the start, with the normalizer of the targets. It is trained in place.
        graphs: The graphs of all crystals of the data set.
        split: The split, of which only the training and the validation set are used.
        config: The parameters of the run.
        quantity: What the targets are, for the messages.
        device: The device on which the network is trained.
        checkpoints: The files from which a training that was ended goes on, and to which its state is written.

    Returns:
        The network with the averaged weights of the best epoch; a table with one row per validation; and the threads
        and processes. The columns are ``epoch``, ``learning_rate``, ``training_loss`` (dimensionless) and
        ``validation_mae`` (in the unit of the targets). A training that goes on from another run has a row of epoch 0,
        whose training loss is NaN, for what that run predicts.

    Raises:
        DataError: The training diverged.
        Interrupted: Ctrl-C or SIGTERM has ended the training, in this process or in another one.
    """
    keep_freed_memory()
    network = network.to(device)
    averaged = copy.deepcopy(network)
    steps_per_epoch = math.ceil(len(split.train) / config.batch_size)
    epochs = max(config.epochs, math.ceil(config.minimum_steps / steps_per_epoch))
    patience = math.ceil(config.patience * epochs / config.epochs)
    loss = torch.zeros((), device=device)
    state = State(network, averaged, adamw(network, config, device), loss, Workers.of(device))
    checkpoints.go_on(state)
    batcher = Batcher(graphs, device)
    progress = state.progress
    if config.start is not None and not progress.history:
        # What the run that is gone on from predicts is the first candidate: few crystals may not make it better.
        _validate(state, batcher, graphs, split.validation, math.nan, 0.0)
    title = f"train run {checkpoints.key[:KEY_LENGTH]} on {len(split.train)} crystals"
    quiet = processes.rank() > 0
    with (
        own_stream(device),
        noticed() as interrupt,
        show_progress(_logger, title, "epoch", epochs, progress.epoch, at_once=True, quiet=quiet) as advance,
    ):
        steps: Steps
        if are_replayed(device):
            steps = ReplayedSteps(state, FilledBatcher(graphs, device), config)
        else:
            steps = SingleSteps(state, batcher, config)
        keeper = _Keeper(checkpoints, state, interrupt, steps_per_epoch)
        while progress.epoch < epochs and progress.epochs_without_gain < patience:
            # The order of the crystals depends only on the seed and the epoch, so that a resumed run has the same one.
            order = np.random.default_rng([config.seed, progress.epoch]).permutation(split.train)
            steps.begin(order)
            while progress.batch < steps_per_epoch:
                rate = _rate(config, progress.step, epochs * steps_per_epoch)
                steps.take(progress.batch, rate, min(config.averaging, (2 + progress.step) / (11 + progress.step)))
                progress.step += 1
                progress.batch += 1
                keeper.after_batch()
            progress.epoch += 1
            progress.batch = 0
            remark = ""
            due = progress.step - progress.last_validation >= _STEPS_BETWEEN_VALIDATIONS
            if due or progress.epoch == epochs:
                mean_loss = float(processes.sum_over(state.loss)) / len(order)
                rate = _rate(config, progress.step - 1, epochs * steps_per_epoch)
                mae = _validate(state, batcher, graphs, split.validation, mean_loss, rate)
                remark = f"loss {mean_loss:.4f}, validation MAE {quantity.value(mae)}"
            state.loss.zero_()
            advance(1, remark)
        keeper.at_the_end()
    network.load_state_dict(state.best_weights)
    return network, pd.DataFrame(progress.history), state.workers


class _Keeper:
    """Write checkpoints while a training goes on, and end it where that is asked for."""

    def __init__(self, checkpoints: Checkpoints, state: State, interrupt: Interrupt, steps_per_epoch: int) -> None:
        self._checkpoints, self._state, self._interrupt = checkpoints, state, interrupt
        self._steps_per_epoch = steps_per_epoch
        self._written_at = time.monotonic()

    def after_batch(self) -> None:
        """Write a checkpoint where one is due or the training is to end; all processes decide the same."""
        due = time.monotonic() - self._written_at > _SECONDS_BETWEEN_CHECKPOINTS
        # The number of a signal is 1 or more. Twice the number leaves 1 for a checkpoint alone.
        wanted = processes.highest(max(2 * self._interrupt.number, int(due)))
        if wanted:
            self._write(wanted // 2)

    def at_the_end(self) -> None:
        """Write the checkpoint of a training that has done all its steps: what follows takes time, too."""
        self._write(processes.highest(self._interrupt.number))

    def _write(self, signal_number: int) -> None:
        is_written = self._checkpoints.write(self._state)
        self._written_at = time.monotonic()
        if signal_number:
            self._interrupt.end(self._where(is_written), signal_number)

    def _where(self, is_written: bool) -> str:
        progress, key = self._state.progress, self._checkpoints.key[:KEY_LENGTH]
        done = f"epoch {progress.epoch}"
        if progress.batch:
            done = f"batch {progress.batch} of {self._steps_per_epoch} of epoch {progress.epoch + 1}"
        stopped = f"stopped the training of run {key} after {done}"
        if not is_written:
            return f"{stopped}; its state could not be written"
        return f"{stopped}; the same command goes on from there, unless it is to retrain"


def _rate(config: Config, step: int, n_steps: int) -> float:
    return config.learning_rate * one_cycle(step, n_steps)


def _validate(
    state: State, batcher: Batcher, graphs: CrystalGraphs, validation: np.ndarray, loss: float, rate: float
) -> float:
    """Record the validation error of the averaged network, and keep its weights if the error is the lowest so far."""
    averaged, progress = state.averaged, state.progress
    mine = np.array_split(validation, processes.count())[processes.rank()]
    predicted = predict_batches(averaged, batcher, mine).double().numpy()
    error = torch.tensor(np.abs(predicted - graphs.targets[mine]).sum(), device=averaged.target_mean.device)
    mae = float(processes.sum_over(error)) / len(validation)
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
    return mae
