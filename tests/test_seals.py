"""A seal notices every changed, lost or added bit of a file, and stands in the file itself."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import save_file
from torch import arange

from cgcnn.errors import DataError
from cgcnn.files.seals import OPEN, SEAL, check_seal, is_sealed, seal


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A file of 16 numbers whose seal stands in a text of JSON inside of the header's JSON."""
    path = tmp_path / "numbers.safetensors"
    save_file({"numbers": arange(16)}, path, {"notes": json.dumps({"unit": "eV", SEAL: OPEN})})
    seal(path)
    return path


def test_the_seal_is_the_hash_of_all_bytes_with_zeros_in_its_place(sealed: Path) -> None:
    with safe_open(sealed, "pt") as stream:
        assert stream.get_tensor("numbers").tolist() == list(range(16)), "the format's own library reads the file"
        found = json.loads(stream.metadata()["notes"])[SEAL]
    content = sealed.read_bytes()
    assert content.count(found.encode()) == 1
    assert hashlib.sha256(content.replace(found.encode(), OPEN.encode())).hexdigest() == found
    assert check_seal(sealed, "try again") == found


def test_a_flipped_bit_of_any_byte_is_noticed(sealed: Path) -> None:
    whole = sealed.read_bytes()
    for place in range(len(whole)):
        sealed.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :])
        with pytest.raises(DataError, match=r"numbers\.safetensors: .*; try again"):
            check_seal(sealed, "try again")


def test_a_flipped_bit_is_noticed_also_at_the_end_of_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    save_file({"numbers": arange(400_000)}, path, {"notes": json.dumps({SEAL: OPEN})})  # 3.2 MB
    seal(path)
    check_seal(path, "try again")
    whole = path.read_bytes()
    for place in (-1, len(whole) // 2, 2**21 + 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="damaged"):
            check_seal(path, "try again")


def test_every_cut_and_an_added_byte_are_noticed(sealed: Path) -> None:
    whole = sealed.read_bytes()
    for content in (*(whole[:length] for length in range(len(whole))), whole + b"\0"):
        sealed.write_bytes(content)
        with pytest.raises(DataError, match=r"numbers\.safetensors: "):
            check_seal(sealed, "try again")


def test_a_file_without_a_seal_or_with_two_is_not_sealed(tmp_path: Path) -> None:
    path = tmp_path / "numbers.safetensors"
    save_file({"numbers": arange(16)}, path, {"notes": "{}"})
    assert not is_sealed(path)
    with pytest.raises(DataError, match="not a file that this cgcnn seals"):
        check_seal(path, "try again")
    with pytest.raises(ValueError, match="not a file that this cgcnn seals"):
        seal(path)
    save_file({"numbers": arange(16)}, path, {"notes": json.dumps({SEAL: OPEN}), "more": json.dumps({SEAL: OPEN})})
    assert is_sealed(path)
    with pytest.raises(DataError, match="several seals"):
        check_seal(path, "try again")
