"""Read a crystal from a POSCAR, the structure file of VASP (https://www.vasp.at/wiki/index.php/POSCAR)."""

from __future__ import annotations

import re

import numpy as np
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import is_element
from cgcnn.data.plain_numbers import decimal, whole
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError


def looks_like_poscar(text: str) -> bool:
    """Return whether a text begins as a POSCAR: a comment, one or three scales, and three lattice vectors.

    Args:
        text: The beginning of the file, at least its first five lines.
    """
    head = [line.split() for line in text.split("\n", 5)[1:5]]
    if len(head) < 4 or len(_leading_numbers(head[0])) not in (1, 3):
        return False
    return all(len(_leading_numbers(words)) == 3 for words in head[1:])


def read_poscar(text: str, where: str) -> list[FileCrystal | DataError]:
    """Read the crystal of a POSCAR or CONTCAR.

    Scales below zero are volumes, as in VASP. Velocities are left out. A file without symbols (VASP 4) is read where
    its comment or its coordinate lines name the elements.

    Args:
        text: The contents of the file.
        where: The name of the file in messages.

    Returns:
        The crystal alone, in a list.

    Raises:
        DataError: A line cannot be read, or the elements are not named. The message names the line.
    """
    lines = text.splitlines()
    reader = _Lines(lines, where)
    if len(lines) < 8:
        raise DataError(f"{where}: a POSCAR of {len(lines)} lines; it ends before the coordinates", "get it again")
    scales = reader.numbers(1, (1, 3))
    vectors = np.array([reader.numbers(number, (3,)) for number in (2, 3, 4)])
    scale = _scale(scales, vectors, where)
    symbols, counts, at = _species(reader, where)
    mode = reader.word(at)
    if mode[:1] in "sS":
        at += 1
        mode = reader.word(at)
    if not mode[:1].isalpha():
        raise DataError(f"{where}: line {at + 1}: {mode!r} is neither Direct nor Cartesian", "write one of them there")
    if "configuration" in " ".join(reader.words(at)):
        raise DataError(
            f"{where}: an XDATCAR, which holds the steps of a run", "convert it to extended XYZ by ase convert"
        )
    n_sites = sum(counts)
    if at + 1 + n_sites > len(lines):
        raise DataError(f"{where}: {len(lines) - at - 1} coordinate lines for {n_sites} atoms", "get the file again")
    coordinates = np.array([reader.numbers(at + 1 + site, (3,)) for site in range(n_sites)]).reshape(-1, 3)
    named = [_last_symbol(reader.words(at + 1 + site)) for site in range(n_sites)]
    elements = _elements(symbols, counts, named, lines[0], where)
    _refuse_more(lines[at + 1 + n_sites :], where)
    is_cartesian = mode[0] in "cCkK"
    structure = Structure(
        Lattice(vectors * scale),
        elements,
        coordinates * scale if is_cartesian else coordinates,
        coords_are_cartesian=is_cartesian,
    )
    return [FileCrystal(where, structure)]


class _Lines:
    """The lines of a file, whose words and numbers are asked for by the line."""

    def __init__(self, lines: list[str], where: str) -> None:
        self._lines, self._where = lines, where

    def words(self, index: int) -> list[str]:
        """Return the words of a line before any comment."""
        return re.split(r"[!#]", self._lines[index])[0].split() if index < len(self._lines) else []

    def word(self, index: int) -> str:
        """Return the first word of a line that must have one."""
        words = self.words(index)
        if not words:
            raise DataError(f"{self._where}: line {index + 1} of the POSCAR is empty", "get the file again")
        return words[0]

    def numbers(self, index: int, allowed: tuple[int, ...]) -> np.ndarray:
        """Return the leading numbers of a line, as many of them as one of the allowed counts asks for."""
        numbers = _leading_numbers(self.words(index))
        count = max((one for one in allowed if one <= len(numbers)), default=0)
        if not count:
            raise DataError(
                f"{self._where}: line {index + 1}: {self._lines[index].strip()!r} does not begin with {allowed[-1]} "
                "numbers",
                "correct the line",
            )
        return np.array(numbers[:count])


def _leading_numbers(words: list[str]) -> list[float]:
    numbers = []
    for word in words:
        if (number := decimal(word)) is None:
            break
        numbers.append(number)
    return numbers


def _scale(scales: np.ndarray, vectors: np.ndarray, where: str) -> np.ndarray:
    """Return the factors of x, y and z by which vectors and Cartesian coordinates are multiplied."""
    volume = abs(np.linalg.det(vectors))
    if volume < 1e-9 or (scales == 0).any() or (len(scales) == 3 and (scales < 0).any()):
        raise DataError(f"{where}: its cell has no volume", "correct the scale or the lattice vectors")
    if scales[0] < 0:
        return np.full(3, (-scales[0] / volume) ** (1 / 3))
    return np.broadcast_to(scales, 3)


def _species(reader: _Lines, where: str) -> tuple[list[str], list[int], int]:
    """Return the symbols (none in VASP 4), the counts, and the index of the line after them."""
    at, symbols = 5, []
    while (words := reader.words(at)) and whole(words[0]) is None:
        # VASP 6 writes the name of the potential and its hash: Mg_pv/f474ac0d.
        symbols += [word.split("/")[0].split("_")[0] for word in words]
        at += 1
    counts: list[int] = []
    while (words := reader.words(at)) and None not in (read := [whole(word) for word in words]):
        counts += [count for count in read if count is not None]
        at += 1
        if not symbols or len(counts) >= len(symbols):
            break
    if not counts or not sum(counts) or (symbols and len(symbols) != len(counts)):
        raise DataError(
            f"{where}: {len(symbols)} symbols and {len(counts)} numbers of atoms from line 6 on",
            "write one number for each symbol",
        )
    return symbols, counts, at


def _last_symbol(words: list[str]) -> str | None:
    """Return the element at the end of a coordinate line, where one stands after the numbers and the T or F flags."""
    rest = words[3:]
    if rest[:3] and all(word.strip(".").upper() in ("T", "F", "TRUE", "FALSE") for word in rest[:3]) and len(rest) > 2:
        rest = rest[3:]
    word = re.sub(r"\d*[+-]?$", "", rest[0]) if rest else ""
    return word if is_element(word) else None


def _elements(symbols: list[str], counts: list[int], named: list[str | None], comment: str, where: str) -> list[str]:
    """Return the symbol of each site; refuse a file that does not name the elements, or names two for one site."""
    if symbols:
        elements = [symbol for symbol, count in zip(symbols, counts, strict=True) for _ in range(count)]
    elif all(named):
        return [str(symbol) for symbol in named]
    elif len(comment.split()) == len(counts) and all(is_element(word) for word in comment.split()):
        elements = [symbol for symbol, count in zip(comment.split(), counts, strict=True) for _ in range(count)]
    else:
        raise DataError(f"{where}: a POSCAR without the elements (VASP 4)", "write their symbols above line 6")
    for site, (symbol, other) in enumerate(zip(elements, named, strict=True)):
        if not is_element(symbol):
            raise DataError(f"{where}: site {site} is {symbol!r}, no element", "write the symbol of an element")
        if other is not None and other != symbol:
            raise DataError(
                f"{where}: site {site} is {symbol} by line 6 and {other} by its own line", "correct one of them"
            )
    return elements


def _refuse_more(rest: list[str], where: str) -> None:
    """Refuse a file in which further coordinates, or a second POSCAR, follow the first one."""
    # Velocities begin after an empty line, or after one with their mode.
    if rest and len(_leading_numbers(rest[0].split())) >= 3:
        raise DataError(f"{where}: more coordinate lines than atoms, such as {rest[0].strip()!r}", "correct line 7")
    for start in range(len(rest)):
        if looks_like_poscar("\n".join(rest[start : start + 6])) and re.search(
            r"^\s*[dDcCkK]\w*\s*$", "\n".join(rest[start + 5 : start + 9]), re.MULTILINE
        ):
            raise DataError(f"{where}: several crystals in one POSCAR", "write each into a file of its own")
