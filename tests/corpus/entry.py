"""Say what one bad file of the corpus is, and how variants of a good text are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BadFile:
    """A folder of crystals with one bad file in it.

    Attributes:
        name: What is bad.
        kind: The kind of the file.
        make: The function that makes the bad file in a folder. There are six good crystals, ``m0.cif`` to ``m5.cif``,
            and ``id_prop.csv``, which names them in its lines 1 to 6, and a crystal ``bad`` in line 7.
        error: The beginning of the documented error, with the names of files as seen from above the folder ``d``.
        left: The number of crystals that ``--skip-bad`` leaves; None where the folder as a whole is refused.
    """

    name: str
    kind: str
    make: Callable[[Path], object]
    error: str
    left: int | None = 6


def text_file(name: str, kind: str, file: str, text: str | bytes, error: str, left: int | None = 6) -> BadFile:
    """Return the entry of a file with these contents.

    Args:
        name: What is bad.
        kind: The kind of the file.
        file: The name of the file.
        text: Its contents.
        error: The documented error after the name of the file, or the whole of one that begins with another name.
        left: As in :class:`BadFile`.
    """
    content = text.encode() if isinstance(text, str) else text
    return BadFile(name, kind, lambda folder: (folder / file).write_bytes(content), error_of(file, error), left)


def error_of(file: str, error: str) -> str:
    """Return the whole documented error: after a file's name where it begins with a colon, and else as it is."""
    return f"d/{file}{error}" if error.startswith(":") else error


def variants(
    kind: str, file: str, good: str, cases: list[tuple[str, str, str, str]], left: int | None = 6
) -> Iterator[BadFile]:
    """Yield entries that differ from a good text in one place.

    Args:
        kind: The kind of the file.
        file: The name of the file.
        good: The good text.
        cases: For each entry its name, what is taken out of the good text, what stands in its place, and the error
            after the name of the file.
        left: As in :class:`BadFile`.
    """
    for name, before, after, error in cases:
        if good.count(before) != 1:
            raise ValueError(f"{name}: {before!r} is not once in the good text")
        yield text_file(name, kind, file, good.replace(before, after), error, left)
