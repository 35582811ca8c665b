"""The named data sets: where each comes from, its licence and unit, and how its files become crystals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cgcnn.data import boron, cif, crystals, materials_project, perovskites
from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.paths import cache_directory

# Part of every cache's address: raised when a reader changes what it makes of the same files.
_READER_VERSION = 1


_DATASETS = (
    Dataset(
        name="perovskites",
        title="18,928 cubic perovskites (Castelli et al. 2012)",
        statement=(
            "Trained on all 18,928 perovskites of the Computational Materials Repository, the set the paper used; "
            "the target is the DFT (RPBE) energy above the competing phases."
        ),
        licence="CC BY-SA 4.0, as far as a third party states; cite Castelli et al. 2012",
        references=("castelli2012new", "castelli2012computational"),
        public_files=perovskites.PUBLIC_FILES,
        embedded_files=(),
        read=perovskites.read_public,
    ),
    Dataset(
        name="perovskites-embedded",
        title="Ideal cubic perovskites computed by this project with CHGNet",
        statement=(
            "Trained on the embedded data: ideal cubic perovskites whose lattice constants and energies this project "
            "computed with the CHGNet potential. They stand in for the paper's DFT data, so no number here can be "
            "compared with the paper's."
        ),
        licence="CC BY 4.0",
        references=("deng2023chgnet",),
        public_files=(),
        embedded_files=("perovskites.csv",),
        read=perovskites.read_embedded,
    ),
    Dataset(
        name="boron",
        title="5,050 structures of boron by random search (EDDPotentials.jl)",
        statement=(
            "Trained on 5,050 structures of elemental boron by random search, with DFT (PBE) energies. They stand in "
            "for the paper's 5,038, whose file could not be had here: of the same size and spirit, but not the same."
        ),
        licence="MIT; cite B. Zhu, EDDPotentials.jl",
        references=("zhu2023eddpotentials",),
        public_files=boron.PUBLIC_FILES,
        embedded_files=(),
        read=boron.read_public,
    ),
    Dataset(
        name="boron-shaken",
        title="14,988 structures of boron by random search, perturbed copies included (EDDPotentials.jl)",
        statement=(
            "Trained on 14,988 structures of elemental boron by random search and perturbed copies of them, with DFT "
            "(PBE) energies. They are not the paper's."
        ),
        licence="MIT; cite B. Zhu, EDDPotentials.jl",
        references=("zhu2023eddpotentials",),
        public_files=boron.PUBLIC_FILES,
        embedded_files=(),
        read=partial(boron.read_public, include_shaken=True),
    ),
    Dataset(
        name="boron-deringer",
        title="The paper's boron structures (Deringer, Pickard and Csányi 2018)",
        statement="Trained on the paper's own structures of elemental boron, with their DFT energies.",
        licence="MIT (ASAP); cite Deringer et al. 2018",
        references=("deringer2018data",),
        public_files=(boron.DERINGER_FILE,),
        embedded_files=(),
        read=boron.read_deringer,
    ),
    Dataset(
        name="boron-embedded",
        title="Structures of boron computed by this project with CHGNet",
        statement=(
            "Trained on the embedded data: crystals, layers and clusters of boron whose relaxations and energies this "
            "project computed with the CHGNet potential. They stand in for DFT data, so no number here can be compared "
            "with the paper's."
        ),
        licence="CC BY 4.0",
        references=("deng2023chgnet",),
        public_files=(),
        embedded_files=("boron.packed.res.gz",),
        read=boron.read_embedded,
    ),
    Dataset(
        name="materials_project",
        title="36,476 crystals of the Materials Project (Jain et al. 2013)",
        statement=(
            "Trained on 36,476 of the paper's 46,744 Materials Project crystals, those that are still to be had; the "
            "target is the DFT (PBE, PBE+U) formation energy of the Project's snapshot of 2018."
        ),
        licence="CC BY 4.0; cite Jain et al. 2013",
        references=("jain2013commentary",),
        public_files=materials_project.PUBLIC_FILES,
        embedded_files=(),
        read=materials_project.read_public,
    ),
    Dataset(
        name="materials_project-embedded",
        title="3,938 crystals of the Materials Project (Faber et al. 2015)",
        statement=(
            "Trained on the embedded data: 3,938 crystals of the Materials Project as of 2015, a tenth of the set of "
            "the published run. No error here can be compared with the paper's."
        ),
        licence="CC BY 4.0 (Materials Project), table BSD-3-Clause (matminer)",
        references=("jain2013commentary", "faber2015crystal", "ward2018matminer"),
        public_files=(),
        embedded_files=("materials_project.csv.gz",),
        read=materials_project.read_embedded,
    ),
)


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` knows."""
    return tuple(dataset.name for dataset in _DATASETS)


def describe(name: str) -> Dataset:
    """Return what is known about a named data set.

    Raises:
        DataError: No data set has this name.
    """
    for dataset in _DATASETS:
        if dataset.name == name:
            return dataset
    raise DataError(f"{name}: neither a folder nor a data set", f"known are {', '.join(names())}")


def load(name_or_folder: str | Path) -> Crystals:
    """Load a data set, parsing its files the first time and memory-mapping the packed arrays afterwards.

    Args:
        name_or_folder: One of :func:`names`, or a folder with ``id_prop.csv`` (id, target in eV/atom) and
            ``<id>.cif`` files, the layout of the authors' own code.

    Returns:
        The crystals, in an order that depends on the files alone.

    Raises:
        DataError: A file is missing, unreadable, disordered, or not what it should be; the message names it.
    """
    folder = Path(name_or_folder)
    if folder.is_dir() or len(folder.parts) > 1:
        files = cif.folder_files(folder)
        return _packed(folder.resolve().name, files, lambda: cif.read_folder(folder))
    dataset = describe(str(name_or_folder))
    files = dataset.local_files()
    return _packed(dataset.name, files, lambda: dataset.read(files))


def _packed(name: str, files: list[Path], read: Callable[[], Crystals]) -> Crystals:
    """Map the packed form of ``files`` from the cache, making it where it is missing or damaged."""
    address = hashlib.sha256(f"{_READER_VERSION} {name}".encode())
    for file in files:
        address.update(f"{file.name} {digest_file(file)}\n".encode())
    key = address.hexdigest()
    path = cache_directory() / "crystals" / f"{name}-{key[:16]}.safetensors"
    if path.is_file():
        try:
            return crystals.load(path, key)
        except DataError as error:
            print(f"{error.problem}; making it anew")
    read().save(path, key)
    print(f"packed {name} into {path}")
    return crystals.load(path, key)
