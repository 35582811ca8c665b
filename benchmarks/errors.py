"""Train cgcnn2 with its own defaults on the book's splits, and write its errors to peer_errors.json.

    python errors.py all PEER_PYTHON     pack, train on this machine, and collect: what ``make peer-errors`` does
    python errors.py pack FOLDER         the crystals of each set, packed, for another machine
    python errors.py collect FOLDER      the errors that ``peer_training.py FOLDER`` has written there

``peer_training.py`` trains. With a GPU it takes minutes, with two cores of a processor more than a day. It keeps what
is finished, and an interrupted training continues after its last epoch.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from run import say, write_tables

from cgcnn.data import datasets
from cgcnn.files.paths import cache_directory
from cgcnn.files.writing import replacing
from cgcnn.paper.recipes import DATASETS, Set, paper_config
from cgcnn.training.fit import make_split

HERE = Path(__file__).resolve().parent
SETS: tuple[Set, ...] = ("perovskites", "boron", "materials_project")
# Distances are packed as multiples of this length in Å, as peer_training.py reads them.
_DISTANCE_STEP = 1e-4


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["all", "pack", "collect"])
    parser.add_argument("place", type=Path, help="the folder, or the Python of the environment that has cgcnn2")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--seeds", nargs="+", default=["0", "1", "2"], help="the seeds of the trainings here")
    parser.add_argument("--seconds", default="inf", help="stop a training here that has taken longer")
    parser.add_argument("--output", type=Path, default=HERE / "peer_errors.json")
    options = parser.parse_args()
    folder = cache_directory() / "cgcnn2" if options.action == "all" else options.place
    if options.action != "collect":
        for name in options.sets:
            pack(name, folder / f"{name}.npz.xz")
    if options.action == "all":
        peer = [str(options.place.absolute()), str(HERE / "peer_training.py"), str(folder)]
        training = ["--sets", *options.sets, "--seeds", *options.seeds, "--seconds", options.seconds]
        subprocess.run([*peer, *training], check=True)
    if options.action != "pack":
        collect(folder, options.output)
    return 0


def pack(name: Set, file: Path) -> None:
    """Write the crystals of a set with their neighbors, and their split as one packed file.

    The neighbors are those that this project finds, and the split is that of the section's runs.
    """
    crystals = datasets.load(DATASETS["paper"][name])
    split = make_split(crystals, paper_config(crystals.name))
    with tempfile.TemporaryDirectory() as folder:
        write_tables(crystals, Path(folder) / "crystals.npz")
        tables = dict(np.load(Path(folder) / "crystals.npz"))
    # Neighbors at one distance in the order of their numbers, and small numbers, pack smaller.
    steps, neighbors = np.rint(tables["distances"] / _DISTANCE_STEP).astype(np.int64), tables["neighbors"]
    order = np.lexsort((neighbors, steps))
    steps, neighbors = (np.take_along_axis(table, order, axis=1) for table in (steps, neighbors))
    arrays = {
        "n_sites": np.diff(tables["site_offsets"]).astype(np.uint16),
        "numbers": tables["numbers"].astype(np.uint8),
        "neighbors": neighbors.astype(np.min_scalar_type(neighbors.max())),
        "distances": steps.astype(np.min_scalar_type(steps.max())),
        "targets": tables["targets"],
        **{part: getattr(split, part).astype(np.int32) for part in ("train", "validation", "test")},
    }
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lzma.compress(stream.getvalue()))
    say(f"{name}: {len(crystals):,} crystals in {file.stat().st_size / 2**20:.1f} MiB")


def collect(folder: Path, output: Path) -> None:
    """Write the errors of all trainings in a folder as one file."""
    runs = [json.loads(file.read_text()) for file in folder.glob("*-seed*.json")]
    runs.sort(key=lambda run: (SETS.index(run["set"]), run["seed"]))
    with replacing(output) as temporary:
        temporary.write_text(json.dumps({"runs": runs}, indent=1) + "\n")
    for run in runs:
        say(f"{run['set']}, seed {run['seed']}: test MAE {run['test_mae_eV_per_atom']:.4f} eV/atom")


if __name__ == "__main__":
    sys.exit(main())
