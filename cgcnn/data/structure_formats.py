"""Know the formats of structure files: what a file of each may hold, and how it is recognized by name and contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.cif import crystals_of
from cgcnn.data.extended_xyz import looks_like_xyz, read_xyz
from cgcnn.data.file_kinds import kind_of
from cgcnn.data.poscar import looks_like_poscar, read_poscar
from cgcnn.data.reading import FileCrystal
from cgcnn.data.shelx import looks_like_shelx, read_shelx
from cgcnn.data.structure_json import looks_like_json, read_json
from cgcnn.errors import DataError

# What a damaged file of a known format may look like; its reader says what is wrong with it.
_DAMAGED = ("a JSON file", "a SHELX .res file", "a POSCAR", "an XYZ file")


@dataclass(frozen=True)
class Format:
    """One format of structure files.

    Attributes:
        name: The name of the format in messages.
        names: The pattern of the names of its files, in small letters and without ``.gz``.
        endings: What its files are called, for people.
        holds_many: Whether one file may hold several crystals.
        holds_energies: Whether a file may give the total energy of its cell.
        holds_labels: Whether the file names its sites, such as ``Fe1``. Where it does not, they are numbered.
        looks_like: Whether the contents of a file are of this format.
        read: The function that reads the contents of a file at a path.
    """

    name: str
    names: str
    endings: str
    holds_many: bool
    holds_energies: bool
    holds_labels: bool
    looks_like: Callable[[str], bool]
    read: Callable[[str, str], list[FileCrystal | DataError]]

    def is_named_by(self, path: Path) -> bool:
        """Return whether a file of this name is of this format, as far as its name says."""
        return re.fullmatch(self.names, path.name.lower().removesuffix(".gz")) is not None


def _looks_like_cif(text: str) -> bool:
    # Not \s: a search that passes line ends takes hours where a file holds a million of them.
    return re.search(r"^[^\S\n]*data_", text, re.MULTILINE | re.IGNORECASE) is not None


#: Every format that is read, with what a file of it may hold. A file's name decides, unless its contents say otherwise.
FORMATS = (
    Format(
        name="POSCAR",
        names=r"(poscar|contcar)([._-].*)?|.*\.(vasp|poscar|contcar)",
        endings="POSCAR, CONTCAR, .vasp",
        holds_many=False,
        holds_energies=False,
        holds_labels=False,
        looks_like=looks_like_poscar,
        read=read_poscar,
    ),
    Format(
        name="extended XYZ",
        names=r".*\.(xyz|extxyz)",
        endings=".xyz, .extxyz",
        holds_many=True,
        holds_energies=True,
        holds_labels=False,
        looks_like=looks_like_xyz,
        read=read_xyz,
    ),
    Format(
        name="SHELX",
        names=r".*\.res",
        endings=".res",
        holds_many=True,
        holds_energies=True,
        holds_labels=True,
        looks_like=looks_like_shelx,
        read=read_shelx,
    ),
    Format(
        name="pymatgen JSON",
        names=r".*\.(json|jsonl)",
        endings=".json, .jsonl",
        holds_many=True,
        holds_energies=True,
        holds_labels=True,
        looks_like=looks_like_json,
        read=read_json,
    ),
    # The last one: a title of another format may be "data_" by chance.
    Format(
        name="CIF",
        names=r".*\.(cif|mcif)",
        endings=".cif",
        holds_many=True,
        holds_energies=False,
        holds_labels=True,
        looks_like=_looks_like_cif,
        read=crystals_of,
    ),
)


def named_format(path: Path) -> Format | None:
    """Return the format that the name of a file says; None where it says nothing."""
    return next((each for each in FORMATS if each.is_named_by(path)), None)


# One pattern for all names: a folder may hold a million files.
_NAMES = re.compile("|".join(f"(?:{each.names})" for each in FORMATS))


def is_named_as_structure(name: str) -> bool:
    """Return whether a file of this name is of a format that is read, as far as its name says."""
    return _NAMES.fullmatch(name.lower().removesuffix(".gz")) is not None


def bare_names(path: Path) -> set[str]:
    """Return the names by which a table may mean a structure file: whole, without ``.gz``, and without its ending.

    Args:
        path: The file. ``POSCAR_mp-1`` may also be called ``mp-1``.
    """
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    names = {path.name, name}
    if re.fullmatch(r"(poscar|contcar)[._-].+", name.lower()):
        names.add(re.split(r"[._-]", name, maxsplit=1)[1])
    elif named_format(path) and "." in name:
        names.add(name.rsplit(".", 1)[0])
    return names


def known_endings() -> str:
    """Return what the files of all formats are called, for messages."""
    return ", ".join(each.endings for each in FORMATS)


def recognize(path: Path, text: str) -> tuple[Format, tuple[str, ...]]:
    """Return the format of a file, and a remark where its contents are of another format than its name says.

    Args:
        path: The file.
        text: Its contents.

    Raises:
        DataError: It is of no format that is read; the message says of which other kind it is, where this is seen.
    """
    named = named_format(path)
    if named and named.looks_like(text):
        return named, ()
    by_contents = next((each for each in FORMATS if each.looks_like(text)), None)
    if by_contents and named:
        return by_contents, (f"{path}: its name says {named.name}; its contents are {by_contents.name}, and read so",)
    kind = kind_of(text)
    if kind is not None and kind not in _DAMAGED:
        raise DataError(f"{path}: this is {kind}", "get the file again, convert it, or remove it")
    chosen = by_contents or named
    if chosen is None:
        raise DataError(
            f"{path}: of no format that is read ({known_endings()})", "convert it, for instance with ase convert"
        )
    return chosen, ()
