"""Turn symbols and numbers of space groups, and lists of operations, into symmetry operations.

The tables of space groups and the reader of Hall symbols are those of gemmi (Wojdyr, J. Open Source Softw. 7, 4200,
2022).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import gemmi
import numpy as np

from cgcnn.data.plain_numbers import whole

# Overlines and dashes with which symbols are typeset, and marks of a printed subscript or superscript.
_TYPESET = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u00af": "-", "$": "", "\\": "", "{": "", "}": ""}
)
# How FINDSYM and others write the axes and the origin.
_SETTINGS = (
    (r"\s*\(hexagonal axes\)", ":H"),
    (r"\s*\(rhombohedral axes\)", ":R"),
    (r"\s*\(origin (?:choice )?([12])\)", r":\1"),
)


@dataclass(frozen=True)
class Symmetry:
    """Symmetry operations of a space group, with its origin and its axes.

    Attributes:
        name: What messages call them, such as ``F d -3 m:2`` or ``the list of operations``.
        rotations: (n, 3, 3) int64, which act on columns of fractional coordinates.
        translations: (n, 3) float64, in fractions of the lattice vectors.
        number: The number of the space group in the International Tables; None where the operations are none of its
            tabulated settings.
    """

    name: str
    rotations: np.ndarray
    translations: np.ndarray
    number: int | None

    def codes(self) -> np.ndarray:
        """Return one row of whole numbers per operation, (n, 12), sorted, equal for equal groups."""
        return np.unique(_codes(self.rotations, self.translations), axis=0)

    def crystal_class(self) -> list[tuple[int, int]]:
        """Return determinant and trace of each distinct rotation, sorted; the same for all settings of a group."""
        distinct = np.unique(self.rotations, axis=0)
        determinants = np.rint(np.linalg.det(distinct)).astype(int)
        return sorted(zip(determinants.tolist(), np.trace(distinct, axis1=1, axis2=2).tolist(), strict=True))


#: No symmetry but the lattice's: space group P 1.
P1 = Symmetry("P 1", np.eye(3, dtype=np.int64)[None], np.zeros((1, 3)), 1)


def operation(text: str) -> gemmi.Op | None:
    """Return an operation such as ``x,y+1/2,-z``; a magnetic one without its time reversal (``x,y,z,-1``).

    Returns:
        The operation, or None where the text is no operation.
    """
    plain = re.sub(r",[+-]?1$", "", re.sub(r"\s", "", text))
    if re.fullmatch(r"[xyzXYZ0-9+\-*/.,]+", plain) is None:
        return None
    try:
        found = gemmi.Op(plain)
    except (RuntimeError, ValueError):
        return None
    return found if abs(found.det_rot()) == gemmi.Op.DEN**3 else None


@lru_cache(maxsize=1024)
def of_operations(texts: tuple[str, ...], centerings: tuple[str, ...] = ("x,y,z",)) -> Symmetry | None:
    """Return the group of listed operations.

    Args:
        texts: The operations, each of which :func:`operation` reads.
        centerings: Operations with which each of these is combined; magnetic CIFs list them apart.

    Returns:
        The group, or None where the operations are no group, because products of them are missing.
    """
    parts = [[one for text in some if (one := operation(text)) is not None] for some in (centerings, texts)]
    operations = {one.triplet(): one for a in parts[0] for b in parts[1] if (one := (a * b).wrap())}
    group = _symmetry("the list of operations", operations.values())
    # All products of two operations, n * n in one array.
    rotations = group.rotations[:, None] @ group.rotations[None]
    translations = np.einsum("aij,bj->abi", group.rotations, group.translations) + group.translations[:, None]
    products = np.unique(_codes(rotations.reshape(-1, 3, 3), translations.reshape(-1, 3)), axis=0)
    return group if np.array_equal(products, group.codes()) else None


@lru_cache(maxsize=1024)
def of_hall(symbol: str) -> Symmetry | None:
    """Return the group of a Hall symbol such as ``-F 4 2 3``, or None where it is not known."""
    try:
        return _symmetry(symbol, gemmi.symops_from_hall(symbol.replace("_", " ").strip()))
    except (RuntimeError, ValueError):
        return None


@lru_cache(maxsize=1024)
def of_symbol(text: str) -> tuple[tuple[tuple[Symmetry, ...], ...], bool]:
    """Return the settings that a Hermann-Mauguin symbol can mean.

    Args:
        text: A symbol such as ``F m -3 m``, ``F m 3 m`` (before 1985), ``Fd-3m:2``, ``F d -3 m Z``, ``R -3 m:R`` or
            ``P21/c``.

    Returns:
        Alternatives, of which the first whose settings fit the cell is meant: ``P 2/m`` has its axis along b, or else
        along c. Each is several settings where the symbol leaves the origin open. There are none where the symbol is
        not known. And whether the symbol names its origin or its axes, as with ``:2`` or ``:R``.
    """
    symbol = _plain(text)
    if (number := whole(symbol)) is not None:
        return of_number(number), False
    found = (
        (gemmi.find_spacegroup_by_name(symbol) or gemmi.find_spacegroup_by_name(_abbreviated(symbol)))
        if symbol
        else None
    )
    short = [group for group in _short_symbols().get(symbol.replace(" ", "").lower(), []) if group != found]
    if found is None and not short:
        return (), False
    if found is None:
        return tuple((_of_group(group),) for group in short), False
    if ":" in symbol:
        return ((_of_group(found),),), True
    same = tuple(_of_group(group) for group in gemmi.spacegroup_table() if group.hm == found.hm)
    if found.ext in "HR":
        return tuple((one,) for one in same), False
    return (same, *((_of_group(group),) for group in short)), False


@cache
def of_number(number: int) -> tuple[tuple[Symmetry, ...], ...]:
    """Return the settings that a number of the International Tables can mean, as :func:`of_symbol` does.

    The axes are those of the standard setting; both origins are returned where there are two.
    """
    if not 1 <= number <= 230:
        return ()
    reference = next(one for one in gemmi.spacegroup_table() if one.number == number and one.is_reference_setting())
    return of_symbol(reference.hm)[0] if reference.ext in "12HR" else ((_of_group(reference),),)


def _plain(text: str) -> str:
    """Return a symbol as gemmi reads it: without typesetting, and with the origin or the axes after a colon."""
    symbol = re.sub(r"(\d)\s?[\u0304\u0305]", r"-\1", text).translate(_TYPESET)
    for words, setting in _SETTINGS:
        symbol = re.sub(words, setting, symbol, flags=re.IGNORECASE)
    symbol = re.sub(r"\(?\s?\b(?:No\.?\s?\d{1,3}|#\s?\d{1,3})\s?\)?$|\(\d{2,3}\)$", "", symbol).strip()
    symbol = re.sub(r"(?<=[2346])[_(]+([1-5])\)?", r"\1", symbol).replace("_", " ")  # P6_3/mmc, P 2(1)/c
    # The ICSD writes S and Z for the first and the second origin, H and R for the axes.
    letter = re.search(r"\s?:?\s?\(?([SZHRhr12])\)?$", symbol)
    if letter and (":" in symbol or letter[1] in "SZ" or (letter[1] in "HRhr" and symbol[0] in "RrHh")):
        setting = {"S": "1", "Z": "2"}.get(letter[1], letter[1].upper())
        symbol = f"{symbol[: letter.start()].rstrip(' :')}:{setting}"
    return " ".join(symbol.split())


def _abbreviated(symbol: str) -> str:
    """Return the short form of a full symbol that is not monoclinic: F m -3 m for F 4/m -3 2/m."""
    name, colon, setting = symbol.partition(":")
    lattice, *axes = name.split()
    if len(axes) < 2 or ("1" in axes and axes[0] != "-3"):
        return symbol
    is_cubic = len(axes) > 1 and axes[1] in ("3", "-3")
    keeps_first = not is_cubic and axes[:1] != [] and axes[0][0] in "46"
    short = [axis if keeps_first and index == 0 else axis.rpartition("/")[2] for index, axis in enumerate(axes)]
    return " ".join([lattice, *short]) + colon + setting


@cache
def _short_symbols() -> dict[str, list[gemmi.SpaceGroup]]:
    """Return the monoclinic groups by the symbol without its ones, such as p2/m, in the order of the table: b, c, a."""
    groups: dict[str, list[gemmi.SpaceGroup]] = {}
    for group in gemmi.spacegroup_table():
        if group.crystal_system_str() == "monoclinic":
            lattice, *axes = group.hm.split()
            groups.setdefault("".join([lattice, *(one for one in axes if one != "1")]).lower(), []).append(group)
    return groups


@cache
def _of_table(hm: str, ext: str) -> Symmetry:
    group = next(one for one in gemmi.spacegroup_table() if one.hm == hm and one.ext == ext)
    return _symmetry(group.xhm(), group.operations(), group.number)


def _of_group(group: gemmi.SpaceGroup) -> Symmetry:
    return _of_table(group.hm, group.ext)


def _symmetry(name: str, operations: Iterable[gemmi.Op], number: int | None = None) -> Symmetry:
    listed = list(operations)
    if number is None:
        known = gemmi.find_spacegroup_by_ops(gemmi.GroupOps(listed))
        number = known.number if known is not None else None
    rotations = np.array([one.rot for one in listed], dtype=np.int64) // gemmi.Op.DEN
    translations = np.array([one.tran for one in listed], dtype=np.float64) / gemmi.Op.DEN
    return Symmetry(name, rotations, translations, number)


def _codes(rotations: np.ndarray, translations: np.ndarray) -> np.ndarray:
    """Return one row of whole numbers per operation, (n, 12), equal for operations that differ by lattice vectors."""
    steps = np.rint(translations * gemmi.Op.DEN).astype(np.int64) % gemmi.Op.DEN
    return np.concatenate([rotations.reshape(-1, 9), steps], axis=1)
