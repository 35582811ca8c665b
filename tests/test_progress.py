"""Progress is seen everywhere: a bar in a terminal, and lines at a bounded rate in a log, a job and a notebook."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import project_root
from cgcnn.machine import progress
from cgcnn.machine.progress import show_progress
from cgcnn.training.config import Config
from cgcnn.training.fit import fit

_LOGGER = logging.getLogger("cgcnn.tests")


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def test_a_log_has_a_line_after_two_seconds_one_every_thirty_and_one_at_the_end(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    with show_progress(_LOGGER, "build graphs", "crystal", 1000) as advance:
        for _ in range(100):
            clock.now += 1
            advance(10, "")
    assert caplog.messages == [
        "build graphs: crystal 20 of 1000, 0:01:38 left",
        "build graphs: crystal 320 of 1000, 0:01:08 left",
        "build graphs: crystal 620 of 1000, 0:00:38 left",
        "build graphs: crystal 920 of 1000, 0:00:08 left",
        "build graphs: crystal 1000 of 1000, took 0:01:40",
    ]


def test_nothing_is_said_of_work_that_takes_no_time(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cgcnn")
    with show_progress(_LOGGER, "build graphs", "crystal", 2) as advance:
        clock.now += 1.9
        advance(2, "")
    assert caplog.messages == []


def test_the_time_left_does_not_count_what_was_done_before(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cgcnn")
    with show_progress(_LOGGER, "train", "epoch", 100, done=90) as advance:
        clock.now += 10
        advance(1, "loss 0.5")
    assert caplog.messages[0] == "train: epoch 91 of 100, loss 0.5, 0:01:30 left"


def test_a_terminal_shows_a_bar_and_no_lines(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    caplog.set_level("INFO", "cgcnn")
    with show_progress(_LOGGER, "train", "epoch", 4, at_once=True) as advance:
        for _ in range(4):
            advance(1, "loss 0.5")
    assert "train: 100%" in terminal.getvalue()
    assert "4/4" in terminal.getvalue()
    assert "loss 0.5" in terminal.getvalue()
    assert caplog.messages == []


def test_a_training_says_its_run_its_size_and_its_error(
    few: Crystals, quick: Config, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    run = fit(few, quick.replace(epochs=2, seed=7), device="cpu")
    first, last = (message for message in caplog.messages if "epoch" in message)
    assert first == f"train run {run.key[:12]} on 180 crystals: epoch 0 of 2"
    assert last.startswith(f"train run {run.key[:12]} on 180 crystals: epoch 2 of 2, loss 0.")
    assert f"validation MAE {run.validation_mae:.4f} eV/atom, took 0:0" in last


_WORK = """
import logging, sys
from cgcnn.machine.progress import show_progress
if len(sys.argv) > 1:
    logging.getLogger("cgcnn").setLevel(sys.argv[1])
with show_progress(logging.getLogger("cgcnn.training.loop"), "train", "epoch", 2, at_once=True) as advance:
    advance(2, "")
"""


@pytest.mark.parametrize(("level", "is_shown"), [([], True), (["WARNING"], False)])
def test_a_job_that_has_not_set_up_messages_shows_progress_and_one_that_wants_none_does_not(
    level: list[str], is_shown: bool
) -> None:
    command = [sys.executable, "-c", _WORK, *level]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project_root())
    assert result.stdout == ""
    assert (result.stderr.splitlines()[:1] == ["train: epoch 0 of 2"]) == is_shown
    assert bool(result.stderr) == is_shown


@pytest.mark.slow
def test_a_notebook_shows_the_progress_of_a_training() -> None:
    source = """
        import cgcnn
        crystals = cgcnn.load("perovskites-embedded")
        run = cgcnn.fit(crystals, cgcnn.Config(training_size=20, epochs=2, width=8), "cpu", retrain=True)
    """
    cell = nbformat.v4.new_code_cell("\n".join(line.strip() for line in source.splitlines()))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(project_root()))
    shown = "".join(output.get("text", "") for output in notebook.cells[0].outputs)
    assert "on 20 crystals: epoch 0 of 2" in shown
    assert "epoch 2 of 2, loss" in shown
