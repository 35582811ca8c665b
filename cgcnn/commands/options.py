"""The options that several commands share, and the checks that come before anything is read."""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from cgcnn.errors import DataError

#: What a command adds its parser to.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

#: What may be named as data, for the help of a command.
DATA = "the name of a data set ('cgcnn data list' lists them), or a folder with crystals and a table of their targets"
#: What may be named as a run, for the help of a command.
RUN = "a run's file, or the name of a data set whose published run is meant, such as perovskites"
#: What may be named as crystals, for the help of a command.
CRYSTALS = "files of any format that is read (CIF, POSCAR, extended XYZ, ...), folders of them, patterns, or a data set"
#: The endings of files of tables.
TABLES = (".csv", ".parquet")
#: The endings of files of pages.
PAGES = (".html",)


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


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the run, and the option that names further runs of an ensemble."""
    parser.add_argument("run", metavar="RUN", help=RUN)
    add_others(parser)


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


def add_crystals(parser: argparse.ArgumentParser) -> None:
    """Add the places of crystals."""
    parser.add_argument("places", nargs="+", metavar="CRYSTALS", help=CRYSTALS)


def add_meaning(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what the targets of a folder are."""
    options = parser.add_argument_group("what the targets of a folder are")
    options.add_argument("--target", metavar="NAME", help="their name, or the column of the table that holds them")
    options.add_argument("--unit", help="their unit, such as eV or GPa")
    options.add_argument(
        "--per",
        choices=("atom", "crystal", "cell"),
        help="values per atom; properties of the crystal, such as band gaps; or totals of the cell, which are divided "
        "by its number of sites",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the device that is computed on."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ... (default: auto)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option that prints results as JSON."""
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def add_table(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that writes a table to a file.

    Args:
        parser: The parser of the command.
        what: What the table holds, for the help.
    """
    parser.add_argument("--output", type=Path, metavar="FILE", help=f"write {what} to this .csv or .parquet file")


def add_html(parser: argparse.ArgumentParser) -> None:
    """Add the option that writes the map as a page to explore."""
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write one page (.html), whose points show the atoms around them in a browser, also without a network",
    )


def check_output(path: Path | None, endings: Sequence[str]) -> None:
    """Refuse a file that cannot be written, before anything is read or computed.

    Args:
        path: The file to write; None where none is to be written.
        endings: The endings that the file may have.

    Raises:
        DataError: The file has another ending or is a folder, its folder cannot be written to, or a package is missing.
    """
    if path is None:
        return
    if path.suffix not in endings:
        raise DataError(f"{path}: the ending {path.suffix!r} is not known", f"end the name with {' or '.join(endings)}")
    if path.is_dir():
        raise DataError(f"{path}: is a folder", "name a file")
    check_folder(path.parent)
    if path.suffix == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise DataError(f"{path}: Parquet needs the package pyarrow", 'pip install "cgcnn[parquet]"')


def check_folder(folder: Path) -> None:
    """Refuse a folder to which nothing can be written. It need not be there: then it is made when it is written to.

    Args:
        folder: The folder.

    Raises:
        DataError: The folder, or the nearest one above it that is there, cannot be written to.
    """
    above = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=above):
            pass
    except OSError as error:
        raise DataError(f"{above}: cannot be written to ({error.strerror})", "name another folder") from error


def check_device(device: str) -> None:
    """Refuse a device that this machine does not have.

    Raises:
        DataError: There is no such device.
    """
    from cgcnn.machine.devices import resolve_device

    if device not in ("auto", "cpu"):
        resolve_device(device)
