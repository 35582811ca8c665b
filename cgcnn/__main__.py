"""Command line: train on crystals, predict and evaluate, write and map what a network has learned."""

from __future__ import annotations

# Whatever takes long to import is imported by the command that needs it, so that --help answers at once.
import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cgcnn
from cgcnn.commands import completion, data, evaluate, locate, maps, predict, represent, train
from cgcnn.errors import DataError, ToldElsewhereError
from cgcnn.machine.interrupts import terminated_as_interrupted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The words after ``cgcnn``; None takes those of the process.

    Returns:
        0, or 2 where a file or a value cannot be used, after one line on the standard error for each. Ctrl-C gives 130
        and SIGTERM 143, as a shell does, after one line that says where a training has stopped.
    """
    parser = command_line()
    options = parser.parse_args(arguments)
    options.command_line = parser
    with _messages_to_stderr(), terminated_as_interrupted():
        try:
            return int(options.command(options))
        except KeyboardInterrupt as interrupt:
            if os.environ.get("RANK", "0") == "0":  # one of several processes tells
                print(getattr(interrupt, "where", "") or "interrupted", file=sys.stderr)
            return 128 + getattr(interrupt, "number", signal.SIGINT)
        except ToldElsewhereError:
            return 2
        except (DataError, OSError) as error:  # the user's files and values; all else is a bug and shows its traceback
            print(f"error: {error}", file=sys.stderr)
            return 2


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="cgcnn", description=__doc__)
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (data, train, evaluate, predict, represent, maps, locate, completion):
        command.add_parser(commands)
    return parser


class _Version(argparse.Action):
    """Print the version, which is looked up only where it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"cgcnn {cgcnn.__version__}")
        parser.exit()


class _Message(logging.Formatter):
    """Begin a warning or an error by this word, as the error that ends a command does."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a message."""
        word = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return word + super().format(record)


@contextmanager
def _messages_to_stderr() -> Iterator[None]:
    """Show the package's messages beside the results, which alone go to the standard output."""
    logger, handler = logging.getLogger("cgcnn"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Message())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


if __name__ == "__main__":
    sys.exit(main())
