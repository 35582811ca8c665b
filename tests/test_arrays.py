"""The digest of arrays is a SHA-256 of their names, types, shapes and contents, whatever their order."""

from __future__ import annotations

import hashlib

import numpy as np

from cgcnn.files.arrays import digest_arrays


def test_the_digest_is_the_hash_of_one_line_and_the_bytes_of_each_array() -> None:
    arrays = {"b": np.array([[1, 2], [3, 4]], np.int32), "a": np.array([0.5])}
    written = b"a <f8 (1,)\n" + np.array([0.5]).tobytes() + b"b <i4 (2, 2)\n" + arrays["b"].tobytes()
    assert digest_arrays(arrays) == hashlib.sha256(written).hexdigest()
    assert digest_arrays(dict(reversed(arrays.items()))) == digest_arrays(arrays)


def test_equal_bytes_under_another_name_of_another_type_or_of_another_shape_have_another_digest() -> None:
    array = np.arange(6, dtype=np.int32)
    others = ({"b": array}, {"a": array.view(np.float32)}, {"a": array.reshape(2, 3)}, {"a": array[::-1]})
    assert len({digest_arrays(each) for each in ({"a": array}, *others)}) == 1 + len(others)
    assert digest_arrays({"a": np.arange(12, dtype=np.int32)[::2] // 2}) == digest_arrays({"a": array})
