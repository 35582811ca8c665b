"""The energies of crystals and the means of their environments, batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.network.model import CrystalGraphNetwork, crystal_means

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
    return energies(network, batcher, crystals).cpu()


def energies(
    network: CrystalGraphNetwork,
    batcher: Batcher | FilledBatcher,
    crystals: np.ndarray,
    batch_size: int = EVALUATION_BATCH,
) -> Tensor:
    """Return the energies of some crystals on the device of the network, and leave it in evaluation mode.

    Where the batcher does not wait for the device, this does not wait for it either.

    Args:
        network: The network.
        batcher: The graphs of all crystals, on the device of the network.
        crystals: (b,) integers, the indices of the crystals.
        batch_size: The number of crystals that are computed at once.

    Returns:
        (b,), in the unit of the targets per atom.
    """
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    with torch.inference_mode():
        found = [network(batch) for batch in batcher.batches(indices, batch_size)]
    return torch.cat(found or [network.target_mean.new_empty(0)])


def describe_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return the mean environments and the energies of some crystals on the CPU, in evaluation mode.

    Args:
        network: The network.
        batcher: The graphs of all crystals, on the device of the network.
        crystals: (b,) integers, the indices of the crystals.

    Returns:
        The mean of v(K) over the sites of each crystal, (b, width); and the energies of :func:`predict_batches`, (b,).
    """
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    means, of_crystals = [torch.empty(0, network.element_vectors.shape[1])], [torch.empty(0)]
    with torch.inference_mode():
        for batch in batcher.batches(indices, EVALUATION_BATCH):
            environments = network.environments(batch)
            means.append(crystal_means(environments, batch).cpu())
            of_crystals.append(crystal_means(network.local_energies(environments), batch).cpu())
    return torch.cat(means), torch.cat(of_crystals)
