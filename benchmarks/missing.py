"""Measure what is missing of the paper's Materials Project, for missing.json and the book's section on it.

Run it as ``python benchmarks/missing.py``, with the public data.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cgcnn.data import datasets
from cgcnn.data.mp_energies import ENERGIES_FILE, IDS_FILE, read_energies, read_ids
from cgcnn.files.downloads import fetch
from cgcnn.files.tables import save_numbers
from cgcnn.paper.mp_missing import measure

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE / "missing.json")
    output = parser.parse_args().output
    crystals, later = datasets.load("materials_project"), datasets.load("materials_project-megnet")
    energies, listed = read_energies(fetch(ENERGIES_FILE)).energies, read_ids(fetch(IDS_FILE))
    save_numbers(measure(crystals, energies, listed, later), output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
