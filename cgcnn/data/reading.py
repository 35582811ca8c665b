"""Hold what was read from a person's own files: the crystals, the files that were refused, and what was noticed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pymatgen.core import Structure

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileCrystal:
    """One crystal of a file.

    Attributes:
        name: The name of the crystal: the file as it was given, and ``#`` with the name of the block or the number of
            the frame where the file holds several.
        structure: The ordered crystal, whose site labels are those of the file.
        energy_eV: The total energy that the file gives for the cell, in eV; None where it gives none.
        remarks: What was noticed and does not stop the reading, one sentence each, such as a formula that disagrees
            with the sites.
    """

    name: str
    structure: Structure
    energy_eV: float | None = None  # noqa: N815  # a unit has its own spelling
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What was read from files or a folder.

    Attributes:
        crystals: The crystals that could be read, in the order of the files.
        refused: The errors of the files that could not be read. Each names the file and the way out.
        remarks: What was noticed, one sentence each, which begins with the name of the file or the folder.
    """

    crystals: Crystals
    refused: tuple[DataError, ...] = ()
    remarks: tuple[str, ...] = ()

    def report(self) -> None:
        """Write all remarks and refusals to the package's log."""
        for remark in self.remarks:
            _logger.warning("%s", remark)
        for error in self.refused:
            _logger.error("%s", error)
