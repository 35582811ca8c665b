"""The command ``completion``: print what lets a shell complete the commands, their options and the names of files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from cgcnn.commands.options import Commands, add_command

_EXAMPLES = """
cgcnn completion bash > ~/.local/share/bash-completion/completions/cgcnn
cgcnn completion zsh > ~/.zsh/completions/_cgcnn
cgcnn completion tcsh > ~/.cgcnn.completion.csh
"""
# The arguments that name files or folders, besides those whose type is a path.
_FILES = ("data", "run", "others", "places", "start", "on")


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "completion", "print the completion of these commands for a shell", _EXAMPLES)
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
    parser.set_defaults(command=print_completion)


def print_completion(options: argparse.Namespace) -> int:
    """Print the script that the shell reads."""
    import shtab

    parser: argparse.ArgumentParser = options.command_line
    for action in _actions(parser):
        if action.type is Path or action.dest in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # how shtab is told of it
    print(shtab.complete(parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of all its commands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action
