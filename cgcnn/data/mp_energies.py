"""Read the energies of the Materials Project's snapshot of 1 June 2018, MEGNet's split of it, and the paper's ids."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cgcnn.errors import DataError
from cgcnn.files.archives import read_zip_member
from cgcnn.files.downloads import PublicFile
from cgcnn.files.regular import open_regular

_SNAPSHOT_COMMIT = "57afc55f94c8a6f4562f73a3173968cd4b2f83b1"
_LIST_COMMIT = "6231ef38c95dbf7358922f7d19069b2339356c2e"

#: The energies of the snapshot by the parts of MEGNet's split (Chen et al. 2019, doi 10.1021/acs.chemmater.9b01294).
ENERGIES_FILE = PublicFile(
    "materials_project/megnet_e_form.json.zip",
    f"https://raw.githubusercontent.com/usnistgov/jarvis_leaderboard/{_SNAPSHOT_COMMIT}/"
    "jarvis_leaderboard/benchmarks/AI/SinglePropertyPrediction/megnet_e_form.json.zip",
    "da8612889b31ac223465011c07d19ad1649802c4fa17aeaa515b3c53b6c60ddf",
)
#: The ids of the paper's 46,744 crystals, in the repository of its authors.
IDS_FILE = PublicFile(
    "materials_project/mp-ids-46744.csv",
    f"https://raw.githubusercontent.com/txie-93/cgcnn/{_LIST_COMMIT}/data/material-data/mp-ids-46744.csv",
    "b7519a45457a992d174408ce7fb5809633563360f4535b2bfedb0389b130fb38",
)
#: The number of crystals in each part of MEGNet's split, by the names of the parts in the file.
PARTS = {"train": 60_000, "val": 5_000, "test": 4_239}
#: The number of crystals of the snapshot.
N_SNAPSHOT = sum(PARTS.values())

# The table of energies has 2.4 MB. What is larger is refused before it fills the memory.
_MOST_OF_ENERGIES = 64 * 2**20


@dataclass(frozen=True)
class Snapshot:
    """The snapshot of 1 June 2018 without its structures.

    Attributes:
        energies: The formation energy of each crystal in eV/atom, by its id.
        parts: 0, 1 or 2 for each crystal that MEGNet trains on, validates on, or tests on, by its id.
    """

    energies: dict[str, float]
    parts: dict[str, int]

    def parts_of(self, ids: tuple[str, ...]) -> np.ndarray:
        """Return the parts of crystals, (n,) uint8, as :class:`cgcnn.data.crystals.Crystals` keeps them."""
        return np.array([self.parts[crystal_id] for crystal_id in ids], dtype=np.uint8)


def read_energies(path: Path, sizes: Mapping[str, int] = PARTS) -> Snapshot:
    """Read the energies of the snapshot.

    Args:
        path: The local path of :data:`ENERGIES_FILE`.
        sizes: The number of crystals in each part.

    Raises:
        DataError: The file is damaged, or holds something else.
    """
    content = read_zip_member(path, "megnet_e_form.json", _MOST_OF_ENERGIES)
    try:
        parts = json.loads(content)
        energies = [{name: float(energy) for name, energy in parts[part].items()} for part in sizes]
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path}: not the snapshot ({type(error).__name__})", "download it again") from error
    joined = {name: energy for part in energies for name, energy in part.items()}
    if [len(part) for part in energies] != list(sizes.values()) or len(joined) != sum(sizes.values()):
        numbers = ", ".join(f"{len(part):,}" for part in energies)
        raise DataError(f"{path}: not the snapshot (its parts have {numbers} crystals)", "download it again")
    if not all(map(math.isfinite, joined.values())):
        raise DataError(f"{path}: not the snapshot (an energy is not finite)", "download it again")
    return Snapshot(joined, {name: number for number, part in enumerate(energies) for name in part})


def read_ids(path: Path) -> frozenset[str]:
    """Read the ids of the paper's crystals.

    Args:
        path: The local path of :data:`IDS_FILE`.
    """
    with open_regular(path) as stream:
        return frozenset(row[0] for row in csv.reader(stream.read().decode().splitlines()) if row)
