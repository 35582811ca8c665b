"""Write named arrays to a sealed file, map them into memory, and refuse a file whose seal is broken."""

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
from cgcnn.files.seals import OPEN, SEAL, check_seal, seal
from cgcnn.files.writing import replacing

# The types that this project writes, by their names in the safetensors format (https://huggingface.co/docs/safetensors).
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
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
    """

    arrays: dict[str, np.ndarray]
    metadata: dict[str, object]


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


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object]) -> None:
    """Write arrays as a sealed safetensors file, whole or not at all.

    Args:
        path: The file to write.
        arrays: The arrays by name, each with one dimension or more.
        metadata: Notes that JSON can hold; they are stored with the arrays.

    Raises:
        KeyError: An array has another type than float64, float32, float16, int64, int32, int16 or
            uint8.
    """
    save_parts(path, [arrays], metadata)


def save_parts(path: Path, parts: Iterable[Mapping[str, np.ndarray]], metadata: Mapping[str, object]) -> None:
    """Write arrays that come in parts to the same file as :func:`save_arrays`, with one part in memory at a time.

    Args:
        path: The file to write.
        parts: The next rows of each array by name. There is at least one part, and all parts have the same names.
        metadata: Notes that JSON can hold; they are stored with the arrays.

    Raises:
        KeyError: An array has another type than float64, float32, float16, int64, int32, int16 or
            uint8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A killed process leaves this folder. A later write to the same path knows it by its name, and removes it.
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
        with replacing(path) as temporary:
            # The widest types come first, as in the format's own writer, so that every array begins at its alignment.
            names = sorted(files, key=lambda name: (-dtypes[name].itemsize, name))
            with temporary.open("wb") as stream:
                stream.write(_header(names, dtypes, shapes, {SEAL: OPEN, "metadata": json.dumps(dict(metadata))}))
                for name in names:
                    with files[name].open("rb") as rows_of_all_parts:
                        shutil.copyfileobj(rows_of_all_parts, stream)
            seal(temporary)


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
    """Map a file written by :func:`save_arrays` into memory, after the check of its seal.

    The seal covers arrays and metadata alike. What it lets pass is as it was written.

    Args:
        path: The file to read.

    Returns:
        The arrays and their metadata. Several processes may map one file at the same time.

    Raises:
        FileNotFoundError: There is no such file.
        DataError: The file is damaged, was written by an older version, or holds something else.
    """
    way_out = "make it anew"
    check_seal(path, way_out)
    try:
        with path.open("rb") as stream:
            (header_length,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(header_length))
        metadata = json.loads(header.pop("__metadata__")["metadata"])
        arrays = {
            name: _map(path, np.dtype(_DTYPES[e["dtype"]]), tuple(e["shape"]), 8 + header_length + e["data_offsets"][0])
            for name, e in header.items()
        }
        return ArrayFile(arrays, dict(metadata))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise DataError(f"{path}: sealed, but no file of arrays ({type(error).__name__}: {error})", way_out) from error


def _map(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], start: int) -> np.ndarray:
    """Map one array of a file into memory, read-only."""
    if math.prod(shape) == 0:  # an empty array cannot be mapped
        return np.empty(shape, dtype)
    return np.memmap(path, dtype=dtype, mode="r", offset=start, shape=shape)
