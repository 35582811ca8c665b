"""Measure the published networks on other cells and on other crystals of the Materials Project, for other_cells.json.

Run it as ``python benchmarks/other_cells.py``, with the public data. The same test crystals are predicted twice: with
the cells of the published run, and as they were relaxed later. All other crystals of that later set that are not in
the paper's list are predicted too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from elsewhere import crystals_outside

from cgcnn.analysis.prediction import predict, predictable
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import models_directory
from cgcnn.files.tables import save_numbers
from cgcnn.training.runs import Run
from cgcnn.training.store import load_run

HERE = Path(__file__).resolve().parent
#: The published runs by network: seeds 0, 1 and 2 on all training crystals.
RUNS = {"paper": "paper-random-21886-seed[012]-*", "better": "better-random-21886-seed[012]-*"}


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE / "other_cells.json")
    output = parser.parse_args().output
    own, later = datasets.load("materials_project"), datasets.load("materials_project-megnet")
    outside = crystals_outside()
    numbers = []
    for network, pattern in RUNS.items():
        paths = sorted((models_directory() / "materials_project").glob(f"{pattern}.safetensors"))
        runs = [load_run(path) for path in paths]
        numbers.append({"network": network, **_measured(runs, own, later, outside)})
    save_numbers({"networks": numbers}, output)
    return 0


def _measured(runs: Sequence[Run], own: Crystals, later: Crystals, outside: Crystals) -> dict[str, Any]:
    """Return the errors of runs, alone and together, on the three groups of crystals."""
    place = {crystal: index for index, crystal in enumerate(later.ids)}
    test = [int(index) for index in runs[0].split.test if own.ids[index] in place]
    known = predictable(runs[0], outside, np.arange(len(outside)))
    return {
        "seeds": [run.config.seed for run in runs],
        "n_test": len(runs[0].split.test),
        "n_without_known_elements": len(outside) - len(known),
        "own_cells": _errors(runs, own.select(test)),
        "later_cells": _errors(runs, later.select([place[own.ids[index]] for index in test])),
        "outside": _errors(runs, outside.select(known)),
    }


def _errors(runs: Sequence[Run], crystals: Crystals) -> dict[str, Any]:
    """Return the errors of the mean prediction of runs, and the mean absolute error of each run alone, in eV/atom."""
    predicted = np.array([predict(run, crystals) for run in runs])
    errors = np.abs(predicted.mean(axis=0) - crystals.targets)
    return {
        "n": len(crystals),
        "mae_eV_per_atom": errors.mean(),
        "mae_standard_error_eV_per_atom": errors.std(ddof=1) / np.sqrt(len(errors)),
        "median_error_eV_per_atom": np.median(errors),
        "mae_by_seed_eV_per_atom": np.abs(predicted - crystals.targets).mean(axis=1),
    }


if __name__ == "__main__":
    sys.exit(main())
