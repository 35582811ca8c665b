"""The commands: their examples can be typed, bad values are refused at once, and results come in every form."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.__main__ import command_line, main
from cgcnn.analysis.map_files import load_map
from cgcnn.analysis.prediction import Part, mean_absolute_error, mean_predictor_error, predict
from cgcnn.data.crystals import Crystals
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run
from cgcnn.training.store import load_run


def parsers(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the parser of every command, with the words by which it is called."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"{before}{name}", command
                yield from parsers(command, f"{before}{name} ")


#: Every command, as it is typed.
COMMANDS = [name for name, _ in parsers(command_line())]


@pytest.fixture(scope="module")
def run_file(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a run on the few crystals."""
    path = tmp_path_factory.mktemp("runs") / "run.safetensors"
    save_run(run, path)
    return str(path)


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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_its_examples_can_be_typed(command: str) -> None:
    parser = dict(parsers(command_line()))[command]
    assert parser.description
    assert parser.epilog is not None
    examples = [line.strip() for line in parser.epilog.splitlines() if " cgcnn " in f" {line}"]
    assert examples
    for example in examples:
        words = shlex.split(example.partition(">")[0])
        command_line().parse_args(words[words.index("cgcnn") + 1 :])


@pytest.mark.parametrize(
    ("command", "endings"),
    [
        ("train perovskites-embedded", ".safetensors"),
        ("predict perovskites some.cif", ".csv or .parquet"),
        ("evaluate perovskites", ".csv or .parquet"),
        ("map perovskites", ".png or .svg or .pdf or .csv or .parquet or .safetensors"),
        ("locate some.cif --on perovskites", ".csv or .parquet"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_read(
    command: str,
    endings: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("something was read")

    for reader in (
        "cgcnn.analysis.ensembles.load_run",
        "cgcnn.training.store.load_run",
        "cgcnn.data.datasets.load",
        "cgcnn.data.structure_files.read_structures",
        "cgcnn.analysis.map_files.load_map",
    ):
        monkeypatch.setattr(reader, fail)
    ending = endings.split()[0]
    (tmp_path / f"folder{ending}").mkdir()
    (tmp_path / "file").write_text("")
    for output, problem in (
        ("out.txt", f"cannot end so; end the name with {endings}"),
        ("out", f"cannot end so; end the name with {endings}"),
        (f"folder{ending}", "is a folder; name a file"),
        (f"file/out{ending}", "cannot be written to (Not a directory); name another folder"),
    ):
        assert main([*command.split(), "--output", str(tmp_path / output)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"error: {tmp_path}")
        assert line.endswith(problem)
    good = ["--output", str(tmp_path / f"out{ending}")]
    assert main([*command.split(), *good, "--device", "cuda:71"]) == 2
    assert "device='cuda:71': no such device on this machine" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", f"folder{ending}"]


@pytest.mark.parametrize("value", ["--training-size=0", "--training-size=-2", "--n-train=0", "--seed=-1"])
def test_a_parameter_out_of_range_is_refused_before_the_data_are_looked_for(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "no_such_folder", value]) == 2
    name, number = value.removeprefix("--").split("=")
    assert capsys.readouterr().err.startswith(f"error: {name.replace('-', '_')}={number}: must be ")


def test_a_run_that_is_not_there_is_refused_before_the_data_are_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("train no_such_folder --from none", "predict none no_such.cif", "evaluate none --data no_such"):
        assert main(command.split()) == 2
        assert capsys.readouterr().err.startswith("error: none: no such file; name a file written by 'cgcnn train'")


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


def test_predict_returns_2_and_prints_nothing_where_no_crystal_is_left(
    run_file: str, cells: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", run_file, str(cells / "unseen.cif")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1


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


def test_train_says_its_sizes_and_errors_with_the_mean_predictor_s_beside_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "mine.safetensors"
    words = ["train", "boron-embedded", "--epochs", "2", "--width", "8", "--n-convolutions", "1", "--training-size"]
    assert main([*words, "40", "--output", str(output)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert main([*words, "40", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    run, crystals = load_run(output), _load("boron-embedded")
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
    assert said["run"] == run.key


def _load(name: str) -> Crystals:
    from cgcnn.data import datasets

    return datasets.load(name)


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


@pytest.fixture(scope="module")
def quick_boron() -> Run:
    """A run on the embedded boron that is hardly trained."""
    from cgcnn.training.config import Config

    return fit(_load("boron-embedded"), Config(epochs=1, width=8, n_convolutions=1, training_size=30), device="cpu")


def test_data_lists_describes_and_fetches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)]
    assert {"perovskites", "boron", "materials_project", "boron-embedded"} <= set(names)
    assert main(["data", "describe", "boron-embedded", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["crystals"] == 1592
    assert described["elements"] == "1: B"
    assert described["lowest"] == 0
    assert main(["data", "fetch", "boron-embedded"]) == 0
    (path,) = capsys.readouterr().out.splitlines()
    assert Path(path).is_file()
    assert main(["data", "fetch", "bron"]) == 2
    assert capsys.readouterr().err.startswith("error: bron: ")


def test_describing_a_public_set_downloads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CGCNN_DATA", raising=False)
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    assert main(["data", "describe", "perovskites"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "crystals\tnot on this machine; 'cgcnn data fetch perovskites' downloads them"
    assert not list(tmp_path.rglob("*.csv"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_can_complete_every_command(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in COMMANDS:
        assert command.split()[-1] in script
    if shell == "bash":
        (tmp_path / "script").write_text(script)
        check = ["bash", "--norc", "-c", f"source {tmp_path / 'script'} && complete -p cgcnn"]
        assert "cgcnn" in subprocess.run(check, capture_output=True, text=True, check=True).stdout


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    import cgcnn

    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"cgcnn {cgcnn.__version__}\n"


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


_QUICKLY = ["--epochs", "1", "--width", "8", "--n-convolutions", "1"]


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


@pytest.fixture(scope="module")
def map_files(run_file: str, few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with twenty crystals, and a folder with their map in every form."""
    cells, drawn = tmp_path_factory.mktemp("mapped"), tmp_path_factory.mktemp("map")
    for crystal in range(20):
        few.structure(crystal).to(filename=str(cells / f"m{crystal}.cif"))
    outputs = [
        f"--output={drawn / 'map'}.{ending}" for ending in ("png", "svg", "pdf", "csv", "parquet", "safetensors")
    ]
    main(["map", run_file, str(cells), "--color", "value", *outputs])
    return cells, drawn


def test_a_map_is_written_as_pictures_as_tables_and_as_a_map(map_files: tuple[Path, Path]) -> None:
    cells, folder = map_files
    drawn = load_map(folder / "map.safetensors")
    assert len(drawn.table) > 20
    assert set(drawn.table["crystal"]) <= {str(path) for path in cells.glob("*.cif")}
    for table in (pd.read_csv(folder / "map.csv"), pd.read_parquet(folder / "map.parquet")):
        assert np.allclose(table[["x", "y"]], drawn.table[["x", "y"]])
        assert table["label"].tolist() == drawn.table["label"].tolist()
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        assert (folder / f"map.{ending}").read_bytes().startswith(start)
    picture = (folder / "map.svg").read_text()
    assert "local formation energy (eV/atom)" in picture
    assert "<dc:date>" not in picture


def test_crystals_of_a_map_are_located_at_their_own_places(
    map_files: tuple[Path, Path], run_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, folder = map_files
    words = ["locate", *(str(cells / f"m{number}.cif") for number in range(3)), "--on", str(folder / "map.safetensors")]
    outputs = ["--output", str(tmp_path / "sites.csv"), "--picture", str(tmp_path / "located.png")]
    assert main([*words, *outputs, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    sites = pd.read_csv(tmp_path / "sites.csv")
    assert (tmp_path / "located.png").read_bytes().startswith(b"\x89PNG")
    assert len(said["crystals"]) == 3
    assert [each["crystal"] for each in said["sites"]] == sites["crystal"].tolist()
    assert (sites["nearest_1_crystal"] == sites["crystal"]).all()
    assert (sites["distance"] == 0).all()
    assert main(words) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3 + len(sites)
    assert lines[3][:2] == [sites["crystal"][0], sites["label"][0]]
    assert lines[3][-1] == f"nearest {sites['crystal'][0]} {sites['label'][0]} 0.0000"


def test_the_run_of_a_map_is_asked_for_where_its_key_is_not_known(
    map_files: tuple[Path, Path],
    run_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cells, folder = map_files
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    words = ["locate", str(cells / "m0.cif"), "--on", str(folder / "map.safetensors")]
    assert main(words) == 2
    assert capsys.readouterr().err.endswith("is neither published nor in the run store; give its file with --run\n")
    assert main([*words, "--run", run_file]) == 0


def test_a_folder_is_checked_before_anything_is_trained(gaps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", str(gaps), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["n_crystals"] == 12
    assert not found["is_usable"]
    assert any("m12.cif" in error for error in found["errors"])
    (gaps / "id_prop.csv").write_text("".join(f"m{crystal},{0.1 * crystal}\n" for crystal in range(12)))
    assert main(["data", "check", str(gaps), "--target", "band gap", "--unit", "eV"]) == 0
    assert "band gap (eV): 0 to 1.1" in capsys.readouterr().out
