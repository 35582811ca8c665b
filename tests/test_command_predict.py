"""The commands predict and represent: what is good is finished, what is bad is named, results come in every form."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.__main__ import main
from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals
from cgcnn.training.runs import Run


@pytest.fixture(scope="module")
def cells(few: Crystals, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three training crystals, a file that is no crystal, and a crystal with an unknown element."""
    folder = tmp_path_factory.mktemp("cells")
    for number, crystal in enumerate(run.split.train[:3]):
        few.structure(crystal).to(filename=str(folder / f"m{number}.cif"))
    (folder / "bad.cif").write_text("data_\nnothing\n")
    unknown = few.structure(run.split.train[0])
    unknown.replace(0, "Pu")
    unknown.to(filename=str(folder / "unseen.cif"))
    return folder


def test_predict_finishes_the_good_crystals_and_names_every_other_in_a_line_of_its_own(
    run_file: str, run: Run, few: Crystals, cells: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", run_file, str(cells), str(cells / "no.cif")]) == 2
    captured = capsys.readouterr()
    expected = predict(run, few.select(run.split.train[:3]))
    for number, (line, energy) in enumerate(zip(captured.out.splitlines(), expected, strict=True)):
        name, printed, unit = line.split("\t")[:3]
        assert (name, unit) == (str(cells / f"m{number}.cif"), "eV/atom")
        assert float(printed) == pytest.approx(energy, abs=2e-3)  # CIFs round coordinates
    errors = captured.err.splitlines()
    assert len(errors) == 3
    for name in ("bad.cif", "no.cif", "unseen.cif"):
        (error,) = (error for error in errors if error.startswith(f"error: {cells / name}: "))
        assert "; " in error


def test_predict_prints_the_interval_and_whether_a_crystal_is_inside_of_what_was_seen(
    run_file: str, run: Run, cells: Path, few: Crystals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hollow = few.structure(run.split.train[0])
    hollow.scale_lattice(hollow.volume * 1000)
    hollow.to(filename=str(tmp_path / "hollow.cif"))
    places = [str(cells / "m0.cif"), str(tmp_path / "hollow.cif")]
    assert main(["predict", run_file, *places, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert main(["predict", run_file, *places]) == 0
    for line, row in zip(capsys.readouterr().out.splitlines(), said, strict=True):
        lower, upper = row["lower_eV_per_atom"], row["upper_eV_per_atom"]
        assert lower < row["energy_eV_per_atom"] < upper
        cells_of_line = [
            row["crystal"],
            f"{row['energy_eV_per_atom']:.4f}",
            "eV/atom",
            f"90 %: {lower:.4f} to {upper:.4f}",
        ]
        assert line == "\t".join([*cells_of_line, row["range"], row["remark"]]).rstrip()
    assert [row["range"] for row in said] == ["inside", "outside"]
    assert said[0]["remark"] == ""
    assert said[1]["remark"] != ""


def test_predict_returns_2_where_a_crystal_is_refused_and_prints_nothing_where_none_is_left(
    run_file: str, cells: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", run_file, str(cells / "unseen.cif")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert main(["predict", run_file, str(cells / "m0.cif"), str(cells / "unseen.cif")]) == 2
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_predict_takes_patterns_and_data_sets(
    run_file: str, run: Run, cells: Path, embedded: Crystals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", run_file, f"{cells}/m*.cif"]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == [
        str(cells / f"m{number}.cif") for number in range(3)
    ]
    main(["predict", run_file, "perovskites-embedded", "--output", str(tmp_path / "all.csv")])
    table = pd.read_csv(tmp_path / "all.csv")
    known = [crystal for crystal, name in enumerate(embedded.ids) if name in set(table["crystal"])]
    assert len(table) == len(known) > 1000
    assert np.allclose(table["energy_eV_per_atom"], predict(run, embedded.select(known)), atol=1e-5)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_results_are_the_same_as_lines_as_json_and_in_a_file(
    ending: str, run_file: str, cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / f"out.{ending}"
    words = ["predict", run_file, f"{cells}/m*.cif"]
    assert main([*words, "--json", "--output", str(output)]) == 0
    as_json = json.loads(capsys.readouterr().out)
    table = pd.read_csv(output) if ending == "csv" else pd.read_parquet(output)
    assert [row["crystal"] for row in as_json] == table["crystal"].tolist()
    assert np.allclose([row["energy_eV_per_atom"] for row in as_json], table["energy_eV_per_atom"], atol=1e-9)
    assert main(words) == 0
    printed = [float(line.split("\t")[1]) for line in capsys.readouterr().out.splitlines()]
    assert np.allclose(printed, table["energy_eV_per_atom"], atol=6e-5)


def test_parquet_without_its_package_says_what_to_install(
    run_file: str, cells: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["predict", run_file, str(cells), "--output", "out.parquet"]) == 2
    said = 'error: out.parquet: Parquet needs the package pyarrow; pip install "cgcnn[parquet]"\n'
    assert capsys.readouterr().err == said


def test_represent_writes_the_mean_environment_of_each_crystal_and_the_labels_of_sites(
    run_file: str, cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["represent", run_file, str(tmp_path / "levels"), f"{cells}/m*.cif", "--json"]) == 0
    files = json.loads(capsys.readouterr().out)
    assert list(files) == ["elements", "environments", "crystals", "energies"]
    environments, crystals = (pd.read_csv(files[name]) for name in ("environments", "crystals"))
    vectors = [str(name) for name in crystals if name != "crystal"]
    for name, vector in crystals.set_index("crystal")[vectors].iterrows():
        own = environments[environments["crystal"] == name]
        assert np.allclose(vector, np.average(own[vectors], axis=0, weights=own["multiplicity"]), atol=1e-6)
    symbols = environments["label"].str.extract(r"^([A-Z][a-z]?)\d*$")[0]
    assert symbols.tolist() == environments["element"].tolist()
    assert main(["represent", run_file, str(tmp_path / "levels"), str(cells), "--format", "parquet"]) == 2
    again = pd.read_parquet(tmp_path / "levels" / "crystals.parquet")
    assert np.allclose(again[vectors], crystals[vectors], atol=1e-6)
