"""Read CIFs into structures, strictly: what was read is compared with the file, and agrees with it or is refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from pymatgen.core import Structure

from cgcnn.data.cif_blocks import crystal
from cgcnn.data.cif_sites import has_sites
from cgcnn.data.cif_syntax import parse
from cgcnn.data.file_kinds import kind_of
from cgcnn.data.reading import FileCrystal
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError
from cgcnn.machine.parallel import parallel_map

# CIFs per task: parsing so many (about 1 ms per CIF) takes much longer than starting the task.
_CIFS_PER_TASK = 64


def crystals_of(text: str, where: str) -> list[FileCrystal | DataError]:
    """Read all crystals of a CIF, and go on where one of them cannot be read.

    Args:
        text: The text of the file.
        where: The name of the CIF in messages, such as its path.

    Returns:
        For each block with atoms, in the order of the file, its crystal or the error that says why it cannot be read.
        Blocks without atoms (of texts, patterns, reflections) are passed over. The name of a crystal is ``where``, with
        ``#`` and the name of the block where the file has several.

    Raises:
        DataError: The text is no CIF, breaks its rules, or has no atoms.
    """
    kind = kind_of(text)
    if kind is not None or "data_" not in text.lower():
        found = f"this is {kind}" if kind is not None else "it has no data_ block"
        raise DataError(f"{where}: not a CIF ({found})", "give a CIF, or a file whose name says its format")
    try:
        blocks = parse(text)
    except DataError as error:
        raise DataError(f"{where}: {error.problem}", error.way_out) from error
    filled = [block for block in blocks if has_sites(block)]
    if not filled:
        raise DataError(f"{where}: no atoms in it (the tag _atom_site_fract_x is missing)", "give a CIF with atoms")
    read: list[FileCrystal | DataError] = []
    names = [where] if len(filled) == 1 else _distinct([f"{where}#{block.name}" for block in filled])
    for block, name in zip(filled, names, strict=True):
        try:
            read.append(crystal(block, name))
        except DataError as error:
            read.append(DataError(f"{name}: {error.problem}", error.way_out))
    return read


def _distinct(names: Sequence[str]) -> list[str]:
    """Number the names that appear again: x, x-2, x-3."""
    distinct: dict[str, None] = {}
    last: dict[str, int] = {}
    for name in names:
        numbers = itertools.count(last.get(name, 0) + 1)
        last[name], own = next(
            (number, one) for number in numbers if (one := name if number == 1 else f"{name}-{number}") not in distinct
        )
        distinct[own] = None
    return list(distinct)


def read_cif_file(path: Path) -> list[FileCrystal]:
    """Read all crystals of a CIF file.

    Args:
        path: The file, in any of the encodings and packings of :func:`cgcnn.data.text_files.read_text`.

    Returns:
        The crystals, one per block with atoms, as :func:`crystals_of` names them. Their sites stand in the order of the
        file, with its labels; where the symmetry gives a site several images, they follow each other.

    Raises:
        DataError: The file is missing or no CIF, or one of its crystals is incomplete, disordered, or contradicts what
            else the file says. The message gives the reason, with the line.
    """
    return _all(crystals_of(read_text(path), str(path)))


def read_cif(path: Path) -> Structure:
    """Read a CIF file that holds one ordered crystal.

    Args:
        path: The file.

    Returns:
        The crystal, with its sites and their labels as :func:`read_cif_file` orders them.

    Raises:
        DataError: The file cannot be read, as :func:`read_cif_file` says, or it holds several crystals.
    """
    return parse_cif(read_text(path), str(path))


def parse_cif(text: str, where: str) -> Structure:
    """Parse the text of a CIF that holds one ordered crystal.

    Args:
        text: The contents of the file.
        where: The name of the CIF in messages, such as its path.

    Returns:
        The crystal, as :func:`read_cif` returns it.

    Raises:
        DataError: The text cannot be read, or holds several crystals.
    """
    read = crystals_of(text, where)
    if len(read) > 1:
        raise DataError(f"{where}: {len(read)} crystals in the file", "write each crystal to a file of its own")
    return _all(read)[0].structure


def _all(read: Sequence[FileCrystal | DataError]) -> list[FileCrystal]:
    crystals = []
    for one in read:
        if isinstance(one, DataError):
            raise one
        crystals.append(one)
    return crystals


def parse_cifs(texts: Sequence[str], names: Sequence[str]) -> list[Structure]:
    """Parse CIF texts on all cores, with a progress bar where the output is a terminal.

    Args:
        texts: The contents of n CIFs.
        names: The names of the n CIFs in messages.

    Returns:
        n structures in the same order. Their sites are sorted by electronegativity, as pymatgen's own reader sorts
        them: the digests of the named sets depend on it.

    Raises:
        DataError: A CIF cannot be read, or its crystal is disordered, empty or not finite. The message names the
            first such CIF.
    """
    starts = range(0, len(texts), _CIFS_PER_TASK)
    tasks = ((texts[i : i + _CIFS_PER_TASK], names[i : i + _CIFS_PER_TASK]) for i in starts)
    n_jobs = 1 if len(texts) <= _CIFS_PER_TASK else -1  # a worker process takes seconds to start
    parsed = parallel_map(_parse_some, tasks, len(texts), "parse CIFs", "crystal", count=len, n_jobs=n_jobs)
    return [structure for some in parsed for structure in some]


def _parse_some(texts: Sequence[str], names: Sequence[str]) -> list[Structure]:
    return [parse_cif(text, name).get_sorted_structure() for text, name in zip(texts, names, strict=True)]
