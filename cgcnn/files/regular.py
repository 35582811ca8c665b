"""Open files of a person's own, and refuse what is no file: a named pipe or a device would be read forever."""

from __future__ import annotations

import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path

from cgcnn.errors import DataError

_KINDS = (
    (stat.S_ISDIR, "a folder, not a file"),
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)
# Without O_NONBLOCK, a named pipe would be waited for until another program writes to it. Windows has no such pipes,
# and would translate line ends without O_BINARY.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path, way_out: str = "name a file that can be read") -> BufferedReader:
    """Open a file for reading bytes; what is there but is no file is refused, and never waited for.

    Args:
        path: The file, or a link to one.
        way_out: What the reader can do where it cannot be opened, for the error.

    Returns:
        The open file. What a name means cannot change after this: the open file itself has been looked at.

    Raises:
        DataError: The file is missing, may not be read, is a link to itself, or is a folder, a named pipe, a socket or
            a device.
    """
    try:
        handle = os.open(path, _FLAGS)
    except ValueError as error:  # a name with a zero byte
        raise DataError(f"{path}: {error}", way_out) from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or type(error).__name__}", way_out) from error
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    kind = next((kind for is_it, kind in _KINDS if is_it(mode)), "not a file")
    raise DataError(f"{path}: {kind}", way_out)


def content_or_reason(path: Path, most: int) -> str:
    """Return the SHA-256 of a file, or why it cannot be read: what a reader of it depends on.

    Args:
        path: The file.
        most: The largest file that its reader reads, in bytes. Of a larger one, which is refused, the size is returned.
    """
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > most:
                return f"{size} bytes"
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except DataError as error:
        return error.problem
    except OSError as error:  # it can be opened and not read
        return f"{path}: {error.strerror}"
