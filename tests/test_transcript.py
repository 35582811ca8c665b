"""The page on your crystals shows what today's commands print: its transcript, its formats and its commands."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from cgcnn.__main__ import command_line
from cgcnn.files.paths import project_root

BOOK = project_root() / "book"
PAGE = (BOOK / "your_crystals.md").read_text()
TRANSCRIPTS = sorted((BOOK / "transcript").glob("*.txt"))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The program that made the transcript."""
    spec = importlib.util.spec_from_file_location("make_transcript", BOOK / "transcript" / "make_transcript.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_every_part_of_the_transcript_and_every_picture(script: ModuleType) -> None:
    assert {path.stem for path in TRANSCRIPTS} == set(script.PARTS)
    for name in [*(f"{part}.txt" for part in script.PARTS), *script.PICTURES]:
        assert f"transcript/{name}\n" in PAGE, name
        assert (BOOK / "transcript" / name).is_file(), name


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_transcript_has_the_commands_of_its_script_and_no_path_of_a_machine(script: ModuleType, path: Path) -> None:
    text = path.read_text()
    commands = [command.replace("{wheel}", "cgcnn-0.1.0-py3-none-any.whl") for command in script.PARTS[path.stem]]
    assert re.findall(r"^\$ (.*)$", text, re.MULTILINE) == commands
    for stamp in ("/home/", "/root/", "/tmp/", "Traceback"):
        assert stamp not in text, stamp


def test_the_commands_of_the_page_are_those_of_the_command_line() -> None:
    shown = [line for path in TRANSCRIPTS for line in re.findall(r"^\$ cgcnn (.*)$", path.read_text(), re.MULTILINE)]
    written = re.findall(r"`cgcnn ([^`]+)`", PAGE)
    assert len(shown) > 7
    assert len(written) > 2
    for line in [*shown, *written]:
        if " " in line:  # others name a command and do not call it
            assert command_line().parse_args(shlex.split(line)).command is not None, line


def test_the_transcript_shows_networks_that_have_learned_and_that_starting_from_a_published_run_helps() -> None:
    errors = []
    for part in ("train", "tune"):
        said = (BOOK / "transcript" / f"{part}.txt").read_text()
        found = re.search(r"^test MAE\t(\S+)\teV\t211 crystals\tmean predictor (\S+)$", said, re.MULTILINE)
        assert found is not None
        errors.append(float(found[1]) / float(found[2]))
    assert errors[1] < errors[0] < 0.6


def test_the_formats_on_the_page_are_those_that_are_read(script: ModuleType) -> None:
    assert (BOOK / "transcript" / "formats.md").read_text() == script.formats()
