"""Describe a named data set in one record: its source, its license, what a reader must know, and its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.downloads import PublicFile, fetch
from cgcnn.files.paths import embedded_data_directory


@dataclass(frozen=True)
class Dataset:
    """A named data set.

    Attributes:
        name: The name by which :func:`cgcnn.data.datasets.load` finds the set.
        title: One line that describes the set in tables and headings.
        statement: What a reader must know about these data, for the top of a page.
        license: The license under which the data may be used.
        references: The sources to cite, each as a DOI or an address; of a folder, what its ``dataset.yaml`` names.
        public_files: The files that are fetched from a public source; empty for an embedded set.
        embedded_files: The SHA-256 of each file under ``data/embedded`` by its name; empty for a public set.
        read: The function that reads the crystals from the local paths of the files.
    """

    name: str
    title: str
    statement: str
    license: str
    references: tuple[str, ...]
    public_files: tuple[PublicFile, ...]
    embedded_files: Mapping[str, str]
    read: Callable[[list[Path]], Crystals]

    def local_files(self) -> list[Path]:
        """Return the local paths of the set's files, which are checked; fetch those that are public.

        Raises:
            DataError: ``CGCNN_DATA`` names a folder that is not there; or a file is missing, cannot be fetched, or has
                another SHA-256 than the file of its source.
        """
        embedded = [embedded_data_directory() / name for name in self.embedded_files]
        for path, expected in zip(embedded, self.embedded_files.values(), strict=True):
            if not path.is_file():
                raise DataError(f"{path}: not there", "install the package again")
            if digest_file(path) != expected:
                raise DataError(
                    f"{path}: damaged, since its SHA-256 is not {expected[:12]}...",
                    "restore it from the repository, or install the package again",
                )
        return embedded + [fetch(file) for file in self.public_files]
