"""Write named arrays to a file with their digest, map them into memory, and refuse a file whose digest is wrong."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import struct
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cgcnn.errors import DataError
from cgcnn.files.writing import replacing

# The types that this project writes, by their names in the safetensors format (https://huggingface.co/docs/safetensors).
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "U8": np.uint8,
}


@dataclass(frozen=True)
class ArrayFile:
    """The contents of a file of arrays.

    Attributes:
        arrays: The arrays by name, memory-mapped and read-only.
        metadata: The notes that were written with the arrays, decoded from JSON.
        digest: The digest of the arrays, as :func:`digest_arrays` computes it.
    """

    arrays: dict[str, np.ndarray]
    metadata: dict[str, object]
    digest: str


def digest_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of arrays in hexadecimal.

    It covers the names, types, shapes and contents, and does not depend on the order of the arrays.

    Args:
        arrays: The arrays by name, of any types and shapes.
    """
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file in hexadecimal.

    Args:
        path: The file.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object]) -> str:
    """Write arrays as a safetensors file, whole or not at all.

    Args:
        path: The file to write.
        arrays: The arrays by name, each with one dimension or more.
        metadata: Notes that JSON can hold; they are stored with the arrays.

    Returns:
        The digest of the arrays, which is stored with them.

    Raises:
        KeyError: An array has another type than float64, float32, int64, int32, int16 or uint8.
    """
    return save_parts(path, [arrays], metadata)


def save_parts(path: Path, parts: Iterable[Mapping[str, np.ndarray]], metadata: Mapping[str, object]) -> str:
    """Write arrays that come in parts to the same file as :func:`save_arrays`, with one part in memory at a time.

    Args:
        path: The file to write.
        parts: The next rows of each array by name. There is at least one part, and all parts have the same names.
        metadata: Notes that JSON can hold; they are stored with the arrays.

    Returns:
        The digest of the arrays, which is stored with them.

    Raises:
        KeyError: An array has another type than float64, float32, int64, int32, int16 or uint8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as scratch:
        files: dict[str, Path] = {}
        dtypes: dict[str, np.dtype[Any]] = {}
        shapes: dict[str, tuple[int, ...]] = {}
        for part in parts:
            for name, array in part.items():
                rows = shapes[name][0] if name in shapes else 0
                files[name], dtypes[name] = Path(scratch) / name, array.dtype
                shapes[name] = (rows + array.shape[0], *array.shape[1:])
                with files[name].open("ab") as stream:
                    np.ascontiguousarray(array).tofile(stream)
        digest = digest_arrays({name: _map(files[name], dtypes[name], shapes[name], 0) for name in files})
        with replacing(path) as temporary, temporary.open("wb") as stream:
            notes = {"digest": digest, "metadata": json.dumps(dict(metadata))}
            # The widest types come first, as in the format's own writer, so that every array begins at its alignment.
            names = sorted(files, key=lambda name: (-dtypes[name].itemsize, name))
            stream.write(_header(names, dtypes, shapes, notes))
            for name in names:
                with files[name].open("rb") as rows_of_all_parts:
                    shutil.copyfileobj(rows_of_all_parts, stream)
    return digest


def _header(
    names: Sequence[str],
    dtypes: Mapping[str, np.dtype[Any]],
    shapes: Mapping[str, tuple[int, ...]],
    notes: Mapping[str, str],
) -> bytes:
    """Return the beginning of a safetensors file: the length of a JSON text, and the text, padded to 8 bytes."""
    codes = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
    entries: dict[str, object] = {"__metadata__": notes}
    end = 0
    for name in names:
        start, end = end, end + math.prod(shapes[name]) * dtypes[name].itemsize
        entries[name] = {"dtype": codes[dtypes[name]], "shape": shapes[name], "data_offsets": (start, end)}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def load_arrays(path: Path) -> ArrayFile:
    """Map a file written by :func:`save_arrays` into memory and check it against its digest.

    Args:
        path: The file to read.

    Returns:
        The arrays and their metadata. Several processes may map one file at the same time.

    Raises:
        FileNotFoundError: There is no such file.
        DataError: The file is cut short or has another format, or its bytes are not those that were written.
    """
    way_out = "delete it and it is made anew"
    try:
        with path.open("rb") as stream:
            (header_length,) = struct.unpack("<Q", stream.read(8))
            if header_length > path.stat().st_size:
                raise DataError(f"{path}: not a safetensors file, or cut short", way_out)
            header = json.loads(stream.read(header_length))
        notes = header.pop("__metadata__")
        size = path.stat().st_size
        if any(8 + header_length + entry["data_offsets"][1] > size for entry in header.values()):
            raise ValueError("its data end before the header says")
        arrays = {
            name: _map(path, np.dtype(_DTYPES[e["dtype"]]), tuple(e["shape"]), 8 + header_length + e["data_offsets"][0])
            for name, e in header.items()
        }
    except (struct.error, json.JSONDecodeError, UnicodeDecodeError, KeyError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: not a whole file of arrays ({error})", way_out) from error
    digest = digest_arrays(arrays)
    if digest != notes.get("digest"):
        raise DataError(f"{path}: its contents do not match the digest it was written with", way_out)
    return ArrayFile(arrays, json.loads(notes["metadata"]), digest)


def _map(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], start: int) -> np.ndarray:
    """Map one array of a file into memory, read-only."""
    if math.prod(shape) == 0:  # an empty array cannot be mapped
        return np.empty(shape, dtype)
    return np.memmap(path, dtype=dtype, mode="r", offset=start, shape=shape)
