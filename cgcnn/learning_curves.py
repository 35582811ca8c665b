"""Runs over training sizes and seeds, their errors as one table, and the power law through them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import joblib
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import linregress, t
from tqdm import tqdm

from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.representations import mean_absolute_error
from cgcnn.runs import Run, find_run, load_run, run_key, save_run, stored_run_path
from cgcnn.training import fit
from cgcnn.workers import on_cluster


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
        device: As for :func:`cgcnn.training.fit`.
        retrain: As for :func:`cgcnn.training.fit`.
        scheduler: Address of a Dask scheduler, as for :func:`cgcnn.workers.on_cluster`; None to stay here.
    """
    configs = [config.replace(training_size=size, seed=seed) for size in training_sizes for seed in seeds]
    if scheduler is None:
        return [fit(crystals, each, device, retrain) for each in configs]
    known = {each: None if retrain else find_run(run_key(crystals, each)) for each in configs}
    missing = [each for each, path in known.items() if path is None]
    with on_cluster(scheduler):
        tasks = Parallel(n_jobs=-1, return_as="generator")(
            delayed(_fit_on_worker)(crystals, each, device, retrain) for each in missing
        )
        for run in tqdm(tasks, total=len(missing), unit="run", disable=not sys.stderr.isatty()):
            known[run.config] = stored_run_path(run.key)
            save_run(run, stored_run_path(run.key))  # the workers may have stores of their own
    return [load_run(path) for path in known.values() if path is not None]


def _fit_on_worker(crystals: Crystals, config: Config, device: str, retrain: bool) -> Run:
    """Train where a worker is; what it runs in parallel itself stays in its process."""
    with joblib.parallel_config(backend="sequential"):
        return fit(crystals, config, device, retrain)


def error_table(runs: Sequence[Run], crystals: Crystals) -> pd.DataFrame:
    """Return one row a run: its training size, seed and split, its validation and its test error.

    Args:
        runs: Finished runs on ``crystals``.
        crystals: The whole data set.

    Returns:
        Columns ``training_size``, ``seed``, ``split``, ``epochs`` (that were run), ``validation_mae_eV_per_atom`` and
        ``test_mae_eV_per_atom``.
    """
    return pd.DataFrame(
        {
            "training_size": len(run.split.train),
            "seed": run.config.seed,
            "split": run.config.split,
            "epochs": int(run.history["epoch"].max()),
            "validation_mae_eV_per_atom": run.validation_mae,
            "test_mae_eV_per_atom": mean_absolute_error(run, crystals, "test"),
        }
        for run in runs
    )


@dataclass(frozen=True)
class PowerLaw:
    """A line through a learning curve in log-log scale, error = 10^intercept * size^slope.

    Attributes:
        slope: Of log10(error) over log10(size).
        slope_ci: The 95 % confidence interval of the slope (Student's t, from the scatter of the points).
        intercept: log10 of the error at size 1.
        r2: Share of the variance of log10(error) that the line explains.
    """

    slope: float
    slope_ci: tuple[float, float]
    intercept: float
    r2: float


def fit_power_law(sizes: Sequence[float], errors: Sequence[float]) -> PowerLaw:
    """Fit a power law to a learning curve by least squares in log-log scale.

    Args:
        sizes: Numbers of training crystals, three or more.
        errors: The mean error at each.

    Raises:
        ValueError: Fewer than three points, which leave no scatter to judge the slope by.
    """
    if len(sizes) < 3:
        raise ValueError(f"{len(sizes)} sizes: a slope with its confidence interval takes three")
    line = linregress(np.log10(sizes), np.log10(errors))
    half = float(t.ppf(0.975, len(sizes) - 2)) * line.stderr
    return PowerLaw(line.slope, (line.slope - half, line.slope + half), line.intercept, line.rvalue**2)
