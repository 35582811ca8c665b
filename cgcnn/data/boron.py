"""Read the boron sets: the public structures by random search (AIRSS), the paper's own file, and the embedded set."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from ase.io import read as read_frames
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor

from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.dataset import Dataset
from cgcnn.data.shelx import read_records
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile

_logger = logging.getLogger(__name__)

_SOURCE = (
    "https://raw.githubusercontent.com/zhubonan/EDDPotentials.jl/55f9ff07db72e6879ec90106caa17f1c805e4346/examples/"
)

#: The structures of boron among the examples of EDDPotentials.jl (B. Zhu, MIT license). They come from random searches
#: (AIRSS) with CASTEP and PBE, and their energies are on one scale.
PUBLIC_FILES = (
    PublicFile(
        "boron/8B.packed.res",
        _SOURCE + "dft-search/8B.packed.res",
        "befcf276f6e854bbbe5226e42f252add9f0cd5e127e9c93eda5f6e204344f3ce",
    ),
    PublicFile(
        "boron/12B.packed.res",
        _SOURCE + "dft-search/12B.packed.res",
        "3901e026664f64b52726f2d9d1953b97ce1c71fc1d49c3526ec2f0e49c14154b",
    ),
    PublicFile(
        "boron/28B.packed.res",
        _SOURCE + "dft-search/28B.packed.res",
        "5b9b22b1fa7daab8ecfb3c695aa12a942e6a558d3ecd59a0e560128559ad8359",
    ),
    PublicFile(
        "boron/28B_FIXED.packed.res",
        _SOURCE + "new-test/search-28b-fixed/refined/28B_FIXED.packed.res",
        "c1ca4d329ba639edf780978ed24acbe1ce6f7f021be65944e0626b1bfd8a2a8c",
    ),
    PublicFile(
        "boron/B-gamma.res",
        _SOURCE + "new-test/search-28b-fixed/ref/B-gamma.res",
        "a5a0a895b685212726e264dff59d4e0920d6939e1c692f9bf180d3c562d894fc",
    ),
    PublicFile(
        "boron/8B-training.packed.res.gz",
        _SOURCE + "new-test/all-res/8B.packed.res.gz",
        "98b74584a89b13afb72422b2910b3725825771355991ea3cc809701be6f28542",
    ),
)
#: The paper's own file (its reference 47) as ASAP republishes it. This project could not get it, so its reader was
#: tested only on small files of the same format.
DERINGER_FILE = PublicFile(
    "boron/sps_all.xyz",
    "https://raw.githubusercontent.com/BingqingCheng/ASAP/fe15d45f16aa20a9fb4f53996f6758b74eefbf53/"
    "examples/B-RSS-train-set/sps_all.xyz",
    sha256=None,  # only its git blob id is known, which the reader checks
)
_DERINGER_BLOB = "2a3eb0027a94c915179e35d3903d7580a14c406a"
#: The number of structures in the paper's file.
N_DERINGER = 5038
#: The number of public crystals without the perturbed copies (False) and with them (True).
N_CRYSTALS = {False: 5050, True: 14_988}
_SHAKEN = "-shake-"
# The names under which an extended XYZ file may keep the energy of a frame, in eV per cell.
_ENERGY_KEYS = ("dft_energy", "DFT_energy", "REF_energy", "TotEnergy", "energy")


def read_public(files: list[Path], include_shaken: bool = False) -> Crystals:
    """Read the AIRSS records into one set, in the order of the files.

    Args:
        files: The local paths of :data:`PUBLIC_FILES`.
        include_shaken: Whether the 9,938 perturbed copies are read too, which have ``-shake-`` in their names.

    Returns:
        5,050 crystals of 8, 12 or 28 sites, or all 14,988. The target is the energy above the lowest of them, in
        eV/atom.

    Raises:
        DataError: A record cannot be read, or the files hold another number of crystals.
    """
    records = [record for path in files for record in read_res(path) if include_shaken or _SHAKEN not in record[0]]
    if len(records) != N_CRYSTALS[include_shaken]:
        raise DataError(
            f"{files[0].parent}: {len(records)} crystals, not {N_CRYSTALS[include_shaken]}",
            f"use all {len(files)} files",
        )
    return _pack(records, "boron-shaken" if include_shaken else "boron")


def read_res(path: Path) -> Iterator[tuple[str, Structure, float]]:
    """Yield the name, the crystal and the energy (eV per cell) of each record of a SHELX file that AIRSS wrote.

    Args:
        path: A file of one record or more, one after the other. It is gzipped where its name ends in ``.gz``.

    Raises:
        DataError: The file cannot be read, or a record is cut short, is no AIRSS record, or holds another number of
            atoms than its title says; the message names the file and the line.
    """
    text = read_text(path)
    if "TITL" not in text:
        raise DataError(f"{path}: no TITL line, so no SHELX record", "name a .res file of AIRSS")
    for record in read_records(text, str(path)):
        crystal = record.crystal
        if isinstance(crystal, DataError):
            raise crystal
        if crystal.energy_eV is None:
            raise DataError(f"{crystal.name}: no energy in its title", "name a .res file of AIRSS")
        yield record.name, crystal.structure, crystal.energy_eV


def read_deringer(files: list[Path]) -> Crystals:
    """Read the extended XYZ file of Deringer, Pickard and Csanyi 2018 (doi 10.1103/PhysRevLett.120.156001).

    Args:
        files: The local path of :data:`DERINGER_FILE`.

    Returns:
        The crystals of the file. The target is the energy above the lowest of them, in eV/atom.

    Raises:
        OSError: The file cannot be read.
        DataError: The file has another git blob id, or a frame of it cannot be used (:func:`read_extended_xyz`).
    """
    (path,) = files
    content = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while part := stream.read(2**20):
            content.update(part)
    blob = content.hexdigest()
    if blob != _DERINGER_BLOB:
        raise DataError(f"{path}: its git blob id is {blob[:12]}, not {_DERINGER_BLOB[:12]}", "get that commit's file")
    return read_extended_xyz(path, "boron-deringer")


def read_extended_xyz(path: Path, name: str) -> Crystals:
    """Read and check every frame of an extended XYZ file of boron.

    Args:
        path: The file, which keeps the energy of each frame in eV per cell.
        name: The name of the set.

    Returns:
        One crystal per frame. The target is the energy above the lowest of them, in eV/atom.

    Raises:
        DataError: The file is no extended XYZ file, or a frame has no periodic cell, no energy, or other elements than
            boron; the message names the frame.
    """
    try:
        frames = read_frames(path, index=":", format="extxyz")
    except Exception as error:  # a damaged text makes the parser raise exceptions of many types
        raise DataError(f"{path}: not an extended XYZ file ({error})", "get it again") from error
    records = []
    for number, frame in enumerate(frames):
        where = f"{path}: frame {number}"
        if not frame.pbc.all() or frame.cell.rank < 3:
            raise DataError(f"{where} has no periodic cell", "leave it out")
        if set(frame.symbols) != {"B"}:
            raise DataError(f"{where} is {frame.symbols}, not boron", "leave it out")
        found = dict(frame.info) | (dict(frame.calc.results) if frame.calc else {})
        keys = [key for key in _ENERGY_KEYS if key in found]
        if not keys:
            raise DataError(
                f"{where} has no energy among {', '.join(found) or 'no keys'}",
                f"name the energy {' or '.join(_ENERGY_KEYS)}",
            )
        crystal = AseAtomsAdaptor.get_structure(frame)
        records.append((f"frame-{number}", crystal, float(found[keys[0]])))
    if len(records) != N_DERINGER:
        _logger.warning("%s: %d structures, where the paper has %d", path, len(records), N_DERINGER)
    return _pack(records, name)


def _pack(records: list[tuple[str, Structure, float]], name: str) -> Crystals:
    """Pack records; the target is the energy per site above that of the lowest record, in eV/atom."""
    per_site = np.array([energy / len(crystal) for _, crystal, energy in records])
    names = [record[0] for record in records]
    structures, above_lowest = [record[1] for record in records], per_site - per_site.min()
    return pack(structures, names, above_lowest, name, "energy above the lowest structure", "eV/atom")


def read_embedded(files: list[Path]) -> Crystals:
    """Read the structures of boron that come with the repository.

    Args:
        files: The path of ``data/embedded/boron.packed.res.gz``. The README beside it says how it was computed.

    Returns:
        The crystals. The target is the energy above the lowest of them, in eV/atom.

    Raises:
        DataError: The file or a record of it cannot be read.
    """
    (path,) = files
    return _pack(list(read_res(path)), "boron-embedded")


#: The data sets of this file.
DATASETS = (
    Dataset(
        name="boron",
        title="5,050 structures of boron by random search (EDDPotentials.jl)",
        statement=(
            "Trained on 5,050 structures of elemental boron by random search, with DFT (PBE) energies. They stand in "
            "for the paper's 5,038, whose file could not be had here: of the same size and spirit, but not the same."
        ),
        license="MIT; cite B. Zhu, EDDPotentials.jl",
        references=("https://github.com/zhubonan/EDDPotentials.jl",),
        public_files=PUBLIC_FILES,
        embedded_files={},
        read=read_public,
    ),
    Dataset(
        name="boron-shaken",
        title="14,988 structures of boron by random search, perturbed copies included (EDDPotentials.jl)",
        statement=(
            "Trained on 14,988 structures of elemental boron by random search and perturbed copies of them, with DFT "
            "(PBE) energies. They are not the paper's."
        ),
        license="MIT; cite B. Zhu, EDDPotentials.jl",
        references=("https://github.com/zhubonan/EDDPotentials.jl",),
        public_files=PUBLIC_FILES,
        embedded_files={},
        read=partial(read_public, include_shaken=True),
    ),
    Dataset(
        name="boron-deringer",
        title="The paper's boron structures (Deringer, Pickard and Csányi 2018)",
        statement="Trained on the paper's own structures of elemental boron, with their DFT energies.",
        license="MIT (ASAP); cite Deringer et al. 2018",
        references=("10.1103/PhysRevLett.120.156001",),
        public_files=(DERINGER_FILE,),
        embedded_files={},
        read=read_deringer,
    ),
    Dataset(
        name="boron-embedded",
        title="Structures of boron computed by this project with CHGNet",
        statement=(
            "Trained on the embedded data: crystals, layers and clusters of boron whose relaxations and energies this "
            "project computed with the CHGNet potential. They stand in for DFT data, so no number here can be compared "
            "with the paper's."
        ),
        license="CC BY 4.0",
        references=("10.1038/s42256-023-00716-3",),
        public_files=(),
        embedded_files={"boron.packed.res.gz": "6b7fb2b15e7c43a11b2c1d7e0ce61ce2a02d92d580653fb08b5a57b5ef558437"},
        read=read_embedded,
    ),
)
