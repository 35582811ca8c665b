"""Locks of runs: of two processes that train the same run in one run store, one waits and returns the other's run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.locks import Lock
from cgcnn.training import loop
from cgcnn.training.config import Config
from cgcnn.training.fit import _trained, fit
from cgcnn.training.runs import Run, run_key
from cgcnn.training.store import stored_run_path
from tests.test_training import assert_same_weights

_HOLD = """
import sys, time
from pathlib import Path
from cgcnn.files.locks import Lock
lock = Lock(Path(sys.argv[1]))
assert lock.take()
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_is_held_by_one_and_says_by_whom(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "runs" / "a.lock"), Lock(tmp_path / "runs" / "a.lock")
    assert first.take()
    assert not second.take()
    assert second.holder().startswith(f"process {os.getpid()} on ")
    first.release()
    assert not list((tmp_path / "runs").iterdir())
    assert second.take()
    assert not first.take()
    second.release()


def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        lock = Lock(path)
        assert not lock.take()
        assert lock.holder().startswith(f"process {process.pid} on ")
        process.kill()
    assert lock.take()
    lock.release()
    assert not path.exists()


def test_where_no_lock_can_be_made_the_work_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lock = Lock(tmp_path / "file" / "a.lock")
    assert lock.take()
    lock.release()


def test_a_second_training_of_the_same_run_waits_and_returns_the_run_of_the_first(
    few: Crystals, quick: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    config = quick.replace(epochs=2, seed=9)
    lock = Lock(stored_run_path(run_key(few, config)).with_suffix(".lock"))
    assert lock.take()
    trained: list[Run] = []
    second = threading.Thread(target=lambda: trained.append(fit(few, config, device="cpu")))
    with monkeypatch.context() as patch:
        patch.setattr("cgcnn.training.fit._SECONDS_BETWEEN_LOOKS", 0.01)
        second.start()
        began = time.monotonic()
        while not caplog.messages and time.monotonic() - began < 20:
            second.join(0.05)
        assert second.is_alive()
        said = f"run {run_key(few, config)[:12]} is being trained by process {os.getpid()} on "
        assert [said in message for message in caplog.messages] == [True]
        # The first one finishes its work.
        first = _trained(run_key(few, config), few, config, "cpu", False, "auto")
        patch.setattr(loop, "train", None)  # the run is not trained twice
        lock.release()
        second.join(20)
    assert not second.is_alive()
    assert_same_weights(first, trained[0])


def test_what_a_process_killed_at_the_very_end_has_left_is_removed_when_its_run_is_found(
    few: Crystals, run: Run, quick: Config
) -> None:
    stored = stored_run_path(run.key)
    left = [stored.with_suffix(f".{name}") for name in ("checkpoint.safetensors", "lock")]
    for path in left:
        path.write_bytes(b"")
    held = Lock(left[1])
    assert held.take()
    fit(few, quick, device="cpu")
    assert all(path.exists() for path in left)  # they are of a process that trains the run anew
    held.release()
    left[1].write_bytes(b"")
    fit(few, quick, device="cpu")
    assert not any(path.exists() for path in left)
