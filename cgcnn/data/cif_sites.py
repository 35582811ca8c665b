"""Read the atom lines of a CIF's block, and refuse what is disordered, incomplete or no atom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cgcnn.data.cif_elements import element_of_label, element_of_type, is_capital
from cgcnn.data.cif_syntax import NULLS, Block
from cgcnn.errors import DataError

# A number, with its standard uncertainty in brackets, of which the second may be lost: 0.3333(5), 90.(0), 0.25(
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)(?:\((\d*)\)?)?", re.ASCII)
_COORDINATES = ("_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z")
_COLUMNS = (
    "_atom_site_label",
    "_atom_site_type_symbol",
    *_COORDINATES,
    "_atom_site_occupancy",
    "_atom_site_calc_flag",
    "_atom_site_disorder_assembly",
    "_atom_site_disorder_group",
    "_atom_site_attached_hydrogens",
    "_atom_site_symmetry_multiplicity",
    "_atom_site_site_symmetry_multiplicity",
)
# No coordinate, length or amount in a CIF is larger.
_LARGEST = 1e6
# Refined occupancies of full sites lie this near to 1, such as 0.9999 and 1.0002.
_FULL = 0.001


@dataclass(frozen=True)
class Site:
    """One atom line of a CIF.

    Attributes:
        label: The label of the site.
        element: The symbol of its element.
        coordinates: The three fractional coordinates.
        steps: For each coordinate, how far it may be from what is meant: one unit of its last digit, or its standard
            uncertainty, whichever is larger.
        line: The line of the file, from 1.
        multiplicity: How many sites of the cell the file says that the line stands for; None where it does not say.
        hydrogens: How many hydrogen atoms the file says are attached to the site and have no lines of their own.
    """

    label: str
    element: str
    coordinates: tuple[float, float, float]
    steps: tuple[float, float, float]
    line: int
    multiplicity: int | None
    hydrogens: int


def has_sites(block: Block) -> bool:
    """Return whether a block has atom lines; blocks of texts, patterns and reflections have none."""
    return block.begins("_atom_site_fract_", "_atom_site_cartn_") is not None or block.has(
        "_atom_site_label", "_atom_site_type_symbol"
    )


def number(text: str) -> tuple[float, float] | None:
    """Return a number of a CIF and its step: one unit of its last digit, or its standard uncertainty if that is larger.

    Args:
        text: The number, such as ``0.3333(5)``.

    Returns:
        The number and the step, such as 0.3333 and 0.0005; None where the text is no number.
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    value = float(found[1])
    if abs(value) > _LARGEST:
        return None
    digits, _, exponent = found[1].lower().partition("e")
    unit = float(f"1e{int(exponent or 0) - len(digits.partition('.')[2])}")
    return value, unit * max(1.0, float(found[2] or 0))


def read_sites(block: Block, known: AbstractSet[str]) -> tuple[list[Site], list[str]]:
    """Read the atom lines of a block.

    Args:
        block: The block.
        known: The symbols of the elements that the file names elsewhere.

    Returns:
        The sites in the order of the file, and what was noticed. Lines of dummy atoms and of sites with the occupancy 0
        are left out, and that is said.

    Raises:
        DataError: A coordinate, a tag or an element is missing, or a site is not fully occupied by one atom. The
            problem begins with the line.
    """
    _require_coordinates(block)
    columns, starts = block.table(_COLUMNS)
    if any(is_capital(text.strip()) for text in columns.get("_atom_site_type_symbol", ())):
        known = known | {text.strip().title() for text in columns["_atom_site_type_symbol"]}
    sites: list[Site] = []
    remarks: list[str] = []
    groups: dict[tuple[str, str], str] = {}
    for row, start in enumerate(starts):
        cells = {tag: texts[row] for tag, texts in columns.items()}
        label = _cell(cells, "_atom_site_label") or f"{_cell(cells, '_atom_site_type_symbol') or 'X'}{row + 1}"
        try:
            left_out = _left_out(cells, label)
            if left_out is not None:
                remarks.append(left_out)
                continue
            _refuse_alternatives(cells, label, groups)
            sites.append(_read(cells, label, known, block.line_of(start)))
        except DataError as error:
            raise DataError(f"line {block.line_of(start)}: {error.problem}", error.way_out) from error
    if not sites:
        raise DataError(f"line {block.line}: data_{block.name} has no atom lines", "add them or remove the block")
    return sites, remarks


def _require_coordinates(block: Block) -> None:
    missing = [tag for tag in _COORDINATES if not block.has(tag)]
    if len(missing) == 3 and block.begins("_atom_site_cartn_") is not None:
        raise DataError(
            f"line {block.line}: data_{block.name} has Cartesian coordinates only",
            "write fractional coordinates (_atom_site_fract_x, _y and _z)",
        )
    if missing:
        raise DataError(f"line {block.line}: data_{block.name} lacks the tag {missing[0]}", "add the coordinates")
    if not block.has("_atom_site_label", "_atom_site_type_symbol"):
        raise DataError(f"line {block.line}: data_{block.name} lacks the tag _atom_site_label", "add the column")


def _cell(cells: dict[str, str], tag: str) -> str | None:
    text = cells.get(tag, "?").strip()
    return None if text in NULLS else text or None


def _left_out(cells: dict[str, str], label: str) -> str | None:
    """Return why a line stands for no atom, or None where it does."""
    if (_cell(cells, "_atom_site_calc_flag") or "").lower() == "dum":
        return f"The dummy atom {label} is left out."
    occupancy = _cell(cells, "_atom_site_occupancy")
    value = number(occupancy) if occupancy is not None else None
    if value is not None and value[0] == 0:
        return f"The site {label} is left out, because its occupancy is 0."
    return None


def _refuse_alternatives(cells: dict[str, str], label: str, groups: dict[tuple[str, str], str]) -> None:
    """Refuse groups of which only one is there at a time: several groups in one assembly, or a group with images."""
    group = _cell(cells, "_atom_site_disorder_group")
    if group is None or group == "0":
        return
    assembly = _cell(cells, "_atom_site_disorder_assembly") or ""
    others = [other for (other_assembly, other) in groups if other_assembly == assembly and other != group]
    if others or group.startswith("-"):
        reason = f"beside group {others[0]} of site {groups[assembly, others[0]]}" if others else "with its own images"
        raise DataError(f"site {label} is disordered: group {group} {reason}", "keep one group and remove the others")
    groups.setdefault((assembly, group), label)


def _read(cells: dict[str, str], label: str, known: AbstractSet[str], line: int) -> Site:
    kind = _cell(cells, "_atom_site_type_symbol")
    element = element_of_label(label, known) if kind is None else element_of_type(kind, label, known)
    coordinates = [_coordinate(cells[tag], tag, label) for tag in _COORDINATES]
    _refuse_partial(cells, label)
    (x, x_step), (y, y_step), (z, z_step) = coordinates
    return Site(
        label,
        element,
        (x, y, z),
        (x_step, y_step, z_step),
        line,
        next(_whole_numbers(cells, "_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity"), None),
        next(_whole_numbers(cells, "_atom_site_attached_hydrogens"), 0),
    )


def _coordinate(text: str, tag: str, label: str) -> tuple[float, float]:
    read = number(text)
    if read is None:
        problem = f"{tag} of site {label} is {text!r}, not a number"
        unknown = text.strip() in NULLS
        raise DataError(
            problem, "write the coordinate, or remove a site without a position" if unknown else "correct it"
        )
    return read


def _refuse_partial(cells: dict[str, str], label: str) -> None:
    text = _cell(cells, "_atom_site_occupancy")  # "." and "?" stand for the default, which is 1
    if text is None:
        return
    read = number(text)
    if read is None:
        raise DataError(f"occupancy of site {label} is {text!r}, not a number", "correct it")
    if read[0] > 1 + _FULL:
        raise DataError(f"occupancy {text} of site {label} is above 1", "correct it; a full site has the occupancy 1")
    if read[0] < 0:
        raise DataError(f"occupancy {text} of site {label} is below 0", "correct it")
    if read[0] < 1 - _FULL:
        raise DataError(
            f"site {label} is disordered: its occupancy is {text}",
            "order the crystal first, for instance with pymatgen's OrderDisorderedStructureTransformation",
        )


def _whole_numbers(cells: dict[str, str], *tags: str) -> Iterator[int]:
    """Yield the whole numbers that the first of these tags give; a number that is not whole is not used."""
    for tag in tags:
        text = _cell(cells, tag)
        read = number(text) if text is not None else None
        if read is not None and read[0] == int(read[0]):
            yield int(read[0])
