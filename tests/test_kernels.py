"""The compiled kernels do what their source says: Python runs the same lines on the same arrays to the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numba import njit
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.network import kernels_cpu_gates, kernels_cpu_terms, kernels_cpu_vectors, loops_cpu
from tests.test_fused_convolution import results
from tests.test_model import batch_of, network

#: What the kernels call; they are compiled into them.
PARTS = ("_exp_of_minus", "_log_of_one_plus", "_sigmoid", "_softplus")


def plainly(function: Any, *arguments: Any) -> Any:
    """Run the source of a compiled function in Python, with all that it calls."""
    with pytest.MonkeyPatch.context() as patch:
        for kernels in (kernels_cpu_gates, kernels_cpu_terms):
            patch.setattr(kernels, "use_longest_vectors", lambda: None)
        patch.setattr(kernels_cpu_gates, "_float_of_bits", lambda bits: np.int32(bits).view(np.float32))
        for part in PARTS:
            patch.setattr(kernels_cpu_gates, part, getattr(kernels_cpu_gates, part).py_func)
        return function.py_func(*arguments)


@pytest.mark.parametrize(("n_threads", "angles"), [(1, False), (2, False), (2, True)])
def test_every_kernel_writes_what_its_source_writes_in_python(
    few: Crystals, n_threads: int, angles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch, compared = loops_cpu._launch, []

    def launch_both(kernel: Callable[..., None], n_threads: int, *arguments: Tensor | np.ndarray | float) -> None:
        arrays = [each.numpy() if isinstance(each, Tensor) else each for each in arguments]
        copies = [np.array(each) if isinstance(each, np.ndarray) else each for each in arrays]
        launch(kernel, n_threads, *arguments)
        plainly(kernel, *copies)
        compared.append(kernel.__name__)
        for place, (ours, its) in enumerate(zip(arrays, copies, strict=True)):
            # Both add in float32, in another order.
            np.testing.assert_allclose(ours, its, rtol=1e-4, atol=2e-5, err_msg=f"{kernel.__name__}, {place}")

    monkeypatch.setattr(loops_cpu, "_launch", launch_both)
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        model = network(n_convolutions=2, width=8, backend="fused", angles=angles)
        results(model.train(), batch_of(few.select([0, 160, 299]), angles=angles))
    finally:
        torch.set_num_threads(before)
    assert compared == ["expand", *["add_terms", "gate_and_sum"] * 2, *["gate_backward", "add_backward"] * 2]


def test_the_kernels_exponential_and_logarithm_are_those_of_double_precision() -> None:
    a = np.concatenate([np.linspace(0, 87, 3001), [87.5, 1000]]).astype(np.float32)
    found = np.array([plainly(kernels_cpu_gates._exp_of_minus, each) for each in a])
    expected = np.exp(-np.minimum(a, 87).astype(np.float64))
    assert (np.abs(found / expected - 1) <= 2 * 2.0**-23).all()
    t = np.linspace(0, 1, 1001).astype(np.float32)
    logarithms = np.array([plainly(kernels_cpu_gates._log_of_one_plus, each) for each in t])
    np.testing.assert_allclose(logarithms, np.log1p(t.astype(np.float64)), rtol=5e-7)


@pytest.mark.parametrize("x", [-100.0, -3.5, -1e-3, 0.0, 0.5, 20.0, 100.0])
def test_the_kernels_sigmoid_and_softplus_are_those_of_double_precision_on_both_sides_of_zero(x: float) -> None:
    single = np.float32(x)
    exact = float(single)
    assert plainly(kernels_cpu_gates._sigmoid, single) == pytest.approx(1 / (1 + np.exp(-exact)), rel=1e-6, abs=1e-37)
    assert plainly(kernels_cpu_gates._softplus, single) == pytest.approx(np.logaddexp(0, exact), rel=1e-6, abs=1e-37)


def test_an_expansion_stays_within_the_gaussians_at_both_ends() -> None:
    distances = np.array([0, 0.31, 2.0, 7.99, 8.0, 30.0, 1e9], np.float32)
    first, gaussians = np.empty(7, np.int32), np.empty((7, 9), np.float32)
    plainly(kernels_cpu_terms.expand, distances, 5.0, 41, first, gaussians)
    assert first.tolist() == [0, 0, 6, 32, 32, 32, 32]
    assert gaussians[0, 0] == 1  # the first Gaussian stands at 0
    assert gaussians[2, 4] == 1  # the eleventh at 2 angstrom
    assert gaussians[1, 1] == pytest.approx(np.exp(-((0.31 * 5 - 1) ** 2)), rel=1e-6)
    assert (gaussians[5:] == 0).all()


def test_a_function_that_asks_for_the_longest_vectors_is_compiled_for_512_bits() -> None:
    ask: Any = kernels_cpu_vectors.use_longest_vectors

    def asks() -> None:
        ask()

    function: Any = njit(asks)
    function()
    (code,) = function.inspect_llvm().values()
    assert '"prefer-vector-width"="512"' in code


@pytest.mark.parametrize("size", [1, 16, 64, 5248])
def test_the_arrays_of_a_thread_begin_where_a_line_of_the_cache_begins(size: int) -> None:
    found = [kernels_cpu_vectors.zeros(size) for _ in range(5)]  # all are held, so that each lies elsewhere
    assert all(each.ctypes.data % 64 == 0 for each in found)
    assert all(each.shape == (size,) and each.dtype == np.float32 and not each.any() for each in found)
