"""Test the cache: it returns only arrays with the whole key and the right seal, and makes all others anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cgcnn.files.arrays import ArrayFile, load_arrays, save_arrays
from cgcnn.files.cache import Made, cached
from cgcnn.files.seals import SEAL
from cgcnn.files.writing import ASIDE


class Maker:
    """Make an array and count how often that happens."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Made:
        """Return five rows in two parts."""
        self.times += 1
        return [{"a": np.arange(3.0)}, {"a": np.arange(2.0)}], {"unit": "eV"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    return tmp_path / "numbers"


def test_arrays_are_made_once_for_each_key(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cgcnn")
    make = Maker()
    for _ in range(2):
        stored = cached("numbers", "some", "one key", make)
        assert stored.arrays["a"].tolist() == [0, 1, 2, 0, 1]
        assert stored.metadata["unit"] == "eV"
    assert make.times == 1
    assert caplog.text.count("made the numbers of some") == 1
    cached("numbers", "some", "another key", make)
    assert make.times == 2
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "older", "notes"])
def test_a_damaged_file_is_named_and_set_aside_and_the_arrays_are_made_anew(
    folder: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    make = Maker()
    cached("numbers", "some", "one key", make)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    damaged = {
        "flipped": whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:],
        "cut": whole[:-8],
        "empty": b"",
        "older": whole.replace(SEAL.encode(), b"digest_of_data"),
        "notes": whole.replace(b"eV", b"Ry"),
    }[damage]
    assert damaged != whole
    for times in (2, 3):
        path.write_bytes(damaged)
        stored = cached("numbers", "some", "one key", make)
        assert stored.arrays["a"].tolist() == [0, 1, 2, 0, 1]
        assert stored.metadata["unit"] == "eV"
        assert make.times == times
        assert path.read_bytes() == whole
        aside = path.with_name(path.name + ASIDE)
        assert aside.read_bytes() == damaged
        assert sorted(folder.iterdir()) == [path, aside], "the last one alone is kept"
    assert f"{path}: " in caplog.text
    assert f"it is not used and is now called {aside.name}" in caplog.text


def test_a_file_with_another_key_is_not_taken_for_this_one(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    make = Maker()
    cached("numbers", "some", "one key", make)
    (path,) = folder.iterdir()
    save_arrays(path, {"a": np.zeros(5)}, {"key": "another key"})
    assert cached("numbers", "some", "one key", make).arrays["a"].tolist() == [0, 1, 2, 0, 1]
    assert "made from something else than asked for" in caplog.text
    assert path.with_name(path.name + ASIDE).is_file()


def test_a_whole_file_that_another_process_sets_aside_is_made_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    read = [0]

    def load_late(path: Path) -> ArrayFile:
        # Another process has read the damaged file that was here, and sets this one aside in its place.
        read[0] += 1
        if read[0] < 4 and path.exists():
            path.replace(path.with_name(path.name + ASIDE))
        return load_arrays(path)

    monkeypatch.setattr("cgcnn.files.cache.load_arrays", load_late)
    assert cached("numbers", "some", "one key", make).arrays["a"].tolist() == [0, 1, 2, 0, 1]
    assert make.times == 3
