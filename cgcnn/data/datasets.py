"""The named data sets of all readers, and how one of them, or a folder, is loaded."""

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

# Part of every cache's address: raised when a reader changes what it makes of the same files.
_READER_VERSION = 1
_DATASETS = (*perovskites.DATASETS, *boron.DATASETS, *materials_project.DATASETS)


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
    """Map the packed form of ``files`` from the cache, reading them where it is not there."""
    digests = "".join(f"{file.name} {digest_file(file)}\n" for file in files)
    key = hashlib.sha256(f"{_READER_VERSION} {name}{digests}".encode()).hexdigest()

    def make() -> Made:
        crystals = read()
        return [crystals.arrays()], crystals.notes()

    return from_arrays(cached("crystals", name, key, make))
