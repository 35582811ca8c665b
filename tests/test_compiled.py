"""A training by torch's operations as ``torch.compile`` joins them, where it is asked for."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch

from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.machine import processes
from cgcnn.network import model as network_model
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from tests.test_model import batch_of, network
from tests.test_training import assert_same_weights

CONFIG = Config(epochs=2, batch_size=8, width=8, n_convolutions=1, distance_power=2.0, training_size=20)


@pytest.fixture
def graphs_seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[torch.fx.GraphModule]]:
    """Let ``torch.compile`` join no operations, and return the graphs that it is given to join."""
    seen: list[torch.fx.GraphModule] = []

    def leave(graph: torch.fx.GraphModule, _: Sequence[Any]) -> Callable[..., Any]:
        seen.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=leave, fullgraph=True))
    torch.compiler.reset()
    network_model._compiled_environments.cache_clear()
    yield seen
    network_model._compiled_environments.cache_clear()
    torch.compiler.reset()


def test_a_training_that_asks_for_it_compiles_each_kind_of_pass_once_and_gives_the_run_of_the_plain_one(
    few: Crystals, graphs_seen: list[torch.fx.GraphModule]
) -> None:
    plain = fit(few, CONFIG, device="cpu", retrain=True, backend="plain")
    assert graphs_seen == []
    compiled = fit(few, CONFIG, device="cpu", retrain=True, backend="compiled")
    # Of all batches, of which the last of an epoch is smaller: one graph for training and one for validation.
    assert len(graphs_seen) == 2
    assert compiled.history.equals(plain.history)
    assert_same_weights(compiled, plain)
    assert compiled.network.backend == "auto", "a run that is used later is no longer compiled"


def test_several_processes_do_not_compile(few: Crystals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "count", lambda: 2)
    monkeypatch.setattr(processes, "gathered", lambda mine: [mine])
    monkeypatch.setattr(processes, "from_first", lambda make: make())
    with pytest.raises(DataError, match="backend='compiled': serves one process alone; choose another backend"):
        fit(few, CONFIG, device="cpu", retrain=True, backend="compiled")


def test_the_command_line_asks_for_it(
    graphs_seen: list[torch.fx.GraphModule], capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("--training-size=20", "--epochs=1", "--width=8", "--n-convolutions=1", "--batch-size=8")
    assert main(["train", "perovskites-embedded", "--device=cpu", *sizes, "--backend=compiled", "--retrain"]) == 0
    assert len(graphs_seen) == 2
    assert "validation MAE" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # torch's compiler imports what torch has deprecated
def test_what_torch_compiles_has_the_energies_and_the_gradients_of_the_plain_network(few: Crystals) -> None:
    if shutil.which("g++") is None:
        pytest.skip("needs a compiler for C++")
    for crystals in (few.select(range(4)), few.select(range(280, 290))):
        batch, found = batch_of(crystals), []
        for backend in ("plain", "compiled"):
            model = network(1, 8, distance_power=2.0).train()
            model.backend = backend
            energies = model(batch)
            energies.square().sum().backward()
            found.append([energies.detach(), *(p.grad for p in model.parameters() if p.grad is not None)])
        for ours, theirs in zip(*found, strict=True):
            # In single precision, sums in another order; some gradients are small differences of large ones.
            assert (ours - theirs).norm() <= 1e-4 * theirs.norm()
