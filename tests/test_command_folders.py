"""The commands train, evaluate and data check, on folders of one's own with names and units of their own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.__main__ import main
from cgcnn.analysis.prediction import Part, mean_absolute_error, mean_predictor_error, predict
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run
from cgcnn.training.store import load_run

_QUICKLY = ["--epochs", "1", "--width", "8", "--n-convolutions", "1"]


@pytest.fixture
def gaps(few: Crystals, tmp_path: Path) -> Path:
    """A folder called like a data set, with twelve crystals, a bad one, and a column of made-up band gaps."""
    folder = tmp_path / "mine" / "perovskites"
    folder.mkdir(parents=True)
    for crystal in range(12):
        few.structure(crystal).to(filename=str(folder / f"m{crystal}.cif"))
    (folder / "m12.cif").write_text("data_\nnothing\n")
    (folder / "id_prop.csv").write_text("".join(f"m{crystal},{0.1 * crystal}\n" for crystal in range(13)))
    return folder


def test_train_says_its_sizes_and_errors_with_the_mean_predictor_s_beside_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "mine.safetensors"
    words = ["train", "boron-embedded", "--epochs", "2", "--width", "8", "--n-convolutions", "1", "--training-size"]
    assert main([*words, "40", "--output", str(output)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert main([*words, "40", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    run, crystals = load_run(output), datasets.load("boron-embedded")
    assert printed[0] == f"run {run.key[:12]} of boron-embedded: {run.quantity.label}, 40 training crystals"
    parts: tuple[Part, Part] = ("validation", "test")
    for part, line in zip(parts, printed[1:], strict=True):
        mae, of_mean = mean_absolute_error(run, crystals, part), mean_predictor_error(run, crystals, part)
        n_crystals = len(getattr(run.split, part))
        assert line.split("\t") == [
            f"{part} MAE",
            f"{mae:.5f}",
            "eV/atom",
            f"{n_crystals} crystals",
            f"mean predictor {of_mean:.5f}",
        ]
        assert said[part] == {
            "part": part,
            "n_crystals": n_crystals,
            "mae": pytest.approx(mae),
            "mean_predictor_mae": pytest.approx(of_mean),
        }
    assert (said["run"], said["n_train"], said["unit"]) == (run.key, 40, "eV/atom")
    assert (said["target"], said["parent"]) == (run.target_name, None)


def test_parameters_have_precedence_over_the_network_and_another_run_is_replaced_only_where_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mine.safetensors"
    words = ["train", "boron-embedded", *_QUICKLY, "--training-size", "20", "--output", str(output)]
    assert main([*words, "--network", "better", "--n-neighbors", "7", "--distance-power", "1"]) == 0
    config = load_run(output).config
    assert (config.n_neighbors, config.distance_power, config.width) == (7, 1.0, 8)
    before = output.read_bytes()
    capsys.readouterr()
    assert main(words) == 2
    assert (
        capsys.readouterr().err.splitlines()[-1].startswith(f"error: {output}: holds run {load_run(output).key[:12]}")
    )
    assert output.read_bytes() == before
    assert main([*words, "--replace"]) == 0
    assert load_run(output).config.n_neighbors == 12


def test_train_goes_on_from_another_run(
    run_file: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "perovskites-embedded", "--from", run_file, "--training-size", "20", "--epochs", "1"]
    assert main([*words, "--output", str(tmp_path / "tuned.safetensors")]) == 0
    tuned = load_run(tmp_path / "tuned.safetensors")
    assert tuned.parent == run.key
    assert (tuned.config.width, tuned.config.n_convolutions) == (run.config.width, run.config.n_convolutions)
    capsys.readouterr()
    assert main([*words, "--width", "32"]) == 2
    assert capsys.readouterr().err.startswith(f"error: width=32: run {run.key[:12]} has width=16; leave width out")
    assert main([*words, "--network", "better"]) == 2
    assert "--network better" in capsys.readouterr().err


def test_evaluate_writes_the_parity_of_validation_and_test_crystals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quick_boron: Run
) -> None:
    save_run(quick_boron, tmp_path / "run.safetensors")
    words = ["evaluate", str(tmp_path / "run.safetensors")]
    assert main([*words, "--output", str(tmp_path / "parity.csv"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    table = pd.read_csv(tmp_path / "parity.csv")
    for part in ("validation", "test"):
        own = table[table["part"] == part]
        mae = (own["predicted_eV_per_atom"] - own["target_eV_per_atom"]).abs().mean()
        assert said[part]["mae"] == pytest.approx(mae, rel=1e-6)
        assert said[part]["n_crystals"] == len(own) == len(getattr(quick_boron.split, part))
        crystals = datasets.load("boron-embedded").select(getattr(quick_boron.split, part))
        assert own["crystal"].tolist() == list(crystals.ids)
        np.testing.assert_allclose(own["target_eV_per_atom"], crystals.targets)
        np.testing.assert_allclose(own["predicted_eV_per_atom"], predict(quick_boron, crystals), atol=1e-4)


@pytest.fixture(scope="module")
def quick_boron() -> Run:
    """A run on the embedded boron that is hardly trained."""
    return fit(
        datasets.load("boron-embedded"), Config(epochs=1, width=8, n_convolutions=1, training_size=30), device="cpu"
    )


def test_a_folder_is_trained_on_with_its_name_and_unit_and_evaluated_from_anywhere(
    gaps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "mine.safetensors")
    meaning = ["--target", "band gap", "--unit", "eV", "--per", "crystal"]
    assert main(["train", str(gaps), *_QUICKLY, *meaning, "--output", output]) == 2
    assert "m12.cif" in capsys.readouterr().err
    assert main(["train", str(gaps), *_QUICKLY, *meaning, "--output", output, "--skip-bad"]) == 0
    trained = capsys.readouterr()
    assert "error: " in trained.err
    assert "m12.cif" in trained.err
    lines = trained.out.splitlines()
    assert lines[0].endswith(" of perovskites: band gap (eV), 7 training crystals")
    assert [line.split("\t")[2:4] for line in lines[1:]] == [["eV", "2 crystals"], ["eV", "3 crystals"]]
    run = load_run(output)
    assert run.folder == str(gaps)

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["evaluate", "../mine.safetensors"]) == 0
    assert capsys.readouterr().out.splitlines() == lines[1:]
    moved = gaps.rename(tmp_path / "moved")
    assert main(["evaluate", "../mine.safetensors"]) == 2
    said = "error: the run was trained on a folder called perovskites; give it with --data\n"
    assert capsys.readouterr().err == said
    assert main(["evaluate", "../mine.safetensors", "--data", str(moved)]) == 0
    assert capsys.readouterr().out.splitlines() == lines[1:]
    (moved / "id_prop.csv").write_text("".join(f"m{crystal},{0.2 * crystal}\n" for crystal in range(12)))
    assert main(["evaluate", "../mine.safetensors", "--data", str(moved)]) == 2
    assert "not the data that the run was trained on (perovskites, digest " in capsys.readouterr().err


def test_totals_of_cells_are_evaluated_as_they_were_trained_on(
    gaps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "mine.safetensors")
    (gaps / "m12.cif").unlink()
    (gaps / "id_prop.csv").write_text("".join(f"m{crystal},{-0.1 * crystal}\n" for crystal in range(12)))
    assert main(["train", str(gaps), *_QUICKLY, "--unit", "eV", "--per", "cell", "--output", output]) == 0
    trained = capsys.readouterr().out.splitlines()
    assert trained[1].split("\t")[2] == "eV/atom"
    split, per_atom = load_run(output).split, -0.1 * np.arange(12) / 5
    of_mean = np.abs(per_atom[split.test] - per_atom[split.train].mean()).mean()
    assert trained[2].split("\t")[-1] == f"mean predictor {of_mean:.5f}"
    assert main(["evaluate", output]) == 0
    assert capsys.readouterr().out.splitlines() == trained[1:]


def test_train_names_the_elements_that_no_training_crystal_has(
    gaps: Path, few: Crystals, capsys: pytest.CaptureFixture[str]
) -> None:
    split = "".join(f"m{crystal},{crystal},{'train' if crystal < 8 else 'test'}\n" for crystal in range(11))
    (gaps / "id_prop.csv").write_text(f"id,target,split\n{split}m11,11,validation\n")
    (gaps / "m12.cif").unlink()
    (gaps / "m11.cif").unlink()
    strange = few.structure(11)
    strange.replace(0, "Pu")
    strange.to(filename=str(gaps / "m11.cif"))
    assert main(["train", str(gaps), *_QUICKLY]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].endswith(", 8 training crystals")
    warning = next(line for line in captured.err.splitlines() if "Pu" in line)
    assert warning.startswith("warning: perovskites: no training crystal holds ")
    assert "which the validation part holds; the run predicts no crystal with it" in warning


def test_an_interval_that_the_few_validation_crystals_cannot_give_is_null(
    gaps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "mine.safetensors")
    assert main(["train", str(gaps), *_QUICKLY, "--skip-bad", "--unit", "eV", "--output", output]) == 0
    capsys.readouterr()
    assert main(["predict", output, str(gaps / "m0.cif"), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["lower_eV"] is None
    assert main(["predict", output, str(gaps / "m0.cif")]) == 0
    assert "90 %" not in capsys.readouterr().out


def test_a_folder_is_checked_before_anything_is_trained(gaps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", str(gaps), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["n_crystals"] == 12
    assert not found["is_usable"]
    assert any("m12.cif" in error for error in found["errors"])
    (gaps / "id_prop.csv").write_text("".join(f"m{crystal},{0.1 * crystal}\n" for crystal in range(12)))
    assert main(["data", "check", str(gaps), "--target", "band gap", "--unit", "eV"]) == 0
    assert "band gap (eV): 0 to 1.1" in capsys.readouterr().out
