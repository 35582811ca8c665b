"""Write a folder of crystals as a person has them, so that the section on one's own crystals has one to read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from pymatgen.io.cif import CifWriter

from cgcnn.data import datasets
from cgcnn.files.writing import replacing

#: The data set whose crystals are written.
SOURCE = "materials_project-embedded"
#: The number of crystals in the folder.
N_CRYSTALS = 600
# Crystals with more sites than this would make the example slow.
_MOST_SITES = 12
_HEADER = ("id", "volume (Å^3/atom)")


def write_example(folder: str | Path, n_crystals: int = N_CRYSTALS, seed: int = 0, damaged: bool = True) -> str:
    """Write crystals of the Materials Project as CIF files, with their volume per atom as the target.

    The volume is a real property that can be computed from the files themselves, so that everybody can check it.

    Args:
        folder: The folder to write. Files of an earlier call are replaced.
        n_crystals: The number of crystals.
        seed: The seed by which the crystals are drawn from those with at most twelve sites.
        damaged: Whether the first file is cut in the middle, and a line of the table names a file that is not there, as
            happens to real folders.

    Returns:
        The folder as it was given.
    """
    crystals = datasets.load(SOURCE)
    small = np.flatnonzero(crystals.n_sites <= _MOST_SITES)
    chosen = np.sort(np.random.default_rng(seed).permutation(small)[:n_crystals])
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(_HEADER)
    for place, crystal in enumerate(chosen):
        structure, name = crystals.structure(int(crystal)), crystals.ids[crystal]
        text = str(CifWriter(structure))
        with replacing(Path(folder) / f"{name}.cif") as temporary:
            temporary.write_text(text[: len(text) // 2] if damaged and place == 0 else text)
        rows.writerow([name, f"{structure.volume / len(structure):.4f}"])
    if damaged:
        rows.writerow(["forgotten", "12.3"])
    with replacing(Path(folder) / "id_prop.csv") as temporary:
        temporary.write_text(table.getvalue(), encoding="utf-8")
    return str(folder)
