"""Files are written whole or not at all and reach the disk in order, and what cannot be used is set aside, not lost."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from cgcnn.files.writing import ASIDE, remove_leftovers, replacing, set_aside

DAY = 24 * 3600.0


def test_contents_reach_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    synchronize, replace = os.fsync, os.replace

    def recorded_fsync(handle: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"file of {os.fstat(handle).st_size}")
        synchronize(handle)

    def recorded_replace(source: Path, target: Path) -> None:
        order.append(f"rename to {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    with replacing(tmp_path / "kept.txt") as temporary:
        temporary.write_text("seven b")
    assert order == ["file of 7", "rename to kept.txt", "folder"]
    assert (tmp_path / "kept.txt").read_text() == "seven b"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_later_write_removes_what_killed_processes_left_a_day_ago_and_nothing_newer(tmp_path: Path) -> None:
    old, new, folder, other = (tmp_path / name for name in (".kept-a.txt", ".kept-b.txt", ".kept-c", ".other-d.txt"))
    folder.mkdir()
    for path in (old, new, other, folder / "rows"):
        path.write_text("half")
    for path in (old, other, folder):
        os.utime(path, (time.time() - DAY - 60,) * 2)
    os.utime(new, (time.time() - DAY + 600,) * 2)
    with replacing(tmp_path / "kept.txt") as temporary:
        temporary.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".kept-b.txt", ".other-d.txt", "kept.txt"]


def test_the_name_of_a_file_is_no_pattern(tmp_path: Path) -> None:
    for name in (".a-b[1]-x", ".a-b1-x"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    remove_leftovers(tmp_path / "a-b[1].safetensors")
    assert [path.name for path in tmp_path.iterdir()] == [".a-b1-x"]


def test_a_file_that_is_set_aside_is_kept_under_another_name_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.safetensors"
    for content in ("first", "second"):
        path.write_text(content)
        set_aside(path, f"{path}: damaged, {content}")
        assert f"{path}: damaged, {content}; it is not used and is now called run.safetensors{ASIDE}" in caplog.messages
    assert [each.name for each in tmp_path.iterdir()] == [f"run.safetensors{ASIDE}"], "the last one alone is kept"
    assert (tmp_path / f"run.safetensors{ASIDE}").read_text() == "second"


def test_a_file_that_cannot_be_renamed_stays_and_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.safetensors"
    path.write_text("damaged")

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    set_aside(path, "damaged")
    assert caplog.messages == [f"{path}: damaged; it is not used (and cannot be renamed: Permission denied)"]
    assert path.read_text() == "damaged"


def test_two_processes_can_set_one_file_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "run.safetensors"
    path.write_text("damaged")
    set_aside(path, "damaged")
    set_aside(path, "damaged")
    assert len(caplog.messages) == 1
