"""Where the time of a whole training step goes, measured while it runs: caches are as cold as in a training."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from cgcnn.graphs.batches import Batcher
from cgcnn.network import loops_cpu
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.steps import backward

# The loops by the names that the tables give them.
_LOOPS = {
    "expand": "Gaussians",
    "add_terms": "z and its moments",
    "gate_and_sum": "gate and sum",
    "gate_backward": "gradient in normalized z",
    "add_backward": "gradients of z",
}
_PRODUCTS = ("aten::mm", "aten::addmm")


def parts(batcher: Batcher, crystals: Tensor, repeats: int) -> list[dict[str, str | float]]:
    """Time the parts of a step: cutting a batch, forward and backward pass, optimizer.

    Args:
        batcher: The graphs of a data set.
        crystals: The indices of the crystals of the batch.
        repeats: The number of steps that are timed, and of those that torch's profiler follows.

    Returns:
        One row per part: ``part`` and ``seconds``, the mean per step. The last part is what the others leave of the
        step: batch norms, sums over nodes, losses, torch's search for the gradient, and the launches.
    """
    network = CrystalGraphNetwork(backend="fused").train()
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    spent: dict[str, float] = defaultdict(float)

    def step() -> None:
        began = time.perf_counter()
        batcher(crystals)
        spent["cutting the batch"] += time.perf_counter() - began
        optimizer.zero_grad(set_to_none=True)
        backward(network, network, batcher, crystals, 0.1)
        began = time.perf_counter()
        optimizer.step()
        spent["optimizer"] += time.perf_counter() - began

    launch = loops_cpu._launch

    def timed_launch(kernel: Callable[..., None], n_threads: int, *arguments: Tensor | np.ndarray | float) -> None:
        began = time.perf_counter()
        launch(kernel, n_threads, *arguments)
        spent[_LOOPS[kernel.__name__]] += time.perf_counter() - began

    with patch.object(loops_cpu, "_launch", timed_launch):
        for _ in range(3):
            step()
        spent.clear()
        began = time.perf_counter()
        for _ in range(repeats):
            step()
        # Each step cuts its batch once more, to time this.
        whole = time.perf_counter() - began - spent["cutting the batch"]
    seconds = {name: of_part / repeats for name, of_part in spent.items()}
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for _ in range(repeats):
            step()
    products = sum(each.self_cpu_time_total for each in profiled.key_averages() if each.key in _PRODUCTS)
    seconds["products of matrices"] = products / 1e6 / repeats  # the profiler counts microseconds
    seconds["all else"] = whole / repeats - sum(seconds.values())
    return [{"part": name, "seconds": value} for name, value in seconds.items()]
