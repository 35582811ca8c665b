"""Train runs over training sizes and seeds, one after the other or side by side on a Dask cluster."""

from __future__ import annotations

from collections.abc import Sequence

import joblib

from cgcnn.data.crystals import Crystals
from cgcnn.machine.cluster import on_cluster
from cgcnn.machine.parallel import parallel_map
from cgcnn.training.config import Config
from cgcnn.training.fit import fit, named_after
from cgcnn.training.runs import Run, run_key, save_run
from cgcnn.training.store import find_run, load_run, stored_run_path


def sweep(
    crystals: Crystals,
    config: Config,
    training_sizes: Sequence[int | None],
    seeds: Sequence[int],
    device: str = "auto",
    retrain: bool = False,
    scheduler: str | None = None,
) -> list[Run]:
    """Return one run for each training size and seed; load the known runs, and train the others.

    The others are trained one after the other, each with all cores, or side by side on a Dask cluster. Finished runs
    are kept in the run store. So a sweep that was stopped trains only the runs that are missing when it is started
    again.

    All runs have the same validation and test crystals. The seed decides which training crystals a smaller size has,
    the first weights of the network, and the order of the batches.

    Args:
        crystals: The data set.
        config: The parameters that all runs share.
        training_sizes: The numbers of training crystals; None stands for all of them.
        seeds: The seeds; each gives one run per training size.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.
        retrain: Whether runs are trained anew where they are known already.
        scheduler: The address of a Dask scheduler, as for :func:`cgcnn.machine.cluster.on_cluster`. None trains the
            runs on this machine.

    Returns:
        The runs in the order of the training sizes; those of one size are in the order of the seeds.

    Raises:
        DataError: A run cannot be trained, as for :func:`cgcnn.training.fit.fit`; or no scheduler answers, or Dask is
            not installed.
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
            save_run(run, stored_run_path(run.key))  # a worker on another machine keeps it in another store
    return [named_after(load_run(path), crystals) for path in known.values() if path is not None]


def _fit_on_worker(crystals: Crystals, config: Config, device: str, retrain: bool) -> Run:
    """Train in the process of a worker, and keep all parallel tasks of the training in that process."""
    with joblib.parallel_config(backend="sequential"):
        return fit(crystals, config, device, retrain)
