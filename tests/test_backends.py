"""All backends of the convolution compute one thing: torch's operations, the CPU's loops and, interpreted, the GPU's.

Triton's interpreter runs the kernels of a GPU on the CPU, value by value, as they are written.
"""

from __future__ import annotations

import dataclasses
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.network import fused_convolution
from cgcnn.network.edge_loops import EdgeLoops
from cgcnn.network.model import Backend
from tests.test_fused_convolution import results
from tests.test_model import in_double, network

BACKENDS = ("plain", "cpu", "gpu")
#: The largest relative error, in the norm of each tensor, of single precision against double precision.
BOUND = 2e-5


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Return how the network names a backend, and let the loops of a GPU serve the CPU where they are asked for."""
    if request.param == "plain":
        return "plain"
    if request.param == "gpu":
        if find_spec("triton") is None:
            pytest.skip('needs Triton: pip install "cgcnn[gpu-tests]"')

        def of_gpu() -> type[EdgeLoops]:
            return fused_convolution._LOOPS["cuda"]()

        monkeypatch.setattr(fused_convolution, "_LOOPS", {**fused_convolution._LOOPS, "cpu": of_gpu})
    return "fused"


def worst(found: dict[str, Tensor], expected: dict[str, Tensor]) -> float:
    """Return the largest error of a tensor in units of its norm, or of 0.1 where that is larger.

    The batch norms of one crystal leave it a constant energy: some of its gradients are 0, up to rounding.
    """
    assert found.keys() == expected.keys()
    assert sum(float(tensor.norm()) > 0.1 for tensor in expected.values()) > len(expected) / 3
    return max(
        float((found[name].double() - tensor).norm() / max(float(tensor.norm()), 0.1))
        for name, tensor in expected.items()
    )


CASES = {
    "random crystals": [0, 1, 260, 261, 299],
    "one crystal": [3],
    "one crystal twice": [7, 7],
}


@pytest.mark.parametrize(("power", "angles"), [(0.0, False), (2.0, True)])
@pytest.mark.parametrize("case", CASES)
def test_values_moments_and_all_gradients_are_those_of_double_precision(
    few: Crystals, backend: Backend, case: str, power: float, angles: bool
) -> None:
    batch = Batcher(build(few, angles=True))(torch.tensor(CASES[case]))
    found = results(network(2, 24, distance_power=power, backend=backend, angles=angles).train(), batch)
    exact = network(2, 24, distance_power=power, backend="plain", angles=angles).double().train()
    assert worst(found, results(exact, in_double(batch))) < BOUND
    with torch.inference_mode():
        evaluated = network(2, 24, distance_power=power, backend=backend, angles=angles)(batch)
        expected = network(2, 24, distance_power=power, backend="plain", angles=angles).double()(in_double(batch))
    assert (evaluated - expected).abs().max() < 1e-5


def changed(batch: Batch, **tensors: Tensor) -> Batch:
    return dataclasses.replace(batch, **tensors)


def test_far_and_near_edges_count_as_in_double_precision(few: Crystals, backend: Backend) -> None:
    batch = Batcher(build(few))(torch.tensor([0, 260]))
    lengths = torch.from_numpy(np.geomspace(0.01, 1e5, len(batch.distances)).astype(np.float32))
    batch = changed(batch, distances=lengths)
    found = results(network(2, 16, backend=backend).train(), batch)
    assert worst(found, results(network(2, 16, backend="plain").double().train(), in_double(batch))) < BOUND


def test_a_site_without_neighbors_receives_nothing(few: Crystals, backend: Backend) -> None:
    batch = Batcher(build(few))(torch.tensor([0, 260]))
    # The last node loses its edges.
    kept = int(batch.edge_offsets[-2])
    offsets = batch.edge_offsets.clone()
    offsets[-1] = kept
    of_edges = {name: getattr(batch, name)[:kept] for name in ("centers", "neighbors", "distances", "weights")}
    batch = changed(batch, edge_offsets=offsets, **of_edges)
    found = results(network(2, 16, backend=backend).train(), batch)
    assert worst(found, results(network(2, 16, backend="plain").double().train(), in_double(batch))) < BOUND


def test_a_batch_without_crystals_has_no_energies(few: Crystals, backend: Backend) -> None:
    batch = Batcher(build(few, angles=True))(torch.tensor([], dtype=torch.int64))
    with torch.inference_mode():
        assert network(2, 16, backend=backend, angles=True)(batch).shape == (0,)


def test_a_number_that_is_none_is_seen_in_the_energies(few: Crystals, backend: Backend) -> None:
    batch = Batcher(build(few))(torch.tensor([0, 260]))
    model = network(2, 16, backend=backend).train()
    with torch.no_grad():
        model.element_vectors[int(batch.atomic_numbers[0])] = torch.nan
    assert model(batch).isnan().all()  # by the moments of the batch, also that of the other crystal


@pytest.mark.parametrize("backend", ["plain", "gpu"], indirect=True)  # the loops of the CPU need no batches of one size
def test_what_fills_a_batch_up_changes_nothing(few: Crystals, backend: Backend) -> None:
    graphs = build(few, angles=True)
    crystals = torch.tensor([5, 280, 41])
    batch = Batcher(graphs)(crystals)
    batcher = FilledBatcher(graphs, "cpu")
    n_nodes, n_edges = batcher.sizes(crystals.numpy())
    assert (n_nodes, n_edges) == (len(batch.multiplicities), len(batch.distances))
    filled = batcher(torch.cat([crystals, torch.tensor([batcher.empty] * 2)]), n_nodes + 7, n_edges + 40)
    assert len(filled.multiplicities) == n_nodes + 7
    assert len(filled.distances) == n_edges + 40

    def loss(batch: Batch) -> dict[str, Tensor]:
        model = network(2, 24, distance_power=2.0, backend=backend, angles=True).train()
        energies = model(batch)[:3]
        ((energies - batch.targets[:3]) ** 2).sum().backward()
        found = {"energies": energies.detach()}
        found |= {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
        return found | {name: tensor for name, tensor in model.named_buffers() if "running" in name}

    # Sums over more programs or threads have other roundings.
    assert worst(loss(filled), loss(batch)) < BOUND
