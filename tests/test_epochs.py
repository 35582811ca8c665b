"""A training is a sequence of steps: in turn with others it gives what it gives alone, and so do replayed steps."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine import devices
from cgcnn.network.evaluation import energies
from cgcnn.training import epochs as training_epochs
from cgcnn.training.config import Config
from cgcnn.training.epochs import Event, begun, epochs, epochs_of
from cgcnn.training.fit import fit, make_split
from cgcnn.training.replayed_steps import FilledSteps
from cgcnn.training.start import random_start
from cgcnn.training.state import State
from cgcnn.training.store import find_run, load_run
from cgcnn.training.workers import Workers
from tests.test_training import assert_same_weights

CPU = torch.device("cpu")
# 12 batches per epoch, of which the last one is smaller; validations after epochs 9 and 10.
CONFIG = Config(epochs=10, batch_size=16, width=16, n_convolutions=2, averaging=0.9)


@pytest.fixture(scope="module")
def graphs(few: Crystals) -> CrystalGraphs:
    return build(few)


def start(few: Crystals, config: Config) -> State:
    return begun(random_start(few.targets[make_split(few, config).train], config), config, CPU)


def sequence(state: State, few: Crystals, graphs: CrystalGraphs, config: Config) -> Iterator[Event]:
    return epochs(state, Batcher(graphs), graphs, make_split(few, config), config)


def test_a_training_stops_after_each_step_and_each_epoch(few: Crystals, graphs: CrystalGraphs) -> None:
    config = CONFIG.replace(training_size=33, epochs=2)
    state = start(few, config)
    events = sequence(state, few, graphs, config)
    found = [(event, state.progress.step, state.progress.epoch) for event in events]
    first = [("step", 1, 0), ("step", 2, 0), ("step", 3, 0), ("epoch", 3, 1)]
    assert found == [*first, *((event, step + 3, epoch + 1) for event, step, epoch in first)]
    assert epochs_of(config, 33) == (2, 3)
    assert epochs_of(config.replace(minimum_steps=7), 33) == (3, 3)


def test_trainings_in_turn_give_the_weights_and_the_history_of_each_alone(few: Crystals, graphs: CrystalGraphs) -> None:
    configs = [CONFIG, CONFIG.replace(seed=1, batch_size=20, learning_rate=0.02)]
    states = [start(few, config) for config in configs]
    running = [sequence(state, few, graphs, config) for state, config in zip(states, configs, strict=True)]
    while running:
        running = [each for each in running if next(each, None) is not None]
    for state, config in zip(states, configs, strict=True):
        alone = fit(few, config, device="cpu")
        assert state.progress.history == alone.history.to_dict("records")
        assert all(torch.equal(state.best_weights[name], each) for name, each in alone.network.state_dict().items())


def test_runs_that_were_packed_trained_in_turn_and_collected_are_those_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    gpu_runs = import_module("gpu_runs")
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    name, config = "perovskites-embedded", Config(epochs=3, batch_size=30, width=8, n_convolutions=1, training_size=100)
    wanted = [(name, config.replace(seed=seed)) for seed in range(3)]
    gpu_runs.pack(tmp_path, wanted)
    gpu_runs.run(tmp_path, 2, CPU)
    gpu_runs.collect(tmp_path)
    crystals = datasets.load(name)
    for _, each in wanted:
        path = find_run(gpu_runs.run_key(crystals, each))
        assert path is not None
        collected, expected = load_run(path), fit(crystals, each, device="cpu", retrain=True)
        assert collected.n_threads is None, "sums are added in another order on a GPU"
        assert collected.history.equals(expected.history)
        assert collected.elements.tolist() == expected.elements.tolist()
        assert_same_weights(collected, expected)


class Recording:
    """Stands for a recorded step: it takes the step whenever it is replayed."""

    now: Recording | None = None
    n_replayed = 0

    def __init__(self) -> None:
        self.work: Callable[[], None] = lambda: pytest.fail("nothing is recorded")

    def replay(self) -> None:
        """Take the step."""
        Recording.n_replayed += 1
        self.work()


@pytest.fixture
def replaying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the CPU record and replay steps, as a GPU does: while a step is recorded, nothing is computed."""
    take = FilledSteps._step

    def recorded(steps: FilledSteps, size: tuple[int, int]) -> None:
        if Recording.now is None:
            take(steps, size)
        else:
            Recording.now.work = lambda: take(steps, size)

    @contextmanager
    def recording(graph: Recording, **_: Any) -> Iterator[None]:
        Recording.now = graph
        yield
        Recording.now = None

    monkeypatch.setattr(Recording, "n_replayed", 0)
    monkeypatch.setattr(FilledSteps, "_step", recorded)
    monkeypatch.setattr(torch.cuda, "graph", recording)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Recording)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: None)


@pytest.mark.usefixtures("replaying")
def test_replayed_steps_give_the_history_of_single_steps(
    few: Crystals, graphs: CrystalGraphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A validation after each epoch: the first one shows what the recordings leave behind.
    monkeypatch.setattr(training_epochs, "_STEPS_BETWEEN_VALIDATIONS", 1)
    config = CONFIG.replace(learning_rate=0.003, epochs=4)
    single = start(few, config)
    single.network.backend = single.averaged.backend = "plain"  # the loops of the CPU know no filled batches
    for _ in sequence(single, few, graphs, config):
        pass
    network = random_start(few.targets[make_split(few, config).train], config)
    network.backend = "plain"
    optimizer = torch.optim.AdamW(network.parameters(), lr=torch.tensor(config.learning_rate), fused=True)
    replayed = State(network, copy.deepcopy(network), optimizer, torch.zeros(()), Workers(None, None, 1))
    for _ in epochs(replayed, FilledBatcher(graphs, "cpu"), graphs, make_split(few, config), config, 17):
        pass
    assert Recording.n_replayed == replayed.progress.step == 48
    assert [row["epoch"] for row in replayed.progress.history] == [1, 2, 3, 4]
    for ours, theirs in zip(replayed.progress.history, single.progress.history, strict=True):
        assert ours == pytest.approx(theirs, rel=2e-3)
    assert replayed.progress.best_epoch == single.progress.best_epoch


def test_a_training_that_diverges_says_so(few: Crystals, graphs: CrystalGraphs) -> None:
    config = CONFIG.replace(epochs=1)
    state = start(few, config)
    with torch.no_grad():
        state.averaged.to_energy.weight.fill_(torch.nan)
    with pytest.raises(DataError, match="training diverged in epoch 1: validation error nan; lower learning_rate"):
        list(sequence(state, few, graphs, config))


def test_while_a_gpu_computes_a_validation_the_training_waits_without_a_step(
    few: Crystals, graphs: CrystalGraphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.replace(training_size=33, epochs=1)
    state = start(few, config)
    monkeypatch.setattr(training_epochs, "unfinished", lambda _: range(3))
    assert list(sequence(state, few, graphs, config)) == [*3 * ["step"], *3 * ["wait"], "epoch"]


def test_work_of_a_gpu_is_unfinished_until_its_stream_has_done_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        """Stands for a stream, which has done its work when it is asked for the fourth time."""

        n_asked = 0

        def record_event(self) -> Stream:
            return self

        def query(self) -> bool:
            self.n_asked += 1
            return self.n_asked == 4

    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: Stream())
    assert len(list(devices.unfinished(torch.device("cuda", 0)))) == 3
    assert list(devices.unfinished(CPU)) == []


@pytest.mark.parametrize("size", [7, 512])
def test_filled_batches_predict_what_others_predict(few: Crystals, graphs: CrystalGraphs, size: int) -> None:
    network, crystals = start(few, CONFIG).network, np.arange(20, 60)
    expected = energies(network, Batcher(graphs), crystals, size)
    found = energies(network, FilledBatcher(graphs, "cpu"), crystals, size)
    assert torch.allclose(found, expected, atol=1e-6)
    assert not network.training
    assert len(energies(network, FilledBatcher(graphs, "cpu"), crystals[:0])) == 0
