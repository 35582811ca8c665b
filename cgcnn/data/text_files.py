"""Read a text file of a person's own, whatever its encoding, its line ends and its packing."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path
from typing import BinaryIO

from cgcnn.errors import DataError
from cgcnn.files.regular import open_regular

#: The largest text that is read, in bytes after unpacking: 256 MiB.
MAX_BYTES = 256 * 2**20
#: A text unpacks to no more than so many times the size of its .gz file. CIFs, tables and JSON unpack to 3 to 30 times;
#: what is made to fill a memory unpacks to up to a thousand times. Below the second size, in bytes, any ratio is read.
MAX_RATIO, ANY_RATIO = 100, 16 * 2**20

_CHUNK = 2**20
_GZIP_MAGIC = b"\x1f\x8b"
# What a file of another kind begins with, and how it is called in the message.
_OTHER_KINDS = (
    (_GZIP_MAGIC, "packed by gzip twice", "unpack it once"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"BZh", "packed by bzip2", "unpack it, or pack it by gzip"),
    (b"\xfd7zXZ\x00", "packed by xz", "unpack it, or pack it by gzip"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it, or pack it by gzip"),
    (b"%PDF-", "a PDF", "give the file that the text stands in"),
    (b"\x89HDF", "an HDF5 file", "give a text file"),
)
# Byte-order marks, the longer ones first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_text(path: Path) -> str:
    r"""Read a text file.

    A file that begins as gzip's files do is unpacked, whatever its name. The encoding is that of the byte-order mark;
    without one it is UTF-8, else UTF-16 where every second byte is zero, else Windows' Latin-1 (cp1252).

    Args:
        path: The file.

    Returns:
        The text, without a byte-order mark. All line ends (of Unix, Windows and the old Macintosh) are ``\n``.

    Raises:
        DataError: The file is missing, cannot be read, is no file but a folder, a named pipe or a device, is not a
            text, is a damaged .gz file, or its text is larger than ``MAX_BYTES`` or than any text that packs so well.
    """
    with open_regular(path) as stream:
        try:
            size = os.fstat(stream.fileno()).st_size
            if size > MAX_BYTES:
                raise _too_large(path, MAX_BYTES)
            data = _read(stream, path, MAX_BYTES)
            if data.startswith(_GZIP_MAGIC):
                data = _unpack(data, path, min(MAX_BYTES, max(MAX_RATIO * size, ANY_RATIO)))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or type(error).__name__}", "read it again") from error
    for magic, kind, way_out in _OTHER_KINDS:
        if data.startswith(magic):
            raise DataError(f"{path}: {kind}, not a text", way_out)
    return _decode(data, path).replace("\r\n", "\n").replace("\r", "\n")


def _read(stream: BinaryIO | gzip.GzipFile, path: Path, most: int) -> bytes:
    """Return all bytes of a stream, of which no more than the bound are ever in memory."""
    parts, size = [], 0
    while part := stream.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise _too_large(path, most)
    return b"".join(parts)


def _too_large(path: Path, most: int) -> DataError:
    bound = f"{most / 2**20:.0f} MiB"
    if most < MAX_BYTES:
        problem = f"a .gz file that unpacks to more than {bound}, over {MAX_RATIO} times its size"
        return DataError(f"{path}: {problem}", "look at what is in it")
    return DataError(f"{path}: its text is larger than {bound}", "split it into several files")


def _unpack(data: bytes, path: Path, most: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return _read(stream, path, most)
    except (OSError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: a damaged .gz file ({reason})", "pack it again or fetch it again") from error


def _decode(data: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _guess(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise DataError(f"{path}: damaged {encoding} text (byte {error.start})", "save it as UTF-8") from error
        text = data.decode("cp1252", errors="replace")
    # A byte-order mark may also be left where files were put together, and old files end with Ctrl-Z.
    text = text.replace("\ufeff", "").rstrip("\x1a")
    if "\0" in text:
        raise DataError(f"{path}: not a text file (it holds zero bytes)", "give a text file")
    return text


def _guess(data: bytes) -> str:
    """Return UTF-16 in its byte order where nearly every second of the first 4096 bytes is zero, else UTF-8."""
    head = data[:4096]
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.9 * half and not head[::2].count(0):
        return "utf-16-le"
    if half and head[::2].count(0) > 0.9 * half and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8"
