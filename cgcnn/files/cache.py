"""Keep computed arrays in a cache, each file under the address of what it was made from, and check them when read."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from cgcnn.errors import DataError
from cgcnn.files.arrays import ArrayFile, load_arrays, save_parts
from cgcnn.files.paths import cache_directory
from cgcnn.files.writing import set_aside

_logger = logging.getLogger(__name__)
# A process that has read a damaged file can set aside the whole one that another process has written in the meantime.
_MOST_ATTEMPTS = 8

#: The result of a maker: the rows of all arrays, in one part or in several, and notes that JSON can hold.
Made = tuple[Iterable[Mapping[str, np.ndarray]], Mapping[str, object]]


def cached(kind: str, name: str, key: str, make: Callable[[], Made]) -> ArrayFile:
    """Return arrays from the cache; where they are missing or damaged, make them and keep them there.

    A file is used only if it holds the whole key and is as it was written, to the bit. Any other file, such as one of
    another version, is set aside with a warning that says why, and the arrays are made anew.

    Args:
        kind: The folder inside the cache, such as ``graphs``.
        name: The beginning of the file's name, for people who look into the folder.
        key: A text of everything that decides the arrays, which includes the version of the code that makes them.
        make: The function that makes the arrays. Several parts are written one after the other, so that all of them
            together may be larger than the memory.

    Returns:
        The arrays, memory-mapped; the notes are among their metadata.
    """
    address = hashlib.sha256(key.encode()).hexdigest()
    path = cache_directory() / kind / f"{name}-{address[:16]}.safetensors"
    stored = _load(path, key)
    for _ in range(_MOST_ATTEMPTS):
        if stored is not None:
            return stored
        parts, notes = make()
        save_parts(path, parts, {**notes, "key": key})
        _logger.info("made the %s of %s, and kept them as %s", kind, name, path.name)
        stored = _load(path, key)
    return stored or load_arrays(path)


def _load(path: Path, key: str) -> ArrayFile | None:
    """Return the arrays of a file, and None where it is missing or has been set aside."""
    try:
        stored = load_arrays(path)
    except FileNotFoundError:  # it was never there, or another process has set it aside
        return None
    except DataError as error:
        set_aside(path, error.problem)
        return None
    if stored.metadata.get("key") != key:
        set_aside(path, "made from something else than asked for")
        return None
    return stored
