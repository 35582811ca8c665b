"""What is known of a named data set: its source, licence and statement, and how its files are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile, fetch
from cgcnn.files.paths import embedded_data_directory


@dataclass(frozen=True)
class Dataset:
    """A named data set.

    Attributes:
        name: What :func:`cgcnn.data.datasets.load` calls it.
        title: One line for tables and headings.
        statement: What a reader must know about data of this name, as a sentence for the top of a page.
        licence: Under which it may be used.
        references: Keys of the book's bibliography.
        public_files: What is fetched, where the set is public.
        embedded_files: File names under ``data/embedded``, where it comes with the repository.
        read: Turns the files' local paths into crystals.
    """

    name: str
    title: str
    statement: str
    licence: str
    references: tuple[str, ...]
    public_files: tuple[PublicFile, ...]
    embedded_files: tuple[str, ...]
    read: Callable[[list[Path]], Crystals]

    def local_files(self) -> list[Path]:
        """Return the local paths of the set's files, fetched and checked where they are public.

        Raises:
            DataError: A file is missing, cannot be fetched, or is not what it should be.
        """
        embedded = [embedded_data_directory() / name for name in self.embedded_files]
        for path in embedded:
            if not path.is_file():
                raise DataError(f"{path}: not there", "run from a clone of the repository (pip install -e .)")
        return embedded + [fetch(file) for file in self.public_files]
