"""The threads and processes of a training are recorded, and a difference that changes the last bits is said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numba
import pytest
import torch

from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run
from cgcnn.training.store import load_run, stored_run_path
from cgcnn.training.workers import Workers
from tests.test_checkpoints import stop_at


@pytest.fixture
def have(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let this process seem to have a number of threads, which costs nothing where the cores are busy."""
    return lambda number: monkeypatch.setattr(Workers, "of", lambda _: Workers(number, number, 1))


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run of another test be found."""
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (Workers(2, 2, 1), Workers(1, 1, 1), "2 threads in place of 1"),
        (Workers(1, 1, 1), Workers(2, 2, 2), "1 thread in place of 2 and 1 process in place of 2"),
        (Workers(2, 1, 1), Workers(2, 2, 1), "1 thread of the loops in place of 2"),
        (Workers(2, 2, 1), Workers(2, 2, 1), ""),
        (Workers(2, 2, 1), Workers(None, None, None), ""),
    ],
)
def test_a_difference_names_both_numbers(here: Workers, there: Workers, said: str) -> None:
    assert here.difference(there) == said


@pytest.mark.usefixtures("_own_cache")
def test_a_training_that_goes_on_with_another_number_of_threads_says_so_once_and_records_none(
    few: Crystals,
    quick: Config,
    have: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "cgcnn")
    config = quick.replace(epochs=2, seed=7)

    def train() -> Run:
        return fit(few, config, device="cpu")

    have(1)
    stop_at(monkeypatch, 3, train)
    stop_at(monkeypatch, 3, train)
    assert "in place of" not in caplog.text
    have(2)
    stop_at(monkeypatch, 3, train)
    run = train()
    assert caplog.text.count("goes on with 2 threads in place of 1: its last bits differ") == 1
    stored = load_run(stored_run_path(run.key))
    assert (stored.n_threads, stored.n_loop_threads, stored.n_processes) == (None, None, 1)


@pytest.mark.usefixtures("_own_cache")
def test_a_known_run_of_another_number_of_threads_says_so_in_its_one_line(
    few: Crystals, quick: Config, have: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    config = quick.replace(epochs=1, seed=8)
    have(1)
    run = fit(few, config, device="cpu")
    assert (run.n_threads, run.n_loop_threads, run.n_processes) == (1, 1, 1)
    caplog.clear()
    fit(few, config, device="cpu")
    (same,) = caplog.messages
    have(2)
    caplog.clear()
    fit(few, config, device="cpu")
    (other,) = caplog.messages
    assert "in place of" not in same
    assert "trained with 1 thread in place of 2, by which the last bits differ" in other


def test_the_loops_have_as_many_threads_as_torch_where_numba_may_start_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    for most, expected in ((1, 1), (4, 4), (8, 4)):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", most)
        assert Workers.of(torch.device("cpu")) == Workers(4, expected, 1)
    assert Workers.of(torch.device("cuda")) == Workers(None, None, 1)
