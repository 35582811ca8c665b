"""Runs over training sizes and seeds, and their errors as one table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.representations import mean_absolute_error
from cgcnn.runs import Run
from cgcnn.training import fit


def sweep(
    crystals: Crystals,
    config: Config,
    training_sizes: Sequence[int | None],
    seeds: Sequence[int],
    device: str = "auto",
    retrain: bool = False,
) -> list[Run]:
    """Return one run for each training size and seed; those that are known already are loaded.

    Every run has the same validation and test crystals. A seed decides which training crystals a smaller size has,
    the network's start and the order of the batches.

    Args:
        crystals: The data set.
        config: The parameters that all runs share.
        training_sizes: Numbers of training crystals; None for all of them.
        seeds: One run each.
        device: As for :func:`cgcnn.training.fit`.
        retrain: As for :func:`cgcnn.training.fit`.
    """
    return [
        fit(crystals, config.replace(training_size=size, seed=seed), device, retrain)
        for size in training_sizes
        for seed in seeds
    ]


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
