"""The compiled convolution against the one that torch differentiates itself, in value and in gradient."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.network import fused_convolution, kernels_cpu
from tests.test_model import batch_of, in_double, network


@pytest.fixture(scope="module")
def batch(few: Crystals) -> Batch:
    """40 ideal and 40 distorted crystals, the first ones twice: a batch may."""
    graphs = build(few.select([*range(40), *range(260, 300)]))
    return Batcher(graphs)(torch.cat([torch.arange(80), torch.arange(3)]))


def results(model: torch.nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Return energies, running moments and all gradients after one step of training."""
    energies = model(batch)
    ((energies - batch.targets) ** 2).sum().backward()
    found = {"energies": energies.detach()}
    found |= {name: tensor.clone() for name, tensor in model.state_dict().items() if "running" in name}
    return found | {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(("threads", "power"), [(1, 0.0), (2, 0.0), (3, 0.0), (2, 2.0)])
def test_values_and_gradients_are_those_of_torch_in_double_precision(batch: Batch, threads: int, power: float) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = results(network(distance_power=power).train(), batch)
    finally:
        torch.set_num_threads(before)
    expected = results(network(distance_power=power).double().train(), in_double(batch))
    assert found.keys() == expected.keys()
    assert len(found) == 1 + 4 * 4 + 3 + 4 * 7
    for name, tensor in expected.items():
        assert (found[name] - tensor).norm() <= 2e-5 * tensor.norm(), name


def test_evaluation_gives_what_torch_gives_in_double_precision(batch: Batch) -> None:
    with torch.inference_mode():
        found, expected = network()(batch), network().double()(in_double(batch))
    assert (found - expected).abs().max() < 1e-5


def test_a_finished_network_can_still_be_differentiated(batch: Batch) -> None:
    model = network()
    assert fused_convolution.serves(model.element_vectors, training=True)
    assert not fused_convolution.serves(model.element_vectors, training=False)
    model(batch).sum().backward()
    assert model.element_vectors.grad is not None
    assert float(model.element_vectors.grad.abs().sum()) > 0


def test_far_neighbors_and_touching_sites_are_expanded_as_torch_does(few: Crystals) -> None:
    batch = batch_of(few.select([0, 299]))
    distances = torch.linspace(0, 30, len(batch.distances))
    changed = dataclasses.replace(batch, distances=distances)
    with torch.inference_mode():
        found, expected = network()(changed), network().double()(in_double(changed))
    assert (found - expected).abs().max() < 1e-5


def test_the_nine_nearest_gaussians_are_all_that_single_precision_sees() -> None:
    distances = np.linspace(0, 12, 5000, dtype=np.float32)
    first, values = np.empty(5000, np.int32), np.empty((5000, kernels_cpu.N_NEAREST_GAUSSIANS), np.float32)
    kernels_cpu.expand(distances, 5.0, 41, first, values)
    found = np.zeros((5000, 41))
    np.put_along_axis(found, first[:, None] + np.arange(kernels_cpu.N_NEAREST_GAUSSIANS), values, axis=1)
    expected = np.exp(-((distances[:, None].astype(float) - 0.2 * np.arange(41)) ** 2) / 0.04)
    assert np.abs(found - expected).max() < 2e-6


def test_a_diverged_network_is_not_hidden(batch: Batch) -> None:
    model = network().train()
    with torch.no_grad():
        model.get_parameter("convolutions.1.from_neighbor")[0, 3] = torch.nan
    assert torch.isnan(model(batch)).all()
