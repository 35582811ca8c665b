"""The compiled convolution against the one that torch differentiates itself, in value and in gradient."""

from __future__ import annotations

import copy
import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.machine import processes
from cgcnn.network import kernels_cpu_terms
from cgcnn.network.loops_cpu import CpuLoops, cut
from cgcnn.network.model import Backend, CrystalGraphNetwork
from tests.test_model import batch_of, gradients, in_double, network


@pytest.fixture(scope="module")
def batch(few: Crystals) -> Batch:
    """40 ideal and 40 distorted crystals, the first ones twice: a batch may."""
    graphs = build(few.select([*range(40), *range(260, 300)]), angles=True)
    return Batcher(graphs)(torch.cat([torch.arange(80), torch.arange(3)]))


BACKENDS: tuple[Backend, Backend] = ("plain", "fused")


def results(model: torch.nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Return energies, running moments and all gradients after one step of training."""
    energies = model(batch)
    ((energies - batch.targets) ** 2).sum().backward()
    found = {"energies": energies.detach()}
    found |= {name: tensor.clone() for name, tensor in model.state_dict().items() if "running" in name}
    return found | gradients(model)


@pytest.mark.parametrize(
    ("threads", "power", "angles"), [(1, 0.0, False), (2, 0.0, False), (3, 0.0, False), (2, 2.0, False), (2, 2.0, True)]
)
def test_values_and_gradients_are_those_of_torch_in_double_precision(
    batch: Batch, threads: int, power: float, angles: bool
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = results(network(distance_power=power, angles=angles).train(), batch)
    finally:
        torch.set_num_threads(before)
    expected = results(network(distance_power=power, angles=angles).double().train(), in_double(batch))
    assert found.keys() == expected.keys()
    assert len(found) == 1 + 4 * 4 + 3 + 4 * (7 + angles)
    for name, tensor in expected.items():
        assert (found[name] - tensor).norm() <= 2e-5 * tensor.norm(), name


def test_evaluation_gives_what_torch_gives_in_double_precision(batch: Batch) -> None:
    with torch.inference_mode():
        found, expected = network()(batch), network().double()(in_double(batch))
    assert (found - expected).abs().max() < 1e-5


@pytest.mark.parametrize(("power", "angles"), [(0.0, False), (2.0, False), (0.0, True)])
def test_plain_and_fused_agree_in_single_precision_in_values_and_gradients(
    batch: Batch, power: float, angles: bool
) -> None:
    plain, fused = (
        results(network(distance_power=power, backend=backend, angles=angles).train(), batch) for backend in BACKENDS
    )
    assert plain.keys() == fused.keys()
    for name, tensor in plain.items():
        assert tensor.norm() > 0, name
        assert (fused[name] - tensor).norm() <= 4e-5 * tensor.norm(), name
    assert not torch.equal(plain["element_vectors"], fused["element_vectors"])  # two computations, not one


def test_auto_is_fused_in_single_precision_in_training_and_without_gradient(batch: Batch) -> None:
    auto, fused = (results(network(backend=backend).train(), batch) for backend in ("auto", "fused"))
    assert all(torch.equal(auto[name], fused[name]) for name in fused)
    with torch.inference_mode():
        assert torch.equal(network(backend="auto")(batch), network(backend="fused")(batch))


def test_the_backend_is_no_part_of_the_weights() -> None:
    states = [network(backend=backend).state_dict() for backend in ("plain", "fused")]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_an_unknown_backend_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="backend='cuda': no such backend; give 'auto', 'plain', 'compiled' or 'fused'"):
        CrystalGraphNetwork(backend="cuda")  # type: ignore[arg-type]
    made = CrystalGraphNetwork(n_convolutions=1, width=8)
    with pytest.raises(DataError, match="backend='numba'"):
        made.backend = "numba"  # type: ignore[assignment]
    assert made.backend == "auto"


def test_fused_refuses_what_it_cannot_serve_and_names_the_way_out(batch: Batch) -> None:
    distances = dataclasses.replace(batch, distances=batch.distances.clone().requires_grad_())
    weights = dataclasses.replace(batch, weights=batch.weights.clone().requires_grad_())
    assert batch.angles is not None
    angles = dataclasses.replace(batch, angles=batch.angles.clone().requires_grad_())
    bent = network(n_convolutions=1, width=8, backend="fused", angles=True)
    model = network(n_convolutions=1, width=8, backend="fused")
    other = network(n_convolutions=1, width=8, distance_power=2.0, backend="fused")
    for refused, graphs, why in (
        (model.train(), distances, "no gradient with respect to the batch's distances"),
        (model, weights, "no gradient with respect to the batch's weights"),
        (other.train(), distances, "no gradient with respect to the batch's distances"),
        (bent.train(), angles, "no gradient with respect to the batch's angles"),
        (copy.deepcopy(model).eval(), batch, "no gradient in evaluation mode"),
        (copy.deepcopy(model).double(), in_double(batch), "compute in torch.float32, not in torch.float64"),
        (copy.deepcopy(model).to("meta"), batch, "no loops for the device 'meta'"),
    ):
        with pytest.raises(DataError, match=f"backend='fused': .*{why}; choose backend='auto' or 'plain'"):
            refused(graphs)


def test_fused_serves_tensors_that_require_a_gradient_where_none_is_recorded(batch: Batch) -> None:
    asked = {name: getattr(batch, name).clone().requires_grad_() for name in ("distances", "weights", "multiplicities")}
    with torch.no_grad():
        found = network(backend="fused")(dataclasses.replace(batch, **asked))
        assert torch.equal(found, network(backend="fused")(batch))


def test_a_finished_network_can_still_be_differentiated(batch: Batch) -> None:
    found, expected = network(), network().double()
    found(batch).sum().backward()
    expected(in_double(batch)).sum().backward()
    ours = gradients(found)
    for name, gradient in gradients(expected).items():
        assert (ours[name] - gradient).norm() <= 2e-5 * gradient.norm(), name


@pytest.mark.parametrize("name", ["distances", "weights", "multiplicities"])
@pytest.mark.parametrize("power", [0.0, 2.0])
@pytest.mark.parametrize("training", [True, False])
def test_auto_gives_the_gradient_of_distances_and_weights(
    few: Crystals, name: str, power: float, training: bool
) -> None:
    batch = batch_of(few.select(list(range(260, 280))))
    both = []
    for model, graphs in (
        (network(2, distance_power=power), batch),
        (network(2, distance_power=power).double(), in_double(batch)),
    ):
        asked = getattr(graphs, name).clone().requires_grad_()
        energies = model.train(training)(dataclasses.replace(graphs, **{name: asked}))
        energies.square().sum().backward()
        both.append(asked.grad)
    found, expected = both
    assert expected.norm() > 1e-5
    assert (found - expected).norm() <= 1e-4 * expected.norm()


def test_a_second_gradient_is_refused_and_not_wrong(batch: Batch) -> None:
    model = network(n_convolutions=1, width=8).train()
    with pytest.raises(DataError, match="no second gradient; choose the network's backend='plain'"):
        torch.autograd.grad(model(batch).sum(), model.element_vectors, create_graph=True)


def test_an_evaluation_asks_nothing_of_the_other_processes(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    # They may have another number of batches, and would wait for each other.
    def refuse(tensor: Tensor) -> Tensor:
        raise AssertionError("a sum over the processes")

    monkeypatch.setattr(processes, "sum_over", refuse)
    for backend in ("plain", "fused"):
        with torch.inference_mode():
            assert torch.isfinite(network(backend=backend)(batch)).all()


def test_far_neighbors_and_touching_sites_are_expanded_as_torch_does(few: Crystals) -> None:
    batch = batch_of(few.select([0, 299]))
    distances = torch.linspace(0, 30, len(batch.distances))
    changed = dataclasses.replace(batch, distances=distances)
    with torch.inference_mode():
        found, expected = network()(changed), network().double()(in_double(changed))
    assert (found - expected).abs().max() < 1e-5


def test_the_nine_nearest_gaussians_are_all_that_single_precision_sees(few: Crystals) -> None:
    batch = batch_of(few)
    distances = torch.linspace(0, 12, len(batch.distances))
    none = torch.zeros(0)
    loops = CpuLoops.over(dataclasses.replace(batch, distances=distances), none, none, 0.2, 41)
    found = np.zeros((len(distances), 41))
    nearest = loops.first[:, None] + np.arange(kernels_cpu_terms.N_NEAREST_GAUSSIANS)
    np.put_along_axis(found, nearest, loops.gaussians, axis=1)
    expected = np.exp(-((distances[:, None].double().numpy() - 0.2 * np.arange(41)) ** 2) / 0.04)
    assert np.abs(found - expected).max() < 2e-6


@pytest.mark.parametrize("n_parts", [1, 2, 3])
def test_every_node_is_in_one_part_and_no_crystal_is_cut(batch: Batch, n_parts: int) -> None:
    edge_offsets, node_offsets = batch.edge_offsets.numpy(), batch.node_offsets.numpy()
    parts = cut(edge_offsets, node_offsets, n_parts)
    assert parts[0] == 0
    assert parts[-1] == len(batch.atomic_numbers)
    assert (np.diff(parts) > 0).all()
    assert np.isin(parts, node_offsets).all()
    edges = np.diff(edge_offsets[parts])
    assert len(edges) == n_parts
    assert edges.max() - edges.min() <= 2 * 12 * 5  # less than two crystals of five sites


def test_a_diverged_network_is_not_hidden(batch: Batch) -> None:
    model = network().train()
    with torch.no_grad():
        model.get_parameter("convolutions.1.from_neighbor")[0, 3] = torch.nan
    assert torch.isnan(model(batch)).all()


_FORK = """
import os
import numpy as np
from cgcnn.network import kernels_cpu_terms, loops_cpu
def expand():
    first, gaussians = np.empty(1, np.int32), np.empty((1, 9), np.float32)
    loops_cpu._launch(kernels_cpu_terms.expand, 1, np.ones(1, np.float32), 5.0, 41, first, gaussians)
expand()
if os.fork() == 0:
    try:
        expand()
        print("ran", flush=True)
    except ValueError as error:
        print(error, flush=True)
    os._exit(0)
print("ended with", os.wait()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has GNU's OpenMP for certain")
def test_a_process_forked_after_the_loops_have_run_refuses_to_go_on_without_their_results() -> None:
    environment = {**os.environ, "NUMBA_THREADING_LAYER": "omp", "OMP_NUM_THREADS": "1"}
    result = subprocess.run([sys.executable, "-c", _FORK], capture_output=True, text=True, check=True, env=environment)
    said, ended = result.stdout.splitlines()
    assert said.startswith("the compiled loops have run in the process that this one was forked from")
    assert ended == "ended with 0"
