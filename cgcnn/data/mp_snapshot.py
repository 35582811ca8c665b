"""Read the Materials Project's snapshot of 1 June 2018 with its structures: the paper's crystals, and MEGNet's.

The file is public and could not be reached by this project, so the reader was tested on small files of the same form
alone. It trusts nothing: every record is compared with the energies of the snapshot, which are known from another file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.mp_energies import ENERGIES_FILE, IDS_FILE, N_SNAPSHOT, Snapshot, read_energies, read_ids
from cgcnn.data.packing import pack_cifs
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile
from cgcnn.files.json_lists import stream_zipped_list

_MEMBER = "mp.2018.6.1.json"
#: The snapshot as MEGNet's authors serve it (Chen et al. 2019, doi 10.1021/acs.chemmater.9b01294), on figshare.
SNAPSHOT_FILE = PublicFile(
    f"materials_project/{_MEMBER}.zip",
    "https://ndownloader.figshare.com/files/15087992",
    sha256=None,  # nobody of this project has had the file
    pinned=True,
)
#: The number of the paper's 46,744 crystals that the snapshot has.
N_OF_THE_PAPER = 46_483
# A record with a graph of 300 atoms, each with 100 neighbors, has some megabytes.
_MOST_PER_RECORD, _MOST = 64 * 2**20, 32 * 2**30
# The energies were written with all digits. In eV/atom.
_TOLERANCE = 1e-3
_WAY_OUT = "download it again, and report it if it lasts"


def read_paper(files: list[Path]) -> Crystals:
    """Read those crystals of the snapshot that are in the paper's list.

    Args:
        files: The local paths of :data:`SNAPSHOT_FILE`, of the energies and of the ids. The first is read as a stream.

    Returns:
        46,483 crystals, sorted by their ids. The target is the formation energy in eV/atom.

    Raises:
        DataError: A file is damaged, or the first is not the snapshot: :func:`stream_records` says what is refused.
    """
    path, energies, ids = files
    snapshot = read_energies(energies)
    chosen = read_ids(ids) & snapshot.energies.keys()
    if len(chosen) != N_OF_THE_PAPER:
        raise DataError(f"{ids}: the snapshot has {len(chosen)} of its ids, not {N_OF_THE_PAPER}", "download it again")
    return _read(path, snapshot, chosen, "materials_project-2018")


def read_megnet(files: list[Path]) -> Crystals:
    """Read all crystals of the snapshot, with MEGNet's split.

    Args:
        files: The local paths of :data:`SNAPSHOT_FILE` and of the energies. The first is read as a stream.

    Returns:
        69,239 crystals, sorted by their ids: 60,000 for training, 5,000 for validation, and 4,239 for testing. The
        target is the formation energy in eV/atom.

    Raises:
        DataError: As :func:`read_paper`.
    """
    path, energies = files
    snapshot = read_energies(energies)
    crystals = _read(path, snapshot, snapshot.energies.keys(), "materials_project-2018-megnet")
    return dataclasses.replace(crystals, parts=snapshot.parts_of(crystals.ids))


def _read(path: Path, snapshot: Snapshot, chosen: Collection[str], name: str) -> Crystals:
    targets = {crystal_id: snapshot.energies[crystal_id] for crystal_id in chosen}
    cifs = ((crystal_id, cif) for crystal_id, cif in stream_records(path, snapshot) if crystal_id in targets)
    return pack_cifs(cifs, path, targets, name, "formation energy", "eV/atom", len(targets))


def stream_records(path: Path, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the id and the CIF of each record, after a check of the record; the memory holds few records at a time.

    Args:
        path: The local path of :data:`SNAPSHOT_FILE`: a zip archive of one JSON list of records. Of a record,
            ``material_id``, ``structure`` (a CIF) and ``formation_energy_per_atom`` (eV/atom) are read.
        snapshot: The energies that the records are compared with.

    Raises:
        DataError: The archive or the list is damaged; a record lacks a value or has one of another kind; an id appears
            twice or is none of the snapshot's; an energy is not finite or another one; or, at the end, records are
            missing. What was yielded before is then not to be trusted.
    """
    seen: set[str] = set()
    for number, record in enumerate(stream_zipped_list(path, _MEMBER, _MOST, _MOST_PER_RECORD)):
        where = f"{path}: record {number}"
        crystal_id, cif, energy = _values(record, where)
        if crystal_id in seen:
            raise DataError(f"{where}: {crystal_id} appears twice", _WAY_OUT)
        if crystal_id not in snapshot.energies:
            raise DataError(f"{where}: {crystal_id} is not in the snapshot of 1 June 2018", _WAY_OUT)
        expected = snapshot.energies[crystal_id]
        if not abs(energy - expected) <= _TOLERANCE:  # nor is it for a NaN
            raise DataError(f"{where}: {crystal_id} has {energy:g} eV/atom, where {expected:g} is expected", _WAY_OUT)
        seen.add(crystal_id)
        yield crystal_id, cif
    if len(seen) != len(snapshot.energies):
        missing = min(snapshot.energies.keys() - seen)
        raise DataError(
            f"{path}: {len(seen):,} records, not {len(snapshot.energies):,}; {missing} is missing", _WAY_OUT
        )


def _values(record: Any, where: str) -> tuple[str, str, float]:
    if not isinstance(record, dict):
        raise DataError(f"{where}: no object of names and values", _WAY_OUT)
    found = []
    for name, kind in (("material_id", str), ("structure", str), ("formation_energy_per_atom", int | float)):
        if name not in record:
            raise DataError(f"{where}: no {name}", _WAY_OUT)
        if not isinstance(record[name], kind) or isinstance(record[name], bool):
            raise DataError(f"{where}: its {name} is {record[name]!r}", _WAY_OUT)
        found.append(record[name])
    crystal_id, cif, energy = found
    return crystal_id, cif, float(energy)


_LICENSE = "CC BY 4.0; cite Jain et al. 2013 and Chen et al. 2019"
_REFERENCES = ("10.1063/1.4812323", "10.1021/acs.chemmater.9b01294")

#: The data sets of this file.
DATASETS = (
    Dataset(
        name="materials_project-2018",
        title=f"{N_OF_THE_PAPER:,} of the paper's 46,744 crystals, from the Materials Project's snapshot of 2018",
        statement=(
            f"Trained on {N_OF_THE_PAPER:,} of the paper's 46,744 Materials Project crystals, with the structures and "
            "DFT (PBE, PBE+U) formation energies of the Project's snapshot of 1 June 2018."
        ),
        license=_LICENSE,
        references=_REFERENCES,
        public_files=(SNAPSHOT_FILE, ENERGIES_FILE, IDS_FILE),
        embedded_files={},
        read=read_paper,
    ),
    Dataset(
        name="materials_project-2018-megnet",
        title=f"All {N_SNAPSHOT:,} crystals of the Materials Project's snapshot of 2018, with MEGNet's split",
        statement=(
            f"Trained on {N_SNAPSHOT:,} crystals of the Materials Project's snapshot of 1 June 2018, with its "
            "structures and DFT (PBE, PBE+U) formation energies, and with MEGNet's split. They are not the paper's."
        ),
        license=_LICENSE,
        references=_REFERENCES,
        public_files=(SNAPSHOT_FILE, ENERGIES_FILE),
        embedded_files={},
        read=read_megnet,
    ),
)
