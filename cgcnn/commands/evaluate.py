"""The command ``evaluate``: recompute the errors of a run on its own validation and test crystals."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from cgcnn.commands.errors import error_lines, errors_of
from cgcnn.commands.options import (
    DATA,
    RUN,
    TABLES,
    Commands,
    add_command,
    add_device,
    add_json,
    add_table,
    check_device,
    check_output,
)
from cgcnn.commands.own_data import own_data
from cgcnn.commands.results import print_json, print_rows, save_table

if TYPE_CHECKING:
    import pandas as pd

    from cgcnn.data.crystals import Crystals
    from cgcnn.training.runs import Run

_EXAMPLES = """
cgcnn evaluate perovskites
cgcnn evaluate mine.safetensors --output parity.csv
cgcnn evaluate mine.safetensors --data my_folder
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "evaluate", "recompute a run's validation and test errors", _EXAMPLES)
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("--data", help=f"{DATA}; without it the run's own data")
    add_table(parser, "the targets and predictions of all validation and test crystals")
    add_json(parser)
    add_device(parser)
    parser.set_defaults(command=evaluate)


def evaluate(options: argparse.Namespace) -> int:
    """Print the mean absolute errors of a run."""
    check_output(options.output, TABLES)
    check_device(options.device)
    from cgcnn.training.store import load_run

    run = load_run(options.run)
    crystals = own_data(run, options.data)
    errors = errors_of(run, crystals, options.device)
    if options.output:
        save_table(_parity(run, crystals, options.device), options.output)
    if options.json:
        parts = {each.part: asdict(each) for each in errors}
        print_json({"run": run.key, "target": run.target_name, "unit": run.unit, **parts})
    else:
        print_rows(error_lines(errors, run.quantity))
    return 0


def _parity(run: Run, crystals: Crystals, device: str) -> pd.DataFrame:
    """Return the target and the prediction of every validation and test crystal."""
    import numpy as np
    import pandas as pd

    from cgcnn.analysis.prediction import predict_part

    parts = ("validation", "test")
    chosen = np.concatenate([getattr(run.split, part) for part in parts])
    named = run.quantity.with_unit
    return pd.DataFrame(
        {
            "crystal": np.array(crystals.ids, dtype=object)[chosen],
            "part": np.repeat(parts, [len(getattr(run.split, part)) for part in parts]),
            named("target"): crystals.targets[chosen],
            named("predicted"): predict_part(run, crystals, chosen, device),
        }
    )
