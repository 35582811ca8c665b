"""The command ``predict``: print what a run, or several runs together, predict for crystals."""

from __future__ import annotations

import argparse

from cgcnn.commands.options import (
    TABLES,
    Commands,
    add_command,
    add_crystals,
    add_device,
    add_json,
    add_run,
    add_table,
    check_device,
    check_output,
)
from cgcnn.commands.places import read_crystals
from cgcnn.commands.predictions import prediction_lines
from cgcnn.commands.results import print_json, print_rows, save_table

_EXAMPLES = """
cgcnn predict perovskites some.cif
cgcnn predict mine.safetensors cells/ POSCAR 'more/*.xyz' --output predicted.csv
cgcnn predict seed0.safetensors some.cif --with seed1.safetensors --with seed2.safetensors
cgcnn predict materials_project some.cif --json
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "predict",
        "predict the target of crystals, with an interval, and say which are outside of what was seen",
        _EXAMPLES,
    )
    add_run(parser)
    add_crystals(parser)
    add_table(parser, "one row per crystal")
    add_json(parser)
    add_device(parser)
    parser.set_defaults(command=predict_crystals)


def predict_crystals(options: argparse.Namespace) -> int:
    """Print one line per crystal; return 2 where a crystal could not be read or predicted."""
    check_output(options.output, TABLES)
    check_device(options.device)
    from cgcnn.analysis.ensembles import load_ensemble
    from cgcnn.analysis.ranges import predict_with_range
    from cgcnn.files.tables import records

    runs = load_ensemble([options.run, *options.others])
    crystals, is_whole = read_crystals(options.places, runs)
    if not len(crystals):
        return 2
    table = predict_with_range(runs, crystals, options.device)
    if options.output:
        save_table(table, options.output)
    if options.json:
        print_json(records(table.reset_index()))
    else:
        print_rows(prediction_lines(table, runs[0].quantity))
    return 0 if is_whole else 2
