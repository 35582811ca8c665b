"""The command ``train``: train a network on a data set, or find the run that is trained already."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from cgcnn.commands.options import DATA, Commands, add_command
from cgcnn.training.config import NETWORKS, Config

_EXAMPLES = """
cgcnn train my_folder --output mine.safetensors
cgcnn train perovskites-embedded --epochs 20
cgcnn train my_folder --network better --seed 1 --output better.safetensors
torchrun --nproc-per-node=2 -m cgcnn train materials_project
"""
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
    parser.add_argument("data", help=DATA)
    parser.add_argument("--output", type=Path, help="also write the run to this .safetensors file")
    parser.add_argument("--replace", action="store_true", help="let --output replace a file that holds another run")
    parser.add_argument(
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
        parser.add_argument(f"--{name.replace('_', '-')}", type=number, default=argparse.SUPPRESS, help=meaning)
    parser.add_argument(
        "--split",
        choices=("random", "composition"),
        default=argparse.SUPPRESS,
        help="random as in the paper, or no composition in two parts (default: random)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, ... (default: auto)")
    parser.add_argument(
        "--matmul-precision",
        choices=("highest", "high", "medium"),
        default=argparse.SUPPRESS,
        help="of a GPU's products: float32, TF32 or bfloat16 (default: highest)",
    )
    parser.add_argument("--retrain", action="store_true", help="train anew even where the run is known")
    parser.set_defaults(command=train)


def train(options: argparse.Namespace) -> int:
    """Train, or find the run; write it to a file where that is asked for, and print its validation error."""
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
    return 0
