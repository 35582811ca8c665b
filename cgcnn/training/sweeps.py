"""Runs over training sizes and seeds, their errors as one table, and the power law through them."""

from __future__ import annotations

from collections.abc import Sequence

import joblib

from cgcnn.data.crystals import Crystals
from cgcnn.machine.cluster import on_cluster
from cgcnn.machine.parallel import parallel_map
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, find_run, load_run, run_key, save_run, stored_run_path


def sweep(
    crystals: Crystals,
    config: Config,
    training_sizes: Sequence[int | None],
    seeds: Sequence[int],
    device: str = "auto",
    retrain: bool = False,
    scheduler: str | None = None,
) -> list[Run]:
    """Return one run for each training size and seed; those that are known already are loaded.

    The others are trained one after the other, each with all cores, or side by side on a Dask cluster. Either way each
    is in the run store as soon as it is done, so that a sweep that was stopped goes on where it was.

    Every run has the same validation and test crystals. A seed decides which training crystals a smaller size has,
    the network's start and the order of the batches.

    Args:
        crystals: The data set.
        config: The parameters that all runs share.
        training_sizes: Numbers of training crystals; None for all of them.
        seeds: One run each.
        device: As for :func:`cgcnn.training.fit.fit`.
        retrain: As for :func:`cgcnn.training.fit.fit`.
        scheduler: Address of a Dask scheduler, as for :func:`cgcnn.machine.cluster.on_cluster`; None to stay here.
    """
    configs = [config.replace(training_size=size, seed=seed) for size in training_sizes for seed in seeds]
    if scheduler is None:
        return [fit(crystals, each, device, retrain) for each in configs]
    known = {each: None if retrain else find_run(run_key(crystals, each)) for each in configs}
    missing = [each for each, path in known.items() if path is None]
    with on_cluster(scheduler):
        tasks = ((crystals, each, device, retrain) for each in missing)
        for run in parallel_map(_fit_on_worker, tasks, len(missing), "train", "run", count=lambda _: 1):
            known[run.config] = stored_run_path(run.key)
            save_run(run, stored_run_path(run.key))  # the workers may have stores of their own
    return [load_run(path) for path in known.values() if path is not None]


def _fit_on_worker(crystals: Crystals, config: Config, device: str, retrain: bool) -> Run:
    """Train where a worker is; what it runs in parallel itself stays in its process."""
    with joblib.parallel_config(backend="sequential"):
        return fit(crystals, config, device, retrain)
