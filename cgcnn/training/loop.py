"""Train a network step by step, with schedule, averaged weights, validation and checkpoints, in one process or many."""

from __future__ import annotations

import copy
import logging
import math
import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.files.writing import replacing
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.machine import processes
from cgcnn.machine.memory import keep_freed_memory
from cgcnn.machine.progress import show_progress
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.runs import KEY_LENGTH

_logger = logging.getLogger(__name__)

# A validation follows the first epoch that ends so many steps or more after the last validation. For a large training
# set that is every epoch.
_STEPS_BETWEEN_VALIDATIONS = 100
# The one-cycle schedule (Smith and Topin 2017, arXiv:1708.07120): the share of the steps in which the learning rate
# rises, the ratio of the highest rate to the first one, and the ratio of the first rate to the last one.
_RISING_SHARE, _START_DIVISOR, _END_DIVISOR = 0.3, 25.0, 1e4
_SECONDS_BETWEEN_CHECKPOINTS = 20.0


@dataclass
class _Progress:
    """The state that an interrupted training needs in order to continue as if it had never stopped."""

    epoch: int = 0
    step: int = 0
    last_validation: int = 0
    best_mae: float = math.inf
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epochs_without_gain(self) -> float:
        """The number of epochs from the best validation to the last one."""
        return self.history[-1]["epoch"] - self.best_epoch if self.history else 0


def train(
    network: CrystalGraphNetwork,
    graphs: CrystalGraphs,
    split: Split,
    config: Config,
    quantity: Quantity,
    device: torch.device,
    checkpoint: Path,
) -> tuple[CrystalGraphNetwork, pd.DataFrame]:
    """Train a network from its start or from a checkpoint, together with the other processes where there are any.

    Each process takes an equal part of every batch. Batch norms and gradients are those of the whole batch.

    Args:
        network: The network at the start, with the normalizer of the targets. It is trained in place.
        graphs: The graphs of all crystals of the data set.
        split: The split, of which only the training and the validation set are used.
        config: The parameters of the run.
        quantity: What the targets are, for the messages.
        device: The device on which the network is trained.
        checkpoint: The file from which an interrupted training continues, and to which its state is written.

    Returns:
        The network with the averaged weights of the best epoch, and a table with one row per validation. Its columns
        are ``epoch``, ``learning_rate``, ``training_loss`` (dimensionless) and ``validation_mae`` (in the unit of the
        targets). A training that goes on from another run has a row of epoch 0, whose training loss is NaN, for what
        that run predicts.

    Raises:
        DataError: The training diverged.
    """
    keep_freed_memory()
    network = network.to(device)
    averaged = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    steps_per_epoch = math.ceil(len(split.train) / config.batch_size)
    epochs = max(config.epochs, math.ceil(config.minimum_steps / steps_per_epoch))
    patience = math.ceil(config.patience * epochs / config.epochs)
    progress = _resume(checkpoint, network, averaged, optimizer)
    shared = processes.shared(network)
    batcher = Batcher(graphs, device)
    if config.start is not None and not progress.history:
        # What the run that is gone on from predicts is the first candidate: few crystals may not make it better.
        _validate(averaged, batcher, graphs, split.validation, progress, math.nan, 0.0)
    saved_at = time.monotonic()
    title = f"train run {checkpoint.name[:KEY_LENGTH]} on {len(split.train)} crystals"
    quiet = processes.rank() > 0
    with show_progress(_logger, title, "epoch", epochs, progress.epoch, at_once=True, quiet=quiet) as advance:
        while progress.epoch < epochs and progress.epochs_without_gain < patience:
            # The order of the crystals depends only on the seed and the epoch, so that a resumed run has the same one.
            order = torch.from_numpy(np.random.default_rng([config.seed, progress.epoch]).permutation(split.train))
            loss = torch.zeros((), device=device)
            network.train()
            for crystals in torch.split(order, config.batch_size):
                rate = config.learning_rate * one_cycle(progress.step, epochs * steps_per_epoch)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.zero_grad(set_to_none=True)
                loss += backward(shared, network, batcher, crystals, config.loss_width)
                optimizer.step()
                progress.step += 1
                _average(averaged, network, min(config.averaging, (1 + progress.step) / (10 + progress.step)))
            progress.epoch += 1
            remark = ""
            due = progress.step - progress.last_validation >= _STEPS_BETWEEN_VALIDATIONS
            if due or progress.epoch == epochs:
                mean_loss = float(processes.sum_over(loss)) / len(order)
                mae = _validate(averaged, batcher, graphs, split.validation, progress, mean_loss, rate)
                remark = f"loss {mean_loss:.4f}, validation MAE {quantity.value(mae)}"
            advance(1, remark)
            if time.monotonic() - saved_at > _SECONDS_BETWEEN_CHECKPOINTS and processes.rank() == 0:
                _save_checkpoint(checkpoint, network, averaged, optimizer, progress)
                saved_at = time.monotonic()
    network.load_state_dict(progress.best_weights)
    return network, pd.DataFrame(progress.history)


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


def _average(averaged: CrystalGraphNetwork, network: CrystalGraphNetwork, decay: float) -> None:
    """Move the averaged weights and moments of the batch norms towards those of the network."""
    with torch.no_grad():
        states = (list(averaged.state_dict().values()), list(network.state_dict().values()))
        torch._foreach_lerp_(states[0], states[1], 1 - decay)


def _validate(
    averaged: CrystalGraphNetwork,
    batcher: Batcher,
    graphs: CrystalGraphs,
    validation: np.ndarray,
    progress: _Progress,
    loss: float,
    rate: float,
) -> float:
    """Record the validation error of the averaged network, and keep its weights if the error is the lowest so far."""
    mine = np.array_split(validation, processes.count())[processes.rank()]
    predicted = predict_batches(averaged, batcher, mine).double().numpy()
    error = torch.tensor(np.abs(predicted - graphs.targets[mine]).sum(), device=averaged.target_mean.device)
    mae = float(processes.sum_over(error)) / len(validation)
    if not math.isfinite(mae):
        raise DataError(f"training diverged in epoch {progress.epoch}: validation error {mae}", "lower learning_rate")
    progress.last_validation = progress.step
    progress.history.append(
        {"epoch": progress.epoch, "learning_rate": rate, "training_loss": loss, "validation_mae": mae}
    )
    if mae < progress.best_mae:
        progress.best_mae, progress.best_epoch = mae, progress.epoch
        progress.best_weights = {name: tensor.clone() for name, tensor in averaged.state_dict().items()}
    return mae


def _save_checkpoint(
    path: Path,
    network: CrystalGraphNetwork,
    averaged: CrystalGraphNetwork,
    optimizer: torch.optim.Optimizer,
    progress: _Progress,
) -> None:
    state = {
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizer": optimizer.state_dict(),
        "progress": vars(progress),
    }
    with replacing(path) as temporary:
        torch.save(state, temporary)


def _resume(
    path: Path,
    network: CrystalGraphNetwork,
    averaged: CrystalGraphNetwork,
    optimizer: torch.optim.Optimizer,
) -> _Progress:
    """Load a checkpoint of the same run into the networks and the optimizer, where there is a usable one."""
    if not path.is_file():
        return _Progress()
    try:
        state = torch.load(
            path, map_location="cpu", weights_only=True
        )  # refuses anything but tensors and plain containers
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        _logger.warning("%s: damaged (%s); training starts anew", path, type(error).__name__)
        return _Progress()
    network.load_state_dict(state["network"])
    averaged.load_state_dict(state["averaged"])
    optimizer.load_state_dict(state["optimizer"])
    if processes.rank() == 0:
        _logger.info("resuming run %s after epoch %d", path.name[:12], state["progress"]["epoch"])
    return _Progress(**state["progress"])
