"""Compare the graph of a crystal with a literal search, and what a network says of it however it is written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from pymatgen.core import Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.neighbors import nearest_neighbors
from cgcnn.network.model import CrystalGraphNetwork
from tests.random_crystals import literal_neighbors
from tests.test_model import batch_of, gradients, in_double, network

#: How far the energy per atom and the energies of sites may differ, in eV, where they spread by about 1 eV. The network
#: computes in single precision. Existing tests of real crystals have the same bound.
BOUND = 1e-5
_NEIGHBORS, _TOLERANCE = 12, 1e-3


def packed(*structures: Structure) -> Crystals:
    """Return structures as a set."""
    names = [str(number) for number in range(len(structures))]
    return pack(structures, names, np.zeros(len(structures)), "random")


def difference_from_literal_search(structure: Structure) -> float:
    """Return the largest difference of distances (in angstrom) and weights from those of a literal search.

    It is infinite where the neighbors themselves differ.
    """
    edges = nearest_neighbors(packed(structure), _NEIGHBORS, _TOLERANCE)
    largest = 0.0
    for center, expected in enumerate(literal_neighbors(structure, _NEIGHBORS, _TOLERANCE)):
        own = edges.centers == center
        found = sorted(zip(edges.neighbors[own].tolist(), edges.distances[own], edges.weights[own], strict=True))
        if [neighbor for neighbor, _, _ in found] != [neighbor for neighbor, _, _ in expected]:
            return np.inf
        for place in (1, 2):
            pairs = zip(found, expected, strict=True)
            largest = max([largest, *(abs(float(one[place]) - other[place]) for one, other in pairs)])
    return largest


def energies(model: CrystalGraphNetwork, structure: Structure, angles: bool) -> tuple[float, np.ndarray]:
    """Return what a random network says of a crystal: the energy per atom, and those of all sites, ascending.

    A random network with angles makes more of the rounding of single precision than the bound allows: up to 4e-5 eV. It
    computes in double precision, so that only the graphs can differ.
    """
    batch = batch_of(packed(structure), angles=angles)
    if angles:
        model, batch = model.double(), in_double(batch)
    with torch.inference_mode():
        local = model.local_energies(model.environments(batch)).double().numpy()
        per_atom = float(model(batch)[0])
    return per_atom, np.sort(np.repeat(local, batch.multiplicities.long().numpy()))


def difference_when_rewritten(
    structure: Structure,
    rewrite: Callable[[Structure, int], Structure],
    seed: int,
    power: float = 0.0,
    angles: bool = False,
) -> float:
    """Return the largest difference of energies, per atom and of sites, between two ways to write a crystal, in eV.

    Args:
        structure: The crystal.
        rewrite: One of :data:`tests.transformations.REWRITINGS`.
        seed: What the rewriting chooses by.
        power: The network's power of the distance.
        angles: Whether the network has angles.
    """
    model = network(distance_power=power, angles=angles)
    (one, own), (other, theirs) = (energies(model, each, angles) for each in (structure, rewrite(structure, seed)))
    both = np.lcm(len(own), len(theirs))
    sites = np.abs(np.repeat(own, both // len(own)) - np.repeat(theirs, both // len(theirs)))
    return max(abs(one - other), float(sites.max()))


def difference_when_merged(*structures: Structure, angles: bool = False) -> float:
    """Return the largest difference of values, and relative one of gradients, of the merged graphs from full ones.

    It is computed in training mode, where the batch norms see the weights, and in double precision.
    """
    results = []
    for merge in (True, False):
        model = network(angles=angles).double().train()
        found = model(in_double(batch_of(packed(*structures), merge, angles)))
        found.square().sum().backward()
        results.append((found.detach(), gradients(model)))
    (merged, merged_gradients), (full, full_gradients) = results
    relative = [
        float((merged_gradients[name] - gradient).norm() / gradient.norm()) for name, gradient in full_gradients.items()
    ]
    return max(float((merged - full).abs().max()), *relative)


def sites_merged_across_crystals(structure: Structure) -> bool:
    """Return whether a crystal that is twice in a set has other nodes there than alone: its sites were merged."""
    alone, twice = build(packed(structure)), build(packed(structure, structure))
    n_nodes = alone.n_nodes
    is_apart = (
        twice.n_nodes == 2 * n_nodes
        and np.array_equal(twice.multiplicities, np.tile(alone.multiplicities, 2))
        and np.array_equal(twice.neighbors, np.tile(alone.neighbors, 2))
        and np.array_equal(twice.weights, np.tile(alone.weights, 2))
    )
    return not is_apart
