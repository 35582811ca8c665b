"""Kind A: the symmetry of a CIF is read right, however it is written, or the file is refused."""

from __future__ import annotations

from collections import Counter

import gemmi
import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.groups import SpaceGroup

from cgcnn.data import cif_groups
from tests.cif_texts import (
    P1,
    ROCK_SALT_CELL,
    SALT,
    SALT_CELL,
    cif,
    formula,
    operations,
    read,
    refusal,
    remarks,
    symbol,
)

RHOMBOHEDRAL = "4.75 4.75 4.75 57.2 57.2 57.2"
HEXAGONAL = "4.55 4.55 11.86 90 90 120"
BISMUTH = "Bi1 Bi 0.234 0.234 0.234"
BISMUTH_HEXAGONAL = "Bi1 Bi 0 0 0.234"
DIAMOND_CELL = "3.567 3.567 3.567 90 90 90"


def listed(name: str) -> str:
    """Return the list of operations of a space group."""
    group = gemmi.find_spacegroup_by_name(name)
    assert group is not None
    return operations(*(one.triplet() for one in group.operations()))


@pytest.mark.parametrize(
    "symmetry",
    [
        symbol("F m -3 m"),
        symbol("F m 3 m"),
        symbol("Fm3m"),
        symbol("Fm-3m"),
        symbol("FM-3M"),
        symbol("F m -3 m (225)"),
        symbol("Fm\\-3m"),
        "_symmetry_space_group_name_H-M 'F m 3 m'",
        "_space_group_name_Hall '-F 4 2 3'",
        "_symmetry_space_group_name_Hall -F_4_2_3",
        "_space_group_IT_number 225",
        "_symmetry_Int_Tables_number 225",
        "_space_group_name_H-M_alt ?\n_space_group_IT_number 225",
        f"{symbol('F m -3 m')}\n_space_group_IT_number 225\n_space_group_name_Hall '-F 4 2 3'\n{listed('F m -3 m')}",
        "_space_group.name_H-M_alt 'F m -3 m'",
        "_SPACE_GROUP_IT_NUMBER 225",
        listed("F m -3 m"),
    ],
)
def test_a_rock_salt_has_eight_atoms_however_its_symmetry_is_written(symmetry: str) -> None:
    structure = read(cif(SALT, symmetry, ROCK_SALT_CELL)).structure
    expected = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert structure.formula == "Na4 Cl4"
    assert sorted(map(tuple, np.round(structure.frac_coords, 9))) == sorted(map(tuple, expected.frac_coords))
    assert Counter(structure.labels) == {"Na1": 4, "Cl1": 4}


@pytest.mark.parametrize(
    ("symmetry", "reason"),
    [
        (
            symbol("F m 3 q"),
            "line 2: the symmetry 'F m 3 q' (_space_group_name_H-M_alt) is not known, and the file lists",
        ),
        (symbol("0"), "line 2: the symmetry '0' (_space_group_name_H-M_alt) is not known"),
        (symbol("cubic"), "line 2: the symmetry 'cubic' (_space_group_name_H-M_alt) is not known"),
        ("_space_group_name_Hall 'cubic'", "line 2: the symmetry 'cubic' (_space_group_name_Hall) is not known"),
        (f"{symbol('F m 3 q')}\n_space_group_IT_number 225", "line 2: the symmetry 'F m 3 q'"),
        ("_space_group_name_H-M_alt ?", "line 1: data_x says nothing about its symmetry; write the symbol"),
        ("", "line 1: data_x says nothing about its symmetry; write the symbol"),
        ("_space_group_IT_number 0", "line 1: data_x says nothing about its symmetry; write the symbol"),
        ("_space_group_magn.name_BNS 'P -1'", "line 1: data_x names its magnetic symmetry alone"),
        (operations("x,y"), "line 4: 'x,y' is no symmetry operation; write it like 'x,y+1/2,-z'"),
        (operations("x,x,z"), "line 4: 'x,x,z' is no symmetry operation"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx, y, z", "line 4: 'x,' is no symmetry operation"),
        (operations("x,y,z", "y,z,x"), "lines 4 to 5: the listed operations are no group"),
        (
            f"{symbol('P 1')}\n{symbol('P -1')}",
            "line 3: _space_group_name_H-M_alt is 'P -1', and on line 2 it is 'P 1'",
        ),
    ],
)
def test_a_symmetry_that_is_not_known_is_refused_and_not_read_as_p1(symmetry: str, reason: str) -> None:
    assert refusal(cif(SALT, symmetry, ROCK_SALT_CELL)).startswith(reason)


def test_a_without_symmetry_the_atoms_are_taken_where_formula_and_z_are_theirs() -> None:
    units = "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z {}"
    assert formula(cif(SALT, "", SALT_CELL, more=units.format(1))) == "Na1 Cl1"
    assert remarks(cif(SALT, "", SALT_CELL, more=units.format(1)))[0].startswith("The file says nothing about its symm")
    assert "says nothing about its symmetry" in refusal(cif(SALT, "", ROCK_SALT_CELL, more=units.format(4)))


@pytest.mark.parametrize(
    ("symmetry", "atoms"),
    [
        (symbol("R -3 m"), "Bi2"),
        (symbol("R -3 m:R"), "Bi2"),
        (symbol("R-3mR"), "Bi2"),
        ("_space_group_IT_number 166", "Bi2"),
        ("_space_group_name_Hall '-P 3* 2'", "Bi2"),
        (listed("R -3 m:R"), "Bi2"),
        (f"{symbol('R -3 m:H')}\n{listed('R -3 m:R')}", "Bi2"),
        (symbol("R 3 m"), "Bi1"),
    ],
)
def test_a_a_rhombohedral_cell_is_filled_by_the_operations_of_its_own_axes(symmetry: str, atoms: str) -> None:
    assert formula(cif(BISMUTH, symmetry, RHOMBOHEDRAL)) == atoms


@pytest.mark.parametrize("symmetry", [symbol("R -3 m"), symbol("R -3 m:H"), symbol("R -3 m H"), listed("R -3 m:H")])
def test_a_a_hexagonal_cell_has_three_times_the_atoms_of_the_rhombohedral_one(symmetry: str) -> None:
    assert formula(cif(BISMUTH_HEXAGONAL, symmetry, HEXAGONAL)) == "Bi6"


@pytest.mark.parametrize(
    ("atoms", "symmetry", "cell", "reason"),
    [
        (BISMUTH, symbol("R -3 m:H"), RHOMBOHEDRAL, "line 2: the symbol 'R -3 m:H' is no symmetry of the cell"),
        (BISMUTH, listed("R -3 m:H"), RHOMBOHEDRAL, "line 5: the operation '-y,x-y,z' is no symmetry of the cell"),
        (BISMUTH_HEXAGONAL, symbol("R -3 m:R"), HEXAGONAL, "line 2: the symbol 'R -3 m:R' is no symmetry of the cell"),
        (
            SALT,
            symbol("F m -3 m"),
            "5.64 5.64 6.2 90 90 90",
            "line 2: the symbol 'F m -3 m' is no symmetry of the cell",
        ),
        (SALT, symbol("P 21/c"), "5 6 7 90 90 99", "line 2: the symbol 'P 21/c' is no symmetry of the cell"),
    ],
)
def test_a_operations_that_do_not_fit_the_cell_are_refused(atoms: str, symmetry: str, cell: str, reason: str) -> None:
    assert refusal(cif(atoms, symmetry, cell)).startswith(reason)


def test_a_a_monoclinic_axis_is_the_one_that_the_cell_allows() -> None:
    assert formula(cif("O1 O .1 .2 .3", symbol("P 2/m"), "5 6 7 90 99 90")) == "O4"
    structure = read(cif("O1 O .1 .2 .3", symbol("P 2/m"), "5 6 7 90 90 99")).structure
    assert [0.9, 0.8, 0.3] in np.round(structure.frac_coords, 9).tolist()


@pytest.mark.parametrize(
    ("name", "at_origin", "at_eighths"),
    [("F d -3 m:1", 8, 16), ("F d -3 m S", 8, 16), ("F d -3 m:2", 16, 8), ("F d 3 m Z", 16, 8), ("Fd3mZ", 16, 8)],
)
def test_a_the_origin_is_that_of_the_symbol(name: str, at_origin: int, at_eighths: int) -> None:
    assert formula(cif("C1 C 0 0 0", symbol(name), DIAMOND_CELL)) == f"C{at_origin}"
    assert formula(cif("C1 C .125 .125 .125", symbol(name), DIAMOND_CELL)) == f"C{at_eighths}"


def test_a_an_origin_that_is_left_open_is_refused_unless_the_atoms_decide() -> None:
    open_origin = symbol("F d -3 m")
    assert refusal(cif("C1 C 0 0 0", open_origin, DIAMOND_CELL)).startswith(
        "the symbol 'F d -3 m' (line 2) leaves the origin open (8 atoms by F d -3 m:1, 16 atoms by F d -3 m:2); write"
    )
    units = "_chemical_formula_sum C\n_cell_formula_units_Z 8"
    assert formula(cif("C1 C 0 0 0", open_origin, DIAMOND_CELL, more=units)) == "C8"
    columns = "label type_symbol fract_x fract_y fract_z site_symmetry_multiplicity"
    assert formula(cif("C1 C .125 .125 .125 8", open_origin, DIAMOND_CELL, columns)) == "C8"
    # With the operations listed, nothing is open.
    assert formula(cif("C1 C 0 0 0", f"{open_origin}\n{listed('F d -3 m:2')}", DIAMOND_CELL)) == "C16"


@pytest.mark.parametrize(
    ("symmetry", "reason"),
    [
        (
            f"{listed('F m -3 m')}\n_symmetry_equiv_pos_as_xyz x,y,z",
            "the list of operations (lines 4 to 195) and the list of operations (line 196) disagree",
        ),
        (
            f"{P1}\n{listed('F m -3 m')}",
            "the list of operations (lines 5 to 196) and the symbol 'P 1' (line 2) disagree (8",
        ),
        (
            f"{symbol('F m -3 m')}\n{operations('x,y,z')}",
            "the list of operations (line 5) and the symbol 'F m -3 m' (l",
        ),
        (
            f"{symbol('F m -3 m')}\n_space_group_IT_number 1",
            "the symbol 'F m -3 m' (line 2) and the space group number 1",
        ),
        (
            f"{symbol('F m -3 m')}\n_space_group_name_Hall '-P 4 2 3'",
            "the Hall symbol '-P 4 2 3' (line 3) and the symbol",
        ),
        (f"{symbol('F m -3 m')}\n{listed('P m -3 m')}", "the list of operations (lines 5 to 52) and the symbol"),
    ],
)
def test_a_symbol_and_operations_that_disagree_are_refused(symmetry: str, reason: str) -> None:
    assert refusal(cif(SALT, symmetry, ROCK_SALT_CELL)).startswith(reason)


def test_a_symbol_and_operations_may_disagree_where_both_give_the_same_atoms() -> None:
    atoms = "\n".join(
        f"{element}{index} {element} {x} {y} {z}"
        for element, shift in (("Na", 0.0), ("Cl", 0.5))
        for index, (x, y, z) in enumerate(
            [(shift, 0, 0), (shift, 0.5, 0.5), (0.5 - shift, 0, 0.5), (0.5 - shift, 0.5, 0)]
        )
    )
    assert formula(cif(atoms, f"{symbol('F m -3 m')}\n{operations('x,y,z')}", ROCK_SALT_CELL)) == "Na4 Cl4"
    # And sites that are images of each other are one.
    found = cif(atoms, symbol("F m -3 m"), ROCK_SALT_CELL)
    assert formula(found) == "Na4 Cl4"
    assert remarks(found) == ["Sites on images of others were counted once: Na1 (line 16) and 5 more."]


def test_a_formula_and_z_decide_between_symbol_and_operations() -> None:
    both = f"{symbol('F m -3 m')}\n{operations('x,y,z')}"
    units = "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z {}"
    assert formula(cif(SALT, both, ROCK_SALT_CELL, more=units.format(4))) == "Na4 Cl4"
    assert formula(cif(SALT, both, ROCK_SALT_CELL, more=units.format(1))) == "Na1 Cl1"


@pytest.mark.slow
def test_a_all_230_space_groups_have_the_operations_of_pymatgens_tables() -> None:
    for number in range(1, 231):
        expected = SpaceGroup.from_int_number(number)
        operations = list(expected.symmetry_ops)
        theirs = cif_groups.Symmetry(
            expected.symbol,
            np.array([np.rint(one.rotation_matrix) for one in operations]).astype(np.int64),
            np.array([one.translation_vector for one in operations]),
            number,
        )
        ours = [setting for settings in cif_groups.of_number(number) for setting in settings]
        assert any(np.array_equal(one.codes(), theirs.codes()) for one in ours), (number, expected.symbol)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("P 63/m m c", "P 63/m m c"),
        ("P6_3/mmc", "P 63/m m c"),
        ("P 6(3)/m m c", "P 63/m m c"),
        ("P2(1)/c", "P 1 21/c 1"),
        ("P_2_1_2_1_2_1", "P 21 21 21"),
        ("C m c e", "C m c a"),
        ("I 41/a m d Z", "I 41/a m d:2"),
        ("P n m a (No. 62)", "P n m a"),
        ("Fm3\u0305m", "F m -3 m"),
        ("F 4/m -3 2/m", "F m -3 m"),
        ("P 63/m 2/m 2/c", "P 63/m m c"),
        ("R -3 2/m (hexagonal axes)", "R -3 m:H"),
        ("P -3 2/m 1", "P -3 m 1"),
        ("F 41/d -3 2/m (origin choice 2)", "F d -3 m:2"),
        ("P 21/b", "P 1 1 21/b"),
    ],
)
def test_a_unusual_spellings_of_symbols_are_known(text: str, name: str) -> None:
    alternatives, _ = cif_groups.of_symbol(text)
    assert alternatives[0][0].name == name


def test_a_the_operations_of_a_magnetic_crystal_are_combined_with_its_centerings() -> None:
    magnetic = "\n".join(
        [
            "loop_",
            "_space_group_symop_magn_operation.id",
            "_space_group_symop_magn_operation.xyz",
            "1 x,y,z,+1",
            "2 -x,-y,-z,-1",
            "loop_",
            "_space_group_symop_magn_centering.id",
            "_space_group_symop_magn_centering.xyz",
            "1 x,y,z,+1",
            "2 x+1/2,y+1/2,z,-1",
        ]
    )
    assert formula(cif("Ni1 Ni .1 .2 .3\nO1 O .5 .5 .5", magnetic, "5 6 7 90 90 90")) == "Ni4 O2"


def test_a_a_primitive_cell_with_the_symbol_of_the_conventional_one_is_read_by_its_operations() -> None:
    text = cif(SALT, f"{symbol('F m -3 m')}\n{operations('x,y,z')}", "3.99 3.99 3.99 60 60 60")
    assert formula(text) == "Na1 Cl1"
    assert remarks(text) == [
        "The cell does not fit the symbol 'F m -3 m' (line 2), and the list of operations (line 5) was used."
    ]
    assert "is no symmetry of the cell" in refusal(cif(SALT, symbol("F m -3 m"), "3.99 3.99 3.99 60 60 60"))
