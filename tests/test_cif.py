"""CIFs are read right or refused with the reason (kind A: crystals that were silently wrong)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.cif import crystals_of, read_cif_file
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError

SALT = """data_x
_space_group_name_H-M_alt 'P 1'
_cell_length_a 3.4
_cell_length_b 3.4
_cell_length_c 3.4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na1 Na 0 0 0
Cl1 Cl 0.5 0.5 0.5
"""


def cif(
    atoms: str,
    symmetry: str = "_space_group_name_H-M_alt 'P 1'",
    cell: str = "3.4 3.4 3.4 90 90 90",
    columns: str = "label type_symbol fract_x fract_y fract_z",
    more: str = "",
) -> str:
    """Return the text of a CIF with these lines of atoms."""
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    cells = [f"_cell_{name} {value}" for name, value in zip(names, cell.split(), strict=True)]
    tags = [f"_atom_site_{column}" for column in columns.split()]
    return "\n".join(["data_x", more, symmetry, *cells, "loop_", *tags, atoms]) + "\n"


def only(text: str) -> FileCrystal:
    """Return the crystal of a text that holds one."""
    (read,) = crystals_of(text, "x.cif")
    assert isinstance(read, FileCrystal), read
    return read


def refusal(text: str) -> str:
    """Return the message with which a text is refused."""
    try:
        (read,) = crystals_of(text, "x.cif")
    except DataError as error:
        return str(error)
    assert isinstance(read, DataError), read.structure.formula
    return str(read)


def formula(text: str) -> str:
    """Return the elements of the crystal with their numbers of atoms, such as ``Na4 Cl4``."""
    return only(text).structure.formula


ROCK_SALT = "Na1 Na 0 0 0\nCl1 Cl 0.5 0.5 0.5"
LARGE = "5.64 5.64 5.64 90 90 90"

SYMMETRIES_OF_ROCK_SALT = [
    "_symmetry_space_group_name_H-M 'F m -3 m'",
    "_symmetry_space_group_name_H-M 'F m 3 m'",
    "_space_group_name_H-M_alt Fm3m",
    "_space_group_name_H-M_alt Fm-3m",
    "_space_group_name_H-M_alt 'FM-3M'",
    "_space_group_name_H-M_alt 'F m -3 m (225)'",
    "_space_group_name_Hall '-F 4 2 3'",
    "_symmetry_space_group_name_Hall '-F 4 2 3'",
    "_space_group_IT_number 225",
    "_symmetry_Int_Tables_number 225",
    "_space_group_name_H-M_alt ?\n_space_group_IT_number 225",
    "_space_group_name_H-M_alt 'F m -3 m'\n_space_group_IT_number 225\n_space_group_name_Hall '-F 4 2 3'",
    "_space_group.name_H-M_alt 'F m -3 m'",
    "_SPACE_GROUP_IT_NUMBER 225",
]


@pytest.mark.parametrize("symmetry", SYMMETRIES_OF_ROCK_SALT)
def test_a_rock_salt_has_eight_atoms_however_its_symmetry_is_written(symmetry: str) -> None:
    structure = only(cif(ROCK_SALT, symmetry, LARGE)).structure
    expected = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert structure.formula == "Na4 Cl4"
    assert sorted(map(tuple, np.round(structure.frac_coords, 9))) == sorted(map(tuple, expected.frac_coords))
    assert Counter(structure.labels) == {"Na1": 4, "Cl1": 4}


@pytest.mark.parametrize(
    ("symmetry", "reason"),
    [
        (
            "_space_group_name_H-M_alt 'F m 3 q'",
            "line 3: the symmetry 'F m 3 q' (_space_group_name_H-M_alt) is not known",
        ),
        (
            "_symmetry_space_group_name_Hall 'cubic'",
            "line 3: the symmetry 'cubic' (_symmetry_space_group_name_Hall) is not",
        ),
        ("_space_group_name_H-M_alt ?", "line 1: data_x says nothing about its symmetry; write the symbol"),
        ("", "line 1: data_x says nothing about its symmetry; write the symbol"),
        ("_space_group_IT_number 0", "line 1: data_x says nothing about its symmetry; write the symbol"),
    ],
)
def test_a_symmetry_that_is_not_known_is_refused_and_not_read_as_p1(symmetry: str, reason: str) -> None:
    assert refusal(cif(ROCK_SALT, symmetry, LARGE)).startswith(f"x.cif: {reason}")


def test_a_two_crystals_in_one_file_are_two(tmp_path: Path) -> None:
    path = tmp_path / "two.cif"
    path.write_text(SALT + "\ndata_of_the_paper\n_publ_section_title 'Salts'\n\n" + SALT.replace("data_x", "data_y"))
    assert [each.name for each in read_cif_file(path)] == [f"{path}#x", f"{path}#y"]
