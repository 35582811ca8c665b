"""The package's one face: what it offers, how little it costs to import, and that the snippets of the pages run."""

from __future__ import annotations

import pickle
import re
import resource
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import cgcnn
from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import project_root
from tests.test_commands import COMMANDS

_ROOT = project_root()
_PAGES = [_ROOT / "README.md", *sorted((_ROOT / "book").glob("*.md"))]


def blocks(language: str) -> list[tuple[str, str]]:
    """Return page and text of every block of code of a language in the README and on the book's pages."""
    found = [(page.name, re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)) for page in _PAGES]
    return [(name, block) for name, some in found for block in some]


def test_every_name_of_the_face_is_there_and_comes_from_its_wing() -> None:
    for name in cgcnn.__all__:
        assert getattr(cgcnn, name) is not None, name
    assert set(dir(cgcnn)) == set(cgcnn.__all__)
    assert set(cgcnn.__all__) >= {"load", "fit", "sweep", "predict", "represent", "load_run", "Config", "Run"}
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", cgcnn.__version__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cgcnn.nothing


def test_importing_the_package_takes_no_time_and_no_torch() -> None:
    program = "import time; t = time.process_time(); import cgcnn; print(time.process_time() - t); import sys; "
    program += "print([m for m in ('torch', 'numpy', 'pandas', 'pymatgen') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, heavy = result.stdout.splitlines()
    assert float(seconds) < 0.1
    assert heavy == "[]"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_answers_within_half_a_second(command: str) -> None:
    # Seconds of the processor, so that what else the machine does at the time does not decide.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "cgcnn", *command.split(), "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 0.5


@pytest.mark.parametrize(("page", "snippet"), blocks("python"))
def test_the_python_snippets_of_the_pages_run(page: str, snippet: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(snippet)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{page}: {result.stderr}"


def commands_of(page: str) -> list[list[str]]:
    """Return the words of each command ``cgcnn ...`` on a page, without the first."""
    lines = [line for name, block in blocks("bash") if name == page for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.strip().startswith("cgcnn ")]


@pytest.mark.slow
def test_the_readme_s_commands_run_in_a_folder_with_crystals(
    embedded: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = commands_of("README.md")
    assert [words[0] for words in commands[:4]] == ["data", "train", "evaluate", "map"]
    monkeypatch.chdir(tmp_path)
    for name in ("my_folder", "more"):
        (tmp_path / name).mkdir()
    rows = ["id,band_gap (eV)\n"]
    for crystal in range(20):
        embedded.structure(crystal).to(filename=f"my_folder/{crystal}.cif")
        rows.append(f"{crystal},{embedded.targets[crystal]}\n")
    Path("my_folder/id_prop.csv").write_text("".join(rows))
    Path("new.cif").write_bytes(Path("my_folder/0.cif").read_bytes())
    embedded.structure(0).to(filename="more/POSCAR", fmt="poscar")
    for words in commands:
        assert main(words) == 0, f"{words}: {capsys.readouterr().err}"
    for written in ("map.png", "predicted.csv", "located.png", "levels/environments.csv", "tuned.safetensors"):
        assert Path(written).is_file(), written


def test_results_alone_go_to_the_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cold"))
    arguments = ["--epochs", "1", "--training-size", "20", "--width", "8", "--device", "cpu"]
    result = subprocess.run(
        [sys.executable, "-m", "cgcnn", "train", "perovskites-embedded", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    error = r"MAE\t\d\.\d{5}\teV/atom\t541 crystals\tmean predictor 0\.\d{5}\n"
    first = r"run [0-9a-f]{12} of perovskites-embedded: formation energy \(eV/atom\), 20 training crystals\n"
    assert re.fullmatch(f"{first}validation {error}test {error}", result.stdout)
    assert "made the crystals of perovskites-embedded" in result.stderr
    assert "made the graphs of perovskites-embedded" in result.stderr


def test_a_bug_shows_its_traceback_and_is_not_taken_for_the_user_s_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        np.zeros((2, 3)) + np.zeros((3, 2))

    monkeypatch.setattr("cgcnn.data.datasets.load", fail)
    with pytest.raises(ValueError, match="could not be broadcast"):
        main(["train", "perovskites-embedded"])
    assert "error:" not in capsys.readouterr().err


def test_a_file_that_the_system_refuses_is_the_user_s_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "some.cif").write_text("")
    assert main(["represent", "perovskites", str(tmp_path / "file" / "levels"), str(tmp_path / "some.cif")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_parameter_out_of_range_is_named_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "perovskites-embedded", "--epochs", "0"]) == 2
    assert capsys.readouterr().err == "error: epochs=0: must be above 0; give a larger value\n"


def test_an_error_has_its_problem_and_its_way_out_apart() -> None:
    error = cgcnn.DataError("some.cif: empty", "remove it")
    assert (error.problem, error.way_out) == ("some.cif: empty", "remove it")
    assert str(error) == "some.cif: empty; remove it"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
