"""Texts of small CIFs for tests, and what is read from them."""

from __future__ import annotations

from cgcnn.data.cif import crystals_of
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError

P1 = "_space_group_name_H-M_alt 'P 1'"
SALT = "Na1 Na 0 0 0\nCl1 Cl 0.5 0.5 0.5"
SALT_CELL = "3.4 3.4 3.4 90 90 90"
ROCK_SALT_CELL = "5.64 5.64 5.64 90 90 90"
COLUMNS = "label type_symbol fract_x fract_y fract_z"


def cif(atoms: str = SALT, symmetry: str = P1, cell: str = SALT_CELL, columns: str = COLUMNS, more: str = "") -> str:
    """Return the text of a CIF with these lines of atoms.

    Args:
        atoms: The lines of atoms.
        symmetry: The lines with the symmetry, the first of which is line 2.
        cell: Lengths and angles.
        columns: The columns of the atoms.
        more: Lines after the cell.
    """
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    cells = [f"_cell_{name} {value}" for name, value in zip(names, cell.split(), strict=True)]
    tags = [f"_atom_site_{column}" for column in columns.split()]
    parts = ["data_x", symmetry, *cells, more, "loop_", *tags, atoms]
    return "\n".join(part for part in parts if part) + "\n"


def operations(*texts: str) -> str:
    """Return the lines of a list of operations."""
    return "\n".join(["loop_", "_space_group_symop_operation_xyz", *(f"'{text}'" for text in texts)])


def symbol(text: str) -> str:
    """Return the line of a Hermann-Mauguin symbol."""
    return f"_space_group_name_H-M_alt '{text}'"


def read(text: str) -> FileCrystal:
    """Return the crystal of a text that holds one."""
    (found,) = crystals_of(text, "x.cif")
    assert isinstance(found, FileCrystal), found
    return found


def formula(text: str) -> str:
    """Return the elements of a text's crystal and the numbers of their atoms, such as ``Na4 Cl4``."""
    return read(text).structure.formula


def remarks(text: str) -> list[str]:
    """Return what was noticed of a text's crystal, without the name of the file."""
    found = read(text).remarks
    assert all(remark.startswith("x.cif: ") for remark in found)
    return [remark.removeprefix("x.cif: ") for remark in found]


def refusal(text: str) -> str:
    """Return why a text is refused, without the name of the file."""
    try:
        (found,) = crystals_of(text, "x.cif")
    except DataError as error:
        found = error
    assert isinstance(found, DataError), found.structure.formula
    assert found.problem.startswith("x.cif: ")
    assert found.way_out
    assert "\n" not in str(found)
    return str(found).removeprefix("x.cif: ")
