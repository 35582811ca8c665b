"""Train a network to the end, or to where it is interrupted, with checkpoints, in one process or many."""

from __future__ import annotations

import logging
import time

import pandas as pd
import torch

from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine import processes
from cgcnn.machine.devices import own_stream
from cgcnn.machine.interrupts import Interrupt, noticed
from cgcnn.machine.memory import keep_freed_memory
from cgcnn.machine.progress import show_progress
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.epochs import batcher_for, begun, epochs, epochs_of
from cgcnn.training.runs import KEY_LENGTH
from cgcnn.training.state import Progress, State
from cgcnn.training.workers import Workers

_logger = logging.getLogger(__name__)

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
    state = begun(network, config, device)
    checkpoints.go_on(state)
    batcher = batcher_for(graphs, device)
    progress = state.progress
    n_epochs, steps_per_epoch = epochs_of(config, len(split.train))
    title = f"train run {checkpoints.key[:KEY_LENGTH]} on {len(split.train)} crystals"
    quiet = processes.rank() > 0
    with (
        own_stream(device),
        noticed() as interrupt,
        show_progress(_logger, title, "epoch", n_epochs, progress.epoch, at_once=True, quiet=quiet) as advance,
    ):
        keeper = _Keeper(checkpoints, state, interrupt, steps_per_epoch)
        for event in epochs(state, batcher, graphs, split, config):
            if event == "step":
                keeper.after_batch()
            elif event == "epoch":
                advance(1, _remark(state.progress, quantity))
        keeper.at_the_end()
    state.network.load_state_dict(state.best_weights)
    return state.network, pd.DataFrame(progress.history), state.workers


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


def _remark(progress: Progress, quantity: Quantity) -> str:
    """Return what the validation of the last epoch has found; nothing where it had none."""
    last = progress.history[-1] if progress.history else {"epoch": 0}
    if last["epoch"] != progress.epoch:
        return ""
    return f"loss {last['training_loss']:.4f}, validation MAE {quantity.value(last['validation_mae'])}"
