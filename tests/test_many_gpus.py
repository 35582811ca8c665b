"""Several processes with a GPU each: what can be seen without a GPU. Nothing here has run on several GPUs.

Each process takes its own GPU, NCCL is asked for what lies on GPUs, and for nothing else.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import spawn
from torch.testing._internal.distributed import fake_pg

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.machine import processes
from cgcnn.machine.devices import resolve_device
from cgcnn.training import replayed_steps
from cgcnn.training.config import Config
from cgcnn.training.epochs import batcher_for
from tests.test_model import network

GPU = torch.device("cuda", 0)


def variables(rank: int, port: int = 29500) -> dict[str, str]:
    """Return what torchrun sets in one of two processes of the second host of two."""
    ranks = {"WORLD_SIZE": "4", "RANK": str(2 + rank), "LOCAL_RANK": str(rank)}
    return {**ranks, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let this process be the second one of a host with two GPUs, and return what is asked of torch, in order."""
    asked: list[Any] = []
    for name, value in variables(1).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", asked.append)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: asked[0])
    monkeypatch.setattr(distributed, "init_process_group", asked.append)
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: asked.append("destroyed"))
    return asked


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_process_takes_its_own_gpu_before_nccl_connects_it(device: str, done: list[Any]) -> None:
    with processes.joined(device):
        assert done == [1, "cpu:gloo,cuda:nccl"]
        assert resolve_device(device) == torch.device("cuda", 1)
    assert done[2:] == ["destroyed"]


def test_processes_that_train_on_processors_need_no_gpu(done: list[Any]) -> None:
    with processes.joined("cpu"):
        assert done == ["gloo"]


def test_one_gpu_for_all_processes_and_more_processes_than_gpus_are_refused(
    done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "device='cuda:1': each of several processes takes a GPU of its own; give 'cuda' or 'auto'"
    with pytest.raises(DataError, match=said), processes.joined("cuda:1"):
        pass
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    said = "process 1 of this host has no GPU of its own: there are 1; start 1 processes per host"
    with pytest.raises(DataError, match=said), processes.joined("auto"):
        pass
    assert done == []


def test_several_processes_take_steps_one_by_one_with_the_optimizer_of_such_steps(
    few: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs, config, model = build(few.select(range(3))), Config(), network(1, 8)
    monkeypatch.setattr(processes, "count", lambda: 2)
    monkeypatch.setattr(Tensor, "to", lambda tensor, *_, **__: tensor)
    assert not replayed_steps.are_replayed(GPU)
    assert isinstance(batcher_for(graphs, GPU), Batcher)
    optimizer = replayed_steps.adamw(model, config, GPU)
    (group,) = optimizer.param_groups
    assert (group["lr"], group["capturable"]) == (config.learning_rate, False)
    monkeypatch.setattr(processes, "count", lambda: 1)
    assert replayed_steps.are_replayed(GPU)


def test_what_lies_on_a_gpu_is_summed_there_and_numbers_of_the_processor_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summed: list[Tensor] = []
    monkeypatch.setattr(processes, "count", lambda: 2)
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor, *_: summed.append(tensor))
    # A tensor without numbers stands for one of a GPU: it cannot be copied to the processor without notice.
    of_device = torch.ones(3, device="meta", requires_grad=True)
    total = processes.sum_over(of_device).sum()
    total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    processes.highest(3)
    assert [tensor.device.type for tensor in summed] == ["meta", "meta", "cpu"]


def work(rank: int, port: int, folder: str) -> None:
    """As one of two processes, send objects, numbers and weights; a group that does nothing stands for NCCL."""
    assert fake_pg.FakeStore is not None  # its import makes the group known
    os.environ |= {**variables(rank, port), "WORLD_SIZE": "2", "RANK": str(rank)}
    connect, torch.cuda.is_available = distributed.init_process_group, lambda: True
    torch.cuda.device_count, torch.cuda.set_device = (lambda: 2), (lambda _: None)  # type: ignore[assignment]  # no GPU

    def without_nccl(kinds: str) -> None:
        connect(kinds.replace("nccl", "fake"))

    distributed.init_process_group = without_nccl  # type: ignore[assignment]  # the package gives the kinds alone
    with processes.joined("cuda"):
        model = network(1, 8, seed=rank)
        processes.shared(model)
        found = {
            "gathered": processes.gathered({"rank": rank}),
            "highest": processes.highest(10 + rank),
            "from_first": processes.from_first(lambda: f"of {rank}"),
            "sum": processes.sum_over(torch.tensor(1.0 + rank)),
            "weights": [parameter.detach() for parameter in model.parameters()],
        }
        torch.save(found, f"{folder}/{rank}.pt")
        distributed.barrier()


def test_objects_numbers_and_the_first_weights_reach_all_processes_without_nccl(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    spawn(work, (port, str(tmp_path)), nprocs=2)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    for found in (first, second):
        assert found["gathered"] == [{"rank": 0}, {"rank": 1}]
        assert (found["highest"], found["from_first"], float(found["sum"])) == (11, "of 0", 3.0)
    expected = list(network(1, 8, seed=0).parameters())
    for ours, theirs, weights in zip(first["weights"], second["weights"], expected, strict=True):
        assert torch.equal(ours, theirs)
        assert torch.equal(ours, weights)
