"""The network against literal loops over Eqs. 1 to 5, and its symmetries on real crystals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from pymatgen.core import Structure
from torch import Tensor

from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.network.batch_norm import WeightedBatchNorm
from cgcnn.network.model import Backend, CrystalGraphNetwork, distance_factors, gaussians
from tests.transformations import permuted, rotated, supercell, translated


def network(
    n_convolutions: int = 4,
    width: int = 64,
    seed: int = 0,
    distance_power: float = 0.0,
    backend: Backend = "auto",
    angles: bool = False,
) -> CrystalGraphNetwork:
    """Return a network in evaluation mode whose every parameter is far from its start, as after a training."""
    torch.manual_seed(seed)
    made = CrystalGraphNetwork(n_convolutions, width, distance_power, backend, angles=angles)
    with torch.no_grad():
        made.element_vectors.normal_()
        for name, tensor in made.state_dict().items():
            if name.endswith(("running_mean", "shift")):
                tensor.normal_(std=0.3)
            if name.endswith(("running_variance", "scale")):
                tensor.uniform_(0.5, 2)
        if made.angle_mean is not None:
            made.angle_mean.normal_()
        made.to_energy.weight.mul_(0.02)  # energies that spread by about 1 eV/atom, as real ones do
    return made.eval()


def batch_of(crystals: Crystals, merge: bool = True, angles: bool = False) -> Batch:
    return Batcher(build(crystals, angles=angles, merge=merge))(torch.arange(len(crystals)))


def in_double(batch: Batch) -> Batch:
    changed = {k: v.double() for k, v in vars(batch).items() if v is not None and v.dtype == torch.float32}
    return dataclasses.replace(batch, **changed)


def gradients(model: torch.nn.Module) -> dict[str, Tensor]:
    """Return the gradient of each parameter; each must have one."""
    found = {name: parameter.grad for name, parameter in model.named_parameters()}
    missing = [name for name, gradient in found.items() if gradient is None]
    assert not missing
    return {name: gradient for name, gradient in found.items() if gradient is not None}


def test_gaussians_equal_equation_1() -> None:
    expected = [np.exp(-((1.97 - 0.2 * t) ** 2) / 0.2**2) for t in range(41)]
    assert np.allclose(gaussians(torch.tensor([1.97], dtype=torch.float64))[0], expected, atol=1e-14)


def test_distance_factors_are_the_power_of_shortest_over_own_distance() -> None:
    distances, centers = torch.tensor([4.0, 2.0, 3.0, 1.0, 1.0, 4.0]), torch.tensor([0, 0, 0, 1, 2, 2])
    found = distance_factors(distances, centers, 4, 2.0)
    assert found.tolist() == pytest.approx([1 / 4, 1, 4 / 9, 1, 1, 1 / 16])


@pytest.mark.parametrize(("power", "angles"), [(0.0, False), (2.0, False), (2.0, True)])
def test_convolutions_equal_equation_3_in_a_literal_loop(few: Crystals, power: float, angles: bool) -> None:
    batch = in_double(batch_of(few.select([0, 299]), angles=angles))
    model = network(n_convolutions=2, width=8, distance_power=power, angles=angles).double()
    v = model.element_vectors[batch.atomic_numbers].detach().numpy()
    u = gaussians(batch.distances).numpy()
    if angles:
        mean, scale = (getattr(model, name).numpy() for name in ("angle_mean", "angle_scale"))
        assert batch.angles is not None
        u = np.concatenate([u, (batch.angles.numpy() - mean) / scale], axis=1)
    for layer in model.convolutions:
        p = {name: tensor.detach().numpy() for name, tensor in layer.state_dict().items()}
        w = np.concatenate([p["from_center"], p["from_neighbor"], p["from_distance"]])
        w = np.concatenate([w, p["from_angles"]]) if angles else w
        received = np.zeros_like(v)
        for edge in range(len(u)):
            i, j = int(batch.centers[edge]), int(batch.neighbors[edge])
            z = np.concatenate([v[i], v[j], u[edge]]) @ w
            z = (z - p["edge_norm.running_mean"]) / np.sqrt(p["edge_norm.running_variance"] + 1e-5)
            z = z * p["edge_norm.scale"] + p["edge_norm.shift"]
            gate, core = 1 / (1 + np.exp(-z[:8])), np.log1p(np.exp(z[8:]))
            shortest = float(batch.distances[batch.centers == i].min())
            factor = (shortest / float(batch.distances[edge])) ** power
            received[i] += factor * float(batch.weights[edge]) * gate * core
        received = (received - p["node_norm.running_mean"]) / np.sqrt(p["node_norm.running_variance"] + 1e-5)
        v = v + received * p["node_norm.scale"] + p["node_norm.shift"]
    assert np.allclose(model.environments(batch).detach().numpy(), v, atol=1e-12)


def test_energies_equal_equations_4_and_5_in_a_literal_loop(few: Crystals) -> None:
    crystals = few.select([5, 290, 7])
    model = network()
    model.target_mean.fill_(-1.5)
    model.target_scale.fill_(0.7)
    batch = batch_of(crystals)
    environments = model.environments(batch).detach().numpy()
    weight, bias = model.to_energy.weight.detach().numpy()[0], model.to_energy.bias.item()
    for crystal, energy in enumerate(model(batch).tolist()):
        sites = []
        for node in np.flatnonzero(batch.crystals.numpy() == crystal):
            local = -1.5 + 0.7 * (float(environments[node] @ weight) + bias)
            sites += [local] * int(batch.multiplicities[node])
        assert len(sites) == 5
        assert energy == pytest.approx(np.mean(sites), abs=1e-5)


def test_weighted_batch_norm_equals_torch_on_repeated_rows() -> None:
    rows, repeats = torch.randn(7, 5, dtype=torch.float64), torch.tensor([1, 3, 2, 1, 4, 1, 2])
    ours, reference = WeightedBatchNorm(5).double(), torch.nn.BatchNorm1d(5).double()
    expected = reference(rows.repeat_interleave(repeats, dim=0))
    found = ours(rows, repeats.double()).repeat_interleave(repeats, dim=0)
    assert torch.allclose(found, expected, atol=1e-12)
    assert reference.running_mean is not None
    assert reference.running_var is not None
    assert torch.allclose(ours.running_mean, reference.running_mean)
    n = int(repeats.sum())  # torch's running variance is the unbiased one
    assert torch.allclose((ours.running_variance - 0.9) * n / (n - 1), reference.running_var - 0.9)
    ours.eval()
    assert torch.allclose(
        ours(rows, repeats.double()), (rows - ours.running_mean) * torch.rsqrt(ours.running_variance + 1e-5)
    )


@pytest.mark.parametrize("power", [0.0, 2.0])
def test_energies_have_the_gradient_of_distances_that_finite_differences_give(few: Crystals, power: float) -> None:
    batch = in_double(batch_of(few.select(list(range(280, 290)))))  # distorted: no two distances are equal
    model = network(2, 16, distance_power=power).double().train()
    direction = torch.randn(len(batch.distances), dtype=torch.float64)

    def energy(step: float) -> float:
        with torch.no_grad():
            moved = dataclasses.replace(batch, distances=batch.distances + step * direction)
            return float(model(moved).square().sum())

    distances = batch.distances.clone().requires_grad_()
    model(dataclasses.replace(batch, distances=distances)).square().sum().backward()
    assert distances.grad is not None
    found = float(distances.grad @ direction)
    assert abs(found) > 1e-5
    assert found == pytest.approx((energy(1e-6) - energy(-1e-6)) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("backend", ["plain", "auto"])
@pytest.mark.parametrize("power", [0.0, 2.0])
def test_torch_compiles_the_plain_network_without_a_break_to_the_same_numbers(
    few: Crystals, power: float, backend: Backend
) -> None:
    batch = batch_of(few.select([0, 1, 280, 281]))
    torch.compiler.reset()
    for training in (True, False):
        eager = network(2, 16, distance_power=power, backend="plain").train(training)
        model = network(2, 16, distance_power=power, backend=backend).train(training)
        compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
        expected, found = eager(batch), compiled(batch)
        expected.square().sum().backward()
        found.square().sum().backward()
        assert torch.equal(found, expected)
        ours, theirs = gradients(model) | dict(model.named_buffers()), gradients(eager) | dict(eager.named_buffers())
        assert all(torch.equal(ours[name], tensor) for name, tensor in theirs.items())
    with torch.inference_mode():
        assert torch.equal(compiled(batch), eager(batch))


@pytest.mark.parametrize("transform", [permuted, rotated, translated, supercell])
@pytest.mark.parametrize("which", ["ideal", "distorted"])
def test_energy_is_unchanged_to_1e_5_however_the_crystal_is_written(
    few: Crystals, which: str, transform: Callable[[Structure, int], Structure]
) -> None:
    chosen = range(20) if which == "ideal" else range(280, 300)
    check_invariance(few.select(list(chosen)), transform)


@pytest.mark.parametrize("transform", [permuted, rotated, translated, supercell])
def test_energy_of_public_perovskites_is_unchanged_to_1e_5_however_they_are_written(
    public: Crystals, transform: Callable[[Structure, int], Structure]
) -> None:
    check_invariance(public.select(np.arange(0, len(public), 300)), transform)


def check_invariance(crystals: Crystals, transform: Callable[[Structure, int], Structure]) -> None:
    changed = [transform(crystals.structure(c), c) for c in range(len(crystals))]
    written_otherwise = batch_of(pack(changed, crystals.ids, crystals.targets, "changed"))
    for power in (0.0, 2.0):
        model = network(distance_power=power)
        with torch.inference_mode():
            before, after = model(batch_of(crystals)), model(written_otherwise)
        assert before.std() > 0.01  # else any network would pass
        assert (before - after).abs().max() < 1e-5


def test_merged_graphs_give_the_values_and_gradients_of_full_ones_on_ideal_crystals(few: Crystals) -> None:
    check_merging(few.select(list(range(40))), 1e-9, 1e-9)


def test_merged_graphs_give_the_values_and_gradients_of_full_ones_on_public_crystals(public: Crystals) -> None:
    # Distances that differ by less than 0.001 angstrom become equal: that, not the merging, is what is left. On
    # every fourth crystal it is 4e-9 in the energies and 5e-8 in the gradients.
    check_merging(public.select(np.arange(0, len(public), 50)), 1e-6, 1e-6)


def test_merged_graphs_give_the_values_and_gradients_of_full_ones_on_materials_project_crystals(
    materials_project: Crystals,
) -> None:
    small = np.flatnonzero(materials_project.n_sites <= 40)
    check_merging(materials_project.select(small[::150]), 1e-6, 1e-6)


def check_merging(crystals: Crystals, value_tolerance: float, gradient_tolerance: float) -> None:
    """Compare in training mode, where the batch norms see the weights, and in double precision."""
    results = []
    for merge in (True, False):
        model = network().double().train()
        energies = model(in_double(batch_of(crystals, merge)))
        energies.square().sum().backward()
        results.append((energies.detach(), gradients(model)))
    (merged, merged_gradients), (full, full_gradients) = results
    assert full.std() > 0.005
    assert (merged - full).abs().max() < value_tolerance
    assert full_gradients.keys() == {name for name, _ in network().named_parameters()}
    for name, gradient in full_gradients.items():
        difference = (merged_gradients[name] - gradient).norm()
        assert gradient.norm() > 0, name
        assert difference <= gradient_tolerance * gradient.norm(), name


@pytest.mark.parametrize("n_convolutions", [1, 2])
def test_environment_depends_on_nothing_beyond_k_bonds(embedded: Crystals, n_convolutions: int) -> None:
    structure = embedded.structure(embedded.ids.index("Sr-Ti-O3")).make_supercell(4, in_place=False)
    model = network(n_convolutions)
    batch = batch_of(pack([structure], ["cell"], [0.0], "test"), merge=False)
    with torch.inference_mode():
        before = model.environments(batch)
        for changed_site in (0, 100, 319):
            numbers = batch.atomic_numbers.clone()
            numbers[changed_site] = 92
            moved = (model.environments(dataclasses.replace(batch, atomic_numbers=numbers)) != before).any(dim=1)
            reached = {changed_site}
            for _ in range(n_convolutions):
                inside = torch.isin(batch.neighbors, torch.tensor(sorted(reached)))
                reached |= set(batch.centers[inside].tolist())
            assert set(moved.nonzero().flatten().tolist()) == reached
            assert len(reached) < len(numbers)


def test_iteration_zero_depends_on_the_element_alone(few: Crystals) -> None:
    model = network()
    model.convolutions = torch.nn.ModuleList()  # K = 0: v(K) is v(0)
    batch = batch_of(few)
    assert torch.equal(model.environments(batch), model.element_vectors[batch.atomic_numbers])


def test_start_depends_on_the_seed_alone() -> None:
    states = [list(network(seed=seed).state_dict().values()) for seed in (3, 3, 4)]
    assert all(torch.equal(a, b) for a, b in zip(states[0], states[1], strict=True))
    assert not torch.equal(states[0][0], states[2][0])
