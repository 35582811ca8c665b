"""Gather the named data sets of all readers, and load one of them or a folder of CIFs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from cgcnn.data import boron, cif, materials_project, perovskites
from cgcnn.data.crystals import Crystals, from_arrays
from cgcnn.data.dataset import Dataset
from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.cache import Made, cached

# Part of the cache's key of every set. It is raised when a reader makes something else of the same files.
_READER_VERSION = 1
_DATASETS = (*perovskites.DATASETS, *boron.DATASETS, *materials_project.DATASETS)


def names() -> tuple[str, ...]:
    """Return the names of all data sets that :func:`load` knows."""
    return tuple(dataset.name for dataset in _DATASETS)


def describe(name: str) -> Dataset:
    """Return the record that describes a named data set.

    Args:
        name: One of :func:`names`.

    Raises:
        DataError: No data set has this name.
    """
    for dataset in _DATASETS:
        if dataset.name == name:
            return dataset
    raise DataError(f"{name}: neither a folder nor a data set", f"known are {', '.join(names())}")


def load(name_or_folder: str | Path) -> Crystals:
    """Load a data set: parse its files the first time, and memory-map the packed arrays from the cache afterwards.

    Args:
        name_or_folder: One of :func:`names`, or a folder with ``id_prop.csv`` (columns id and target in eV/atom, no
            header) and ``<id>.cif`` files, which is the layout of the authors' own code.

    Returns:
        The crystals, in an order that depends only on the files.

    Raises:
        DataError: There is no set of this name; ``CGCNN_DATA`` names a folder that is not there; or a file is missing,
            unreadable, holds a disordered crystal, or has another SHA-256 than the file of its source. The message
            names it.
    """
    folder = Path(name_or_folder)
    if folder.is_dir() or len(folder.parts) > 1:
        files = cif.folder_files(folder)
        return _packed(folder.resolve().name, files, lambda: cif.read_folder(folder))
    dataset = describe(str(name_or_folder))
    files = dataset.local_files()
    return _packed(dataset.name, files, lambda: dataset.read(files))


def _packed(name: str, files: list[Path], read: Callable[[], Crystals]) -> Crystals:
    """Map the packed form of ``files`` from the cache, or read and pack them where the cache lacks it."""
    digests = "".join(f"{file.name} {digest_file(file)}\n" for file in files)
    key = hashlib.sha256(f"{_READER_VERSION} {name}{digests}".encode()).hexdigest()

    def make() -> Made:
        crystals = read()
        return [crystals.arrays()], crystals.notes()

    return from_arrays(cached("crystals", name, key, make))
