"""Find the structure files of a person, and read them all: what is bad is named, and costs nothing else."""

from __future__ import annotations

import glob
import math
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from cgcnn.data.crystals import check_ordered, check_sound
from cgcnn.data.reading import FileCrystal, Reading, gather
from cgcnn.data.structure_formats import FORMATS, is_named_as_structure, known_endings, named_format, recognize
from cgcnn.data.structure_json import looks_like_json
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError, printable, reason, shortened
from cgcnn.machine.parallel import parallel_map

__all__ = ["FORMATS", "find_files", "read_file", "read_files", "read_structures", "structure_files_of"]

# Files per task: reading so many (a few ms per file) takes much longer than sending them to another process.
_FILES_PER_TASK = 64


def find_files(places: str | Path | Iterable[str | Path]) -> list[Path]:
    """Return the structure files of places: files, folders and patterns such as ``cells/*.vasp``.

    Args:
        places: The places. A folder stands for all files in it whose names are those of a format of
            :data:`cgcnn.data.structure_formats.FORMATS`, sorted by name, without its subfolders and hidden files.

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
    files: dict[str, Path] = {}
    errors = []
    for place in [places] if isinstance(places, str | Path) else places:
        try:
            found = _files_of(Path(place).expanduser())
        except (DataError, OSError) as error:
            known = error if isinstance(error, DataError) else DataError(f"{place}: {error.strerror}", "name others")
            errors.append(known)
        else:
            for file in found:
                files.setdefault(os.path.realpath(file), file)  # unlike resolve, it bears a link to itself
    return list(files.values()), errors


def _files_of(place: Path) -> list[Path]:
    if place.is_dir():
        found = structure_files_of(place)
        if not found:
            raise DataError(f"{place}: a folder without structure files", f"put files into it ({known_endings()})")
        return found
    if os.path.lexists(place):
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
            What is no file (a link to nothing, a named pipe) is not left out, so that it is refused by its name.
    """
    files = [folder / name for name in visible_files_of(folder, is_named_as_structure)]
    return [file for file in files if _is_structure_file(file)]


def visible_files_of(folder: Path, is_wanted: Callable[[str], bool]) -> list[str]:
    """Return the sorted names of what is in a folder, without its subfolders and what is hidden.

    Args:
        folder: The folder, which may hold a million files.
        is_wanted: The function that says by its name whether a file is looked for.
    """
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if is_wanted(entry.name) and not entry.name.startswith(".")]
        return sorted(entry.name for entry in found if not _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_structure_file(file: Path) -> bool:
    """Return whether a file is named as one of a format; JSON may be anything, so that its contents must say so too."""
    named = named_format(file)
    if named is None or named.name != "pymatgen JSON":
        return named is not None
    try:
        return looks_like_json(read_text(file))
    except DataError:  # it is kept, so that it is refused by name
        return True


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
        if printable(str(path)) != str(path):
            raise DataError(f"{str(path)!r}: a name that cannot be printed", "rename the file")
        text = read_text(path)
        chosen, remarks = recognize(path, text)
        with warnings.catch_warnings():
            # pymatgen and ASE warn of harmless things in lines of their own. What matters is a remark or an error here.
            warnings.simplefilter("ignore")
            read = chosen.read(text, str(path))
            return [each if isinstance(each, DataError) else _checked(each, remarks) for each in read]
    except DataError as error:
        return [error]
    except Exception as error:  # a damaged file makes the parsers raise exceptions of many types
        return [DataError(f"{path}: cannot be read ({reason(error)})", "repair it or remove it")]


def _checked(crystal: FileCrystal, remarks: tuple[str, ...]) -> FileCrystal | DataError:
    try:
        check_ordered(crystal.structure, crystal.name)
        check_sound(crystal.structure, crystal.name)
    except DataError as error:
        return error
    energy, said = crystal.energy_eV, [*remarks, *crystal.remarks]
    if energy is not None and not math.isfinite(energy):
        energy, said = None, [*said, f"{crystal.name}: its energy {energy} is no finite number, and is left out"]
    # Names and labels enter tables, messages and files that have one line for each.
    for site in crystal.structure:
        if (label := printable(shortened(site.label))) != site.label:
            site.label = label
    remarks = tuple(printable(shortened(remark)) for remark in said)
    return FileCrystal(printable(shortened(crystal.name)), crystal.structure, energy, remarks)


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
