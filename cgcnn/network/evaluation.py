"""The energies that a network predicts, batch by batch."""

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
