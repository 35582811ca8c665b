"""What a name may stand for in place of a file, files that are packed or damaged, and texts of odd encodings."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.corpus.entry import BadFile, error_of, text_file
from tests.corpus.good import CIF

_PACKED = gzip.compress(CIF.encode(), mtime=0)


def bomb(n_megabytes: int) -> bytes:
    """Return a gzip stream of so many MB of zeros without its end, of 1 kB per MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return _PACKED[:10] + block * n_megabytes


def _large(folder: Path) -> None:
    """Make a file of 10 GB that takes no place on the disk."""
    with (folder / "bad.cif").open("wb") as stream:
        stream.truncate(10 * 2**30)


def _place(name: str, file: str, make: Callable[[Path], object], error: str, left: int | None = 6) -> BadFile:
    return BadFile(name, "place", lambda folder: make(folder / file), error_of(file, error), left)


#: All of them.
PACKINGS: tuple[BadFile, ...] = (
    _place("a named pipe", "bad.cif", os.mkfifo, ": a named pipe, not a file; name a file that can be read"),
    _place(
        "a link to nothing",
        "bad.cif",
        lambda path: path.symlink_to("nowhere"),
        ": No such file or directory; name a file that can be read",
    ),
    _place(
        "a link to itself",
        "bad.cif",
        lambda path: path.symlink_to("bad.cif"),
        ": Too many levels of symbolic links; name a file that can be read",
    ),
    _place(
        "a link to a device without end",
        "bad.cif",
        lambda path: path.symlink_to("/dev/zero"),
        ": a device, not a file; name a file that can be read",
    ),
    _place(
        "a folder",
        "bad.cif",
        Path.mkdir,
        "d/id_prop.csv: line 7: d/bad.cif is a folder without structure files; add the file or remove the line",
    ),
    BadFile(
        "a file of 10 GB", "place", _large, "d/bad.cif: its text is larger than 256 MiB; split it into several files"
    ),
    text_file(
        "one byte flipped",
        ".gz",
        "bad.cif.gz",
        _PACKED[:60] + bytes([_PACKED[60] ^ 64]) + _PACKED[61:],
        ": a damaged .gz file (CRC check failed",
    ),
    text_file(
        "the checksum flipped", ".gz", "bad.cif.gz", _PACKED[:-8] + bytes(8), ": a damaged .gz file (CRC check failed"
    ),
    text_file(
        "the end cut off",
        ".gz",
        "bad.cif.gz",
        _PACKED[:-20],
        ": a damaged .gz file (Compressed file ended before the end-of-stream marker was reached)",
    ),
    text_file(
        "a beginning alone",
        ".gz",
        "bad.cif.gz",
        _PACKED[:5],
        ": a damaged .gz file (Compressed file ended before the end-of-stream marker was reached)",
    ),
    text_file(
        "something else behind its end",
        ".gz",
        "bad.cif.gz",
        _PACKED + b"rest",
        ": a damaged .gz file (Not a gzipped file (b're')); pack it again or fetch it again",
    ),
    text_file(
        "packed twice",
        ".gz",
        "bad.cif.gz",
        gzip.compress(_PACKED, mtime=0),
        ": packed by gzip twice, not a text; unpack it once",
    ),
    text_file(
        "10 GB of zeros",
        ".gz",
        "bad.cif.gz",
        bomb(10_000),
        ": its text is larger than 256 MiB; split it into several files",
    ),
    text_file(
        "100 MB of zeros in 100 kB",
        ".gz",
        "bad.cif.gz",
        bomb(100),
        ": a .gz file that unpacks to more than 16 MiB, over 100 times its size; look at what is in it",
    ),
    text_file(
        "a zip archive", "text", "bad.cif", b"PK\x03\x04" + bytes(30), ": a zip archive, not a text; unpack it first"
    ),
    text_file(
        "packed by bzip2",
        "text",
        "bad.cif",
        b"BZh91AY&SY",
        ": packed by bzip2, not a text; unpack it, or pack it by gzip",
    ),
    text_file(
        "packed by xz",
        "text",
        "bad.cif",
        b"\xfd7zXZ\x00" + bytes(30),
        ": packed by xz, not a text; unpack it, or pack it by gzip",
    ),
    text_file(
        "packed by zstd",
        "text",
        "bad.cif",
        b"\x28\xb5\x2f\xfd" + bytes(30),
        ": packed by zstd, not a text; unpack it, or pack it by gzip",
    ),
    text_file(
        "a PDF", "text", "bad.cif", b"%PDF-1.7\n%\xe2\xe3", ": a PDF, not a text; give the file that the text stands in"
    ),
    text_file("an HDF5 file", "text", "bad.cif", b"\x89HDF\r\n\x1a\n", ": an HDF5 file, not a text; give a text file"),
    text_file(
        "zero bytes",
        "text",
        "bad.cif",
        CIF.encode() + bytes(8),
        ": not a text file (it holds zero bytes); give a text file",
    ),
    text_file(
        "a damaged UTF-16",
        "text",
        "bad.cif",
        CIF.encode("utf-16")[:-1],
        ": damaged utf-16 text (byte 598); save it as UTF-8",
    ),
    text_file(
        "half characters of UTF-16",
        "text",
        "bad.cif",
        b"\xff\xfe" + b"\x00\xd8a\x00" * 8,
        ": damaged utf-16 text (byte 2); save it as UTF-8",
    ),
    text_file(
        "a damaged UTF-32",
        "text",
        "bad.cif",
        CIF.encode("utf-32")[:-2],
        ": damaged utf-32 text (byte 1196); save it as UTF-8",
    ),
)
