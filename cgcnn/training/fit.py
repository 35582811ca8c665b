"""Return the finished run of given crystals and parameters: look it up, and train it where it is not known yet."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split, composition_split, own_split, random_split, split_sizes
from cgcnn.errors import DataError
from cgcnn.files.locks import Lock
from cgcnn.files.paths import run_store_directory
from cgcnn.graphs import crystal_graphs
from cgcnn.machine import processes
from cgcnn.machine.devices import matmul_precision, resolve_device
from cgcnn.network.model import Backend
from cgcnn.training import loop
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.runs import KEY_LENGTH, Run, run_key, save_run
from cgcnn.training.seen import elements_by_part, what_was_seen
from cgcnn.training.start import random_start, standardize_angles, start_from
from cgcnn.training.store import find_run, load_run, stored_run_path
from cgcnn.training.workers import Workers

_logger = logging.getLogger(__name__)
# How often a process that waits for another one looks whether that one has ended.
_SECONDS_BETWEEN_LOOKS = 0.5


def fit(
    crystals: Crystals, config: Config, device: str = "auto", retrain: bool = False, backend: Backend = "auto"
) -> Run:
    """Return the run of these crystals and parameters; train it only where it is not known yet.

    The run is looked for among the published runs (``models/``), then in the user's run store. An interrupted training
    continues from its last checkpoint to the same result. Under torchrun, all processes train one network together.
    Process 0 alone reads and writes runs and checkpoints, so that each process may have a run store of its own. Where
    another process trains the same run in the same run store, this one waits for it and returns its run.

    Args:
        crystals: The data set; every target must be a finite number.
        config: The parameters of the run.
        device: ``auto`` (a GPU where there is one), ``cpu``, ``cuda``, ``cuda:1``, ...
        retrain: Whether the run is trained anew where it is known already.
        backend: How Eq. 3 is computed in the training. It changes the last bits of a run, and not its key.

    Returns:
        The run. A run that was trained is in the run store afterwards.

    Raises:
        DataError: A target is not finite, the split is impossible, two sites of a crystal are on one spot, a cell has
            no volume, the training diverged, there is no such device, the processes have different crystals or
            parameters, or the backend cannot serve.
    """
    key = run_key(crystals, config)
    keys = sorted({each[:KEY_LENGTH] for each in processes.gathered(key)})
    with processes.together():
        if len(keys) > 1:
            raise DataError(
                f"the processes have different crystals or parameters (runs {', '.join(keys)})",
                "give all of them the same",
            )
    known = None if retrain else _known(key, crystals)
    if known is not None:
        return known
    with _alone(key):
        # Another process may have finished the run in the meantime.
        known = None if retrain else _known(key, crystals)
        return known or _trained(key, crystals, config, device, retrain, backend)


def _known(key: str, crystals: Crystals) -> Run | None:
    """Return the run of a key where process 0 has it, and say so; None where it does not."""
    workers = Workers.of(torch.device("cpu"))

    def find() -> Run | None:
        path = find_run(key)
        if path is None:
            return None
        try:
            run = load_run(path)
        except DataError:  # another process has set aside in this moment what was whole in the moment before
            return None
        _remove_what_a_killed_process_left(key)
        trained = Workers(run.n_threads, run.n_loop_threads, run.n_processes)
        difference = trained.difference(workers)
        remark = f", trained with {difference}, by which the last bits differ" if difference else ""
        _logger.info("found run %s in %s%s; retrain=True trains it anew", key[:KEY_LENGTH], path.name, remark)
        return run

    run = processes.from_first(find)
    return None if run is None else named_after(run, crystals)


def _remove_what_a_killed_process_left(key: str) -> None:
    """Remove what a process that was killed at the very end has left of a finished run."""
    checkpoints, lock = Checkpoints(run_store_directory(), key), Lock(_lock_path(key))
    # Whoever holds the lock trains the run anew.
    left = (checkpoints.newest, checkpoints.before, _lock_path(key))
    if any(path.exists() for path in left) and lock.take():
        checkpoints.remove()
        lock.release()


def _lock_path(key: str) -> Path:
    return run_store_directory() / f"{key}.lock"


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Wait while another process that has the same run store trains the run of a key, and keep others waiting."""
    lock = Lock(_lock_path(key))
    is_told = False
    while not processes.from_first(lock.take):
        if processes.rank() == 0 and not is_told:
            _logger.info("run %s is being trained by %s; waiting for it", key[:KEY_LENGTH], lock.holder())
        is_told = True
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        lock.release()


def _trained(key: str, crystals: Crystals, config: Config, device: str, retrain: bool, backend: Backend) -> Run:
    """Train the run of a key, from its checkpoint where there is one, and keep it."""
    checkpoints = Checkpoints(run_store_directory(), key)
    if retrain and processes.rank() == 0:
        checkpoints.remove()
    with processes.together():
        unknown = np.flatnonzero(~np.isfinite(crystals.targets))
        if len(unknown):
            name = crystals.ids[unknown[0]]
            raise DataError(f"{crystals.name}: crystal {name!r} has no finite target", "give it one or remove it")
        split = make_split(crystals, config)
        targets = crystals.targets[split.train]
        parent = None if config.start is None else _parent(config.start)
        start = random_start(targets, config) if parent is None else start_from(parent, targets, config)
        start.backend = backend
        if backend == "compiled" and processes.count() > 1:
            raise DataError("backend='compiled': serves one process alone", "choose another backend")
        place = resolve_device(device)
    with processes.first_alone():
        graphs = crystal_graphs.load_or_build(crystals, *config.of_graphs)
    if parent is None:
        standardize_angles(start, graphs, split.train)
    with matmul_precision(config.matmul_precision):
        network, history, workers = loop.train(start, graphs, split, config, crystals.quantity, place, checkpoints)
    network = network.cpu().eval()
    network.backend = "auto"  # the run's own, wherever it is read
    elements, elements_elsewhere = elements_by_part(crystals, split)
    if parent is not None:
        elements = np.union1d(elements, parent.elements)
    run = Run(
        key=key,
        dataset=crystals.name,
        data_digest=crystals.digest,
        target_name=crystals.target_name,
        unit=crystals.unit,
        config=config,
        network=network,
        split=split,
        elements=elements,
        history=history,
        n_threads=workers.threads,
        folder=crystals.folder,
        parent=config.start,
        elements_elsewhere=elements_elsewhere,
        seen=what_was_seen(network, crystals, graphs, split),
        n_loop_threads=workers.loop_threads,
        n_processes=workers.processes,
    )
    if processes.rank() == 0:
        _keep(run, checkpoints)
    return run


def _keep(run: Run, checkpoints: Checkpoints) -> None:
    """Write a run to the run store, or say in the log that it cannot be written: hours of training are not lost."""
    path = stored_run_path(run.key)
    try:
        save_run(run, path)
    except (OSError, SafetensorError) as error:
        short = run.key[:KEY_LENGTH]
        _logger.warning("%s: run %s cannot be kept there (%s); write it to another file", path, short, error)
    else:
        checkpoints.remove()


def named_after(run: Run, crystals: Crystals) -> Run:
    """Return a known run of these crystals with their names, which do not enter the key.

    So a folder that is trained on again with another unit, or from another place, is reported in that unit and place.

    Args:
        run: A run on the same crystals.
        crystals: The data set, with the names that count.
    """
    return dataclasses.replace(
        run,
        dataset=crystals.name,
        target_name=crystals.target_name,
        unit=crystals.unit,
        folder=crystals.folder,
    )


def _parent(key: str) -> Run:
    """Return the run whose weights a training starts from.

    Raises:
        DataError: It is neither published nor in the user's run store.
    """
    path = find_run(key)
    if path is None:
        raise DataError(
            f"start={key[:KEY_LENGTH]}: no such run is published or in the run store", "start from the run's file"
        )
    return load_run(path)


def make_split(crystals: Crystals, config: Config) -> Split:
    """Return the split of a run, with the training set cut to ``training_size``.

    A data set that brings its own split is split in this way and in no other.

    Args:
        crystals: The data set.
        config: The parameters of the run.

    Raises:
        DataError: One of the three sets would be empty, ``training_size`` is larger than the training set, or the
            parameters ask for another split than the one that the data set brings.
    """
    split = _whole_split(crystals, config)
    if config.training_size is None:
        return split
    if config.training_size > len(split.train):
        raise DataError(
            f"training_size={config.training_size}: only {len(split.train)} training crystals", "ask for fewer"
        )
    chosen = np.random.default_rng(config.seed).permutation(split.train)[: config.training_size]
    return Split(chosen, split.validation, split.test)


def _whole_split(crystals: Crystals, config: Config) -> Split:
    if crystals.parts is not None:
        for name, usual in (("split", "random"), ("n_train", None), ("n_validation", None)):
            if getattr(config, name) != usual:
                raise DataError(
                    f"{name}={getattr(config, name)}: {crystals.name} brings its own split",
                    f"leave {name} out, or remove the column of the split",
                )
        return own_split(crystals.parts, crystals.name, config.split_seed)
    n_train, n_validation = split_sizes(len(crystals), config.n_train, config.n_validation)
    if config.split == "composition":
        return composition_split(crystals.reduced_formulas(), n_train, n_validation, config.split_seed)
    return random_split(len(crystals), n_train, n_validation, config.split_seed)
