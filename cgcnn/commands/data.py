"""The command ``data``: list the data sets that have a name."""

from __future__ import annotations

import argparse

from cgcnn.commands.options import Commands, add_command


def add_parser(commands: Commands) -> None:
    """Add the command and what it can do."""
    parser = add_command(commands, "data", "list the data sets", "cgcnn data list")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    known = add_command(actions, "list", "list the data sets by name", "cgcnn data list")
    known.set_defaults(command=list_datasets)


def list_datasets(_: argparse.Namespace) -> int:
    """Print one line per data set: name, title and licence."""
    from cgcnn.data import datasets

    for name in datasets.names():
        known = datasets.describe(name)
        print(f"{name}\t{known.title}\t{known.licence}")
    return 0
