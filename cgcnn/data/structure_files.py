"""Find the structure files of a person, recognize their formats, and read them all: what is bad is named, not fatal."""

from __future__ import annotations

import dataclasses
import glob
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.cif import crystals_of
from cgcnn.data.crystals import check_ordered, check_sound
from cgcnn.data.extended_xyz import looks_like_xyz, read_xyz
from cgcnn.data.file_kinds import kind_of
from cgcnn.data.poscar import looks_like_poscar, read_poscar
from cgcnn.data.reading import FileCrystal, Reading, gather
from cgcnn.data.shelx import looks_like_shelx, read_shelx
from cgcnn.data.structure_json import looks_like_json, read_json
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError
from cgcnn.machine.parallel import parallel_map

# What a damaged file of a known format may look like; its reader says what is wrong with it.
_DAMAGED = ("a JSON file", "a SHELX .res file", "a POSCAR", "an XYZ file")
# Files per task: reading so many (a few ms per file) takes much longer than sending them to another process.
_FILES_PER_TASK = 64


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
    return re.search(r"^\s*data_", text, re.MULTILINE | re.IGNORECASE) is not None


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


def find_files(places: str | Path | Iterable[str | Path]) -> list[Path]:
    """Return the structure files of places: files, folders and patterns such as ``cells/*.vasp``.

    Args:
        places: The places. A folder stands for all files in it whose names are those of a format of :data:`FORMATS`,
            sorted by name, without its subfolders and hidden files.

    Returns:
        The files in the order of the places, each once.

    Raises:
        DataError: A place is not there, or has no structure files; the message names it.
    """
    files, errors = _find(places)
    if errors:
        raise errors[0]
    return files


def _find(places: str | Path | Iterable[str | Path]) -> tuple[list[Path], list[DataError]]:
    """Return the structure files of places, each once, and an error for each place without any."""
    files: dict[Path, Path] = {}
    errors = []
    for place in [places] if isinstance(places, str | Path) else places:
        try:
            found = _files_of(Path(place).expanduser())
        except (DataError, OSError) as error:
            reason = error if isinstance(error, DataError) else DataError(f"{place}: {error.strerror}", "name others")
            errors.append(reason)
        else:
            for file in found:
                files.setdefault(file.resolve(), file)
    return list(files.values()), errors


def _files_of(place: Path) -> list[Path]:
    if place.is_dir():
        found = structure_files_of(place)
        if not found:
            raise DataError(f"{place}: a folder without structure files", f"put files into it ({_known_endings()})")
        return found
    if place.exists():
        return [place]
    if not glob.has_magic(str(place)):
        raise DataError(f"{place}: not there", "name a file, a folder or a pattern such as 'cells/*.cif'")
    matches = [Path(name) for name in sorted(glob.glob(str(place), recursive=True))]  # noqa: PTH207  # pathlib's takes no whole paths
    found = [file for match in matches for file in (structure_files_of(match) if match.is_dir() else [match])]
    if not found:
        raise DataError(f"{place}: no file has such a name", "correct the pattern")
    # A pattern such as data/* also finds tables and notes, unless all that it finds has other names.
    return [file for file in found if _is_structure_file(file)] or found


def structure_files_of(folder: Path) -> list[Path]:
    """Return the files of a folder whose names are those of a format, sorted by name.

    Args:
        folder: The folder. Its subfolders and hidden files are left out, and so are JSON files that hold no Structure.
    """
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".")]
    return [file for file in files if _is_structure_file(file)]


def _is_structure_file(file: Path) -> bool:
    """Return whether a file is named as one of a format; JSON may be anything, so that its contents must say so too."""
    named = named_format(file)
    if named is None or named.read is not read_json:
        return named is not None
    try:
        return looks_like_json(read_text(file))
    except DataError:  # it is kept, so that it is refused by name
        return True


def named_format(path: Path) -> Format | None:
    """Return the format that the name of a file says; None where it says nothing."""
    return next((each for each in FORMATS if each.is_named_by(path)), None)


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


def _known_endings() -> str:
    return ", ".join(each.endings for each in FORMATS)


def read_file(path: Path) -> list[FileCrystal | DataError]:
    """Read every crystal of a file, in the format that its name says, or else that its contents say.

    Args:
        path: The file.

    Returns:
        For each crystal of the file the crystal, or the error that says why it cannot be used; for a file that cannot
        be read at all, one error. A crystal is refused where it is disordered, is not made of elements, or is not
        finite, has no volume or has two sites on one spot.
    """
    try:
        text = read_text(path)
        chosen, remarks = _recognize(path, text)
        with warnings.catch_warnings():
            # pymatgen and ASE warn of harmless things in lines of their own. What matters is a remark or an error here.
            warnings.simplefilter("ignore")
            read = chosen.read(text, str(path))
            return [each if isinstance(each, DataError) else _checked(each, remarks) for each in read]
    except DataError as error:
        return [error]
    except Exception as error:  # a damaged file makes the parsers raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        return [DataError(f"{path}: cannot be read ({type(error).__name__}: {reason})", "repair it or remove it")]


def _recognize(path: Path, text: str) -> tuple[Format, tuple[str, ...]]:
    """Return the format of a file, and a remark where its contents are of another format than its name says."""
    named = named_format(path)
    if named and named.looks_like(text):
        return named, ()
    by_contents = next((each for each in FORMATS if each.looks_like(text)), None)
    if by_contents and named:
        return by_contents, (f"{path}: its name says {named.name}; its contents are {by_contents.name}, and read so",)
    kind = kind_of(text)
    if kind is not None and kind not in _DAMAGED:
        raise DataError(f"{path}: {kind} and no crystal", "get the file again, convert it, or remove it")
    chosen = by_contents or named
    if chosen is None:
        raise DataError(
            f"{path}: of no format that is read ({_known_endings()})", "convert it, for instance with ase convert"
        )
    return chosen, ()


def _checked(crystal: FileCrystal, remarks: tuple[str, ...]) -> FileCrystal | DataError:
    try:
        check_ordered(crystal.structure, crystal.name)
        check_sound(crystal.structure, crystal.name)
    except DataError as error:
        return error
    return dataclasses.replace(crystal, remarks=remarks + crystal.remarks) if remarks else crystal


def read_structures(places: str | Path | Iterable[str | Path], name: str = "the files named") -> Reading:
    """Read all crystals of files, folders and patterns; a bad file is refused alone.

    Many files are read on all processors, with a progress bar where the output is a terminal.

    Args:
        places: The places, as :func:`find_files` takes them.
        name: The name of the set, with which messages begin.

    Returns:
        The crystals, without targets, in the order of the files; their ids are the names of their files, with ``#``
        and the name of the crystal where a file holds several. What could not be read is in ``refused``, and what was
        noticed is in ``remarks``.
    """
    files, errors = _find(places)
    read = [each for some in read_files(files) for each in some]
    crystals = [each for each in read if isinstance(each, FileCrystal)]
    refused = errors + [each for each in read if isinstance(each, DataError)]
    return Reading(
        gather(crystals, name),
        tuple(refused),
        tuple(dict.fromkeys(remark for each in crystals for remark in each.remarks)),
    )


def read_files(files: Sequence[Path]) -> list[list[FileCrystal | DataError]]:
    """Read many files on all processors.

    Args:
        files: The files.

    Returns:
        For each file what :func:`read_file` returns.
    """
    tasks = ((files[start : start + _FILES_PER_TASK],) for start in range(0, len(files), _FILES_PER_TASK))
    n_jobs = 1 if len(files) <= 2 * _FILES_PER_TASK else -1  # a worker process takes seconds to start
    parts = parallel_map(_read_some, tasks, len(files), "read files", "file", count=len, n_jobs=n_jobs)
    return [each for part in parts for each in part]


def _read_some(files: Sequence[Path]) -> list[list[FileCrystal | DataError]]:
    return [read_file(file) for file in files]
