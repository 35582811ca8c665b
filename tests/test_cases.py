"""What people type, with the files that people have: every kind is read right, or refused with its reason.

The names of the tests begin with the kinds: silent wrong crystals, reasons of refusals, encodings and formats, units,
folders, tables of targets, one bad file of many, and implausible crystals.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.__main__ import main
from cgcnn.training.store import load_run

_RUN = "materials_project"
_QUICKLY = ("--epochs", "1", "--width", "8", "--n-convolutions", "1")
_P1 = "_symmetry_space_group_name_H-M 'P 1'"
_OCCUPIED = "_atom_site_occupancy\n"

#: The exit code of a command, and the lines of its standard output and of its standard error.
Answer: TypeAlias = tuple[int, list[str], list[str]]
#: A function that writes files into an empty folder, and predicts them by the published run.
Predict: TypeAlias = Callable[[Mapping[str, str | bytes]], Answer]


def cif(sites: str, group: str = _P1, further: str = "", **cell: float) -> str:
    """Return the text of a CIF, whose cell is cubic with an edge of 3.7 angstrom unless something else is said."""
    numbers = {"a": 3.7, "angle": 90.0, "gamma": 90.0} | cell
    edges = {"a": numbers["a"], "b": numbers["a"], "c": numbers.get("c", numbers["a"])}
    angles = {"alpha": numbers["angle"], "beta": numbers["angle"], "gamma": numbers["gamma"]}
    lines = [f"_cell_length_{name} {edge}" for name, edge in edges.items()]
    lines += [f"_cell_angle_{name} {angle}" for name, angle in angles.items()]
    columns = [f"_atom_site_{name}" for name in ("label", "type_symbol", "fract_x", "fract_y", "fract_z")]
    return "\n".join(["data_one", group, *lines, "loop_", *columns, f"{further}{sites}", ""])


_SITES = "K1 K 0 0 0\nBr1 Br 0.5 0.5 0.5"
_SALT = cif(_SITES)


def answer(words: list[str], capsys: pytest.CaptureFixture[str]) -> Answer:
    """Run a command; what it says of its progress and of the cache is left out."""
    code = main(words)
    captured = capsys.readouterr()
    errors = [line for line in captured.err.splitlines() if not line.startswith(("made ", "train run ", "found run "))]
    return code, captured.out.splitlines(), errors


@pytest.fixture
def predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Predict:
    monkeypatch.chdir(tmp_path)

    def predict(files: Mapping[str, str | bytes]) -> Answer:
        for name, content in files.items():
            Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        return answer(["predict", _RUN, *files], capsys)

    return predict


def value(line: str) -> float:
    return float(line.split("\t")[1])


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"x.cif": cif("K1 K 0 0 0 1\nBr1 Br 0.5 0.5 0.5 .", further=_OCCUPIED)}, id="occupancy left out"),
        pytest.param({"x.cif": cif("K1 K 0 0 0 .9999\nBr1 Br 0.5 0.5 0.5 1", further=_OCCUPIED)}, id="almost full"),
        pytest.param({"x.cif": _SALT.replace("_cell_length", "_CELL_LENGTH")}, id="tags in capitals"),
        pytest.param({"x.cif": b"\xef\xbb\xbf" + _SALT.encode()}, id="byte-order mark"),
        pytest.param({"x.cif": ("# M\xfcller\n" + _SALT).encode("latin-1")}, id="latin-1"),
        pytest.param({"x.cif": _SALT.encode("utf-16")}, id="utf-16"),
        pytest.param({"x.cif": _SALT.replace("\n", "\r\n")}, id="line ends of Windows"),
        pytest.param({"x.cif.gz": gzip.compress(_SALT.encode())}, id="packed"),
        pytest.param(
            {"POSCAR": "salt\n1.0\n3.7 0 0\n0 3.7 0\n0 0 3.7\nK Br\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"}, id="POSCAR"
        ),
        pytest.param(
            {
                "x.res": "TITL x 0.0 50.7 -1.0 0 0 2 (P1) n - 1\nCELL 1.54 3.7 3.7 3.7 90 90 90\nLATT -1\nSFAC K Br\n"
                "K 1 0 0 0 1.0\nBr 2 .5 .5 .5 1.0\nEND\n"
            },
            id="SHELX",
        ),
        pytest.param(
            {
                "x.xyz": '2\nLattice="3.7 0 0 0 3.7 0 0 0 3.7" Properties=species:S:1:pos:R:3\nK 0 0 0\n'
                "Br 1.85 1.85 1.85\n"
            },
            id="extended XYZ",
        ),
        pytest.param(
            {
                "x.json": json.dumps(
                    Structure(Lattice.cubic(3.7), ["K", "Br"], [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]).as_dict()
                )
            },
            id="pymatgen's JSON",
        ),
    ],
)
def test_encodings_and_formats_give_the_crystal_that_the_file_holds(
    files: dict[str, str | bytes], predicted: Predict
) -> None:
    code, lines, errors = predicted({"salt.cif": _SALT, **files})
    assert (code, errors) == (0, [])
    expected, found = (value(line) for line in lines)
    assert found == pytest.approx(expected, abs=1.1e-4)


_FACE_CENTERED = [(x, y, z) for x in (0, 0.5) for y in (0, 0.5) for z in (0, 0.5) if (x + y + z) % 1 == 0]
_MAGNESIA = "\n".join(
    [f"Mg Mg {x} {y} {z}" for x, y, z in _FACE_CENTERED] + [f"O O {x + 0.5} {y} {z}" for x, y, z in _FACE_CENTERED]
)


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        pytest.param(
            cif("Mg1 Mg 0 0 0\nO1 O 0.5 0.5 0.5", "_symmetry_space_group_name_H-M 'F m 3 m'", a=4.21),
            cif(_MAGNESIA, a=4.21),
            id="old symbol of the space group",
        ),
        pytest.param(
            cif("Mg1 Mg 0 0 0\nO1 O 0.5 0.5 0.5", "_space_group_name_Hall '-F 4 2 3'", a=4.21),
            cif(_MAGNESIA, a=4.21),
            id="Hall symbol alone",
        ),
        pytest.param(
            cif("As1 As 0.227 0.227 0.227", "_symmetry_space_group_name_H-M 'R -3 m'", a=4.13, angle=54.1, gamma=54.1),
            cif("As1 As 0.227 0.227 0.227\nAs2 As 0.773 0.773 0.773", a=4.13, angle=54.1, gamma=54.1),
            id="rhombohedral axes",
        ),
        pytest.param(
            cif("Ti1 Ti 0.333 0.667 0.25", "_symmetry_space_group_name_H-M 'P 63/m m c'", a=2.95, c=4.68, gamma=120),
            cif("Ti1 Ti 0.333333 0.666667 0.25\nTi2 Ti 0.666667 0.333333 0.75", a=2.95, c=4.68, gamma=120),
            id="a third that is rounded",
        ),
    ],
)
def test_silent_wrong_crystals_are_none_where_the_symmetry_gives_the_other_atoms(
    given: str, whole: str, predicted: Predict
) -> None:
    code, lines, _ = predicted({"given.cif": given, "whole.cif": whole})
    assert code == 0
    found, expected = (value(line) for line in lines)
    assert found == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(cif("K1 K 0 0 0\nBr1 Br 0.5 0.5 ."), r"fract_z of site Br1 is '\.'", id="a coordinate left out"),
        pytest.param(cif("Cu1 Cu 0 0 0\nN1 NH3 0.5 0.5 0.5"), "type 'NH3' of site N1 is not an element", id="NH3"),
        pytest.param(cif("K1 K 0 0 0\nO1 OH 0.5 0.5 0.5"), "type 'OH' of site O1 is not an element", id="OH"),
        pytest.param(cif("K1 K 0 0 0\nO1 H2O 0.5 0.5 0.5"), "type 'H2O' of site O1 is not an element", id="H2O"),
        pytest.param(cif("M1 M 0 0 0\nO1 O 0.5 0.5 0.5"), "type 'M' of site M1 is not an element", id="no element"),
        pytest.param(
            cif("K1 K 0 0 0 1.01\nBr1 Br 0.5 0.5 0.5 1", further=_OCCUPIED),
            "occupancy 1.01 of site K1 is above 1",
            id="occupancy above 1",
        ),
        pytest.param(
            cif("N1 N 0 0 0\nBr1 Br 0.5 0.5 0.5", f"{_P1}\n_chemical_formula_sum 'Br H4 N'"),
            "formula .*H",
            id="hydrogens left out",
        ),
        pytest.param("<!doctype html>\n<html>Not found</html>\n", "an HTML page", id="a page of the web"),
        pytest.param("", "an empty file", id="an empty file"),
    ],
)
def test_reasons_of_refusals_are_given_in_one_line_and_nothing_is_predicted(
    text: str, reason: str, predicted: Predict
) -> None:
    code, lines, errors = predicted({"x.cif": text})
    assert (code, lines) == (2, [])
    (error,) = errors
    assert error.startswith("error: x.cif: ")
    assert re.search(reason, error)
    assert "; " in error


def test_silent_wrong_crystals_a_formula_that_disagrees_with_the_sites_is_said(predicted: Predict) -> None:
    code, lines, errors = predicted({"x.cif": cif(_SITES, f"{_P1}\n_chemical_formula_sum 'K3 Br'")})
    assert (code, len(lines)) == (0, 1)
    (warning,) = errors
    assert warning.startswith("warning: x.cif: ")
    assert "K3 Br" in warning


def test_silent_wrong_crystals_every_block_of_a_file_has_its_line(predicted: Predict) -> None:
    other = cif("Li1 Li 0 0 0\nH1 H 0.5 0.5 0.5", a=3.4).replace("data_one", "data_two")
    code, lines, _ = predicted({"two.cif": f"{_SALT}\n{other}", "salt.cif": _SALT})
    assert code == 0
    assert [line.split("\t")[0] for line in lines] == ["two.cif#one", "two.cif#two", "salt.cif"]
    assert value(lines[0]) == value(lines[2]) != value(lines[1])


def test_one_bad_file_of_many_costs_its_own_crystal_alone(predicted: Predict) -> None:
    unseen = cif("Es1 Es 0 0 0\nBr1 Br 0.5 0.5 0.5", a=4.0)
    code, lines, errors = predicted({"good.cif": _SALT, "bad.cif": "data_\n", "unseen.cif": unseen, "last.cif": _SALT})
    assert code == 2
    assert [line.split("\t")[0] for line in lines] == ["good.cif", "last.cif"]
    assert sorted(error.split(":")[1].strip() for error in errors) == ["bad.cif", "unseen.cif"]
    assert "no training crystal of materials_project holds Es" in errors[-1]


def test_one_bad_file_of_many_a_folder_is_predicted_as_a_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for number in range(3):
        (folder / f"m{number}.cif").write_text(cif(_SITES, a=3.6 + 0.1 * number))
    code, lines, errors = answer(["predict", _RUN, str(folder)], capsys)
    assert (code, errors) == (0, [])
    assert [line.split("\t")[0] for line in lines] == [str(folder / f"m{number}.cif") for number in range(3)]


def test_vectors_of_crystals_and_labels_of_sites_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.cif").write_text(_SALT)
    assert answer(["represent", _RUN, str(tmp_path / "out"), str(tmp_path / "x.cif")], capsys)[0] == 0
    environments = pd.read_csv(tmp_path / "out" / "environments.csv")
    (crystal,) = pd.read_csv(tmp_path / "out" / "crystals.csv").to_dict(orient="records")
    assert environments["label"].tolist() == ["K1", "Br1"]
    assert crystal["v0"] == pytest.approx(environments["v0"].mean(), abs=1e-5)


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Return a function that writes a table beside six salts, trains on the folder, and returns what was said."""
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    for number in range(6):
        Path("d", f"m{number}.cif").write_text(cif(_SITES, a=3.6 + 0.05 * number))

    def trained(table: str | bytes, *options: str) -> Answer:
        Path("d", "id_prop.csv").write_bytes(table.encode() if isinstance(table, str) else table)
        return answer(["train", "d", *_QUICKLY, *options], capsys)

    return trained


def rows(form: str = "m{0},-1.{0}") -> str:
    return "".join(form.format(number) + "\n" for number in range(6))


def test_tables_of_targets_give_the_same_run_whatever_wrote_them(train: Callable[..., Answer]) -> None:
    code, lines, errors = train(rows())
    assert (code, errors) == (0, [])
    assert lines[0].endswith(" of d: target, 4 training crystals")
    for table in (
        b"\xef\xbb\xbf" + rows().encode(),
        rows().encode("utf-16"),
        "id,target\n" + rows(),
        rows("m{0};-1,{0}"),
        rows().replace("\n", "\r\n"),
    ):
        assert train(table) == (code, lines, errors)
    code, of_names, errors = train(rows("m{0}.cif,-1.{0}"))
    assert (code, errors) == (0, [])
    assert of_names[1:] == lines[1:]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param(rows("m{0},-1,0{0}"), "3 columns without a header", id="a decimal comma"),
        pytest.param(rows().replace("-1.3", "1e300"), "line 4: target 1e300", id="a target that is out of range"),
        pytest.param(rows().replace("m2", "m9"), "line 3: ", id="a crystal without a file"),
        pytest.param(rows().replace("-1.2", "high"), "line 3: ", id="a target that is no number"),
        pytest.param("m0,1\nm1,2\n", "at least 5 crystals are needed for .*; there are 2", id="too few crystals"),
    ],
)
def test_tables_of_targets_are_refused_by_the_line(table: str, reason: str, train: Callable[..., Answer]) -> None:
    code, lines, errors = train(table)
    assert (code, lines) == (2, [])
    (error,) = (error for error in errors if error.startswith("error: "))
    assert re.search(reason, error)


def test_tables_of_targets_that_are_all_equal_are_remarked_on(train: Callable[..., Answer]) -> None:
    code, _, errors = train(rows("m{0},1.5"))
    assert code == 0
    assert "warning: d: all 6 targets are 1.5, so that nothing can be learned from them" in errors


def test_units_are_those_of_the_folder_and_none_where_it_says_none(
    train: Callable[..., Answer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = ("--output", "gaps.safetensors")
    for table, options in ((rows(), ("--target", "band gap", "--unit", "eV")), (f"id,band gap (eV)\n{rows()}", ())):
        _, lines, _ = train(table, *options, *output, "--replace")
        assert lines[0].endswith(" of d: band gap (eV), 4 training crystals")
        assert [line.split("\t")[2] for line in lines[1:]] == ["eV", "eV"]
        _, (line,), _ = answer(["predict", "gaps.safetensors", "d/m0.cif"], capsys)
        assert line.split("\t")[2] == "eV"
        answer(["represent", "gaps.safetensors", "out", "d/m0.cif"], capsys)
        assert list(pd.read_csv("out/energies.csv")) == ["crystal", "band_gap_eV"]
    _, lines, _ = train(rows("m{0},2.{0}"), "--output", "none.safetensors")
    _, predictions, _ = answer(["predict", "none.safetensors", "d/m0.cif"], capsys)
    assert "eV" not in "".join([*lines, *predictions])


def test_folders_are_found_again_and_asked_for_by_their_name(
    train: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines, _ = train(rows(), "--output", "d.safetensors")
    monkeypatch.chdir("/")
    assert answer(["evaluate", str(tmp_path / "d.safetensors")], capsys) == (0, lines[1:], [])
    (tmp_path / "d").rename(tmp_path / "e")
    code, _, errors = answer(["evaluate", str(tmp_path / "d.safetensors")], capsys)
    assert (code, errors) == (2, ["error: the run was trained on a folder called d; give it with --data"])


def test_reasons_of_refusals_an_element_of_one_s_own_folder_is_said_to_be_in_no_training_crystal(
    train: Callable[..., Answer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("d", "m5.cif").write_text(cif("Ga1 Ga 0 0 0\nBr1 Br 0.5 0.5 0.5"))
    split = ["train", "train", "train", "train", "test", "validation"]
    table = "id,target,split\n" + "".join(f"m{number},{number},{part}\n" for number, part in enumerate(split))
    code, _, errors = train(table, "--output", "own.safetensors")
    assert code == 0
    assert any(re.search("no training crystal holds Ga, which the validation part holds", error) for error in errors)
    assert load_run("own.safetensors").split.train.tolist() != []
    code, lines, errors = answer(["predict", "own.safetensors", "d/m5.cif"], capsys)
    assert (code, lines) == (2, [])
    assert re.search(r"m5.cif: no training crystal of d holds Ga.*validation", errors[0])


_DIAMOND = cif("C1 C 0 0 0\nC2 C 0.25 0.25 0.25", a=2.522, angle=60, gamma=60)


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        pytest.param(cif(f"{_SITES}\nBr2 Br 0.6 0.5 0.5"), r"Br.*0\.37", id="atoms too near to each other"),
        pytest.param(cif(_SITES, a=370), r"32\d", id="a cell in picometers"),
        pytest.param(cif(_SITES, a=0.37), "", id="a cell in nanometers"),
        pytest.param(cif("Na1 Na 0 0 0", a=25), r"25", id="one atom in a box"),
        pytest.param(_DIAMOND, "", id="diamond, which the data lack"),
    ],
)
def test_implausible_crystals_are_outside_or_refused_and_good_ones_inside(
    text: str, remark: str, predicted: Predict
) -> None:
    code, lines, errors = predicted({"x.cif": text, "magnesia.cif": cif(_MAGNESIA, a=4.21)})
    good = lines[-1].split("\t")
    assert good[0] == "magnesia.cif"
    assert good[4] == "inside"
    if code == 0:
        cells = lines[0].split("\t")
        assert cells[4] == "outside"
        assert re.search(remark, cells[5] if len(cells) > 5 else "")
    else:
        assert [error.split(":")[1].strip() for error in errors] == ["x.cif"]
