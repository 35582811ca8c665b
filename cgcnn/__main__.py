"""Command line: train on a data set, predict a CIF, recompute a published error, write the three levels as tables."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from cgcnn.analysis.ensembles import combine, load_ensemble, represent_ensemble
from cgcnn.analysis.prediction import mean_absolute_error, predict
from cgcnn.analysis.representations import represent
from cgcnn.data import datasets
from cgcnn.data.cif import read_cif
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.files.paths import replacing
from cgcnn.machine import processes
from cgcnn.training.config import NETWORKS, Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import load_run, refuse_to_replace, run_key, save_run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 after a one-line message where the input cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (DataError, OSError) as error:  # the user's files and values; anything else is a bug and shows its traceback
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cgcnn", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    data_help = f"a data set ({', '.join(datasets.names())}) or a folder with id_prop.csv and <id>.cif files"

    train = commands.add_parser(
        "train", help="train a network, or find the run where it is known; runs under torchrun too"
    )
    train.add_argument("data", help=data_help)
    train.add_argument("--output", type=Path, help="also write the run to this .safetensors file")
    train.add_argument(
        "--network",
        choices=tuple(NETWORKS),
        default="paper",
        help="the paper's network, or a better one with the same three levels (default: paper); what is given beside "
        "it has precedence",
    )
    # Without defaults of their own, so that what is not given is the network's.
    for name in (
        "seed",
        "epochs",
        "batch_size",
        "n_neighbors",
        "n_convolutions",
        "width",
        "n_train",
        "n_validation",
        "training_size",
    ):
        train.add_argument(f"--{name.replace('_', '-')}", type=int, default=argparse.SUPPRESS)
    for name in ("learning_rate", "distance_power"):
        train.add_argument(f"--{name.replace('_', '-')}", type=float, default=argparse.SUPPRESS)
    train.add_argument("--split", choices=("random", "composition"), default=argparse.SUPPRESS)
    train.add_argument("--device", default="auto", help="auto, cpu, cuda, ... (default: auto)")
    train.add_argument(
        "--matmul-precision",
        choices=("highest", "high", "medium"),
        default=argparse.SUPPRESS,
        help="of a GPU's products: float32, TF32 or bfloat16 (default: highest)",
    )
    train.add_argument("--replace", action="store_true", help="let --output replace a file that holds another run")
    train.add_argument("--retrain", action="store_true", help="train anew even where the run is known")
    train.set_defaults(command=_train)

    run_help = "a run's file, or the name of a data set whose published run is meant, such as perovskites"
    others: dict[str, Any] = {
        "dest": "others",
        "action": "append",
        "default": [],
        "metavar": "RUN",
        "help": "another run on the same data, to be averaged with; may be given several times",
    }
    prediction = commands.add_parser("predict", help="print the energies of crystals")
    prediction.add_argument("run", help=run_help)
    prediction.add_argument("cifs", type=Path, nargs="+", metavar="CIF")
    prediction.add_argument("--with", **others)
    prediction.set_defaults(command=_predict)

    evaluation = commands.add_parser("evaluate", help="recompute a run's validation and test errors")
    evaluation.add_argument("run", help=run_help)
    evaluation.add_argument("--data", help=f"{data_help}; the run's own where it is not given")
    evaluation.set_defaults(command=_evaluate)

    levels = commands.add_parser("represent", help="write element vectors, environments and energies as CSV")
    levels.add_argument("run", help=run_help)
    levels.add_argument("output", type=Path, help="the folder to write elements, environments and energies .csv to")
    levels.add_argument("cifs", type=Path, nargs="+", metavar="CIF")
    levels.add_argument("--with", **others)
    levels.set_defaults(command=_represent)
    return parser


def _train(options: argparse.Namespace) -> None:
    chosen = vars(options)
    given = {field.name: chosen[field.name] for field in fields(Config) if field.name in chosen}
    config = Config(**{**NETWORKS[options.network], **given})
    with processes.joined(options.device):
        with processes.first_alone():
            crystals = datasets.load(options.data)
            if options.output and not options.replace:
                refuse_to_replace(options.output, run_key(crystals, config))
        run = fit(crystals, config, options.device, options.retrain)
        if processes.rank() == 0:
            if options.output:
                save_run(run, options.output)
            print(f"run {run.key[:12]}: validation MAE {run.validation_mae:.4f} {run.unit}")


def _predict(options: argparse.Namespace) -> None:
    runs = load_ensemble([options.run, *options.others])
    crystals = _read_crystals(options.cifs)
    table = combine([predict(run, crystals) for run in runs], crystals.ids)
    for path, energy, uncertainty in table.itertuples():
        spread = f"\t{uncertainty:.4f}" if options.others else ""
        print(f"{path}\t{energy:.4f}{spread}\t{runs[0].unit}")


def _evaluate(options: argparse.Namespace) -> None:
    run = load_run(options.run)
    crystals = datasets.load(options.data or run.dataset)
    for part in ("validation", "test"):
        error = mean_absolute_error(run, crystals, part)
        print(f"{part} MAE\t{error:.5f}\t{run.unit}\t{len(getattr(run.split, part))} crystals")


def _represent(options: argparse.Namespace) -> None:
    runs, crystals = load_ensemble([options.run, *options.others]), _read_crystals(options.cifs)
    levels = represent_ensemble(runs, crystals) if options.others else represent(runs[0], crystals)
    tables = {"elements": levels.elements, "energies": levels.energies}
    tables["environments"] = levels.environments.set_index("crystal")
    for name, table in tables.items():
        with replacing(options.output / f"{name}.csv") as temporary:
            table.to_csv(temporary)
        print(options.output / f"{name}.csv")


def _read_crystals(paths: Sequence[Path]) -> Crystals:
    unknown = [math.nan] * len(paths)
    return pack([read_cif(path) for path in paths], [str(path) for path in paths], unknown, "the CIFs named")


if __name__ == "__main__":
    sys.exit(main())
