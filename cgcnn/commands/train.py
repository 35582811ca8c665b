"""The command ``train``: train a network on a data set or a folder, or go on from another run, and say how it errs."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgcnn.commands.errors import error_lines, errors_of
from cgcnn.commands.options import (
    DATA,
    RUN,
    Commands,
    add_command,
    add_device,
    add_json,
    add_meaning,
    check_device,
    check_output,
)
from cgcnn.commands.results import print_json, print_rows
from cgcnn.errors import DataError
from cgcnn.training.config import NETWORKS, Config

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals
    from cgcnn.training.runs import Run

_EXAMPLES = """
cgcnn train my_folder --output mine.safetensors
cgcnn train gaps --target "band gap" --unit eV --per crystal --output gaps.safetensors
cgcnn train my_folder --network better --seed 1 --output better.safetensors
cgcnn train my_folder --from materials_project --output tuned.safetensors
cgcnn train perovskites-embedded --epochs 20
torchrun --nproc-per-node=2 -m cgcnn train materials_project
"""
_logger = logging.getLogger(__name__)
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


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "train", "train a network, or find the run; runs under torchrun too", _EXAMPLES)
    parser.add_argument("data", metavar="DATA", help=DATA)
    add_meaning(parser)
    parser.add_argument("--skip-bad", action="store_true", help="leave out what cannot be read, and name it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="also write the run to this .safetensors file")
    parser.add_argument("--replace", action="store_true", help="let --output replace a file that holds another run")
    parser.add_argument(
        "--from",
        dest="parent",
        metavar="RUN",
        help=f"go on from the weights of this run, with its network and elements: {RUN}",
    )
    parser.add_argument(
        "--network",
        choices=tuple(NETWORKS),
        help="the paper's network, a better one with the same three levels on 12 or 24 neighbors, or that with angles "
        "(default: paper); parameters given beside it have precedence",
    )
    # Without defaults of their own, so that what is not given is the network's.
    of_numbers = {each.name: type(each.default) for each in fields(Config)}
    for name, meaning in _PARAMETERS.items():
        number = float if of_numbers[name] is float else int
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=number, default=argparse.SUPPRESS, metavar="NUMBER", help=meaning
        )
    parser.add_argument(
        "--split",
        choices=("random", "composition"),
        default=argparse.SUPPRESS,
        help="random as in the paper, or no composition in two parts (default: random)",
    )
    add_device(parser)
    parser.add_argument(
        "--matmul-precision",
        choices=("highest", "high", "medium"),
        default=argparse.SUPPRESS,
        help="of a GPU's products: float32, TF32 or bfloat16 (default: highest)",
    )
    parser.add_argument(
        "--backend",
        choices=("auto", "plain", "compiled", "fused"),
        default="auto",
        help="how the convolutions are computed: by torch's operations (plain), by these as torch.compile joins them "
        "(compiled; a CPU needs a C++ compiler), by this package's loops (fused), or by the loops where they can serve "
        "(default: auto)",
    )
    parser.add_argument("--retrain", action="store_true", help="train anew even where the run is known")
    add_json(parser)
    parser.set_defaults(command=train)


def train(options: argparse.Namespace) -> int:
    """Train, or find the run; write it to a file where that is asked for, and print its sizes and errors."""
    check_output(options.output, (".safetensors",))
    chosen = vars(options)
    changes = {each.name: chosen[each.name] for each in fields(Config) if each.name in chosen}
    config = Config(**{**NETWORKS[options.network or "paper"], **changes})
    check_device(options.device)
    from cgcnn.machine import processes

    processes.asked()
    from cgcnn.data import datasets
    from cgcnn.training.fine_tuning import fine_tune, fine_tuning_config
    from cgcnn.training.fit import fit
    from cgcnn.training.runs import run_key, save_run
    from cgcnn.training.store import refuse_to_replace

    with processes.joined(options.device):
        with processes.first_alone():
            parent = _parent(options, changes)
            crystals = datasets.load(options.data, options.target, options.unit, options.per, options.skip_bad)
            if parent is not None:
                config = fine_tuning_config(parent, crystals.quantity, changes)
            if options.output and not options.replace:
                refuse_to_replace(options.output, run_key(crystals, config))
        if parent is None:
            run = fit(crystals, config, options.device, options.retrain, options.backend)
        else:
            run = fine_tune(crystals, parent, changes, options.device, options.retrain, options.backend)
        if processes.rank() == 0:
            if options.output:
                save_run(run, options.output)
            _report(run, crystals, options)
    return 0


def _parent(options: argparse.Namespace, changes: dict[str, Any]) -> Run | None:
    """Return the run that is gone on from, and refuse another network than its own; None where there is none."""
    from cgcnn.training.fine_tuning import fine_tuning_config
    from cgcnn.training.store import load_run

    if options.parent is None:
        return None
    parent = load_run(options.parent)
    if options.network and options.network != parent.config.network:
        raise DataError(
            f"--network {options.network}: {options.parent} has the network '{parent.config.network}'",
            "leave --network out, or start from a run that has it",
        )
    fine_tuning_config(parent, parent.quantity, changes)
    return parent


def _report(run: Run, crystals: Crystals, options: argparse.Namespace) -> None:
    """Print the sizes of the parts, and the errors with those of the mean predictor beside them."""
    _name_untrained_elements(run)
    errors = errors_of(run, crystals, options.device)
    n_train = len(run.split.train)
    if options.json:
        parts = {each.part: asdict(each) for each in errors}
        names = {"run": run.key, "target": run.target_name, "unit": run.unit, "parent": run.parent}
        print_json({**names, "n_train": n_train, **parts})
        return
    print(f"run {run.key[:12]} of {run.dataset}: {run.quantity.label}, {n_train} training crystals")
    print_rows(error_lines(errors, run.quantity))


def _name_untrained_elements(run: Run) -> None:
    """Warn of elements that only validation or test crystals have: the run cannot know them."""
    from cgcnn.data.crystals import ELEMENT_SYMBOLS

    for part, elements in (run.elements_elsewhere or {}).items():
        symbols = ELEMENT_SYMBOLS[[number for number in elements if number not in run.elements]].tolist()
        if symbols:
            _logger.warning(
                "%s: no training crystal holds %s, which the %s part holds; the run predicts no crystal with it",
                run.dataset,
                " or ".join(symbols),
                part,
            )
