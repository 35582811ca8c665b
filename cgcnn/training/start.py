"""Make the network with which a training starts: random weights of a seed, or the weights of a finished run."""

from __future__ import annotations

import copy

import numpy as np
import torch

from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.runs import Run

# A smaller spread of an angular sum is that of rounding.
_SMALLEST_SPREAD = 1e-4


def random_start(targets: np.ndarray, config: Config) -> CrystalGraphNetwork:
    """Return the network with the random weights of a seed.

    Args:
        targets: (n,) The targets of the training crystals. Their mean and standard deviation are the normalizer.
        config: The parameters of the run.
    """
    with torch.random.fork_rng(devices=[]):  # so that the caller's random numbers do not change
        torch.manual_seed(config.seed)
        network = CrystalGraphNetwork(
            config.n_convolutions,
            config.width,
            config.distance_power,
            element_spread=config.element_spread,
            angles=config.angles,
        )
    return _normalized_to(network, targets)


def standardize_angles(network: CrystalGraphNetwork, graphs: CrystalGraphs, crystals: np.ndarray) -> None:
    """Set the moments of a network's angular sums to those of the edges of some crystals; without angles do nothing.

    Each edge counts by its weight times the multiplicity of its center, as if equal sites and bonds were not merged.

    Args:
        network: The network, whose buffers are set.
        graphs: The graphs of all crystals, with angular sums where the network has some.
        crystals: (k,) The indices of the training crystals.
    """
    if network.angle_mean is None or network.angle_scale is None or graphs.angles is None:
        return
    is_chosen = np.zeros(len(graphs), dtype=bool)
    is_chosen[crystals] = True
    per_node = np.diff(graphs.edge_offsets)
    is_edge = np.repeat(is_chosen[graphs.crystal_of_node], per_node)
    counts = (np.repeat(graphs.multiplicities, per_node) * graphs.weights)[is_edge].astype(np.float64)
    angles = graphs.angles[is_edge].astype(np.float64)
    mean = np.average(angles, axis=0, weights=counts)
    scale = np.sqrt(np.average((angles - mean) ** 2, axis=0, weights=counts))
    network.angle_mean.copy_(torch.from_numpy(mean))
    # A sum that is the same for all edges, as in a set of one crystal, is left as it is.
    network.angle_scale.copy_(torch.from_numpy(np.where(scale > _SMALLEST_SPREAD, scale, 1.0)))


def start_from(parent: Run, targets: np.ndarray, config: Config) -> CrystalGraphNetwork:
    """Return a copy of the network of a finished run, for a training that goes on from it.

    Args:
        parent: The finished run.
        targets: (n,) The targets of the training crystals.
        config: The parameters of the new run. They say whether the normalizer of the finished run is kept; otherwise
            it is that of the targets.
    """
    network = copy.deepcopy(parent.network).train()
    return network if config.normalizer == "start" else _normalized_to(network, targets)


def _normalized_to(network: CrystalGraphNetwork, targets: np.ndarray) -> CrystalGraphNetwork:
    network.target_mean.fill_(float(targets.mean()))
    network.target_scale.fill_(max(float(targets.std()), 1e-8))
    return network
