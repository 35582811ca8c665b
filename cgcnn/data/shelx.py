"""Read crystals from SHELX files (.res), with their symmetry, and with the energies of AIRSS, the random search."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import gemmi
import numpy as np
from pymatgen.core import Lattice, Structure

from cgcnn.data.cif_blocks import angles_form_cell
from cgcnn.data.cif_cells import MOST_ATOMS
from cgcnn.data.cif_groups import operation
from cgcnn.data.crystals import is_element
from cgcnn.data.plain_numbers import decimal, whole
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError, reason

# One GPa times one cubic angstrom in eV (CODATA 2022).
_EV_PER_GPA_A3 = 1 / 160.21766
# A pressure that adds less than this to the enthalpy per site, in eV, is not worth a remark.
_SMALL = 1e-3
# Images of a site that are nearer than this, in angstrom, are one site on a symmetry element.
_MERGED = 0.05
# A lattice point of the most symmetric groups has 48 operations; SHELX lists those of one point, without the inversion.
_MOST_OPERATIONS = 48
# The lattice centerings by the number after LATT (Sheldrick, SHELX manual).
_CENTERINGS: dict[int, list[tuple[float, float, float]]] = {
    1: [],
    2: [(1 / 2, 1 / 2, 1 / 2)],
    3: [(2 / 3, 1 / 3, 1 / 3), (1 / 3, 2 / 3, 2 / 3)],
    4: [(0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2), (1 / 2, 1 / 2, 0)],
    5: [(0, 1 / 2, 1 / 2)],
    6: [(1 / 2, 0, 1 / 2)],
    7: [(1 / 2, 1 / 2, 0)],
}
# The instructions of SHELXL that say nothing of the positions of atoms (Sheldrick, SHELX manual).
_WORDS = (
    "ABIN ACTA AFIX ANIS ANSC ANSR BASF BIND BLOC BOND BUMP CGLS CHIV CONF CONN DAMP DANG DEFS DELU DFIX DISP EADP "
    "EQIV EXTI EXYZ FLAT FMAP FREE FVAR GRID HFIX HTAB ISOR LAUE LIST L.S. MERG MORE MPLA NCSY NEUT OMIT PART PLAN "
    "PRIG REM RESI RIGU RTAB SADI SAME SHEL SIMU SIZE SPEC STIR SUMP SWAT TEMP TITL TWIN TWST UNIT WGHT WIGL WPDB "
    "XNPD ZERR"
)
_INSTRUCTIONS = frozenset(_WORDS.split())


def looks_like_shelx(text: str) -> bool:
    """Return whether a text has the lines of a SHELX file: CELL with seven numbers, and SFAC.

    Args:
        text: The contents of the file.
    """
    has_cell = re.search(r"^CELL(\s+[-+\d.eE]+){7}\s*$", text, re.MULTILINE | re.IGNORECASE)
    return bool(has_cell and re.search(r"^SFAC\s", text, re.MULTILINE | re.IGNORECASE))


def read_shelx(text: str, where: str) -> list[FileCrystal | DataError]:
    """Read every record of a SHELX file; AIRSS packs many of them into one file.

    Args:
        text: The contents of the file.
        where: The name of the file in messages.

    Returns:
        For each record its crystal, with all sites of the cell, or the error that says why it cannot be used. The
        energy is the enthalpy of AIRSS's title, where the title has one. Where p V is a part of it, the first such
        crystal has a remark for all.
    """
    records = list(read_records(text, where))
    read = [record.crystal for record in records]
    works = [record.work for record in records if abs(record.work) > _SMALL]
    for place, crystal in enumerate(read):
        if works and isinstance(crystal, FileCrystal) and abs(records[place].work) > _SMALL:
            largest = max(works, key=abs)
            parts = f"{len(works)} of its energies are enthalpies, of which p V is up to {largest:.3f} eV per site"
            read[place] = dataclasses.replace(crystal, remarks=(f"{where}: {parts}",))
            break
    return read


@dataclass(frozen=True)
class Record:
    """One record of a SHELX file.

    Attributes:
        name: The first word of its title.
        crystal: Its crystal, or the error that says why it cannot be used.
        work: Pressure times volume per site in eV, by the title; 0 where the title says nothing of it.
    """

    name: str
    crystal: FileCrystal | DataError
    work: float


def read_records(text: str, where: str) -> Iterator[Record]:
    """Yield every record of a SHELX file.

    Args:
        text: The contents of the file.
        where: The name of the file in messages.
    """
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line[:4].upper() == "TITL"] or [0]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        words = lines[start].split()
        title = words[1] if len(words) > 1 else ""
        name = f"{where}#{title}" if len(starts) > 1 and title else where
        place = f"{where}: the record of line {start + 1}"
        try:
            yield _record(lines[start:end], title, name, place)
        except DataError as error:
            yield Record(title, error, 0.0)
        except Exception as error:  # a damaged record fails in many ways: no number, no such element, no such operation
            yield Record(title, DataError(f"{place} cannot be read ({reason(error)})", "get the file again"), 0.0)


@dataclass(frozen=True)
class _Title:
    """What AIRSS writes after TITL: pressure in GPa, volume in cubic angstrom, enthalpy in eV, number of atoms."""

    pressure: float
    volume: float
    enthalpy: float
    n_atoms: int


def _record(lines: list[str], own_name: str, name: str, where: str) -> Record:
    title = _title(lines[0])
    cell: list[float] = []
    lattice_type: int | None = None
    operations = [gemmi.Op()]
    symbols: list[str] = []
    atoms: list[list[str]] = []
    # A line that ends with "=" goes on in the next one.
    for line in re.sub(r"\s=\s*\n", " ", "\n".join(lines)).split("\n"):
        words = line.split("!")[0].split()
        command = words[0][:4].upper() if words else "REM"
        if command == "CELL":
            cell = [_number(word, f"{where}: CELL") for word in words[2:8]]
        elif command == "LATT":
            lattice_type = _lattice_type(" ".join(words[1:2]), where)
        elif command == "SYMM":
            operations.append(_operation("".join(words[1:]), where))
        elif command == "SFAC":
            # The long form names one element, and numbers follow it.
            is_long = len(words) > 2 and not words[2].isalpha()
            symbols += words[1:2] if is_long else words[1:]
        elif command in ("END", "HKLF"):
            break
        elif words and words[0].upper().partition("_")[0] in _INSTRUCTIONS:
            continue  # before atoms: ZERR and UNIT may have the numbers of one
        elif _is_atom(words):
            atoms.append(words)
        elif command not in _INSTRUCTIONS and not re.fullmatch(r"Q\d+", command):
            raise DataError(f"{where}: {line.strip()!r} is no atom and no instruction that is read", "correct the line")
    else:
        raise DataError(f"{where} has no END", "get the file again")
    if len(operations) > _MOST_OPERATIONS:
        raise DataError(
            f"{where} has {len(operations) - 1} lines SYMM, more than any group", "remove the repeated ones"
        )
    if len(cell) != 6 or not symbols:
        raise DataError(f"{where} has no CELL and SFAC", "get the file again")
    if title and len(atoms) != title.n_atoms:
        raise DataError(f"{where} holds {len(atoms)} of its {title.n_atoms} atoms", "get the file again")
    if lattice_type is None and not title:
        raise DataError(f"{where} has no LATT", "write LATT -1 where all sites of the cell are listed")
    if min(cell) <= 0 or not angles_form_cell(cell[3:]):
        raise DataError(f"{where}: CELL {' '.join(f'{each:g}' for each in cell)} is no cell", "correct it")
    elements = _symbols(atoms, symbols, where)
    kind = -1 if lattice_type is None else lattice_type
    structure = _fill_cell(Lattice.from_parameters(*cell), elements, atoms, operations, kind, where)
    if title is None:
        return Record(own_name, FileCrystal(name, structure), 0.0)
    work = title.pressure * title.volume * _EV_PER_GPA_A3 / len(structure)
    return Record(own_name, FileCrystal(name, structure, title.enthalpy), work)


def _title(line: str) -> _Title | None:
    """Return what AIRSS wrote after TITL; None where the line is a title of another program."""
    words = line.split()
    if len(words) < 8 or words[0].upper() != "TITL":
        return None
    pressure, volume, enthalpy, n_atoms = *map(decimal, words[2:5]), whole(words[7])
    if pressure is None or volume is None or enthalpy is None or n_atoms is None:
        return None
    return _Title(pressure, volume, enthalpy, n_atoms)


def _number(word: str, where: str) -> float:
    value = decimal(word)
    if value is None or not math.isfinite(value):
        raise DataError(f"{where}: {word!r} is not a number", "correct it")
    return value


def _lattice_type(word: str, where: str) -> int:
    number = whole(word.lstrip("-"))
    if number not in _CENTERINGS:
        raise DataError(f"{where}: LATT {word} is not known", "write a number from 1 to 7, or from -1 to -7")
    return -number if word.startswith("-") else number


def _operation(text: str, where: str) -> gemmi.Op:
    found = operation(text)
    if found is None:
        raise DataError(f"{where}: {text!r} is no symmetry operation", "write it like 'X, Y+1/2, -Z'")
    return found


def _is_atom(words: list[str]) -> bool:
    """Return whether a line is that of an atom: a name, the number of its element, and three coordinates or more."""
    if len(words) < 5 or whole(words[1]) is None or re.fullmatch(r"Q\d+", words[0].upper()):
        return False  # Q1 is a peak of the electron density
    return all(decimal(word) is not None for word in words[2:5])


def _symbols(atoms: list[list[str]], symbols: list[str], where: str) -> list[str]:
    """Return the element of each atom by its number in SFAC; refuse a name that is another element's symbol."""
    found = []
    for words in atoms:
        number = int(words[1])
        if not 1 <= number <= len(symbols):
            raise DataError(f"{where}: atom {words[0]!r} has the element {number} of {len(symbols)}", "correct SFAC")
        symbol = symbols[number - 1].capitalize()
        if not is_element(symbol):
            raise DataError(f"{where}: atom {words[0]!r} is {symbol!r}, no element", "write the symbol of an element")
        if words[0] != symbol and is_element(words[0]):
            raise DataError(f"{where}: atom {words[0]!r} is {symbol} by SFAC", "correct its number or its name")
        found.append(symbol)
    return found


def _fill_cell(
    lattice: Lattice,
    symbols: list[str],
    atoms: list[list[str]],
    operations: list[gemmi.Op],
    lattice_type: int,
    where: str,
) -> Structure:
    """Return the crystal with all images of its atoms, each of which must be fully occupied."""
    rotations = np.array([np.array(op.rot) / op.DEN for op in operations])
    shifts = np.array([np.array(op.tran) / op.DEN for op in operations])
    if lattice_type > 0:
        rotations, shifts = np.concatenate([rotations, -rotations]), np.concatenate([shifts, -shifts])
    centerings = np.array([(0, 0, 0), *_CENTERINGS[abs(lattice_type)]], dtype=float)
    if len(atoms) * len(rotations) * len(centerings) > MOST_ATOMS:
        raise DataError(f"{where}: its atoms have more than {MOST_ATOMS} images", "remove repeated lines")
    sites: list[tuple[str, np.ndarray, str]] = []
    for words, symbol in zip(atoms, symbols, strict=True):
        position = np.array([_parameter(word, f"{where}: atom {words[0]!r}") for word in words[2:5]])
        occupancy = _parameter(words[5], f"{where}: atom {words[0]!r}") if len(words) > 5 else 1.0
        images = ((rotations @ position + shifts)[:, None] + centerings).reshape(-1, 3)
        distinct: list[np.ndarray] = []
        for image in images:
            if not distinct or np.min(_distances(lattice, image, np.array(distinct))) > _MERGED:
                distinct.append(image)
        filled = occupancy * len(images) / len(distinct)
        if abs(filled - 1) > 0.01:
            raise DataError(
                f"{where}: atom {words[0]!r} is disordered (occupancy {filled:.3g})",
                "order it first, for instance with pymatgen's OrderDisorderedStructureTransformation",
            )
        sites += [(symbol, image, words[0]) for image in distinct]
    if not sites:
        raise DataError(f"{where}: no sites", "remove it or repair the file")
    species, coordinates, labels = zip(*sites, strict=True)
    return Structure(lattice, species, np.array(coordinates), labels=list(labels))


def _parameter(word: str, where: str) -> float:
    """Return a number of SHELX, where 10 is added to what is not refined, and multiples of 10 name a free variable."""
    value = _number(word, where)
    if abs(value) >= 15:
        raise DataError(f"{where}: {word} depends on a free variable", "write the number itself")
    return value - 10 if value > 5 else value + 10 if value < -5 else value


def _distances(lattice: Lattice, position: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distances, in angstrom, of a position from the nearest images of others; right for small ones."""
    moves = others - position
    return np.asarray(np.linalg.norm((moves - np.round(moves)) @ lattice.matrix, axis=1))
