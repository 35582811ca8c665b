"""The command ``represent``: write the levels of a run's representation of crystals as tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from cgcnn.commands.options import (
    Commands,
    add_command,
    add_crystals,
    add_device,
    add_json,
    add_run,
    check_device,
    check_folder,
    check_output,
)
from cgcnn.commands.places import read_crystals
from cgcnn.commands.results import print_json, print_rows, save_table

_EXAMPLES = """
cgcnn represent mine.safetensors levels/ some.cif
cgcnn represent mine.safetensors levels/ cells/ --format parquet
cgcnn represent seed0.safetensors levels/ cells/ --with seed1.safetensors
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands, "represent", "write vectors of elements, environments and crystals, and predictions", _EXAMPLES
    )
    add_run(parser)
    parser.add_argument("output", type=Path, metavar="FOLDER", help="the folder to which the tables are written")
    add_crystals(parser)
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of the tables (default: csv)")
    add_json(parser)
    add_device(parser)
    parser.set_defaults(command=represent_crystals)


def represent_crystals(options: argparse.Namespace) -> int:
    """Write one table per level, and print the files; return 2 where a crystal could not be read or predicted."""
    names = ("elements", "environments", "crystals", "energies")
    files = {name: options.output / f"{name}.{options.format}" for name in names}
    check_folder(options.output)
    for path in files.values():
        check_output(path, (path.suffix,))
    check_device(options.device)
    from cgcnn.analysis.ensembles import load_ensemble, represent_ensemble
    from cgcnn.analysis.representations import represent

    runs = load_ensemble([options.run, *options.others])
    crystals, is_whole = read_crystals(options.places, runs)
    if not len(crystals):
        return 2
    if len(runs) > 1:
        levels = represent_ensemble(runs, crystals, options.device)
    else:
        levels = represent(runs[0], crystals, options.device)
    for name, path in files.items():
        save_table(getattr(levels, name), path)
    if options.json:
        print_json({name: str(path) for name, path in files.items()})
    else:
        print_rows([str(path)] for path in files.values())
    return 0 if is_whole else 2
