"""Read crystals from extended XYZ files: one or many frames, each with its lattice and perhaps its energy."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from ase.io import read as read_frames
from pymatgen.core import Structure

from cgcnn.data.crystals import is_element
from cgcnn.data.plain_numbers import decimal, whole
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError, reason

#: The names under which a frame may keep its total energy in eV. ASE's own is ``energy``.
ENERGY_KEYS = (
    *("energy", "dft_energy", "DFT_energy", "REF_energy", "ref_energy", "TotEnergy", "total_energy", "Energy"),
    "free_energy",
)
_LATTICE = r"\blattice\s*="
_PROPERTIES = re.compile(r"""\bProperties\s*=\s*["'{]?([^\s"'}]+)""")
_ATOM = re.compile(r"\s*\S+(\s+[-+]?[\d.][\d.eEdD+-]*){3}")


def looks_like_xyz(text: str) -> bool:
    """Return whether a text begins as an XYZ file: a number of atoms, a comment, and the line of an atom.

    Args:
        text: The beginning of the file, at least its first three lines.
    """
    lines = text.split("\n", 3)
    if len(lines) < 3 or whole(lines[0].strip()) is None:
        return False
    return "properties=" in lines[1].lower() or _ATOM.match(lines[2]) is not None


def read_xyz(text: str, where: str) -> list[FileCrystal | DataError]:
    """Read every frame of an extended XYZ file.

    Args:
        text: The contents of the file.
        where: The name of the file in messages.

    Returns:
        For each frame its crystal, or the error that says why the frame cannot be used: it is cut short, has no
        lattice, or is not periodic. Frames are numbered from 0, as in ASE. Many molecules in one file are one error.
    """
    frames = list(_frames(text, where))
    several = len(frames) > 1
    if several and not re.search(_LATTICE, text, re.IGNORECASE):
        return [DataError(f"{where}: {len(frames)} molecules without a lattice, and no crystal", "leave it out")]
    return [
        frame if isinstance(frame, DataError) else _crystal(frame, f"{where}#{number}" if several else where)
        for number, frame in enumerate(frames)
    ]


def _frames(text: str, where: str) -> Iterator[str | DataError]:
    """Yield the text of each frame, or an error where lines belong to none; a damaged frame costs itself alone."""
    lines = text.splitlines()
    begins = [number for number in range(len(lines) - 1) if _begins(lines, number)]
    at = 0
    while at < len(lines):
        first = lines[at].strip()
        if not first:
            at += 1
        elif (n_atoms := whole(first)) is not None:
            # Where atoms are missing, the next frame begins too early.
            end = min(at + 2 + n_atoms, _next(begins, at, len(lines)))
            yield "\n".join(lines[at:end]) + "\n"
            at = end
        else:
            yield DataError(f"{where}: line {at + 1}: {first!r} is not a number of atoms", "repair the frame before it")
            at = _next(begins, at, len(lines))


def _next(begins: list[int], at: int, end: int) -> int:
    """Return the first of some ascending lines that comes after a line, or else the end."""
    place = bisect_right(begins, at)
    return begins[place] if place < len(begins) else end


def _begins(lines: list[str], number: int) -> bool:
    """Return whether a frame with a lattice begins in a line."""
    return (
        whole(lines[number].strip()) is not None and re.search(_LATTICE, lines[number + 1], re.IGNORECASE) is not None
    )


def _crystal(frame: str, where: str) -> FileCrystal | DataError:
    n_atoms, comment, *rows = frame.rstrip("\n").split("\n") if frame.count("\n") > 1 else (frame.strip(), "")
    if int(n_atoms) == 0 or len(rows) != int(n_atoms):
        return DataError(f"{where}: {len(rows)} of its {int(n_atoms)} atoms are there", "get the file again")
    if not re.search(_LATTICE, comment, re.IGNORECASE):
        return DataError(f"{where}: no lattice, so it is a molecule and not a crystal", "leave it out, or add Lattice=")
    comment = re.sub(_LATTICE, "Lattice=", comment, flags=re.IGNORECASE)
    columns = _columns(comment)
    n_columns, found_columns = sum(count for _, count in columns), len(rows[0].split())
    if n_columns > found_columns:  # ASE would make a table of so many, even of 10**9
        problem = f"{where}: its first atom has {found_columns} of {n_columns} columns"
        return DataError(problem, "correct Properties or the line")
    try:
        atoms = read_frames(io.StringIO("\n".join([n_atoms, comment, *rows, ""])), format="extxyz")
        if isinstance(atoms, list):
            raise TypeError("several frames")
        matrix, symbols = np.array(atoms.cell), list(atoms.symbols)
        coordinates = np.linalg.solve(matrix.T, atoms.positions.T).T if atoms.cell.volume else None
    except Exception as error:  # a damaged text makes the parser raise exceptions of many types
        return DataError(f"{where}: not a frame of extended XYZ ({_why(comment, columns, rows, error)})", "repair it")
    if coordinates is None:
        return DataError(f"{where}: its cell has no volume", "repair the lattice vectors")
    if not atoms.pbc.any():
        return DataError(f"{where}: not periodic, so it is a molecule and not a crystal", "leave it out")
    remarks = []
    if not atoms.pbc.all():
        remarks.append(f"{where}: periodic along {atoms.pbc.sum()} axes, and read as along three")
    found = dict(atoms.info) | (dict(atoms.calc.results) if atoms.calc else {})
    # A key without a value is true, which is no energy.
    known = {key: found.get(key) for key in ENERGY_KEYS if not isinstance(found.get(key), bool)}
    energies = {key: float(value) for key, value in known.items() if isinstance(value, int | float | np.number)}
    if len({energies[key] for key in energies if key != "free_energy"}) > 1:
        first, second = list(energies)[:2]
        remarks.append(f"{where}: {first} is {energies[first]} and {second} is {energies[second]}; {first} is read")
    energy = next(iter(energies.values()), None)
    return FileCrystal(where, Structure(matrix, symbols, coordinates), energy, tuple(remarks))


def _columns(comment: str) -> list[tuple[str, int]]:
    """Return the kinds of a frame's columns: S (text), R (number) or I (whole number), and how many of each follow.

    They are none where they cannot be told; what they are is then left to ASE.
    """
    found = _PROPERTIES.findall(comment)
    fields = (found[-1] if found else "species:S:1:pos:R:3").split(":")
    counts = fields[2::3]
    if len(fields) % 3 or not all(count.isascii() and count.isdigit() for count in counts):
        return []
    # So many digits are more columns than any line has.
    return [(kind, int(count.lstrip("0")[:18] or 0)) for kind, count in zip(fields[1::3], counts, strict=True)]


def _why(comment: str, columns: list[tuple[str, int]], rows: list[str], error: Exception) -> str:
    """Say why a frame cannot be read, where a look at it tells, and else what ASE says."""
    lattice = re.search(r"""Lattice=\s*["'{]?([^"'}]*)""", comment)
    if lattice and (len(numbers := lattice[1].split()) != 9 or None in map(decimal, numbers)):
        return f"Lattice is {lattice[1]!r}, not 9 numbers"
    kinds = "".join(kind[:1] * count for kind, count in columns)
    for number, row in enumerate(rows, start=3):
        words = row.split()
        if len(words) < len(kinds):
            return f"its line {number} has {len(words)} of {len(kinds)} columns"
        for kind, word in zip(kinds, words[: len(kinds)], strict=True):
            if (kind == "R" and decimal(word) is None) or (kind == "I" and whole(word.lstrip("+-")) is None):
                return f"{word!r} in its line {number} is not a number"
        if kinds[:1] == "S" and not is_element(words[0].capitalize()):
            return f"{words[0]!r} in its line {number} is no element"
    return reason(error)
