"""The command ``represent``: write the levels of a run's representation of crystals as tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from cgcnn.commands.options import RUN, Commands, add_command, add_others, read_crystals

_EXAMPLES = """
cgcnn represent mine.safetensors levels/ some.cif
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands, "represent", "write element vectors, environments and energies of crystals as CSV", _EXAMPLES
    )
    parser.add_argument("run", help=RUN)
    parser.add_argument("output", type=Path, help="the folder to write elements, environments and energies .csv to")
    parser.add_argument("cifs", type=Path, nargs="+", metavar="CIF", help="the crystals")
    add_others(parser)
    parser.set_defaults(command=represent_crystals)


def represent_crystals(options: argparse.Namespace) -> int:
    """Write one table per level, and print the files."""
    from cgcnn.analysis.ensembles import load_ensemble, represent_ensemble
    from cgcnn.analysis.representations import represent
    from cgcnn.files.paths import replacing

    runs, crystals = load_ensemble([options.run, *options.others]), read_crystals(options.cifs)
    levels = represent_ensemble(runs, crystals) if options.others else represent(runs[0], crystals)
    tables = {"elements": levels.elements, "energies": levels.energies}
    tables["environments"] = levels.environments.set_index("crystal")
    for name, table in tables.items():
        with replacing(options.output / f"{name}.csv") as temporary:
            table.to_csv(temporary)
        print(options.output / f"{name}.csv")
    return 0
