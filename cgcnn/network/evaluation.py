"""A network's energies, batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cgcnn.graphs.batches import Batcher
from cgcnn.network.model import CrystalGraphNetwork

# Crystals per batch where no gradient is asked for.
EVALUATION_BATCH = 512


def predict_batches(network: CrystalGraphNetwork, batcher: Batcher, crystals: np.ndarray) -> Tensor:
    """Return the energies of the named crystals, (b,), on the CPU; the network is left in evaluation mode."""
    network.eval()
    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))
    with torch.inference_mode():
        energies = [network(batch).cpu() for batch in batcher.batches(indices, EVALUATION_BATCH)]
    return torch.cat(energies or [torch.empty(0)])
