"""The energies and the environments that a network finds, batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cgcnn.graphs.batches import Batcher
from cgcnn.network.model import CrystalGraphNetwork

# Crystals per batch where no gradient is needed.
EVALUATION_BATCH = 512


def predict_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> Tensor:
    """Return the energies of some crystals on the CPU, and leave the network in evaluation mode.

    Args:
        network: The network.
        batcher: The graphs of all crystals, on the device of the network.
        crystals: (b,) integers, the indices of the crystals.

    Returns:
        (b,), in the unit of the targets per atom.
    """
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    with torch.inference_mode():
        energies = [network(batch).cpu() for batch in batcher.batches(indices, EVALUATION_BATCH)]
    return torch.cat(energies or [torch.empty(0)])


def evaluate_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return the environments and the local energies of some crystals on the CPU, in evaluation mode.

    Args:
        network: The network.
        batcher: The graphs of all crystals, on the device of the network.
        crystals: (b,) integers, the indices of the crystals.

    Returns:
        v(K), (m, width), and E_i, (m,), of the m nodes of these crystals, in their order. Local energies are in the
        unit of the targets.
    """
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    vectors, energies = [], []
    with torch.inference_mode():
        for batch in batcher.batches(indices, EVALUATION_BATCH):
            environments = network.environments(batch)
            vectors.append(environments.cpu())
            energies.append(network.local_energies(environments).cpu())
    width = network.element_vectors.shape[1]
    return torch.cat(vectors or [torch.empty(0, width)]), torch.cat(energies or [torch.empty(0)])
