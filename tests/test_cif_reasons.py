"""Kinds B, C, F and K: a CIF that is refused is refused with the reason and the line, in whatever encoding it is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cgcnn.data.cif import read_cif, read_cif_file
from cgcnn.data.cif_syntax import parse
from cgcnn.errors import DataError
from tests.cif_texts import COLUMNS, P1, SALT, cif, formula, refusal

SALT_FILE = cif()
OCCUPANCIES = f"{COLUMNS} occupancy"
POSCAR = "NaCl\n1.0\n3.4 0 0\n0 3.4 0\n0 0 3.4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"


@pytest.mark.parametrize(
    ("occupancy", "reason"),
    [
        ("1.01", "occupancy 1.01 of site Na1 is above 1; correct it"),
        ("2", "occupancy 2 of site Na1 is above 1"),
        ("-1", "occupancy -1 of site Na1 is below 0"),
        ("0.5", "site Na1 is disordered: its occupancy is 0.5; order the crystal first"),
        ("0.99", "site Na1 is disordered: its occupancy is 0.99"),
        ("1,0", "occupancy of site Na1 is '1,0', not a number"),
        ("nan", "occupancy of site Na1 is 'nan', not a number"),
    ],
)
def test_b_an_occupancy_that_is_refused_is_printed_with_its_site(occupancy: str, reason: str) -> None:
    text = cif(f"Na1 Na 0 0 0 {occupancy}\nCl1 Cl .5 .5 .5 1", columns=OCCUPANCIES)
    assert refusal(text).startswith(f"line 16: {reason}")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("0 3.4 3.4 90 90 90", "line 3: _cell_length_a is 0, which is impossible; correct the cell"),
        ("3.4 -3 3.4 90 90 90", "line 4: _cell_length_b is -3, which is impossible"),
        ("3.4 3.4 3.4 90 90 180", "line 8: _cell_angle_gamma is 180, which is impossible"),
        ("3.4 3.4 3.4 60 60 150", "line 6: the angles 60, 60, 150 cannot form a cell"),
        ("3.4 3.4 3.4 120 120 120", "line 6: the angles 120, 120, 120 cannot form a cell"),
        ("? 3.4 3.4 90 90 90", "line 1: data_x has no value for _cell_length_a; complete the cell"),
        ("3,4 3.4 3.4 90 90 90", "line 3: _cell_length_a is '3,4', not a number; correct it"),
        ("0.01 3.4 3.4 90 90 90", "line 3: the cell is only 0.01 angstrom thin; correct the cell"),
    ],
)
def test_b_an_impossible_cell_is_refused_with_the_value(cell: str, reason: str) -> None:
    assert refusal(cif(cell=cell)).startswith(reason)


@pytest.mark.parametrize(
    "tag",
    ["_cell_length_b", "_cell_angle_gamma", "_atom_site_fract_z", "_atom_site_label", "_space_group_name_H-M_alt"],
)
def test_b_a_missing_tag_is_named(tag: str) -> None:
    text = SALT_FILE.replace(tag, "_another_tag").replace("_atom_site_type_symbol", "_type")
    expected = {"_space_group_name_H-M_alt": "data_x says nothing about its symmetry"}.get(
        tag, f"data_x lacks the tag {tag}"
    )
    assert refusal(text).startswith(f"line 1: {expected}")


def test_b_cartesian_coordinates_alone_are_refused_by_name() -> None:
    text = cif(columns="label type_symbol Cartn_x Cartn_y Cartn_z")
    assert refusal(text).startswith("line 1: data_x has Cartesian coordinates only; write fractional coordinates")


def test_b_tags_do_not_depend_on_case_or_on_the_newer_dots() -> None:
    assert formula(SALT_FILE.replace("_cell_length_a", "_CELL_LENGTH_a").replace("loop_", "LOOP_")) == "Na1 Cl1"
    assert formula(SALT_FILE.replace("_atom_site_", "_atom_site.").replace("_cell_", "_cell.")) == "Na1 Cl1"
    assert formula(SALT_FILE.upper().replace("LOOP_", "loop_")) == "Na1 Cl1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SALT_FILE.replace("'P 1'", "'P 1"), "line 2: a quote ' is not closed; close it"),
        (SALT_FILE.replace("data_x", "data_x\n_a\n;text"), "line 3: a text field that begins with ';' is not closed"),
        (
            SALT_FILE[:-12],
            "line 9: the loop of _atom_site_label has 5 columns, and its 7 values fill no whole number of",
        ),
        (SALT_FILE.replace("_b 3.4", "_b 3.4 A"), "line 4: 'A' belongs to no tag; put a value that has spaces between"),
        (SALT_FILE.replace("_b 3.4", "_b"), "line 1: data_x has no value for _cell_length_b"),
        (
            SALT_FILE.replace("_b 3.4", "_b 3.4\n_cell_length_b 3.5"),
            "line 5: _cell_length_b is '3.5', and on line 4 it is",
        ),
        (
            SALT_FILE + "loop_\n_atom_site_occupancy\n1\n1\n",
            "line 19: _atom_site_occupancy and _atom_site_label stand in",
        ),
        (SALT_FILE + "loop_" + SALT_FILE.split("loop_")[1], "line 23: _atom_site_label stands twice"),
        (SALT_FILE.split("Na1")[0], "line 1: data_x has no atom lines"),
        ("words\n" + SALT_FILE, "line 1: 'words' stands before the first data_; remove it"),
        ("_a 1\n" + SALT_FILE, "line 1: _a stands before the first data_"),
        ("data_x\nloop_\ndata_y\n", "line 2: loop_ has no tags"),
        ("data_x\nsave_frame\n", "line 2: 'save_frame' is not read"),
        ("data_x\n_cell_length_a 3\n", "no atoms in it (the tag _atom_site_fract_x is missing)"),
    ],
)
def test_b_a_text_that_breaks_the_rules_of_cif_is_refused_with_the_line(text: str, reason: str) -> None:
    assert refusal(text).startswith(reason)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!DOCTYPE html><html><body>404 Not Found</body></html>", "an HTML page, perhaps of a failed download"),
        ("<html><body>data_x</body></html>", "an HTML page, perhaps of a failed download"),
        ("", "an empty file"),
        (" \n\n", "an empty file"),
        (POSCAR, "a POSCAR"),
        (POSCAR.replace("NaCl", "data_x"), "a POSCAR"),
        ("2\nsalt\nNa 0 0 0\nCl 1.7 1.7 1.7\n", "an XYZ file"),
        ('{"lattice": {}, "data_": 1}', "a JSON file"),
        ("TITL salt\nCELL 0.7 3.4 3.4 3.4 90 90 90\n", "a SHELX .res file"),
        ("CRYST1    3.400    3.400\nATOM      1  N\n", "a PDB file"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS in place of the file"),
        ("404: Not Found", "an error message of a failed download"),
        ("<?xml version='1.0'?>", "an XML file"),
    ],
)
def test_k_what_is_no_cif_is_called_what_it_is(text: str, kind: str) -> None:
    assert refusal(text).startswith(f"not a CIF (this is {kind}); give a CIF")


def test_k_a_text_without_data_is_no_cif() -> None:
    assert refusal("_cell_length_a 3\n").startswith("not a CIF (it has no data_ block); give a CIF")


def test_f_a_symbol_that_is_no_element_is_one_line_with_its_site() -> None:
    assert refusal(cif("M1 M 0 0 0\nO1 O .5 .5 .5")).startswith(
        "line 15: type 'M' of site M1 is not an element; write the s"
    )


AUTHOR = SALT_FILE.replace("data_x", "data_x\n_publ_author_name 'Müller, K.'")


@pytest.mark.parametrize(
    "data",
    [
        AUTHOR.encode("latin-1"),
        AUTHOR.encode("utf-8-sig"),
        AUTHOR.encode("utf-16"),
        AUTHOR.replace("\n", "\r\n").encode(),
        AUTHOR.replace("\n", "\r").encode("latin-1"),
        gzip.compress(AUTHOR.encode("latin-1")),
        AUTHOR.encode() + b"\x1a",
        AUTHOR.replace("Na1 Na", "Na1\u00a0Na").encode(),
    ],
)
@pytest.mark.parametrize("name", ["x.cif", "x.cif.gz"])
def test_c_a_cif_is_read_in_every_encoding_and_packing(data: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read_cif(path).formula == "Na1 Cl1"
    assert [each.name for each in read_cif_file(path)] == [str(path)]


def test_c_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.cif: No such file or directory"):
        read_cif(tmp_path / "nowhere.cif")


def test_quotes_text_fields_and_comments_are_those_of_cif() -> None:
    (block,) = parse(
        "data_x # a comment\n_a 'it''s'\n_b O'Brien\n_c a#b\n_d\n;first\n loop_ _not 'a\n;\n_e \"two 'words'\"\n"
        "loop_ _f _g 1 '_2' ? .\n_empty\n"
    )
    values = {
        tag: [value.text for value in block.values(tag)] for tag in ("_a", "_b", "_c", "_d", "_e", "_f", "_G", "_empty")
    }
    assert values == {
        "_a": ["it''s"],
        "_b": ["O'Brien"],
        "_c": ["a#b"],
        "_d": ["first\n loop_ _not 'a"],
        "_e": ["two 'words'"],
        "_f": ["1", "?"],
        "_G": ["_2", "."],
        "_empty": ["?"],
    }
    assert [value.line for value in block.values("_g")] == [10, 10]
    assert formula(f"#\\#CIF_2.0\n{cif(SALT, P1)}_a '''three\nlines'''\n_b [1 [2 3]]\n_c {{'d': 1}}\n") == "Na1 Cl1"
