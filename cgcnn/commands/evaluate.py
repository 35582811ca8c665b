"""The command ``evaluate``: recompute the errors of a run on its own validation and test crystals."""

from __future__ import annotations

import argparse

from cgcnn.commands.options import DATA, RUN, Commands, add_command

_EXAMPLES = """
cgcnn evaluate perovskites
cgcnn evaluate mine.safetensors --data my_folder
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "evaluate", "recompute a run's validation and test errors", _EXAMPLES)
    parser.add_argument("run", help=RUN)
    parser.add_argument("--data", help=f"{DATA}; without it the run's own data set")
    parser.set_defaults(command=evaluate)


def evaluate(options: argparse.Namespace) -> int:
    """Print the mean absolute errors of a run."""
    from cgcnn.analysis.prediction import mean_absolute_error
    from cgcnn.data import datasets
    from cgcnn.training.store import load_run

    run = load_run(options.run)
    crystals = datasets.load(options.data or run.dataset)
    for part in ("validation", "test"):
        error = mean_absolute_error(run, crystals, part)
        print(f"{part} MAE\t{error:.5f}\t{run.unit}\t{len(getattr(run.split, part))} crystals")
    return 0
