"""The command ``data``: list, describe and fetch data sets, and check a folder before anything is trained."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from cgcnn.commands.options import DATA, Commands, add_command, add_json, add_meaning
from cgcnn.commands.results import print_json, print_rows
from cgcnn.errors import DataError

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals
    from cgcnn.data.dataset import Dataset

_EXAMPLES = """
cgcnn data list
cgcnn data describe perovskites
cgcnn data describe my_folder
cgcnn data fetch materials_project
cgcnn data check my_folder
"""


def add_parser(commands: Commands) -> None:
    """Add the command and what it can do."""
    parser = add_command(commands, "data", "list, describe, fetch and check data sets", _EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    known = add_command(actions, "list", "list the data sets that have a name", "cgcnn data list")
    known.set_defaults(command=list_datasets)

    described = add_command(
        actions,
        "describe",
        "say what a data set or a folder holds",
        "cgcnn data describe boron\ncgcnn data describe my_folder",
    )
    described.add_argument("data", metavar="DATA", help=DATA)
    add_meaning(described)
    described.set_defaults(command=describe)

    fetched = add_command(
        actions, "fetch", "download the files of a data set, and check them", "cgcnn data fetch boron"
    )
    fetched.add_argument("name", metavar="NAME", help="the name of a data set")
    fetched.set_defaults(command=fetch)

    checked = add_command(
        actions,
        "check",
        "say all that is wrong with a folder, before anything is trained on it",
        'cgcnn data check my_folder\ncgcnn data check gaps --target "band gap" --unit eV',
    )
    checked.add_argument("folder", metavar="FOLDER", help="a folder with crystals and a table of their targets")
    add_meaning(checked)
    checked.set_defaults(command=check)

    for each in (known, described, fetched, checked):
        add_json(each)


def list_datasets(options: argparse.Namespace) -> int:
    """Print one line per data set: name, title and license."""
    from cgcnn.data import datasets

    known = [datasets.describe(name) for name in datasets.names()]
    if options.json:
        print_json([{"name": each.name, "title": each.title, "license": each.license} for each in known])
    else:
        print_rows([each.name, each.title, each.license] for each in known)
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Print the files of a data set, after they have been downloaded where they were missing, and checked."""
    from cgcnn.data import datasets

    if options.name not in datasets.names():
        raise DataError(f"{options.name}: no data set has this name", f"known are {', '.join(datasets.names())}")
    files = [str(path) for path in datasets.describe(options.name).local_files()]
    if options.json:
        print_json(files)
    else:
        print_rows([path] for path in files)
    return 0


def describe(options: argparse.Namespace) -> int:
    """Print what is known of a data set, and what its crystals are, where its files are on this machine."""
    from cgcnn.data import datasets

    meaning = (options.target, options.unit, options.per)
    known = datasets.describe(options.data, *meaning)
    described: dict[str, Any] = {name: getattr(known, name) for name in ("name", "title", "statement", "license")}
    described["references"] = list(known.references)
    if _is_here(known):
        described |= _summary(datasets.load(options.data, *meaning, skip_bad=True))
    else:
        described["crystals"] = f"not on this machine; 'cgcnn data fetch {options.data}' downloads them"
    if options.json:
        print_json(described)
    else:
        rows = {**described, "references": ", ".join(known.references) or "not stated"}
        print_rows([name, str(value)] for name, value in rows.items())
    return 0


def check(options: argparse.Namespace) -> int:
    """Print what is in a folder, and all that is wrong with it; return 2 where it cannot be trained on as it is."""
    from cgcnn.data.folder_check import check_folder

    found = check_folder(options.folder, options.target, options.unit, options.per)
    if options.json:
        print_json(found.as_dict())
    else:
        print_rows([line] for line in found.lines())
    return 0 if found.is_usable else 2


def _is_here(known: Dataset) -> bool:
    """Return whether no file of a data set has to be downloaded."""
    from cgcnn.files.downloads import local_path

    return all(local_path(file).is_file() for file in known.public_files)


def _summary(crystals: Crystals) -> dict[str, Any]:
    """Return the number of crystals, their sites and elements, and the range of their targets."""
    import numpy as np

    from cgcnn.data.crystals import ELEMENT_SYMBOLS

    targets = crystals.targets[np.isfinite(crystals.targets)]
    elements = ELEMENT_SYMBOLS[np.unique(crystals.atomic_numbers)].tolist()
    return {
        "crystals": len(crystals),
        "sites per crystal": f"{crystals.n_sites.min()} to {crystals.n_sites.max()}",
        "elements": f"{len(elements)}: {' '.join(elements)}",
        "target": crystals.quantity.label,
        "lowest": float(targets.min()),
        "mean": float(targets.mean()),
        "highest": float(targets.max()),
        "standard deviation": float(targets.std()),
    }
