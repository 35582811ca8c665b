"""Damage good files at random, and read them: each gives crystals, or errors in one line that name it, in bounded time.

The examples are the same in every run. ``tests/trust/test_fuzz.py`` makes many more.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgcnn.data.folders import read_folder
from cgcnn.data.reading import FileCrystal
from cgcnn.data.structure_files import read_file
from cgcnn.errors import DataError
from tests.damages import BOMBS, damaged
from tests.fuzzed_folders import damaged_folder, wrong_with_folder
from tests.good_texts import CIF, POSCAR, RES, STRUCTURES, XYZ
from tests.promises import broken_promise, wrong_with_file
from tests.random_cifs import random_cif

ALWAYS_THE_SAME = settings(derandomize=True, database=None, deadline=None)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("name", STRUCTURES)
@settings(ALWAYS_THE_SAME, max_examples=60)
@given(rng=st.randoms(use_true_random=False))
def test_a_damaged_structure_file_is_read_or_refused_in_one_line(name: str, place: Path, rng: Random) -> None:
    file_name, texts = STRUCTURES[name]
    path = place / file_name
    path.write_bytes(damaged(rng.choice(texts), rng))
    assert broken_promise(wrong_with_file, path) is None


@settings(ALWAYS_THE_SAME, max_examples=80)
@given(rng=st.randoms(use_true_random=False))
def test_a_random_cif_is_read_or_refused_in_one_line(place: Path, rng: Random) -> None:
    (place / "x.cif").write_text(random_cif(rng))
    assert broken_promise(wrong_with_file, place / "x.cif") is None


@settings(ALWAYS_THE_SAME, max_examples=20)
@given(rng=st.randoms(use_true_random=False))
def test_a_damaged_folder_is_read_or_refused_in_one_line(place: Path, rng: Random) -> None:
    folder = damaged_folder(place, rng)
    assert broken_promise(wrong_with_folder, folder) is None


@pytest.mark.parametrize("name", STRUCTURES)
def test_good_files_keep_the_promises_too_and_give_crystals(name: str, place: Path) -> None:
    file_name, texts = STRUCTURES[name]
    for text in texts:
        (place / file_name).write_text(text)
        assert wrong_with_file(place / file_name) is None
        assert all(isinstance(each, FileCrystal) for each in read_file(place / file_name))


# Each of these once took from a minute to hours, or gigabytes, or ended with a traceback.


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.cif", "\n" * 300_000 + "no crystal"),
        ("x.cif", "data_x\n_atom_site_label Na\n" * 3000),
        ("x.cif", CIF + f"_chemical_formula_sum '{BOMBS['an open formula']}'\n"),
        ("x.cif", CIF.replace("_cell_length_a 3.4", f"_cell_length_a {'3' * 50_000}x")),
        ("x.cif", CIF + "loop_\n_symmetry_equiv_pos_as_xyz\n" + "".join(f"x,y,z+1/{n}\n" for n in range(1, 9999))),
        ("x.xyz", BOMBS["damaged frames"]),
        ("x.xyz", XYZ.replace("energy", "Properties=species:S:1:pos:R:3:f:R:300000000 energy")),
        ("POSCAR", POSCAR.replace("1.0", "1" * 50_000 + "x")),
        ("x.res", RES.replace("LATT -1\n", "LATT 4\n" + "SYMM X,Y,Z\n" * 5000)),
        ("x.json", '["lattice", "sites", ' + "[" * 100_000),
    ],
)
def test_a_text_that_is_made_to_take_long_does_not(name: str, text: str, place: Path) -> None:
    (place / name).write_text(text)
    assert broken_promise(wrong_with_file, place / name) is None


@pytest.mark.parametrize("bomb", ["'[' 100,000 times", "aliases of aliases", "merged aliases"])
def test_notes_that_are_made_to_take_long_do_not(bomb: str, tmp_path: Path) -> None:
    (tmp_path / "dataset.yaml").write_text(f"title: {bomb}\n{BOMBS[bomb]}\n")
    assert broken_promise(wrong_with_folder, tmp_path) is None
    (tmp_path / "dataset.yaml").write_text("title: 2026-99-99\n")  # no date, at which YAML's reader gives up
    with pytest.raises(DataError, match=r"dataset\.yaml: not YAML \(month must be in"):
        read_folder(tmp_path)


def test_no_module_that_a_file_names_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "named_by_a_file.py").write_text("raise SystemExit('a program ran')\n")
    monkeypatch.syspath_prepend(tmp_path)
    content = json.loads(STRUCTURES["pymatgen JSON"][1][0])
    named = {"@module": "named_by_a_file", "@class": "Anything"}
    content["properties"] = {"of": named}
    content["sites"][0]["properties"] = {"of": named}
    (tmp_path / "x.json").write_text(json.dumps(content))
    (read,) = read_file(tmp_path / "x.json")
    assert isinstance(read, FileCrystal)
    assert read.structure.formula == "Na1 Cl1"
    assert "named_by_a_file" not in sys.modules


def test_what_a_file_writes_stays_one_line_that_moves_no_cursor(tmp_path: Path) -> None:
    (tmp_path / "x.cif").write_text(CIF.replace("Na1 Na 0", ";\nNa\x1b[2J\n1\n;\nNa 0"))
    (label, _), _ = read_labels(tmp_path / "x.cif")
    assert label == r"Na\x1b[2J\n1"
    content = json.loads(STRUCTURES["pymatgen JSON"][1][0])
    odd = [{"name": "a\nb\ud800", "structure": content}, {"name": "c", "structure": content}]
    (tmp_path / "x.json").write_text(json.dumps(odd))
    _, name = read_labels(tmp_path / "x.json")
    assert name == rf"{tmp_path}/x.json#a\nb\ud800"
    long = f"{tmp_path}/x.cif: " + "y" * 10_000
    assert len(str(DataError(long, "mend it"))) < 1700
    assert str(DataError("a\r\nb\u2028c\u202ed", "e\x07")) == r"a\r\nb\u2028c\u202ed; e\x07"


def read_labels(path: Path) -> tuple[list[str], str]:
    """Return the labels of the sites, and the name, of the first crystal of a file."""
    read = read_file(path)[0]
    assert isinstance(read, FileCrystal), read
    return list(map(str, read.structure.labels)), read.name


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("POSCAR", POSCAR.replace("1 1\n", "\u00b2 1\n"), "5 symbols and 3 numbers of atoms"),
        ("POSCAR", POSCAR.replace("1 1\n", f"{'1' * 5000} 1\n"), "5 symbols and 3 numbers of atoms"),
        ("x.xyz", XYZ.replace("2\n", "2\n", 1).replace("Cl 1.7", "Xx 1.7"), "'Xx' in its line 4 is no element"),
        ("x.xyz", XYZ.replace("Cl 1.7", "Cl l.7"), "'l.7' in its line 4 is not a number"),
        ("x.xyz", XYZ.replace("3.4 0 0 0", "3.4 0 0"), "Lattice is '3.4 0 0 3.4 0 0 3.4', not 9 numbers"),
        ("x.xyz", XYZ.replace("energy", "Properties=species:S:1:pos:R:3:f:R:3 energy"), "has 4 of 7 columns"),
        ("x.xyz", XYZ.replace("energy", f"Properties=species:S:1:pos:R:3:f:R:{10**12} energy"), "4 of 1000000000004"),
        ("x.res", RES.replace("LATT -1", "LATT 0"), "LATT 0 is not known"),
        ("x.res", RES.replace("90 90 90", "10 90 170"), "CELL 3.4 3.4 3.4 10 90 170 is no cell"),
        ("x.res", RES.replace("CELL 1.54 3.4", "CELL 1.54 -3.4"), "is no cell"),
        ("x.json", '["lattice", "sites", ' + "[" * 100_000, "its brackets are nested too deeply"),
    ],
)
def test_a_damage_is_named_in_the_words_of_its_format(name: str, text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (error,) = read_file(tmp_path / name)
    assert reason in str(error)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("lattice", "matrix"), [[1, 0, 0]], "the matrix of its lattice: [[1, 0, 0]] is not 3 times 3 finite numbers"),
        (("sites", 1, "abc"), [0, 0, 10**400], "site 1: abc: "),
        (("sites", 1, "abc"), [0, 0, float("nan")], "site 1: abc: [0, 0, NaN] is not 3 finite numbers"),
        (("sites", 1, "species"), [], "site 1 has no list of species"),
        (("sites", 1, "species", 0, "element"), "Xx", "site 1 is 'Xx', no element"),
        (("sites", 1, "species", 0, "occu"), None, "site 1: occu: null is not a finite number"),
        (("sites",), "none", "lattice and sites are no object and no list"),
    ],
)
def test_a_damaged_value_of_a_json_is_named(
    place: tuple[str | int, ...], value: object, reason: str, tmp_path: Path
) -> None:
    content = json.loads(STRUCTURES["pymatgen JSON"][1][0])
    holder = content
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    (tmp_path / "x.json").write_text(json.dumps(content))
    (error,) = read_file(tmp_path / "x.json")
    assert isinstance(error, DataError)
    assert f"x.json: {reason}" in str(error)


@pytest.mark.parametrize("energy", ["nan", "inf", "T", ""])
def test_an_energy_that_is_no_finite_number_is_none(energy: str, tmp_path: Path) -> None:
    (tmp_path / "x.xyz").write_text(XYZ.replace("=-6.5", f"={energy}" if energy else ""))
    (read,) = read_file(tmp_path / "x.xyz")
    assert isinstance(read, FileCrystal)
    assert read.energy_eV is None
    (error,) = read_folder(tmp_path).refused
    assert "no energy" in str(error)


@pytest.mark.parametrize(("name", "reason"), [("a" * 300, "is not there"), ("a\x1b[2J", "no name that can be printed")])
def test_an_id_that_no_file_can_have_is_refused_by_its_line(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(CIF)
    (tmp_path / "id_prop.csv").write_text(f"a,1.5\n{name},2.5\n")
    reading = read_folder(tmp_path)
    assert reading.crystals.ids == ("a",)
    (error,) = reading.refused
    assert "id_prop.csv: line 2: " in str(error)
    assert reason in str(error)


def test_an_energy_beyond_single_precision_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "x.xyz").write_text(XYZ.replace("=-6.5", "=-1e300"))
    reading = read_folder(tmp_path)
    assert len(reading.crystals) == 0
    assert "its energy is -1e+300 eV" in str(reading.refused[0])


def test_instructions_of_shelx_that_look_like_atoms_are_none(tmp_path: Path) -> None:
    # ZERR has the number of formula units and six uncertainties, and UNIT one number per element.
    text = RES.replace("LATT -1", "ZERR 2 0.001 0.001 0.001 0 0 0\nUNIT 1 1 1 1 1\nLATT -1")
    (tmp_path / "x.res").write_text(text.replace("TITL x 0.0 39.3 -1.0 0 0 2 (P1) n - 1", "TITL salt"))
    (read,) = read_file(tmp_path / "x.res")
    assert isinstance(read, FileCrystal), read
    assert read.structure.formula == "Na1 Cl1"
