"""Fit the network: from crystals and parameters to a finished run, which is looked up before it is trained."""

from __future__ import annotations

import copy
import math
import pickle
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import smooth_l1_loss
from tqdm import tqdm

from cgcnn import graphs as crystal_graphs
from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.graphs import Batcher, CrystalGraphs
from cgcnn.model import CrystalGraphNetwork
from cgcnn.paths import replacing, run_store_directory
from cgcnn.runs import Run, find_run, load_run, run_key, save_run, stored_run_path
from cgcnn.splits import Split, composition_split, random_split, split_sizes
from cgcnn.storage import DataError

# Validation runs after the first epoch that ends this many steps after the last one: every epoch of a large set.
_STEPS_BETWEEN_VALIDATIONS = 100
# The one-cycle schedule: share of the steps that rise, and how far below its peak it starts and ends
# (Smith and Topin 2017, arXiv:1708.07120).
_RISING_SHARE, _START_DIVISOR, _END_DIVISOR = 0.3, 25.0, 1e4
_SECONDS_BETWEEN_CHECKPOINTS = 20.0
_EVALUATION_BATCH = 512


def fit(crystals: Crystals, config: Config, device: str = "auto", retrain: bool = False) -> Run:
    """Return the run of these crystals and parameters, training it only where it is not known yet.

    It is looked for among the published runs (``models/``), then in the user's run store; an interrupted training
    goes on where its last checkpoint was, to the same result.

    Args:
        crystals: The data set; every target must be a finite number.
        config: The parameters.
        device: ``auto`` (a GPU where there is one), ``cpu``, ``cuda``, ``cuda:1``, ...
        retrain: Train anew whatever is stored.

    Returns:
        The run; it is in the run store too.

    Raises:
        DataError: A target is not finite, or the split is impossible.
    """
    key = run_key(crystals, config)
    known = None if retrain else find_run(key)
    if known is not None:
        print(f"found run {key[:12]} in {known.name}; retrain=True trains it anew")
        return load_run(known)
    unknown = np.flatnonzero(~np.isfinite(crystals.targets))
    if len(unknown):
        name = crystals.ids[unknown[0]]
        raise DataError(f"{crystals.name}: crystal {name!r} has no finite target; give it one or remove it")
    split = make_split(crystals, config)
    graphs = crystal_graphs.load_or_build(crystals, config.n_neighbors, config.tolerance)
    partial = run_store_directory() / f"{key}.partial.pt"
    if retrain:
        partial.unlink(missing_ok=True)
    network, history = _train(graphs, split, config, resolve_device(device), partial)
    nodes = np.isin(graphs.crystal_of_node, split.train)
    run = Run(
        key=key,
        dataset=crystals.name,
        data_digest=crystals.digest,
        target_name=crystals.target_name,
        unit=crystals.unit,
        config=config,
        network=network.cpu().eval(),
        split=split,
        elements=np.unique(graphs.atomic_numbers[nodes]).astype(np.int64),
        history=history,
    )
    save_run(run, stored_run_path(key))
    partial.unlink(missing_ok=True)
    return run


def make_split(crystals: Crystals, config: Config) -> Split:
    """Return the split that the parameters ask for; the training part is cut to ``training_size``."""
    n_train, n_validation = split_sizes(len(crystals), config.n_train, config.n_validation)
    if config.split == "composition":
        split = composition_split(crystals.reduced_formulas(), n_train, n_validation, config.split_seed)
    else:
        split = random_split(len(crystals), n_train, n_validation, config.split_seed)
    if config.training_size is None:
        return split
    if config.training_size > len(split.train):
        raise DataError(
            f"training_size={config.training_size}: only {len(split.train)} training crystals; ask for fewer"
        )
    chosen = np.random.default_rng(config.seed).permutation(split.train)[: config.training_size]
    return Split(chosen, split.validation, split.test)


def resolve_device(device: str) -> torch.device:
    """Return the device named; ``auto`` is the first GPU where there is one, the CPU otherwise."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def predict_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> Tensor:
    """Return the energies of the named crystals, (b,), on the CPU; the network is left in evaluation mode."""
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    with torch.inference_mode():
        energies = [network(batch).cpu() for batch in batcher.batches(indices, _EVALUATION_BATCH)]
    return torch.cat(energies)


@dataclass
class _Progress:
    """What a training must remember to go on as if it had never stopped."""

    epoch: int = 0
    step: int = 0
    last_validation: int = 0
    best_mae: float = math.inf
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epochs_without_gain(self) -> float:
        """Epochs from the best validation to the last one."""
        return self.history[-1]["epoch"] - self.best_epoch if self.history else 0


def _train(
    graphs: CrystalGraphs, split: Split, config: Config, device: torch.device, checkpoint: Path
) -> tuple[CrystalGraphNetwork, pd.DataFrame]:
    """Train from the start or from a checkpoint, and return the network of the best epoch and the history."""
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers are left as they were
        torch.manual_seed(config.seed)
        network = CrystalGraphNetwork(config.n_convolutions, config.width)
    targets = graphs.targets[split.train]
    # The normalizer sees the training targets alone.
    network.target_mean.fill_(float(targets.mean()))
    network.target_scale.fill_(max(float(targets.std()), 1e-8))
    network.to(device)
    averaged = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps_per_epoch = math.ceil(len(split.train) / config.batch_size)
    epochs = max(config.epochs, math.ceil(config.minimum_steps / steps_per_epoch))
    patience = math.ceil(config.patience * epochs / config.epochs)
    progress = _resume(checkpoint, network, averaged, optimizer)
    batcher = Batcher(graphs, device)
    saved_at = time.monotonic()
    with tqdm(total=epochs, initial=progress.epoch, unit="epoch", disable=not sys.stderr.isatty()) as bar:
        while progress.epoch < epochs and progress.epochs_without_gain < patience:
            # The order of an epoch depends on the seed and the epoch alone, so that a resumed run has the same.
            order = torch.from_numpy(np.random.default_rng([config.seed, progress.epoch]).permutation(split.train))
            loss = torch.zeros((), device=device)
            network.train()
            for batch in batcher.batches(order, config.batch_size):
                rate = config.learning_rate * one_cycle(progress.step, epochs * steps_per_epoch)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                error = (network(batch) - batch.targets) / network.target_scale
                batch_loss = smooth_l1_loss(error, torch.zeros_like(error), beta=config.loss_width)
                optimizer.zero_grad(set_to_none=True)
                batch_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimizer.step()
                progress.step += 1
                _average(averaged, network, min(config.averaging, (1 + progress.step) / (10 + progress.step)))
                loss += batch_loss.detach() * len(batch.targets)
            progress.epoch += 1
            due = progress.step - progress.last_validation >= _STEPS_BETWEEN_VALIDATIONS
            if due or progress.epoch == epochs:
                mae = _validate(averaged, batcher, graphs, split.validation, progress, float(loss) / len(order), rate)
                bar.set_postfix(loss=f"{float(loss) / len(order):.4f}", validation_mae=f"{mae:.4f}")
            bar.update()
            if time.monotonic() - saved_at > _SECONDS_BETWEEN_CHECKPOINTS:
                _save_checkpoint(checkpoint, network, averaged, optimizer, progress)
                saved_at = time.monotonic()
    network.load_state_dict(progress.best_weights)
    return network, pd.DataFrame(progress.history)


def one_cycle(step: int, n_steps: int) -> float:
    """Return the learning rate of a step as a share of the highest: up in the first 30 %, down to nothing after.

    Both parts are half a cosine (Smith and Topin 2017, arXiv:1708.07120, with the defaults of torch's OneCycleLR).
    """
    rising = _RISING_SHARE * n_steps
    if step < rising:
        low, share = 1 / _START_DIVISOR, step / rising
    else:
        low, share = 1 / (_START_DIVISOR * _END_DIVISOR), 1 - (step - rising) / max(n_steps - 1 - rising, 1)
    return low + (1 - low) * 0.5 * (1 - math.cos(math.pi * share))


def _average(averaged: CrystalGraphNetwork, network: CrystalGraphNetwork, decay: float) -> None:
    """Move the averaged weights and batch-norm statistics towards the network's."""
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
    """Record the validation error of the averaged network, and keep its weights where they are the best yet."""
    predicted = predict_batches(averaged, batcher, validation).double().numpy()
    mae = float(np.abs(predicted - graphs.targets[validation]).mean())
    if not math.isfinite(mae):
        raise DataError(f"training diverged in epoch {progress.epoch}: validation error {mae}; lower learning_rate")
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
    """Load a checkpoint of the same run into network and optimizer, where there is a usable one."""
    if not path.is_file():
        return _Progress()
    try:
        state = torch.load(
            path, map_location="cpu", weights_only=True
        )  # refuses anything but tensors and plain containers
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        print(f"{path}: damaged ({type(error).__name__}); training starts anew")
        return _Progress()
    network.load_state_dict(state["network"])
    averaged.load_state_dict(state["averaged"])
    optimizer.load_state_dict(state["optimizer"])
    print(f"resuming run {path.name[:12]} after epoch {state['progress']['epoch']}")
    return _Progress(**state["progress"])
