"""Command line: train on a data set, predict crystals, recompute published errors, write the three levels as tables."""

from __future__ import annotations

# Whatever takes long to import is imported by the command that needs it, so that --help answers at once.
import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgcnn.errors import DataError
from cgcnn.training.config import NETWORKS, Config

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals

_DATA = "the name of a data set ('cgcnn datasets' lists them), or a folder with id_prop.csv and <id>.cif files"
_RUN = "a run's file, or the name of a data set whose published run is meant, such as perovskites"
#: What the options say of the parameters that the command line sets.
_PARAMETERS = {
    "seed": "seed of the network's start and of the order of the batches",
    "epochs": "passes over the training crystals",
    "batch_size": "crystals per step",
    "n_neighbors": "nearest neighbors of a site",
    "n_convolutions": "number of convolutions",
    "width": "length of the vectors",
    "n_train": "training crystals; without it 60 %% of all",
    "n_validation": "validation crystals; without it 20 %% of all",
    "training_size": "how many of the training crystals are used; without it all",
    "learning_rate": "highest learning rate of the schedule",
    "distance_power": "power by which an edge's weight falls with its distance; the paper has 0",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 after a one-line message where a file or a value cannot be used."""
    options = _parser().parse_args(arguments)
    with _messages_to_stderr():
        try:
            options.command(options)
        except (DataError, OSError) as error:  # the user's files and values; all else is a bug and shows its traceback
            print(f"error: {error}", file=sys.stderr)
            return 2
    return 0


@contextmanager
def _messages_to_stderr() -> Iterator[None]:
    """Show the package's messages beside the results, which alone go to the standard output."""
    logger, handler = logging.getLogger("cgcnn"), logging.StreamHandler(sys.stderr)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cgcnn", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a network, or find the run; runs under torchrun too")
    train.add_argument("data", help=_DATA)
    train.add_argument("--output", type=Path, help="also write the run to this .safetensors file")
    train.add_argument("--replace", action="store_true", help="let --output replace a file that holds another run")
    train.add_argument(
        "--network",
        choices=tuple(NETWORKS),
        default="paper",
        help="the paper's network, or a better one with the same three levels on 12 or 24 neighbors (default: paper); "
        "parameters given beside it have precedence",
    )
    # Without defaults of their own, so that what is not given is the network's.
    of_numbers = {each.name: type(each.default) for each in fields(Config)}
    for name, meaning in _PARAMETERS.items():
        number = float if of_numbers[name] is float else int
        train.add_argument(f"--{name.replace('_', '-')}", type=number, default=argparse.SUPPRESS, help=meaning)
    train.add_argument(
        "--split",
        choices=("random", "composition"),
        default=argparse.SUPPRESS,
        help="random as in the paper, or no composition in two parts (default: random)",
    )
    train.add_argument("--device", default="auto", help="auto, cpu, cuda, ... (default: auto)")
    train.add_argument(
        "--matmul-precision",
        choices=("highest", "high", "medium"),
        default=argparse.SUPPRESS,
        help="of a GPU's products: float32, TF32 or bfloat16 (default: highest)",
    )
    train.add_argument("--retrain", action="store_true", help="train anew even where the run is known")
    train.set_defaults(command=_train)

    others: dict[str, Any] = {
        "dest": "others",
        "action": "append",
        "default": [],
        "metavar": "RUN",
        "help": "another run on the same data, to be averaged with; may be given several times",
    }
    prediction = commands.add_parser("predict", help="print the energies of crystals")
    prediction.add_argument("run", help=_RUN)
    prediction.add_argument("cifs", type=Path, nargs="+", metavar="CIF", help="the crystals")
    prediction.add_argument("--with", **others)
    prediction.set_defaults(command=_predict)

    evaluation = commands.add_parser("evaluate", help="recompute a run's validation and test errors")
    evaluation.add_argument("run", help=_RUN)
    evaluation.add_argument("--data", help=f"{_DATA}; without it the run's own data set")
    evaluation.set_defaults(command=_evaluate)

    levels = commands.add_parser("represent", help="write element vectors, environments and energies as CSV")
    levels.add_argument("run", help=_RUN)
    levels.add_argument("output", type=Path, help="the folder to write elements, environments and energies .csv to")
    levels.add_argument("cifs", type=Path, nargs="+", metavar="CIF", help="the crystals")
    levels.add_argument("--with", **others)
    levels.set_defaults(command=_represent)

    known = commands.add_parser("datasets", help="list the data sets by name")
    known.set_defaults(command=_datasets)
    return parser


def _train(options: argparse.Namespace) -> None:
    from cgcnn.data import datasets
    from cgcnn.machine import processes
    from cgcnn.training.fit import fit
    from cgcnn.training.runs import run_key, save_run
    from cgcnn.training.store import refuse_to_replace

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
    from cgcnn.analysis.ensembles import combine, load_ensemble
    from cgcnn.analysis.prediction import predict

    runs = load_ensemble([options.run, *options.others])
    crystals = _read_crystals(options.cifs)
    table = combine([predict(run, crystals) for run in runs], crystals.ids)
    for path, energy, uncertainty in table.itertuples():
        spread = f"\t{uncertainty:.4f}" if options.others else ""
        print(f"{path}\t{energy:.4f}{spread}\t{runs[0].unit}")


def _evaluate(options: argparse.Namespace) -> None:
    from cgcnn.analysis.prediction import mean_absolute_error
    from cgcnn.data import datasets
    from cgcnn.training.store import load_run

    run = load_run(options.run)
    crystals = datasets.load(options.data or run.dataset)
    for part in ("validation", "test"):
        error = mean_absolute_error(run, crystals, part)
        print(f"{part} MAE\t{error:.5f}\t{run.unit}\t{len(getattr(run.split, part))} crystals")


def _represent(options: argparse.Namespace) -> None:
    from cgcnn.analysis.ensembles import load_ensemble, represent_ensemble
    from cgcnn.analysis.representations import represent
    from cgcnn.files.paths import replacing

    runs, crystals = load_ensemble([options.run, *options.others]), _read_crystals(options.cifs)
    levels = represent_ensemble(runs, crystals) if options.others else represent(runs[0], crystals)
    tables = {"elements": levels.elements, "energies": levels.energies}
    tables["environments"] = levels.environments.set_index("crystal")
    for name, table in tables.items():
        with replacing(options.output / f"{name}.csv") as temporary:
            table.to_csv(temporary)
        print(options.output / f"{name}.csv")


def _datasets(_: argparse.Namespace) -> None:
    from cgcnn.data import datasets

    for name in datasets.names():
        known = datasets.describe(name)
        print(f"{name}\t{known.title}\t{known.licence}")


def _read_crystals(paths: Sequence[Path]) -> Crystals:
    from cgcnn.data.cif import read_cif
    from cgcnn.data.crystals import pack

    unknown = [float("nan")] * len(paths)
    return pack([read_cif(path) for path in paths], [str(path) for path in paths], unknown, "the CIFs named")


if __name__ == "__main__":
    sys.exit(main())
