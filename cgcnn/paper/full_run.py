"""Estimate what the run on nearly all of the paper's Materials Project would take, which this project has not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.files.paths import models_directory
from cgcnn.paper.recipes import RECIPES
from cgcnn.training.runs import read_run

_SET = "materials_project"
# The tables of trials, and the parameters of a trial in the recipe.
_TRIALS = {"search": "search", "ingredients": "trial"}


def estimate(benchmark: Mapping[str, Any], growth: float) -> dict[str, Any]:
    """Return the hours and the memory of the training of ``make paper DATA=full``, scaled from what was measured.

    Every published run and every trial on the smaller set is counted by its epochs and its crystals. An epoch passes
    the training crystals forward and backward, and the validation crystals forward. Time and memory are measured on
    the smaller set, and grow with the number of sites. Runs on perovskites and boron are published, and are not trained
    again.

    Args:
        benchmark: The contents of ``benchmarks/results.json``: seconds per epoch on two processor cores.
        growth: The factor by which the larger set has more sites.

    Returns:
        ``hours`` and ``memory_GB`` of the training, and ``n_networks``, the number of runs and trials.
    """
    measured = benchmark[_SET]
    n_largest = measured["n_epoch"]
    seconds = float(np.median(measured["epochs"]["cgcnn"][str(n_largest)])) / n_largest
    steps = {step["step"]: step["seconds"] for step in measured["steps"]}
    forward = steps["whole forward pass"] / steps["forward and backward"]
    folder = models_directory() / _SET
    runs = [read_run(path) for path in sorted(folder.glob("*-random-*-seed*-*.safetensors"))]
    passed = [len(run.history) * (len(run.split.train) + forward * len(run.split.validation)) for run in runs]
    n_validation, recipe = len(runs[0].split.validation), RECIPES[_SET]
    for table, parameters in _TRIALS.items():
        given = {**recipe.training, **getattr(recipe, parameters)}
        each = given["epochs"] * (given["training_size"] + forward * n_validation)
        passed += [each] * len(pd.read_csv(folder / f"{table}.csv"))
    return {
        "hours": sum(passed) * seconds * growth / 3600,
        "memory_GB": measured["peak_bytes"]["cgcnn"] * growth / 1e9,
        "n_networks": len(passed),
    }
