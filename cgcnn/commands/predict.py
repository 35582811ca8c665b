"""The command ``predict``: print what a run, or several runs together, predict for crystals."""

from __future__ import annotations

import argparse
from pathlib import Path

from cgcnn.commands.options import RUN, Commands, add_command, add_others, read_crystals

_EXAMPLES = """
cgcnn predict perovskites some.cif
cgcnn predict mine.safetensors a.cif b.cif
cgcnn predict seed0.safetensors some.cif --with seed1.safetensors --with seed2.safetensors
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "predict", "print the energies of crystals", _EXAMPLES)
    parser.add_argument("run", help=RUN)
    parser.add_argument("cifs", type=Path, nargs="+", metavar="CIF", help="the crystals")
    add_others(parser)
    parser.set_defaults(command=predict_crystals)


def predict_crystals(options: argparse.Namespace) -> int:
    """Print one line per crystal."""
    from cgcnn.analysis.ensembles import combine, load_ensemble
    from cgcnn.analysis.prediction import predict

    runs = load_ensemble([options.run, *options.others])
    crystals = read_crystals(options.cifs)
    table = combine([predict(run, crystals) for run in runs], crystals.ids, runs[0].quantity)
    for path, energy, uncertainty in table.itertuples():
        spread = f"\t{uncertainty:.4f}" if options.others else ""
        print(f"{path}\t{energy:.4f}{spread}\t{runs[0].unit}")
    return 0
