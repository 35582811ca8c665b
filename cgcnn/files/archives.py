"""Read chosen members of archives into memory, within a bound on their size; nothing is ever unpacked to a folder."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from cgcnn.errors import DataError
from cgcnn.files.regular import open_regular

_CHUNK = 2**20
_WAY_OUT = "get it again"


def read_tar_gz(path: Path, is_wanted: Callable[[str], bool], most: int) -> dict[str, bytes]:
    """Read the wanted files of a gzipped tar archive, which is read once from its beginning to its end.

    Links, devices, pipes and folders are passed over, whatever their names. A name is only the key of what was read:
    nothing is written, so that an absolute name or one with ``..`` leads nowhere.

    Args:
        path: The archive.
        is_wanted: The function that says by its name, without folders, whether a file is read.
        most: The bound on the size of the unpacked archive, and on that of all files that are read, in bytes.

    Returns:
        The contents of the wanted files by their names without folders. Of files of one name, it is the last one.

    Raises:
        DataError: The archive is missing, cut short, damaged or none, or a bound is passed.
    """
    members: dict[str, bytes] = {}
    kept = 0
    try:
        with (
            open_regular(path, _WAY_OUT) as packed,
            gzip.GzipFile(fileobj=packed) as unpacked,
        ):
            bounded = _Bounded(unpacked, path, most)
            # tarfile asks of a stream for nothing but read.
            stream = tarfile.open(fileobj=bounded, mode="r|")  # type: ignore[call-overload]  # noqa: SIM115  # it holds nothing that must be closed
            for member in stream:
                name = Path(member.name).name
                if not member.isreg() or not is_wanted(name):
                    continue
                # A sparse file of a few bytes may say any size, and is read as so many zeros.
                kept += member.size
                if kept > most:
                    raise _too_large(path, f"its files up to {name} say that they have {kept} bytes", most)
                content = stream.extractfile(member)
                if content is not None:
                    members[name] = content.read()
            while bounded.read(_CHUNK):  # the checksum stands at the end of the stream
                pass
    except DataError:
        raise
    except Exception as error:  # a damaged archive makes tarfile and zlib raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: cut short or no archive ({reason})", _WAY_OUT) from error
    return members


class _Bounded:
    """A stream that refuses to give more bytes than a bound."""

    def __init__(self, stream: gzip.GzipFile, path: Path, most: int) -> None:
        self._stream, self._path, self._most = stream, path, most
        self._given = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        part = self._stream.read(size)
        self._given += len(part)
        if self._given > self._most:
            raise _too_large(self._path, f"it unpacks to {self._given} bytes and goes on", self._most)
        return part


def read_zip_member(path: Path, name: str, most: int) -> bytes:
    """Read one file of a zip archive.

    Args:
        path: The archive.
        name: The name of the file in it.
        most: The bound on the size of the file, in bytes.

    Raises:
        DataError: The archive is missing, damaged or none, lacks the file, or the file is larger than the bound.
    """
    try:
        with open_regular(path, _WAY_OUT) as packed, zipfile.ZipFile(packed) as folder:
            size = folder.getinfo(name).file_size
            if size > most:
                raise _too_large(path, f"{name} in it has {size} bytes", most)
            return folder.read(name)  # no more than the size that was compared
    except DataError:
        raise
    except Exception as error:  # a damaged archive makes zipfile and zlib raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: cut short or no archive ({reason})", _WAY_OUT) from error


def _too_large(path: Path, found: str, most: int) -> DataError:
    return DataError(f"{path}: {found}, where at most {most} are expected", _WAY_OUT)
