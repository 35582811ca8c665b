"""Read chosen members of archives, within a bound on their size; nothing is ever unpacked to a folder."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from cgcnn.errors import DataError
from cgcnn.files.regular import open_regular

_CHUNK = 2**20
_WAY_OUT = "get it again"
# The first bytes of a file that xz has packed.
_XZ = b"\xfd7zXZ\x00"


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
    for name, content in stream_tar(path, lambda name: is_wanted(Path(name).name), most, most):
        members[Path(name).name] = content
    return members


def stream_tar(
    path: Path, is_wanted: Callable[[str], bool], most: int, most_wanted: int
) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted files of a tar archive one after the other, so that the memory holds one of them.

    Args:
        path: The archive, packed by gzip or by xz, which its first bytes tell.
        is_wanted: The function that says by its whole name whether a file is read. What is no file is passed over.
        most: The bound on the size of the unpacked archive, in bytes.
        most_wanted: The bound on the size of all files that are read, in bytes.

    Yields:
        The name of each wanted file with its folders, and its contents, in the order of the archive.

    Raises:
        DataError: The archive is missing, cut short, damaged or none, or a bound is passed. What was yielded before is
            then not to be trusted.
    """
    kept = 0
    try:
        with open_regular(path, _WAY_OUT) as packed, _unpacked(packed) as unpacked:
            bounded = _Bounded(unpacked, path, most)
            # tarfile asks of a stream for nothing but read.
            stream = tarfile.open(fileobj=bounded, mode="r|")  # type: ignore[call-overload]  # noqa: SIM115  # it holds nothing that must be closed
            for member in stream:
                # Without this, tarfile keeps the header of every file that it has passed.
                stream.members.clear()
                if not member.isreg() or not is_wanted(member.name):
                    continue
                # A sparse file of a few bytes may say any size, and is read as so many zeros.
                kept += member.size
                if kept > most_wanted:
                    name = Path(member.name).name
                    raise _too_large(path, f"its files up to {name} say that they have {kept} bytes", most_wanted)
                content = stream.extractfile(member)
                if content is not None:
                    yield member.name, content.read()
            while bounded.read(_CHUNK):  # the checksum stands at the end of the stream
                pass
    except DataError:
        raise
    except Exception as error:  # a damaged archive makes tarfile and zlib raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: cut short or no archive ({reason})", _WAY_OUT) from error


def _unpacked(packed: BufferedReader) -> gzip.GzipFile | lzma.LZMAFile:
    """Return the unpacked stream of a file, by the packing that its first bytes tell."""
    if packed.peek(len(_XZ))[: len(_XZ)] == _XZ:
        return lzma.LZMAFile(packed)
    return gzip.GzipFile(fileobj=packed)


class _Bounded:
    """A stream that refuses to give more bytes than a bound."""

    def __init__(self, stream: gzip.GzipFile | lzma.LZMAFile, path: Path, most: int) -> None:
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
