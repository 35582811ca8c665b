"""Every option of every command is checked before anything is read: an impossible value is one line and exit code 2.

The options are found in the parser, so that a new one is covered too.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from cgcnn.__main__ import command_line, main

#: Values that no option of a number takes, and the few of them that an option does take.
ABSURD = ("-2", "0", "1e400", "nan", "abc", "1000000000000", "")
ALLOWED = {("--seed", "0"), ("--distance-power", "0")}
DEVICES = ("cuda:7", "cuda:-1", "cuda:x", "xpu", "mps", "tpu", "hpu", "meta", "CPU", "", "-1", "cpu:-1", "nan")
#: A name that is neither a file nor a folder nor a data set: what is read first says so.
MISSING = "nowhere/nothing"


def parsers(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Yield the parser of each command, with the words that call it."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in inner:
        for name, each in action.choices.items():
            yield from parsers(each, (*words, name))
    if not inner:
        yield words, parser


COMMANDS = dict(parsers(command_line()))
OPTIONS = [(words, action) for words, parser in COMMANDS.items() for action in parser._actions if action.option_strings]


def needed(words: tuple[str, ...], without: argparse.Action) -> list[str]:
    """Return the arguments that a command must have, all of which name something that is missing."""
    given: list[str] = []
    for action in COMMANDS[words]._actions:
        value = action.choices[0] if action.choices else MISSING  # type: ignore[index]  # a tuple
        if action is without:
            continue
        if not action.option_strings:
            given.append(str(value))
        elif action.required:
            given += [action.option_strings[0], "x.csv" if action.type is Path else str(value)]
    return given


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the line with which a command is refused."""
    try:
        code = main(arguments)
    except SystemExit as ended:  # argparse's own errors
        code = int(str(ended.code))
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, ""), arguments
    (line,) = [line for line in printed.err.splitlines() if "error: " in line]
    assert "Traceback" not in printed.err
    return line


def names(action: argparse.Action) -> tuple[str, ...]:
    return (*action.option_strings, action.dest, f"{action.dest}=")


def of_type(*types: object) -> list[tuple[tuple[str, ...], argparse.Action]]:
    return [(words, action) for words, action in OPTIONS if action.type in types]


def label(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else getattr(value, "option_strings", ["?"])[0]


@pytest.mark.parametrize(("words", "action"), of_type(int, float), ids=label)
def test_an_impossible_number_is_refused_by_the_name_of_its_option(
    words: tuple[str, ...], action: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ABSURD:
        option = action.option_strings[-1]
        line = refusal([*words, *needed(words, action), f"{option}={value}"], capsys)
        is_named = any(name in line for name in names(action))
        assert is_named != ((option, value) in ALLOWED), (value, line)


@pytest.mark.parametrize(("words", "action"), [each for each in OPTIONS if each[1].dest == "device"], ids=label)
def test_a_device_that_is_not_there_is_refused_before_anything_is_read(
    words: tuple[str, ...], action: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    for device in DEVICES:
        assert f"device={device!r}" in refusal([*words, *needed(words, action), f"--device={device}"], capsys)


@pytest.mark.parametrize(("words", "action"), of_type(Path), ids=label)
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_read(
    words: tuple[str, ...],
    action: argparse.Action,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.safetensors").mkdir()
    for value in ("file/x.safetensors", "file/x.csv", "file/x.png", "x.unknown", "", "folder.safetensors", "x" * 300):
        line = refusal([*words, *needed(words, action), f"{action.option_strings[0]}={value}"], capsys)
        assert MISSING not in line, value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.safetensors"]


@pytest.mark.parametrize(("words", "action"), [each for each in OPTIONS if each[1].choices is not None], ids=label)
def test_a_word_that_an_option_does_not_know_is_refused_with_those_that_it_knows(
    words: tuple[str, ...], action: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "invalid choice: 'nan'" in refusal(
        [*words, *needed(words, action), f"{action.option_strings[0]}=nan"], capsys
    )


@pytest.mark.parametrize(
    "words", [words for words in COMMANDS if words not in (("data", "list"), ("completion",))], ids=label
)
def test_what_is_not_there_is_refused_in_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "; " in refusal([*words, *needed(words, argparse.Action([], ""))], capsys)


def test_all_commands_and_all_their_options_are_walked() -> None:
    assert len(COMMANDS) >= 11
    assert len(of_type(int, float)) >= 13
    assert len([each for each in OPTIONS if each[1].dest == "device"]) >= 6
    known = {int, float, Path, None}
    assert {action.type for _, action in OPTIONS} <= known, "test the new type of option too"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"WORLD_SIZE": "2"}, "its RANK is missing"),
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE is 'two', not from 1 to 10000"),
        ({"WORLD_SIZE": "-2", "RANK": "0"}, "WORLD_SIZE is '-2'"),
        ({"WORLD_SIZE": "2", "RANK": "2"}, "RANK is '2', not from 0 to 1"),
        ({"WORLD_SIZE": "2", "RANK": "0"}, "its MASTER_PORT is missing"),
        ({"WORLD_SIZE": "2", "RANK": "0", "MASTER_PORT": "123456"}, "MASTER_PORT is '123456'"),
        ({"WORLD_SIZE": "2", "RANK": "0", "MASTER_PORT": "29500"}, "its MASTER_ADDR is missing"),
    ],
)
def test_an_environment_that_is_not_torchrun_s_is_refused(
    variables: dict[str, str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert said in refusal(["train", MISSING, "--device=cpu"], capsys)
