"""Test sweeps on a real Dask cluster of two worker processes, one of which dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
import torch

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import build
from cgcnn.machine.cluster import on_cluster
from cgcnn.training.config import Config
from cgcnn.training.store import stored_run_path
from cgcnn.training.sweeps import sweep

distributed = pytest.importorskip("dask.distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Start a cluster of two worker processes on this machine."""
    # Dask leaves the numbers of threads that it chose for its workers in this process's environment.
    with patch.dict(os.environ), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # distributed warns of ports and pipes, which these tests do not examine
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
            yield made


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_sweep_finishes_though_one_of_two_workers_is_killed(cluster: object, few: Crystals, quick: Config) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]  # a LocalCluster
    config = quick.replace(epochs=60, patience=60)
    killed: list[int] = []

    def kill_one_that_is_at_work() -> None:
        with distributed.Client(address) as client:
            pids = client.run(os.getpid)
            while not killed:
                busy = [worker for worker, tasks in client.processing().items() if tasks]
                if busy and busy[0] in pids:
                    time.sleep(0.5)
                    os.kill(pids[busy[0]], signal.SIGKILL)
                    killed.append(pids[busy[0]])
                time.sleep(0.02)

    killer = threading.Thread(target=kill_one_that_is_at_work, daemon=True)
    killer.start()
    runs = sweep(few, config, [40, 80], [0, 1, 2], device="cpu", scheduler=address)
    killer.join(timeout=30)
    assert len(killed) == 1
    assert [(len(run.split.train), run.config.seed) for run in runs] == [(n, s) for n in (40, 80) for s in range(3)]
    assert all(stored_run_path(run.key).is_file() for run in runs)
    stored_run_path(runs[3].key).unlink()
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the workers have: two threads add in another order, and a training enlarges this
    try:
        (alone,) = sweep(few, config, [80], [0], device="cpu")
    finally:
        torch.set_num_threads(n_threads)
    assert alone.key == runs[3].key
    assert alone.validation_mae == pytest.approx(runs[3].validation_mae, rel=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_graphs_built_on_a_cluster_are_those_built_here(
    cluster: object, few: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = build(few)
    monkeypatch.setattr("cgcnn.graphs.crystal_graphs._CRYSTALS_FOR_PARALLEL", 10)
    monkeypatch.setattr("cgcnn.graphs.crystal_graphs._CRYSTALS_PER_TASK", 70)
    with on_cluster(cluster.scheduler_address):  # type: ignore[attr-defined]  # a LocalCluster
        there = build(few)
    for name, array in here.arrays().items():
        assert np.array_equal(array, there.arrays()[name]), name


def test_without_dask_the_extra_that_brings_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with (
        pytest.raises(DataError, match=r"Dask is not installed; install .* extra 'cluster'"),
        on_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_an_address_without_a_scheduler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cgcnn.machine.cluster._SECONDS_TO_CONNECT", 1)
    with (
        pytest.raises(DataError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers there"),
        on_cluster("tcp://127.0.0.1:9"),
    ):
        pass
