"""Crystals of the Materials Project's snapshot of 2018 that are not in the paper's list of 46,744.

Their structures are those of fxcoudert/topology_databases (relaxations of 2024 and 2025, CC BY 4.0), commit 41163fcf,
folder ``cif/``. Their energies are those of the snapshot.
"""

from __future__ import annotations

import csv
import json
import logging
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from cgcnn.data.cif import parse_cif
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError

_logger = logging.getLogger(__name__)

#: The archive of the structures, the energies, and the list of ids of the paper (data/material-data/ of txie-93/cgcnn).
FILES = ("topology-41163fcf.tar.xz", "megnet_e_form.json.zip", "mp-ids-46744.csv")
#: How many of the shuffled crystals were looked at while the words were designed. They are left out.
N_LOOKED_AT = 1500


def crystals_elsewhere(folder: Path) -> Crystals:
    """Return the crystals that are not in the paper's list and were not looked at before.

    Args:
        folder: The folder with :data:`FILES`.

    Raises:
        DataError: A file is missing.
    """
    archive, snapshot, ids = (folder / name for name in FILES)
    for path in (archive, snapshot, ids):
        if not path.is_file():
            raise DataError(f"{path}: no such file", f"name a folder that holds {', '.join(FILES)}")
    with ids.open(newline="") as stream:
        listed = {row[0] for row in csv.reader(stream)}
    with zipfile.ZipFile(snapshot) as packed:
        parts = json.loads(packed.read("megnet_e_form.json"))
    energies = {name: energy for part in parts.values() for name, energy in part.items() if name not in listed}
    texts = _read(archive, set(energies))
    names = sorted(texts)
    shuffled = [names[index] for index in np.random.default_rng(0).permutation(len(names))]
    structures, kept = [], []
    for name in shuffled[N_LOOKED_AT:]:
        try:
            structures.append(parse_cif(texts[name], name))
        except DataError as error:
            _logger.warning("%s", error)
        else:
            kept.append(name)
    targets = [energies[name] for name in kept]
    return pack(structures, kept, targets, "elsewhere", "formation energy", "eV/atom")


def _read(archive: Path, wanted: set[str]) -> dict[str, str]:
    """Return the CIFs of some ids, out of an archive that is read as a stream."""
    texts = {}
    with tarfile.open(archive, "r|*") as stream:
        for member in stream:
            path = Path(member.name)
            content = stream.extractfile(member) if path.suffix == ".cif" and path.stem in wanted else None
            if content is not None:
                texts[path.stem] = content.read().decode()
    return texts
