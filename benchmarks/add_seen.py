"""Write into the published runs on all training crystals what they have seen, and change nothing else of them.

Run it as ``python benchmarks/add_seen.py [SET ...]``, with the public data. A run that is trained now has it from the
start; this is for files that an older version wrote.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import models_directory
from cgcnn.files.writing import replacing
from cgcnn.training.runs import read_notes, read_run, save_run
from cgcnn.training.seen import with_seen

#: The published runs whose files hold what they have seen, by data set: the two networks with three seeds each.
FLAGSHIPS = {
    "perovskites": ("paper-random-15000-seed[012]-*", "better-random-15000-seed[012]-*"),
    "boron": ("paper-random-3038-seed[012]-*", "better-24-random-3038-seed[012]-*"),
    "materials_project": ("paper-random-21886-seed[012]-*", "better-random-21886-seed[012]-*"),
}


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[*FLAGSHIPS, []])
    for name in parser.parse_args().sets or list(FLAGSHIPS):
        crystals = datasets.load(name)
        for path in flagships(name):
            add_seen(path, crystals)
            sys.stdout.write(f"{path.name}\t{path.stat().st_size} bytes\n")
    return 0


def flagships(name: str) -> list[Path]:
    """Return the files of the flagship runs on a data set: the paper's network, then the better one, by seed."""
    folder = models_directory() / name
    return [path for pattern in FLAGSHIPS[name] for path in sorted(folder.glob(f"{pattern}.safetensors"))]


def add_seen(path: Path, crystals: Crystals) -> None:
    """Write into the file of a run what the run has seen.

    Args:
        path: The file of a run on these crystals.
        crystals: The data set of the run.

    Raises:
        DataError: The file holds no run, or a run on other crystals.
        RuntimeError: Something else of the run would change, so that the file is left as it is.
    """
    with replacing(path) as renewed:
        save_run(with_seen(read_run(path), crystals), renewed)
        tensors = [_without_seen(each) for each in (path, renewed)]
        is_same = tensors[0].keys() == tensors[1].keys() and all(
            torch.equal(tensors[0][name], tensors[1][name]) for name in tensors[0]
        )
        notes = [read_notes(each) for each in (path, renewed)]
        is_same &= all(notes[1][name] == value for name, value in notes[0].items() if name not in ("format", "config"))
        is_same &= read_run(path).config == read_run(renewed).config
        if not is_same:
            raise RuntimeError(f"{path}: its weights, its split or its notes would change")


def _without_seen(path: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for name, tensor in load_file(path).items() if not name.startswith("seen.")}


if __name__ == "__main__":
    sys.exit(main())
