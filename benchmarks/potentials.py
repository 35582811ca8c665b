"""Let universal potentials say what they know of the crystals of the book's sections, for benchmarks/potentials/.

Run it as ``python benchmarks/potentials.py``, with the public data and the extra ``potentials``: a quarter of an hour
on one processor. It chooses the sites, and writes one file per potential beside them.
"""

from __future__ import annotations

import argparse
import sys
import time
from importlib.metadata import version
from itertools import chain

import torch

from cgcnn.data import datasets
from cgcnn.paper import recipes
from cgcnn.paper.potentials import TITLES, load_potential
from cgcnn.paper.potentials_reading import measure_potential, save_measured
from cgcnn.paper.potentials_sites import choose_sites, measured_folder, read_sites, save_sites

#: The package that holds the weights of each potential.
PACKAGES = {"chgnet": "chgnet", "sevennet": "sevenn", "chgnet-untrained": "chgnet"}


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("potentials", nargs="*", default=list(TITLES), help="names of potentials; none for all")
    parser.add_argument("--same-sites", action="store_true", help="keep the sites that were chosen before")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = list(chain.from_iterable(recipes.DATASETS[scale].values() for scale in ("paper", "embedded")))
    crystals = {name: datasets.load(name) for name in names}
    file = measured_folder() / "sites.csv"
    if not options.same_sites:
        save_sites({name: choose_sites(name, each) for name, each in crystals.items()}, file)
    sites = read_sites(file)
    for name in options.potentials:
        began = time.monotonic()
        arrays = measure_potential(load_potential(name), crystals, sites, crystals["materials_project"])
        notes = {"potential": TITLES[name], "package": f"{PACKAGES[name]} {version(PACKAGES[name])}"}
        save_measured(arrays, measured_folder() / f"{name}.safetensors", notes)
        print(f"{TITLES[name]}: {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
