"""A JSON list in a zip archive is read item by item, with few items in memory, and what is wrong with it is said."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cgcnn.errors import DataError
from cgcnn.files.json_lists import stream_zipped_list

MOST = 2**26


def zipped(path: Path, text: str | bytes, name: str = "list.json") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(name, text)
    return path


def read(path: Path, most_per_item: int = 2**20) -> list[Any]:
    return list(stream_zipped_list(path, "list.json", MOST, most_per_item))


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{}],
        [{"a": '[{,]}\\" \u00e9 \U0001f600', "b": [1, -2.5e-7, None, True]}, "x", 12, [], {"c": {"d": "\n"}}],
        # Longer than what is read at a time, so that items, strings, numbers and letters of two bytes are cut.
        [{"id": k, "text": "\u00e9\\" * (k * 997), "numbers": [k / 7] * k} for k in range(120)],
        list(range(100_000, 250_000)),
    ],
)
@pytest.mark.parametrize("written", [{}, {"indent": 2}, {"ensure_ascii": False, "separators": (",", ":")}])
def test_the_items_are_those_of_the_parser_of_whole_texts(
    tmp_path: Path, items: list[Any], written: dict[str, Any]
) -> None:
    assert read(zipped(tmp_path / "a.zip", "\n " + json.dumps(items, **written) + "\n")) == items


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list.json: cut short after 0 items"),
        ("{}", "list.json: no JSON list, since '{' stands for '[' after 0 items"),
        ('[{"a": 1}, {"a": 2', "list.json: cut short after 1 items"),
        ('[{"a": 1}, {"a": "2', "list.json: cut short after 1 items"),
        ('[{"a": 1}, ', "list.json: cut short after 1 items"),
        ('[{"a": 1}', "list.json: cut short after 0 items"),
        ("[1, 2", "list.json: cut short after 1 items"),
        ("[1 2]", "list.json: no JSON list, since '2' stands for ']' after 1 items"),
        ('[{"a": 1}] []', "list.json: more than one JSON list after 1 items"),
        ('[{"a": 1}, {"a" 2}' + " " * 100 + "]", "list.json: no JSON (Expecting ':' delimiter) after 1 items"),
        ("[" * 100_000, "list.json: an item that is nested too deeply after 0 items"),
        ('["' + "x" * 3_000_000 + '"]', "list.json: an item of more than 1048576 characters after 0 items"),
        ('["' + "x" * 1_100_000 + '"]', "list.json: an item of more than 1048576 characters after 0 items"),
    ],
)
def test_what_is_no_list_is_refused_with_the_number_of_items_before(tmp_path: Path, text: str, said: str) -> None:
    path = zipped(tmp_path / "a.zip", text)
    with pytest.raises(DataError) as refused:
        read(path)
    assert str(refused.value) == f"{path}: {said}; get it again"


def test_a_damaged_or_cut_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", json.dumps([{"id": k, "text": str(k) * 50} for k in range(20_000)]))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a\.zip: cut short or no archive .* after 0 items; get it again"):
        read(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(DataError, match=r"a\.zip: .* after \d+ items; get it again"):
        read(path)
    with pytest.raises(DataError, match=r"b\.zip: no list\.json in it"):
        read(zipped(tmp_path / "b.zip", "[]", "other.json"))
    with pytest.raises(DataError, match=r"c\.zip: cut short or no archive .*utf-8"):
        read(zipped(tmp_path / "c.zip", b'["\xff"]'))
    with pytest.raises(DataError, match=r"d\.zip: list\.json in it has 100 bytes, where at most 99 are expected"):
        list(stream_zipped_list(zipped(tmp_path / "d.zip", "[]" + " " * 98), "list.json", 99, 99))


def test_the_memory_does_not_grow_with_the_number_of_items(tmp_path: Path) -> None:
    peaks = []
    for n_items in (1_000, 20_000):
        items = [{"id": k, "text": "x" * 2_000} for k in range(n_items)]
        path = zipped(tmp_path / f"{n_items}.zip", json.dumps(items))
        del items
        tracemalloc.start()
        assert sum(1 for _ in stream_zipped_list(path, "list.json", MOST, 2**20)) == n_items
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 5_000_000
