"""The texts and the options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals

#: What a command adds its parser to.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

#: What may be named as data, for the help of a command.
DATA = "the name of a data set ('cgcnn data list' lists them), or a folder with id_prop.csv and crystals"
#: What may be named as a run, for the help of a command.
RUN = "a run's file, or the name of a data set whose published run is meant, such as perovskites"


def add_command(commands: Commands, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """Add the parser of a command, whose help ends with examples.

    Args:
        commands: The commands of the command line.
        name: The name of the command.
        summary: What the command does, in one sentence.
        examples: Lines that a reader can copy, one per command.
    """
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog="examples:\n" + "".join(f"  {line}\n" for line in examples.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_others(parser: argparse.ArgumentParser) -> None:
    """Add the option that names further runs of an ensemble."""
    parser.add_argument(
        "--with",
        dest="others",
        action="append",
        default=[],
        metavar="RUN",
        help="another run on the same data, to be averaged with; may be given several times",
    )


def read_crystals(paths: list[Path]) -> Crystals:
    """Return the crystals of CIFs.

    Args:
        paths: The files.

    Raises:
        DataError: A file cannot be read.
    """
    from cgcnn.data.cif import read_cif
    from cgcnn.data.crystals import pack

    unknown = [float("nan")] * len(paths)
    return pack([read_cif(path) for path in paths], [str(path) for path in paths], unknown, "the CIFs named")
