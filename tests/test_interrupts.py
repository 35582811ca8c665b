"""Interrupts: Ctrl-C and SIGTERM end the work in order, in one line, and with the exit code that a shell gives them."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from cgcnn.machine.interrupts import Interrupted, noticed
from tests.test_checkpoints import signal_at


@pytest.fixture
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the command line trains out of the cache of the other tests."""
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))


@pytest.mark.usefixtures("_empty_cache")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_line_says_in_one_line_where_an_interrupted_training_stopped(
    number: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "perovskites-embedded", "--training-size", "64", "--batch-size", "16", "--width", "8"]
    command += ["--epochs", "2", "--n-convolutions", "1", "--device", "cpu"]
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        signal_at(patch, 6, number)
        assert main(command) == code
    said = capsys.readouterr().err
    assert "after batch 2 of 4 of epoch 2; the same command goes on from there" in said.splitlines()[-1]
    assert said.count("stopped the training") == 1
    assert "Traceback" not in said
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert main(command) == 0
    assert "resuming run" in capsys.readouterr().err


@pytest.mark.usefixtures("_empty_cache")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_line_ends_in_one_line_where_it_is_interrupted_before_the_training(
    number: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(*_: object) -> Crystals:
        os.kill(os.getpid(), number)
        time.sleep(10)
        raise AssertionError

    monkeypatch.setattr("cgcnn.data.datasets.load", read)
    assert main(["train", "perovskites-embedded"]) == code
    assert capsys.readouterr().err == "interrupted\n"


def test_a_second_interrupt_ends_at_once_but_one_that_a_launcher_passes_on_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with noticed() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.number == signal.SIGINT
    monkeypatch.setattr("cgcnn.machine.interrupts._SECONDS_OF_ONE_INTERRUPT", 0.0)
    with noticed():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt) as ended:
            os.kill(os.getpid(), signal.SIGINT)
    assert not isinstance(ended.value, Interrupted)


def test_handlers_are_left_alone_in_another_thread_and_restored_in_the_main_thread() -> None:
    before = signal.getsignal(signal.SIGINT)
    inside: list[object] = []

    def work() -> None:
        with noticed():
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [before]
    with noticed():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
