"""Make the network with which a training starts: random weights of a seed, or the weights of a finished run."""

from __future__ import annotations

import copy

import numpy as np
import torch

from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.runs import Run


def random_start(targets: np.ndarray, config: Config) -> CrystalGraphNetwork:
    """Return the network with the random weights of a seed.

    Args:
        targets: (n,) The targets of the training crystals. Their mean and standard deviation are the normalizer.
        config: The parameters of the run.
    """
    with torch.random.fork_rng(devices=[]):  # so that the caller's random numbers do not change
        torch.manual_seed(config.seed)
        network = CrystalGraphNetwork(
            config.n_convolutions, config.width, config.distance_power, element_spread=config.element_spread
        )
    return _normalized_to(network, targets)


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
