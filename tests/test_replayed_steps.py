"""Steps on filled batches are those of any other training, and never wait for the device, which can replay them."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import project_root
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network import fused_convolution
from cgcnn.network.edge_loops import EdgeLoops
from cgcnn.network.model import Backend
from cgcnn.training.config import Config
from cgcnn.training.replayed_steps import FilledSteps
from cgcnn.training.start import random_start, standardize_angles
from cgcnn.training.state import State
from cgcnn.training.steps import SingleSteps, Steps
from cgcnn.training.workers import Workers

# An epoch has six batches of 7 crystals and one of 3.
CONFIG = Config(n_convolutions=2, width=16, batch_size=7, distance_power=2.0, angles=True, learning_rate=0.01)
N_TRAIN = 45
#: What makes the processor wait for a device, by the names of torch's operations.
WAITS = ("_local_scalar_dense", "nonzero", "masked_select", "repeat_interleave.Tensor", "unique", "segment_reduce")


@pytest.fixture(scope="module")
def graphs(few: Crystals) -> CrystalGraphs:
    return build(few.select(range(240, 300)), angles=True)


def state_of(graphs: CrystalGraphs, backend: Backend) -> State:
    """Return a training at its start, whose learning rate is a tensor, as on a GPU."""
    network = random_start(graphs.targets[:N_TRAIN], CONFIG)
    standardize_angles(network, graphs, np.arange(N_TRAIN))
    network.backend = backend
    optimizer = torch.optim.AdamW(network.parameters(), lr=torch.tensor(CONFIG.learning_rate), fused=True)
    return State(network, copy.deepcopy(network), optimizer, torch.zeros(()), Workers(None, None, 1))


def train(steps: Steps, n_epochs: int) -> None:
    for number in range(n_epochs * 7):
        if number % 7 == 0:
            steps.begin(np.random.default_rng(number).permutation(N_TRAIN))
        steps.take(number % 7, 0.01 / (1 + number), 0.6)


def test_two_epochs_on_filled_batches_give_the_weights_and_the_loss_of_single_steps(graphs: CrystalGraphs) -> None:
    single, filled = state_of(graphs, "plain"), state_of(graphs, "plain")
    start = copy.deepcopy(single.network.state_dict())
    train(SingleSteps(single, Batcher(graphs), CONFIG), 2)
    train(FilledSteps(filled, FilledBatcher(graphs, "cpu"), CONFIG), 2)
    assert float(filled.loss) == pytest.approx(float(single.loss), rel=1e-4)
    for ours, theirs in ((filled.network, single.network), (filled.averaged, single.averaged)):
        for name, expected in theirs.state_dict().items():
            moved = (expected - start[name]).norm()
            # AdamW magnifies the rounding of weights whose gradient is nearly 0, such as those of distant Gaussians.
            assert (ours.state_dict()[name] - expected).norm() <= 0.02 * moved, name


class Waits(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Note each operation for whose result the processor waits."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.found: list[str] = []

    def __torch_dispatch__(
        self, operation: Any, types: Any, arguments: Sequence[Any] = (), options: Mapping[str, Any] | None = None
    ) -> Any:
        if any(name in str(operation) for name in WAITS):
            self.found.append(str(operation))
        return operation(*arguments, **(options or {}))


class NotLaunched:
    """Stands for a kernel of a GPU: its launch is all that the processor does."""

    def __getitem__(self, grid: tuple[int, ...]) -> Callable[..., None]:
        def launched(*_: object, **__: object) -> None:
            """Do nothing."""

        return launched


@pytest.mark.parametrize("backend", ["plain", "fused"])
def test_a_step_never_waits_for_the_device(
    graphs: CrystalGraphs, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "fused":
        if find_spec("triton") is None:
            pytest.skip('needs Triton: pip install "cgcnn[gpu-tests]"')
        from cgcnn.network import kernels_gpu

        def of_gpu() -> type[EdgeLoops]:
            return fused_convolution._LOOPS["cuda"]()

        monkeypatch.setattr(fused_convolution, "_LOOPS", {**fused_convolution._LOOPS, "cpu": of_gpu})
        for name in ("add_terms", "gate_and_sum", "gate_backward", "products_backward"):
            monkeypatch.setattr(kernels_gpu, name, NotLaunched())
    steps = FilledSteps(state_of(graphs, backend), FilledBatcher(graphs, "cpu"), CONFIG)
    steps.begin(np.arange(N_TRAIN))
    steps.take(0, 0.01, 0.9)

    def waiting(tensor: Tensor, *_: object, **__: object) -> None:
        raise AssertionError("a step asks the device for numbers")

    for name in ("item", "cpu", "numpy", "tolist", "__array__"):
        monkeypatch.setattr(Tensor, name, waiting)
    with Waits() as waits:
        steps.take(1, 0.01, 0.9)
        steps.take(6, 0.005, 0.9)  # the smaller batch
    assert waits.found == []


def test_what_a_wait_is_is_noticed(graphs: CrystalGraphs) -> None:
    with Waits() as waits:
        Batcher(graphs)(torch.arange(3))  # asks for the number of its edges
        float(torch.ones(2).sum())
    assert any("repeat_interleave" in name for name in waits.found)
    assert any("_local_scalar_dense" in name for name in waits.found)


# Refuses every module but those of Python, torch, Triton and NumPy, and of what these three need.
_ONLY = """
import sys
class Only:
    known = {"numpy", "torch", "triton", "cgcnn", "gpu", "classic", "counts"}
    known |= {"torchgen", "functorch", "typing_extensions", "sympy", "mpmath", "networkx", "jinja2", "markupsafe"}
    known |= {"filelock", "fsspec"}
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in self.known or top in sys.stdlib_module_names or top.startswith("_sysconfigdata"):
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Only())
sys.path.insert(0, "benchmarks")
import gpu
import cgcnn.network.loops_gpu
print(sorted(gpu.CASES))
"""


def test_the_benchmark_of_a_gpu_needs_torch_triton_and_numpy_alone() -> None:
    if find_spec("triton") is None:
        pytest.skip('needs Triton: pip install "cgcnn[gpu-tests]"')
    done = subprocess.run(
        [sys.executable, "-c", _ONLY], cwd=project_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "materials_project-angles" in done.stdout
