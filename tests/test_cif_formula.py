"""Kind A: what was read from a CIF is compared with its formula, its hydrogen, its volume and its other blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cgcnn.data.cif import crystals_of, parse_cif, read_cif, read_cif_file
from cgcnn.errors import DataError
from tests.cif_texts import COLUMNS, cif, formula, refusal, remarks

WATER = "O1 O 0 0 0\nH1 H .2 0 0\nC1 C .5 .5 .5"
AMMONIUM = "N1 N 0 0 0\nCl1 Cl .5 .5 .5"


def units(text: str, z: int | None = None) -> str:
    """Return the lines of a formula and of Z."""
    return f"_chemical_formula_sum '{text}'" + (f"\n_cell_formula_units_Z {z}" if z is not None else "")


@pytest.mark.parametrize(
    ("text", "z"),
    [
        ("Na Cl", 1),
        ("Na Cl", None),
        ("NaCl", 1),
        ("Na1 Cl1", 1),
        ("Cl Na", 1),
        ("Na0.99 Cl", 1),
        ("Na2 Cl2", None),
        ("?", 4),
        ("(Na Cl)x", 1),
        ("NA CL", 1),
        ("Na Cl x", None),
    ],
)
def test_a_a_formula_that_agrees_or_cannot_be_compared_gives_no_remark(text: str, z: int | None) -> None:
    assert remarks(cif(more=units(text, z))) == []


@pytest.mark.parametrize(
    ("text", "z", "remark"),
    [
        ("Na3 Cl", 1, "The formula 'Na3 Cl' (line 9) and the sites of the cell (Na1 Cl1) disagree."),
        ("Na Cl2", None, "The formula 'Na Cl2' (line 9) and the sites of the cell (Na1 Cl1) disagree."),
        ("Na Cl", 4, "The file says that the cell holds 4 formula units (line 10), and its sites make 1 of 'Na Cl'."),
    ],
)
def test_a_amounts_that_differ_are_said(text: str, z: int | None, remark: str) -> None:
    assert remarks(cif(more=units(text, z))) == [remark]


def test_a_the_formula_of_the_whole_cell_with_z_of_the_reduced_one_agrees() -> None:
    atoms = "Na1 Na 0 0 0\nCl1 Cl 0 0 .5\nNa2 Na .5 .5 .1\nCl2 Cl .5 .5 .6"
    assert remarks(cif(atoms, more=units("Na2 Cl2", 2))) == []  # as pymatgen writes it


@pytest.mark.parametrize(
    ("atoms", "text", "reason"),
    [
        (AMMONIUM, "Cl H4 N", "line 9: the formula 'Cl H4 N' has H, and no site has; add the missing atoms"),
        (AMMONIUM, "Cl D4 N", "line 9: the formula 'Cl D4 N' has H, and no site has"),
        (AMMONIUM, "Cl N Cu", "line 9: the formula 'Cl N Cu' has Cu, and no site has"),
        (AMMONIUM, "Cl", "line 9: sites are N, which the formula 'Cl' does not have; correct the types of the sites"),
        (WATER, "C H2 O", "line 9: hydrogen atoms are missing: the formula 'C H2 O' asks for 2 in the cell"),
        (WATER, "C2 H4 O2", "line 9: hydrogen atoms are missing: the formula 'C2 H4 O2' asks for 2 in the cell"),
        (WATER, "C O", "line 9: sites are H, which the formula 'C O' does not have"),
    ],
)
def test_a_an_element_that_only_formula_or_sites_have_is_refused(atoms: str, text: str, reason: str) -> None:
    assert refusal(cif(atoms, more=units(text))).startswith(reason)


def test_a_more_hydrogen_than_the_formula_has_is_said() -> None:
    assert remarks(cif(WATER, more=units("C H0.5 O"))) == [
        "The formula 'C H0.5 O' (line 9) and the sites of the cell (O1 H1 C1) disagree."
    ]


@pytest.mark.parametrize(
    "more", ["_chemical_formula_moiety 'H4 N 1+, Cl 1-'", "_chemical_formula_structural '(N H4) Cl'"]
)
def test_a_hydrogen_of_another_formula_is_missed_too(more: str) -> None:
    assert "has H, and no site has" in refusal(cif(AMMONIUM, more=more))


def test_a_other_formulas_with_names_of_groups_are_not_compared() -> None:
    assert remarks(cif(AMMONIUM, more="_chemical_formula_moiety 'Me4 N, Cl'")) == []


@pytest.mark.parametrize("label", ["OW1", "OH1", "O-H(1)", "NH4", "CH3"])
def test_a_labels_of_groups_ask_for_hydrogen(label: str) -> None:
    text = f"{label} {label[0]} 0 0 0\nNa1 Na .5 .5 .5"
    assert refusal(cif(text)).startswith(
        f"line 15: site {label} names hydrogen atoms, and no line gives their positions"
    )
    assert formula(cif(f"{text}\nH1 H .2 0 0")) == f"Na1 H1 {label[0]}1"
    assert remarks(cif(text, more=units(f"Na {label[0]}"))) == []  # the formula says that there is none


def test_a_attached_hydrogen_atoms_without_lines_are_refused() -> None:
    columns = f"{COLUMNS} attached_hydrogens"
    assert refusal(cif("N1 N 0 0 0 4\nCl1 Cl .5 .5 .5 0", columns=columns)).startswith(
        "line 16: site N1 has 4 attached hydrogen atoms without lines; add the hydrogen atoms"
    )
    assert formula(cif("Na1 Na 0 0 0 0\nCl1 Cl .5 .5 .5 .", columns=columns)) == "Na1 Cl1"
    # Some programs count the atoms that have lines. The formula decides.
    counted = cif("O1 O 0 0 0 1\nH1 H .2 0 0 .\nC1 C .5 .5 .5 0", columns=columns, more=units("C H O"))
    assert formula(counted) == "H1 C1 O1"


def test_a_a_volume_that_is_not_the_cells_is_said() -> None:
    assert remarks(cif(more="_cell_volume 39.30(5)")) == []
    assert remarks(cif(more="_cell_volume 179.4")) == [
        "The file gives the volume 179.4 (line 9), and its cell has 39.304 cubic angstrom."
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("_cell_modulation_dimension 1", "line 1: a modulated or composite crystal, which has no cell of its own"),
        ("_space_group_ssg_name 'Pnma(00g)'", "line 1: a modulated or composite crystal"),
        ("_atom_site_Fourier_wave_vector_seq_id 1", "line 1: a modulated or composite crystal"),
        ("_atom_site.group_PDB ATOM", "line 1: an mmCIF, a CIF of a macromolecule (_atom_site.group_PDB)"),
        ("_entity.id 1", "line 1: an mmCIF"),
    ],
)
def test_a_modulated_crystals_and_macromolecules_are_refused(more: str, reason: str) -> None:
    assert refusal(cif(more=more)).startswith(reason)
    assert formula(cif(more="_cell_modulation_dimension 0")) == "Na1 Cl1"


TWO = (
    cif() + "data_paper\n_publ_section_title 'Salts'\n" + cif("Li1 Li 0 0 0\nH1 H .5 .5 .5").replace("data_x", "data_y")
)


def test_a_every_block_with_atoms_is_a_crystal(tmp_path: Path) -> None:
    path = tmp_path / "two.cif"
    path.write_text(f"{TWO}data_pattern\nloop_\n_pd_proc_intensity_total\n1\n2\n")
    found = read_cif_file(path)
    assert [(each.name, each.structure.formula) for each in found] == [
        (f"{path}#x", "Na1 Cl1"),
        (f"{path}#y", "Li1 H1"),
    ]
    with pytest.raises(DataError, match=r"two\.cif: 2 crystals in the file; write each crystal to a file of its own$"):
        read_cif(path)


def test_a_one_bad_block_costs_itself_alone(tmp_path: Path) -> None:
    text = TWO.replace("H1 H .5", "H1 H ?")
    salt, bad = crystals_of(text, "two.cif")
    assert not isinstance(salt, DataError)
    assert isinstance(bad, DataError)
    assert str(bad).startswith("two.cif#y: line 34: _atom_site_fract_x of site H1 is '?', not a number")
    (tmp_path / "two.cif").write_text(text)
    with pytest.raises(DataError, match=r"two\.cif#y: line 34"):
        read_cif_file(tmp_path / "two.cif")


def test_a_blocks_of_the_same_name_are_told_apart() -> None:
    names = [each.name for each in crystals_of(cif() * 3, "x.cif") if not isinstance(each, DataError)]
    assert names == ["x.cif#x", "x.cif#x-2", "x.cif#x-3"]
    assert parse_cif(cif(), "x.cif").formula == "Na1 Cl1"
