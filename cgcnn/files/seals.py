"""Seal a file with the SHA-256 of all its bytes, which it carries itself, and refuse a file whose seal is broken."""

from __future__ import annotations

import errno
import hashlib
import re
import stat
from pathlib import Path

from cgcnn.errors import DataError

#: The entry of a file's JSON that the seal stands in, and what stands there before the file is sealed.
SEAL, OPEN = "sha256_of_file", "0" * 64
# The entry as JSON and as JSON inside a text of JSON, where quotation marks are escaped.
_ENTRY = re.compile(rb'sha256_of_file\\?": ?\\?"([0-9a-f]{64})\\?"')
# The header of a safetensors file, in which the entry stands, is refused by its readers where it is longer.
_LONGEST_HEADER = 100_000_000
_CHUNK = 2**20


def seal(path: Path) -> str:
    """Write the seal into a file whose entry :data:`SEAL` is still :data:`OPEN`.

    The seal is the SHA-256 of all bytes of the file, in hexadecimal, with :data:`OPEN` in its own place.

    Args:
        path: The file, such as a safetensors file with the entry among its metadata.

    Returns:
        The seal.

    Raises:
        ValueError: The file has no such entry, or several.
    """
    start, _ = _find(path)
    found = _digest(path, start)
    with path.open("r+b") as stream:
        stream.seek(start)
        stream.write(found.encode())
    return found


def is_sealed(path: Path) -> bool:
    """Return whether a file has a seal, be it whole or broken.

    Args:
        path: The file.

    Raises:
        OSError: The file cannot be read.
    """
    return bool(_seals(path))


def check_seal(path: Path, way_out: str) -> str:
    """Refuse a file that is not as it was when it was sealed; every changed, lost or added bit is noticed.

    Args:
        path: The file.
        way_out: What the reader can do about it, for the error.

    Returns:
        The seal, by which the contents may be known.

    Raises:
        DataError: The file has no seal, or another one than its bytes have.
        OSError: The file cannot be read.
    """
    try:
        start, written = _find(path)
    except ValueError as error:
        raise DataError(f"{path}: {error}", way_out) from error
    if _digest(path, start) != written:
        raise DataError(f"{path}: damaged, since its bytes are not those that were written", way_out)
    return written


def _find(path: Path) -> tuple[int, str]:
    """Return where in a file the seal stands, and the seal.

    Raises:
        ValueError: The file has none or several.
    """
    found = _seals(path)
    if len(found) != 1:
        raise ValueError("cut short, or not a file that this cgcnn seals" if not found else "it has several seals")
    return found[0]


def _seals(path: Path) -> list[tuple[int, str]]:
    """Return where in a file each seal stands, and the seal."""
    if not stat.S_ISREG(path.stat().st_mode):  # a named pipe or a device would be read forever
        raise OSError(errno.EINVAL, "not a file", str(path))
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = stream.read(min(length, _LONGEST_HEADER))
    return [(8 + entry.start(1), entry[1].decode()) for entry in _ENTRY.finditer(header)]


def _digest(path: Path, start: int) -> str:
    """Return the SHA-256 of a file with an open seal at ``start``."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        digest.update(stream.read(start))
        digest.update(OPEN.encode())
        stream.seek(start + len(OPEN))
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
