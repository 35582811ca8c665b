"""Kind A: the atoms of a CIF are read right, each with its element, or the file is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cif_texts import COLUMNS, P1, ROCK_SALT_CELL, SALT, cif, formula, read, refusal, remarks, symbol

OCCUPANCIES = f"{COLUMNS} occupancy"
ONLY_LABELS = "label fract_x fract_y fract_z"
TYPES = "loop_\n_atom_type_symbol\n{}"


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        *[
            (kind, "Fe")
            for kind in ("Fe", "FE", "fe", "Fe3+", "Fe+3", "Fe(3+)", "Fe(III)", "Fe2.5+", "Fe+2.5", "Fe0", "Fe++")
        ],
        *[(kind, "O") for kind in ("O", "o", "O2-", "O-2", "O1.5-", "O--", "18O", "O2\u2212")],
        *[(kind, "H") for kind in ("H", "D", "2H", "D+", "H-", "H1+")],
        *[(kind, "Li") for kind in ("6Li", "7Li", "7Li+", "(6)Li", "LI", "Li1+")],
        *[(kind, "Na") for kind in ("NA", "na", "Na1+", "Na+1", "Na+")],
        *[(kind, "Cl") for kind in ("CL", "Cl1-", "cl")],
    ],
)
def test_a_a_type_is_an_element_with_a_charge_or_an_isotope(kind: str, element: str) -> None:
    assert [site.specie.symbol for site in read(cif(f"A1 '{kind}' 0 0 0\nK1 K .5 .5 .5")).structure] == [element, "K"]


@pytest.mark.parametrize(
    "kind",
    [
        "OH",
        "H2O",
        "NH3",
        "NH4",
        "OH-",
        "OH2",
        "OD",
        "D2O",
        "Wat",
        "Ow",
        "Vac",
        "VAC",
        "Va",
        "M",
        "T",
        "X",
        "Q",
        "A",
        "R",
        "Du",
        "DUM",
        "Xx",
        "Zz",
        "NaCl",
        "Na,K",
        "Na/K",
        "0.8Nb + 0.2Zr",
        "Na1",
        "T1",
        "Siva",
        "e",
        "5H",
        "2O",
        "Uue",
    ],
)
def test_a_f_a_type_that_is_no_element_is_refused(kind: str) -> None:
    assert refusal(cif(f"A1 '{kind}' 0 0 0\nK1 K .5 .5 .5")).startswith(
        f"line 15: type '{kind}' of site A1 is not an element"
    )


@pytest.mark.parametrize("kind", ["Nh", "Cn", "CN", "NO", "No", "Og", "Fm"])
def test_a_a_type_is_no_element_of_which_no_crystal_was_made(kind: str) -> None:
    assert f"type '{kind}' of site A1 is not an element of any known crystal" in refusal(cif(f"A1 {kind} 0 0 0"))


def test_a_capital_letters_of_a_group_are_an_element_where_the_file_says_so() -> None:
    assert "type 'CO' of site A1 is Co, or a group of two atoms" in refusal(cif("A1 CO 0 0 0\nO1 O .5 .5 .5"))
    assert formula(cif("A1 CO 0 0 0\nO1 O .5 .5 .5", more="_chemical_formula_sum 'Co O'")) == "Co1 O1"
    assert formula(cif("A1 CO 0 0 0\nCl1 CL .5 .5 .5")) == "Co1 Cl1"
    assert formula(cif("A1 Co 0 0 0\nO1 O .5 .5 .5")) == "Co1 O1"


@pytest.mark.parametrize(
    ("label", "element"),
    [
        ("Na1", "Na"),
        ("O1", "O"),
        ("O1A", "O"),
        ("OA1", "O"),
        ("SiT1", "Si"),
        ("Al(1)", "Al"),
        ("Fe1+", "Fe"),
        ("Co", "Co"),
        ("c1", "C"),
        ("D1", "H"),
        ("Na_1", "Na"),
        ("OXT", "O"),
        ("W1", "W"),
        ("O1'", "O"),
        ("Sb", "Sb"),
    ],
)
def test_a_without_types_a_label_names_its_element(label: str, element: str) -> None:
    assert read(cif(f"{label} 0 0 0", columns=ONLY_LABELS)).structure[0].specie.symbol == element
    # A type that is unknown is the same as none.
    assert read(cif(f"{label} ? 0 0 0")).structure[0].specie.symbol == element


@pytest.mark.parametrize(
    ("label", "elements"), [("CA1", "Ca or C"), ("NA1", "Na or N"), ("HO1", "Ho or H"), ("fe2", "Fe or F")]
)
def test_a_a_label_with_two_readings_is_refused_unless_the_file_names_the_element(label: str, elements: str) -> None:
    text = cif(f"{label} 0 0 0", columns=ONLY_LABELS)
    assert refusal(text).startswith(
        f"line 14: the label '{label}' can be {elements}, and its type is not given; give its"
    )
    for element in elements.split(" or "):
        for more in (f"_chemical_formula_sum {element}", TYPES.format(element)):
            assert read(cif(f"{label} 0 0 0", columns=ONLY_LABELS, more=more)).structure[0].specie.symbol == element


@pytest.mark.parametrize(
    "label", ["Wat", "WAT1", "Vac", "VAC1", "Va1", "M1", "T1", "X1", "Q1", "H2O1", "Cn1", "1", "Oco", "Ow1"]
)
def test_a_a_label_that_names_no_element_is_refused(label: str) -> None:
    assert f"the label '{label}' names no element" in refusal(cif(f"{label} 0 0 0", columns=ONLY_LABELS))


@pytest.mark.parametrize("occupancy", [".", "?", "1", "1.0", "0.9999", "0.9995", "1.0002", "1.000(5)", "1e0"])
def test_a_b_an_occupancy_that_is_missing_or_nearly_one_is_one(occupancy: str) -> None:
    text = cif(f"Na1 Na 0 0 0 {occupancy}\nCl1 Cl .5 .5 .5 1", columns=OCCUPANCIES)
    assert formula(text) == "Na1 Cl1"
    assert remarks(text) == []


def test_a_lines_that_stand_for_no_atom_are_left_out_and_that_is_said() -> None:
    assert remarks(cif(f"{SALT} .\nK1 K 0 0 .5 0".replace("0 0 0\n", "0 0 0 .\n"), columns=OCCUPANCIES)) == [
        "The site K1 is left out, because its occupancy is 0."
    ]
    text = cif("Na1 Na 0 0 0 d\nCl1 Cl .5 .5 .5 calc\nX1 X . . . dum", columns=f"{COLUMNS} calc_flag")
    assert formula(text) == "Na1 Cl1"
    assert remarks(text) == ["The dummy atom X1 is left out."]


@pytest.mark.parametrize("coordinate", [".", "?", "0,5", "1/2", "nan", "0.5.5", "5d-1", "1e400", "1e9999", "''", "abc"])
def test_a_a_coordinate_that_is_no_number_is_refused(coordinate: str) -> None:
    shown = coordinate.strip("'")
    assert refusal(cif(f"Na1 Na 0 0 0\nCl1 Cl .5 .5 {coordinate}")).startswith(
        f"line 16: _atom_site_fract_z of site Cl1 is '{shown}', not a number"
    )


def test_a_standard_uncertainties_are_no_part_of_a_number() -> None:
    text = cif("Na1 Na 0.123(4) -.25(10) 1.5(\nCl1 Cl .5 .5 .5", cell="3.4(2) 3.40(12) 3.4 90.(0) 90 90")
    structure = read(text).structure
    assert structure.lattice.abc == (3.4, 3.4, 3.4)
    assert structure.frac_coords[0].tolist() == [0.123, 0.75, 0.5]


def test_a_thirds_with_four_digits_are_thirds_and_other_numbers_stay() -> None:
    structure = read(cif("Na1 Na 0.3333 0.6667 0.333\nCl1 Cl 0.66666 0.3334 0.25")).structure
    assert structure.frac_coords.tolist() == [[1 / 3, 2 / 3, 0.333], [2 / 3, 0.3334, 0.25]]


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (("1", "2"), "site Cl1 is disordered: group 2 beside group 1 of site Na1"),
        (("-1", "."), "group -1 with its own images"),
    ],
)
def test_a_groups_of_which_one_is_there_at_a_time_are_disorder(groups: tuple[str, str], reason: str) -> None:
    columns = f"{COLUMNS} disorder_group"
    assert reason in refusal(cif(f"Na1 Na 0 0 0 {groups[0]}\nCl1 Cl .5 .5 .5 {groups[1]}", columns=columns))
    for group in (".", "0", "1"):  # one group alone is a crystal
        assert formula(cif(f"Na1 Na 0 0 0 {group}\nCl1 Cl .5 .5 .5 {group}", columns=columns)) == "Na1 Cl1"


@pytest.mark.parametrize(
    "place",
    [
        "0.3333 0.6667 .25",
        "0.333 0.667 .25",
        "0.333 0.666 .250",
        "0.33 0.67 .25",
        "0.3333(2) 0.6667(2) 0.25",
        "1.33333 .66667 .25",
        "0.3331 0.6669 0.25",
        "-.33333 .33333 .75",
        ".66667 .33333 .75",
        "0.332(2) 0.668(2) .25",
    ],
)
def test_a_images_that_rounding_keeps_apart_are_one_atom(place: str) -> None:
    structure = read(cif(f"Mg1 Mg {place}", symbol("P 63/m m c"), "3.2 3.2 5.2 90 90 120")).structure
    assert structure.formula == "Mg2"
    assert structure.get_distance(0, 1) == pytest.approx(np.hypot(3.2 / np.sqrt(3), 2.6), abs=1e-9)


@pytest.mark.parametrize(
    ("place", "distance"), [("0.03 0 0", 0.30), ("0.006 0 0", 0.06), ("0.0400(5) 0 0", 0.40), ("0.02 0.02 0", 0.20)]
)
def test_a_images_nearer_than_a_bond_are_refused_where_rounding_does_not_explain_them(
    place: str, distance: float
) -> None:
    text = cif(f"O1 O {place}\nNa1 Na .5 .5 .5", symbol("P m m m"), "5 6 7 90 90 90")
    assert refusal(text).startswith(
        f"line 15: symmetry puts images of site O1 {distance:.2f} angstrom apart, nearer than a b"
    )


def test_a_a_short_bond_between_images_is_kept() -> None:
    hydrogen = read(cif("H1 H 0.037 0 0", symbol("P m m m"), "10 10 10 90 90 90")).structure
    assert hydrogen.formula == "H2"
    assert hydrogen.get_distance(0, 1) == pytest.approx(0.74)


@pytest.mark.parametrize("name", ["P 1", "P m m m"])
def test_a_two_sites_on_one_spot_are_refused(name: str) -> None:
    text = cif("O1 O 0.3 0.2 0.1\nNa1 Na .3 .2 .1", symbol(name), "5 6 7 90 90 90")
    assert refusal(text).startswith("line 16: sites O1 (O, line 15) and Na1 (Na) are on one spot")


@pytest.mark.parametrize("multiplicity", ["4", "48", ".", "?"])
def test_a_multiplicities_are_the_numbers_of_images_or_of_operations_that_keep_a_site(multiplicity: str) -> None:
    atoms = f"Na1 Na 0 0 0 {multiplicity}\nCl1 Cl .5 .5 .5 {multiplicity}"
    columns = f"{COLUMNS} symmetry_multiplicity"
    assert formula(cif(atoms, symbol("F m -3 m"), ROCK_SALT_CELL, columns)) == "Na4 Cl4"
    if multiplicity == "4":
        assert refusal(cif(atoms, P1, ROCK_SALT_CELL, columns)).startswith(
            "line 16: the multiplicity of site Na1 is 4, and the symmetry gives it 1 images"
        )


def test_the_sites_stand_in_the_order_of_the_file_with_its_labels() -> None:
    structure = read(cif("O2 O .1 .2 .3\nNa7 Na 0 0 0\nO1 O .4 .4 .4", symbol("P -1"))).structure
    assert structure.labels == ["O2", "O2", "Na7", "O1", "O1"]
    assert [site.specie.symbol for site in structure] == ["O", "O", "Na", "O", "O"]
    assert read(cif("Na 0 0 0\nCl .5 .5 .5", columns="type_symbol fract_x fract_y fract_z")).structure.labels == [
        "Na1",
        "Cl2",
    ]
