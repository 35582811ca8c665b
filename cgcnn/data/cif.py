"""Parse CIFs into structures: one, many in parallel, or a folder of them in the layout of the authors' own code."""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Sequence
from pathlib import Path

from pymatgen.core import Structure

from cgcnn.data.crystals import Crystals, check_ordered, pack
from cgcnn.errors import DataError
from cgcnn.machine.parallel import parallel_map

# CIFs per task: parsing so many (about 1 ms per CIF) takes much longer than starting the task.
_CIFS_PER_TASK = 64


def parse_cif(text: str, where: str) -> Structure:
    """Parse the text of a CIF that holds one ordered crystal.

    Args:
        text: The contents of the file.
        where: The name of the CIF in messages, such as its path.

    Returns:
        The crystal, with its sites in the order of the file. Where a CIF holds several crystals, it is the first.

    Raises:
        DataError: The text cannot be read as a CIF, or the crystal is disordered, empty or not finite.
    """
    with warnings.catch_warnings():
        # pymatgen warns of harmless roundings in one line per file, which makes thousands of lines for a data set.
        warnings.simplefilter("ignore")
        try:
            structure = Structure.from_str(text, fmt="cif")
        except Exception as error:  # a damaged text makes the parser raise exceptions of many types, such as KeyError
            reason = " ".join(str(error).split()) or type(error).__name__
            raise DataError(f"{where}: not a readable CIF ({reason})", "repair it or remove it") from error
    check_ordered(structure, where)
    return structure


def read_cif(path: Path) -> Structure:
    """Read a CIF file that holds one ordered crystal.

    Args:
        path: The file.

    Returns:
        The crystal, as :func:`parse_cif` returns it.

    Raises:
        DataError: The file is missing, cannot be read as a CIF, or the crystal is disordered, empty or not finite.
    """
    return parse_cif(_read_text(path), str(path))


def _read_text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise DataError(f"{path}: {reason}", "name a CIF") from error


def parse_cifs(texts: Sequence[str], names: Sequence[str]) -> list[Structure]:
    """Parse CIF texts on all cores, with a progress bar where the output is a terminal.

    Args:
        texts: The contents of n CIFs.
        names: The names of the n CIFs in messages.

    Returns:
        n structures in the same order.

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
    return [parse_cif(text, name) for text, name in zip(texts, names, strict=True)]


def folder_files(folder: Path) -> list[Path]:
    """Return the files of a folder in the layout of the authors' code: its table, then its CIFs.

    Args:
        folder: A folder with ``id_prop.csv`` (columns id and target, no header) and one ``<id>.cif`` per row.

    Raises:
        DataError: The folder, its table or a CIF is missing, or the table is empty or malformed.
    """
    return [folder / "id_prop.csv", *(folder / f"{row_id}.cif" for row_id, _ in _read_id_prop(folder))]


def read_folder(folder: Path) -> Crystals:
    """Read the crystals of a folder in the layout of the authors' code.

    Args:
        folder: A folder with ``id_prop.csv`` (columns id and target, no header) and one ``<id>.cif`` per row. The
            targets must be in eV/atom.

    Returns:
        The crystals in the order of the table.

    Raises:
        DataError: The folder, its table or a CIF is missing, the table is empty or malformed, a CIF cannot be read, or
            a crystal is disordered, empty or not finite.
    """
    rows = _read_id_prop(folder)
    paths = [folder / f"{row_id}.cif" for row_id, _ in rows]
    structures = parse_cifs([_read_text(path) for path in paths], [str(path) for path in paths])
    return pack(structures, [row_id for row_id, _ in rows], [target for _, target in rows], folder.name, "target")


def _read_id_prop(folder: Path) -> list[tuple[str, float]]:
    table = folder / "id_prop.csv"
    if not table.is_file():
        raise DataError(f"{table}: not there", "a folder of crystals holds id_prop.csv (id,target) and <id>.cif files")
    rows: dict[str, float] = {}
    with table.open(newline="") as stream:
        for number, row in enumerate(csv.reader(stream), start=1):
            if not row:
                continue
            where = f"{table}: line {number}"
            if len(row) < 2:
                raise DataError(f"{where}: {row[0]!r} is not 'id,target'", "complete the line or remove it")
            row_id, target = row[0].strip(), _number(row[1])
            if not math.isfinite(target):
                raise DataError(f"{where}: target {row[1]!r} is not a finite number", "correct the line or remove it")
            if row_id in rows:
                raise DataError(f"{where}: the id {row_id!r} appears twice", "give every crystal its own id")
            cif = folder / f"{row_id}.cif"
            if not cif.is_file():
                raise DataError(f"{where}: {cif} is not there", "add the file or remove the line")
            rows[row_id] = target
    if not rows:
        raise DataError(f"{table}: empty", "write one line 'id,target' for each <id>.cif")
    return list(rows.items())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
