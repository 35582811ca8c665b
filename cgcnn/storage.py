"""Files of named arrays that are memory-mapped when read, carry a digest, and are refused when it does not match."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from cgcnn.paths import replacing

# The type names of the safetensors format (https://huggingface.co/docs/safetensors) that this project writes.
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "U8": np.uint8,
}


class DataError(ValueError):
    """A file or value that cannot be used; the message names it and the way out, in one line."""


@dataclass(frozen=True)
class ArrayFile:
    """What a file of arrays holds.

    Attributes:
        arrays: Name to array, memory-mapped and read-only.
        metadata: What the writer said of them, as decoded JSON.
        digest: SHA-256 of the arrays' bytes, in hexadecimal.
    """

    arrays: dict[str, np.ndarray]
    metadata: dict[str, object]
    digest: str


def digest_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of names, types, shapes and contents, independent of the arrays' order."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object]) -> str:
    """Write arrays as a safetensors file, whole or not at all.

    Args:
        path: The file to write.
        arrays: Name to array.
        metadata: Anything JSON can hold; kept beside the arrays.

    Returns:
        The digest of the arrays, which is stored with them.
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    digest = digest_arrays(contiguous)
    with replacing(path) as temporary:
        save_file(contiguous, temporary, metadata={"digest": digest, "metadata": json.dumps(dict(metadata))})
    return digest


def load_arrays(path: Path) -> ArrayFile:
    """Map a file written by :func:`save_arrays` into memory and check it against its digest.

    Args:
        path: The file to read.

    Returns:
        The arrays, which several processes may map at once, and their metadata.

    Raises:
        DataError: The file is cut short, is of another format, or its bytes are not those that were written.
    """
    way_out = f"{path}: {{}}; delete it and it is made anew"
    try:
        with path.open("rb") as stream:
            (header_length,) = struct.unpack("<Q", stream.read(8))
            if header_length > path.stat().st_size:
                raise DataError(way_out.format("not a safetensors file, or cut short"))
            header = json.loads(stream.read(header_length))
        notes = header.pop("__metadata__")
        arrays = {name: _map(path, entry, 8 + header_length) for name, entry in header.items()}
    except (struct.error, json.JSONDecodeError, UnicodeDecodeError, KeyError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(way_out.format(f"not a whole file of arrays ({error})")) from error
    digest = digest_arrays(arrays)
    if digest != notes.get("digest"):
        raise DataError(way_out.format("its contents do not match the digest it was written with"))
    return ArrayFile(arrays, json.loads(notes["metadata"]), digest)


def _map(path: Path, entry: dict[str, Any], start: int) -> np.ndarray:
    """Map one array of a safetensors file; ``start`` is the offset of the file's data."""
    dtype: np.dtype[Any] = np.dtype(_DTYPES[entry["dtype"]])
    shape: tuple[int, ...] = tuple(entry["shape"])
    first, last = entry["data_offsets"]
    if first == last:  # an empty array cannot be mapped
        return np.empty(shape, dtype)
    if start + last > path.stat().st_size:
        raise ValueError("its data end before the header says")
    return np.memmap(path, dtype=dtype, mode="r", offset=start + first, shape=shape)
