"""Find the symmetry that a CIF's block means, by comparing its list of operations, its symbols and its number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.data import cif_groups
from cgcnn.data.cif_groups import P1, Symmetry
from cgcnn.data.cif_sites import number
from cgcnn.data.cif_syntax import NULLS, Block, Value
from cgcnn.errors import DataError

_OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
_MAGNETIC = "_space_group_symop_magn_operation_xyz"
_MAGNETIC_CENTERINGS = "_space_group_symop_magn_centering_xyz"
_SYMBOLS = (
    "_symmetry_space_group_name_H-M",
    "_space_group_name_H-M_alt",
    "_space_group_name_H-M_full",
    "_space_group_name_H-M_ref",
    "_space_group_name_H-M",
    "_symmetry_space_group_name_H_M",
)
_HALL = ("_symmetry_space_group_name_Hall", "_space_group_name_Hall")
_NUMBERS = ("_symmetry_Int_Tables_number", "_space_group_IT_number")
# An operation may change the products of the cell's vectors by this part of the product of their lengths, which is 1 %
# of a length or 1 degree of an angle. Cells are rounded by less.
_CELL_TOLERANCE = 0.02
# Groups have 192 operations per cell, and supercells some times as many. All products of n operations are n * n.
_MOST_OPERATIONS = 1000
_WAY_OUT = "write a known symbol such as 'F m -3 m', or list the operations (_space_group_symop_operation_xyz)"


@dataclass(frozen=True)
class Choice:
    """What a block says about its symmetry.

    Attributes:
        symmetries: The symmetries that it may mean: one where it is clear; several where the atoms must decide.
        doubt: Why there are several, with the lines; empty where there is one.
        remarks: What was noticed, one sentence each.
    """

    symmetries: tuple[Symmetry, ...]
    doubt: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Claim:
    """What one tag says.

    Attributes:
        alternatives: The settings that it can mean. The first alternative that fits the cell is meant; it is several
            settings where the tag leaves the origin open.
        what: What messages call it, such as ``the symbol 'F m -3 m'``.
        values: The values of the tag, each with its line.
        is_exact: Whether the tag names the axes and the origin.
    """

    alternatives: tuple[tuple[Symmetry, ...], ...]
    what: str
    values: tuple[Value, ...]
    is_exact: bool

    @property
    def lines(self) -> str:
        """The lines of the file on which the tag's values stand."""
        first, last = self.values[0].line, self.values[-1].line
        return f"line {first}" if first == last else f"lines {first} to {last}"

    def __str__(self) -> str:
        return f"{self.what} ({self.lines})"

    def fitting(self, metric: np.ndarray) -> tuple[Symmetry, ...]:
        """Return the settings that fit the cell, none where none does."""
        for settings in self.alternatives:
            fitting = tuple(one for one in settings if _misfit(one, metric) is None)
            if fitting:
                return fitting
        return ()


def choose(block: Block, metric: np.ndarray) -> Choice | None:
    """Return the symmetries that a block may mean, or None where it says nothing about its symmetry.

    A list of operations counts first, then a Hall symbol, a Hermann-Mauguin symbol, and the number. The others must
    name the same space group.

    Args:
        block: The block.
        metric: (3, 3) The products of the lattice vectors, in square angstrom.

    Raises:
        DataError: A symbol, a number or an operation is not known, the operations are no group, or they do not fit the
            cell. The problem begins with the line.
    """
    if is_magnetic(block):  # the symbols are those of the parent, without its magnetic moments
        claims = _listed(block, (_MAGNETIC,), _MAGNETIC_CENTERINGS)
        unknown: list[Value] = []
    else:
        claims = _listed(block, _OPERATIONS)
        halls, unknown_halls = _named(block, _HALL)
        symbols, unknown = _named(block, _SYMBOLS)
        claims += halls
        if not claims and (unknown or (unknown_halls and not symbols)):
            raise _not_known((unknown or unknown_halls)[0])
        claims += symbols + _numbered(block)
    magnetic = block.begins("_space_group_magn_")
    if not claims and magnetic is not None:
        raise DataError(
            f"line {block.line}: data_{block.name} names its magnetic symmetry alone ({magnetic})",
            "list its operations (_space_group_symop_magn_operation.xyz)",
        )
    if not claims:
        return None
    first = claims[0]
    chosen = first.fitting(metric)
    if not chosen:
        raise _does_not_fit(first, metric)
    doubt = f"{first} leaves the origin open" if len(chosen) > 1 else ""
    remarks = []
    for claim in claims[1:]:
        settings = claim.fitting(metric)
        if not settings and _group(claim) != _group(first):
            remarks.append(f"The cell does not fit {claim}, and {first} was used.")
        elif _are_same_group(chosen[0], claim.alternatives[0][0]):
            narrowed = tuple(one for one in settings if _is_among(one, chosen))
            if claim.is_exact and first.is_exact and settings and not narrowed:
                chosen, doubt = (*chosen, *settings), f"{first} and {claim} disagree"
            elif claim.is_exact and narrowed and not first.is_exact:
                chosen, doubt = narrowed, ""
        else:
            chosen = (*chosen, *(one for one in settings if not _is_among(one, chosen)))
            doubt = f"{first} and {claim} disagree"
    return Choice(chosen, doubt, tuple(remarks))


def is_magnetic(block: Block) -> bool:
    """Return whether a block lists the operations of a magnetic crystal."""
    return block.has(_MAGNETIC)


def _listed(block: Block, tags: tuple[str, ...], centerings: str | None = None) -> list[_Claim]:
    claims = []
    for tag in tags:
        values = _operations(block, tag)
        if not values:
            continue
        texts = tuple(value.text for value in values)
        added = tuple(value.text for value in _operations(block, centerings)) if centerings is not None else ()
        if len(set(texts)) * max(len(set(added)), 1) > _MOST_OPERATIONS:
            raise DataError(f"line {values[0].line}: {len(texts)} operations, which no group has", "correct the list")
        symmetry = cif_groups.of_operations(texts, added or ("x,y,z",))
        claim = _Claim(((symmetry or P1,),), "the list of operations", tuple(values), is_exact=True)
        if symmetry is None:
            raise DataError(
                f"{claim.lines}: the listed operations are no group, since some products of them are missing",
                "list all operations, or remove the list and write the symbol",
            )
        claims.append(claim)
    return claims


def _operations(block: Block, tag: str) -> list[Value]:
    values = [value for value in block.values(tag) if value.text.strip() not in NULLS]
    for value in values:
        if cif_groups.operation(value.text) is None:
            raise DataError(
                f"line {value.line}: {value.text!r} is no symmetry operation",
                "write it like 'x,y+1/2,-z', between quotes where it has spaces",
            )
    return values


def _named(block: Block, tags: tuple[str, ...]) -> tuple[list[_Claim], list[Value]]:
    """Return what symbols say, and the values that are no known symbols."""
    claims, unknown = [], []
    alternatives: tuple[tuple[Symmetry, ...], ...]
    for value in (block.value(tag) for tag in tags):
        if value is None:
            continue
        if tags is _HALL:
            group, is_exact = cif_groups.of_hall(value.text), True
            alternatives = ((group,),) if group is not None else ()
        else:
            alternatives, is_exact = cif_groups.of_symbol(value.text)
        if alternatives:
            kind = "Hall symbol" if tags is _HALL else "symbol"
            claims.append(_Claim(alternatives, f"the {kind} {value.text!r}", (value,), is_exact))
        else:
            unknown.append(value)
    return claims, unknown


def _numbered(block: Block) -> list[_Claim]:
    claims = []
    for value in (block.value(tag) for tag in _NUMBERS):
        read = number(value.text) if value is not None else None
        alternatives = cif_groups.of_number(int(read[0])) if read is not None else ()
        if value is not None and alternatives:
            claims.append(_Claim(alternatives, f"the space group number {value.text}", (value,), is_exact=False))
    return claims


def _group(claim: _Claim) -> int | None:
    return claim.alternatives[0][0].number


def _are_same_group(one: Symmetry, other: Symmetry) -> bool:
    if one.number is None or other.number is None:
        return one.crystal_class() == other.crystal_class()
    return one.number == other.number


def _is_among(one: Symmetry, others: tuple[Symmetry, ...]) -> bool:
    return any(np.array_equal(one.codes(), other.codes()) for other in others)


def _misfit(symmetry: Symmetry, metric: np.ndarray) -> int | None:
    """Return the first operation that changes the lengths or the angles of the cell, or None."""
    if len(symmetry.rotations) == 1:
        return None
    lengths = np.sqrt(np.diag(metric))
    changed = np.swapaxes(symmetry.rotations, 1, 2) @ metric @ symmetry.rotations
    wrong = (np.abs(changed - metric) > _CELL_TOLERANCE * np.outer(lengths, lengths)).any(axis=(1, 2))
    return int(np.argmax(wrong)) if wrong.any() else None


def _does_not_fit(claim: _Claim, metric: np.ndarray) -> DataError:
    what, line = claim.what, claim.values[0].line
    if len(claim.values) > 1:
        wrong = _misfit(claim.alternatives[0][0], metric) or 0
        value = claim.values[min(wrong, len(claim.values) - 1)]
        what, line = f"the operation {value.text!r}", value.line
    return DataError(
        f"line {line}: {what} is no symmetry of the cell",
        "correct the cell or the symmetry (:R and :H after a symbol name rhombohedral and hexagonal axes)",
    )


def _not_known(value: Value) -> DataError:
    return DataError(
        f"line {value.line}: the symmetry {value.text!r} ({value.tag}) is not known, and the file lists no operations",
        _WAY_OUT,
    )
