"""Hold what was read from a person's own files: the crystals, the files that were refused, and what was noticed."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymatgen.core import Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError

_logger = logging.getLogger(__name__)
# So many remarks of one kind are written to the log.
_OF_A_KIND = 3


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
        """Write all refusals to the package's log, and the remarks, of which three of a kind stand for all."""
        kinds: dict[str, list[str]] = {}
        for remark in self.remarks:
            # Remarks of one kind differ in the file, in what is in quotes, and in numbers.
            kinds.setdefault(re.sub(r"'[^']*'|[\d.]+", "", remark.split(": ", 1)[-1]), []).append(remark)
        for remarks in kinds.values():
            for remark in remarks[:_OF_A_KIND]:
                _logger.warning("%s", remark)
            if len(remarks) > _OF_A_KIND:
                _logger.warning("%d more remarks like this one", len(remarks) - _OF_A_KIND)
        for error in self.refused:
            _logger.error("%s", error)


def gather(crystals: Sequence[FileCrystal], name: str, ids: Sequence[str] | None = None) -> Crystals:
    """Pack crystals of files into one set, with the labels of their sites and without targets.

    Args:
        crystals: The n crystals.
        name: The name of the set, with which messages begin.
        ids: n unique names; None takes the crystals' own names, of which the second ``a`` becomes ``a (2)``.

    Returns:
        The n crystals in the same order. Sites whose labels are bare symbols are numbered by element: ``Na1``.
    """
    names = _unique([each.name for each in crystals]) if ids is None else ids
    packed = pack([each.structure for each in crystals], names, np.full(len(crystals), np.nan), name, "target", "")
    labels = np.array([label for each in crystals for label in _labels(each.structure)], dtype=np.str_)
    return dataclasses.replace(packed, site_labels=labels)


def _labels(structure: Structure) -> list[str]:
    symbols = [site.specie.symbol for site in structure]
    labels = [str(label) for label in structure.labels]
    # pymatgen calls a site without a label by its species, such as Fe or Fe2+.
    if any(label != str(site.specie) for label, site in zip(labels, structure, strict=True)):
        return labels
    counts: dict[str, int] = {}
    numbered = []
    for symbol in symbols:
        counts[symbol] = counts.get(symbol, 0) + 1
        numbered.append(f"{symbol}{counts[symbol]}")
    return numbered


def _unique(names: Sequence[str]) -> list[str]:
    """Return names of which none appears twice."""
    counts: dict[str, int] = {}
    taken = set(names)
    unique = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        own = name
        while counts[name] > 1 and (own := f"{name} ({counts[name]})") in taken:
            counts[name] += 1
        taken.add(own)
        unique.append(own)
    return unique
