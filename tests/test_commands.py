"""The commands: their examples can be typed, bad values are refused at once, and a shell can complete them."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cgcnn.__main__ import command_line, main
from cgcnn.data.datasets import load


def parsers(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the parser of every command, with the words by which it is called."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"{before}{name}", command
                yield from parsers(command, f"{before}{name} ")


#: Every command, as it is typed.
COMMANDS = [name for name, _ in parsers(command_line())]


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
        ("out.txt", f"the ending '.txt' is not known; end the name with {endings}"),
        ("out", f"the ending '' is not known; end the name with {endings}"),
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


def test_data_lists_describes_and_fetches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)]
    assert {"perovskites", "boron", "materials_project", "boron-embedded"} <= set(names)
    assert main(["data", "describe", "boron-embedded", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["crystals"] == 1592
    assert described["references"] == ["10.1038/s42256-023-00716-3"]
    assert described["elements"] == "1: B"
    assert described["lowest"] == 0
    crystals = load("boron-embedded")
    assert described["highest"] == crystals.targets.max()
    assert described["mean"] == pytest.approx(crystals.targets.mean())
    assert described["standard deviation"] == pytest.approx(crystals.targets.std())
    assert described["sites per crystal"] == f"{crystals.n_sites.min()} to {crystals.n_sites.max()}"
    assert main(["data", "describe", "materials_project-embedded"]) == 0
    assert re.search(r"^references\t10\.1063/1\.4812323, 10\.1002/qua\.24917, ", capsys.readouterr().out, re.MULTILINE)
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
