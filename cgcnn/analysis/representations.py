"""The three levels of a run's representation of crystals: element vectors, local environments and local energies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from cgcnn.analysis.prediction import refuse_unseen_elements
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.machine.devices import resolve_device
from cgcnn.network.evaluation import EVALUATION_BATCH
from cgcnn.training.runs import Run


@dataclass(frozen=True)
class Representations:
    """The three levels of a run's representation of crystals.

    Attributes:
        elements: The element vectors v(0), one row per element of the training set: index ``element`` (symbol),
            columns v0, v1, ...
        environments: The local environments, one row per distinct environment of a crystal: ``crystal`` (id), ``site``
            (the first of its sites, counted from 0 in the crystal), ``element``, ``multiplicity`` (the number of
            sites of the cell that it stands for), ``local_energy_eV_per_atom`` (E_i) and v(K) as v0, v1, ...
        energies: The energies E, one row per crystal: index ``crystal``, column ``energy_eV_per_atom``.
    """

    elements: pd.DataFrame
    environments: pd.DataFrame
    energies: pd.DataFrame


def represent(run: Run, crystals: Crystals, device: str = "auto") -> Representations:
    """Return element vectors, local environments and local energies of crystals.

    Training fits only the mean of the local energies over the sites of a crystal. A single local energy has no
    calculated value to be compared with.

    Args:
        run: A finished run.
        crystals: Any crystals whose elements all occur in the training set of the run.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: A crystal has an element that the run has never seen.
    """
    refuse_unseen_elements(run, crystals)
    graphs = crystal_graphs.build(crystals, run.config.n_neighbors, run.config.tolerance)
    where = resolve_device(device)
    network = run.network.to(where).eval()
    vectors, local_energies = [], []
    with torch.inference_mode():
        for batch in Batcher(graphs, where).batches(torch.arange(len(graphs)), EVALUATION_BATCH):
            vectors.append(network.environments(batch))
            local_energies.append(network.local_energies(vectors[-1]))
    environments = pd.DataFrame(
        {
            "crystal": np.array(crystals.ids, dtype=object)[graphs.crystal_of_node],
            "site": graphs.sites,
            "element": ELEMENT_SYMBOLS[graphs.atomic_numbers],
            "multiplicity": graphs.multiplicities.astype(int),
            "local_energy_eV_per_atom": torch.cat(local_energies).cpu().numpy(),
        }
    )
    environment_vectors = _vector_table(torch.cat(vectors).cpu().numpy())
    weighted = environments["local_energy_eV_per_atom"] * environments["multiplicity"]
    totals = np.bincount(graphs.crystal_of_node, weights=weighted, minlength=len(graphs)) / crystals.n_sites
    return Representations(
        elements=element_vectors(run),
        environments=pd.concat([environments, environment_vectors], axis=1),
        energies=pd.DataFrame({"energy_eV_per_atom": totals}, index=pd.Index(crystals.ids, name="crystal")),
    )


def element_vectors(run: Run) -> pd.DataFrame:
    """Return the (k, width) vectors v(0) of the k elements of the training set, with the symbols as index."""
    symbols = pd.Index(ELEMENT_SYMBOLS[run.elements], name="element")
    vectors = run.network.element_vectors.detach().cpu().numpy()[run.elements]
    return _vector_table(vectors).set_index(symbols)


def _vector_table(vectors: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(vectors, columns=[f"v{k}" for k in range(vectors.shape[1])])
