"""Read the Materials Project sets: 36,476 of the paper's 46,744 crystals with energies of 2018, and an embedded set."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
from pymatgen.core import Structure

from cgcnn.data.cif import parse_cifs
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.csv_rows import read_rows
from cgcnn.data.dataset import Dataset
from cgcnn.data.mp_energies import ENERGIES_FILE, read_energies
from cgcnn.errors import DataError
from cgcnn.files.archives import read_tar_gz
from cgcnn.files.downloads import PublicFile

_ARCHIVE_COMMIT = "b12e52b8db9fd0cfff28fece39e1756cb96182e2"

#: The CIFs and ids of CrysXPP (Das et al. 2022, doi 10.1038/s41524-022-00716-8), and the formation energies of the
#: Materials Project's snapshot of 2018-06-01 (Chen et al. 2019, doi 10.1021/acs.chemmater.9b01294).
PUBLIC_FILES = (
    PublicFile(
        f"materials_project/crysxpp-{_ARCHIVE_COMMIT}.tar.gz",
        f"https://github.com/kdmsit/crysxpp/archive/{_ARCHIVE_COMMIT}.tar.gz",
        # The host packs the archive anew for each download, so the reader checks the files in it instead.
        sha256=None,
    ),
    ENERGIES_FILE,
)

#: The number of crystals of the archive that have an energy of 2018.
N_CRYSTALS = 36_476
# SHA-256 of one line "<name> <SHA-256 of the contents>" per file, in the order of the names. The files are the 36,737
# CIFs of the archive and the table that gives their ids.
_CONTENTS_SHA256 = "8020636a2c84ba94110ef7227720f22f54bc659bad1fc4df140265e0e3145b09"

# The archive unpacks to 103 MB. What is larger is refused before it fills the memory.
_MOST_OF_ARCHIVE = 256 * 2**20
_EMBEDDED_COLUMNS = (
    "crystal",
    "formation_energy_eV_per_atom",
    "lattice_angstrom",
    "elements",
    "fractional_coordinates",
)


def read_public(files: list[Path]) -> Crystals:
    """Read the archive and the snapshot into one set, in the order of the archive's table.

    The target is the formation energy of 2018, because that snapshot is nearest to the paper's date. The archive has
    energies of its own, but they are of 2020, and a few of them are corrupt. Crystals without an energy of 2018 are
    left out.

    Args:
        files: The local paths of :data:`PUBLIC_FILES`. The archive is read as a stream and never unpacked to disk.

    Returns:
        36,476 crystals of 1 to 200 sites. The target is in eV/atom.

    Raises:
        DataError: A file is cut short or has other contents than its source serves, or a CIF cannot be read.
    """
    archive, snapshot = files
    cifs, material_ids = _read_archive(archive)
    energies = read_energies(snapshot).energies
    rows = [(name, material_id) for name, material_id in material_ids.items() if material_id in energies]
    if len(rows) != N_CRYSTALS:
        raise DataError(f"{snapshot}: energies of {len(rows)} crystals, not of {N_CRYSTALS}", "download it again")
    ids = [material_id for _, material_id in rows]
    structures = parse_cifs([cifs[f"{name}.cif"].decode() for name, _ in rows], ids)
    targets = [energies[material_id] for material_id in ids]
    return pack(structures, ids, targets, "materials_project", "formation energy", "eV/atom")


def _read_archive(archive: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the contents of the CIFs by file name, and the ids by crystal name, after a check that all are there."""
    members = read_tar_gz(
        archive, lambda name: name.endswith(".cif") or name == "material_id_hash.csv", _MOST_OF_ARCHIVE
    )
    lines = (f"{name} {hashlib.sha256(members[name]).hexdigest()}\n" for name in sorted(members))
    found = hashlib.sha256("".join(lines).encode()).hexdigest()
    if found != _CONTENTS_SHA256:
        raise DataError(
            f"{archive}: its {sum(name.endswith('.cif') for name in members)} CIFs are not those of commit "
            f"{_ARCHIVE_COMMIT[:12]}",
            "get that commit's archive",
        )
    table = io.StringIO(members.pop("material_id_hash.csv").decode())
    return members, {row[0]: row[1] for row in csv.reader(table)}


def read_embedded(files: list[Path]) -> Crystals:
    """Read the Materials Project crystals that come with the repository.

    Args:
        files: The path of ``data/embedded/materials_project.csv.gz``. The README beside it names its source.

    Returns:
        One crystal per row. The target is the formation energy in eV/atom.

    Raises:
        DataError: A value is missing or is not a number or an element; the message names the line.
    """
    (path,) = files
    structures, ids, targets = [], [], []
    for number, row in read_rows(path, _EMBEDDED_COLUMNS, "restore the file from the repository"):
        try:
            lattice = np.array(row["lattice_angstrom"].split(), dtype=float).reshape(3, 3)
            positions = np.array(row["fractional_coordinates"].split(), dtype=float).reshape(-1, 3)
            structures.append(Structure(lattice, row["elements"].split(), positions))
            targets.append(float(row["formation_energy_eV_per_atom"]))
            ids.append(row["crystal"])
        except ValueError as error:
            raise DataError(f"{path}: line {number}: {error}", "restore the file from the repository") from error
    return pack(structures, ids, targets, "materials_project-embedded", "formation energy", "eV/atom")


#: The data sets of this file.
DATASETS = (
    Dataset(
        name="materials_project",
        title="36,476 crystals of the Materials Project (Jain et al. 2013)",
        statement=(
            "Trained on 36,476 of the paper's 46,744 Materials Project crystals; the target is the DFT (PBE, PBE+U) "
            "formation energy of the Project's snapshot of 2018. Nearly all of the missing crystals are in a public "
            "file, which this package reads, but which could not be reached here."
        ),
        license="CC BY 4.0; cite Jain et al. 2013",
        references=("10.1063/1.4812323", "10.1038/s41524-022-00716-8", "10.1021/acs.chemmater.9b01294"),
        public_files=PUBLIC_FILES,
        embedded_files={},
        read=read_public,
    ),
    Dataset(
        name="materials_project-embedded",
        title="3,938 crystals of the Materials Project (Faber et al. 2015)",
        statement=(
            "Trained on the embedded data: 3,938 crystals of the Materials Project as of 2015, a tenth of the set of "
            "the published run. No error here can be compared with the paper's."
        ),
        license="CC BY 4.0 (Materials Project), table BSD-3-Clause (matminer)",
        references=("10.1063/1.4812323", "10.1002/qua.24917", "10.1016/j.commatsci.2018.05.018"),
        public_files=(),
        embedded_files={"materials_project.csv.gz": "5e694ec59133ca2e8f87cf5baec785eee72a7af14ca12c34f0966ff32b2c8ee5"},
        read=read_embedded,
    ),
)
