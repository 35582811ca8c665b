"""What a run knows of crystals at three levels: element vectors, local environments and local energies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from pymatgen.core import Element

from cgcnn import graphs as crystal_graphs
from cgcnn.batches import Batcher, predict_batches
from cgcnn.crystals import Crystals
from cgcnn.graphs import CrystalGraphs
from cgcnn.runs import Run
from cgcnn.storage import DataError
from cgcnn.training import resolve_device

_EVALUATION_BATCH = 512


@dataclass(frozen=True)
class Representations:
    """The three levels.

    Attributes:
        elements: v(0), one row a training element: index ``element`` (symbol), columns v0, v1, ...
        environments: One row a distinct coordination environment: ``crystal`` (id), ``site`` (the first of its
            sites, counted from 0 in the crystal), ``element``, ``multiplicity`` (how many sites of the cell it
            stands for), ``local_energy_eV_per_atom`` (E_i) and v(K) as v0, v1, ...
        energies: E, one row a crystal: index ``crystal``, column ``energy_eV_per_atom``.
    """

    elements: pd.DataFrame
    environments: pd.DataFrame
    energies: pd.DataFrame


def represent(run: Run, crystals: Crystals, device: str = "auto") -> Representations:
    """Return element vectors, local environments and local energies of crystals.

    A local energy is what training makes of it: only the mean over a crystal's sites is fitted.

    Args:
        run: A finished run.
        crystals: Any crystals of elements that the run was trained on.
        device: As for :func:`cgcnn.training.fit`.

    Raises:
        DataError: A crystal has an element that the run has never seen.
    """
    _refuse_unseen_elements(run, crystals)
    graphs = crystal_graphs.build(crystals, run.config.n_neighbors, run.config.tolerance)
    where = resolve_device(device)
    network = run.network.to(where).eval()
    vectors, local_energies = [], []
    with torch.inference_mode():
        for batch in Batcher(graphs, where).batches(torch.arange(len(graphs)), _EVALUATION_BATCH):
            vectors.append(network.environments(batch))
            local_energies.append(network.local_energies(vectors[-1]))
    symbols = np.array([Element.from_Z(z).symbol if z else "" for z in range(119)])
    environments = pd.DataFrame(
        {
            "crystal": np.array(crystals.ids, dtype=object)[graphs.crystal_of_node],
            "site": graphs.sites,
            "element": symbols[graphs.atomic_numbers],
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
    """Return v(0), (k, width), of the k elements that the run was trained on; the index holds their symbols."""
    symbols = pd.Index([Element.from_Z(int(z)).symbol for z in run.elements], name="element")
    vectors = run.network.element_vectors.detach().cpu().numpy()[run.elements]
    return _vector_table(vectors).set_index(symbols)


def predict(run: Run, crystals: Crystals, device: str = "auto") -> np.ndarray:
    """Return the predicted energies, (n,), of crystals in the run's unit.

    Raises:
        DataError: A crystal has an element that the run has never seen.
    """
    _refuse_unseen_elements(run, crystals)
    graphs = crystal_graphs.build(crystals, run.config.n_neighbors, run.config.tolerance)
    return _predict(run, graphs, np.arange(len(graphs)), device)


def mean_absolute_error(
    run: Run, crystals: Crystals, part: Literal["train", "validation", "test"], device: str = "auto"
) -> float:
    """Return the run's mean absolute error on a part of the data set it was trained on, in its unit.

    A crystal whose element a small training set lacks counts like any other: leaving the hardest out would flatter.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        part: Of the run's own split. The test part is read once, when a run is published.
        device: As for :func:`cgcnn.training.fit`.

    Raises:
        DataError: These are not the crystals the run was split on.
    """
    if crystals.digest != run.data_digest:
        raise DataError(
            f"{crystals.name}: not the data that the run was trained on ({run.dataset}, digest "
            f"{run.data_digest[:12]}); load that data set"
        )
    chosen = getattr(run.split, part)
    return float(np.abs(predict_part(run, crystals, chosen, device) - crystals.targets[chosen]).mean())


def predict_part(run: Run, crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> np.ndarray:
    """Return the predicted energies, (b,), of some crystals of a data set whose graphs are in the cache or will be.

    Elements that the run has never seen are predicted from their random start.

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: (b,) indices of its crystals.
        device: As for :func:`cgcnn.training.fit`.
    """
    graphs = crystal_graphs.load_or_build(crystals, run.config.n_neighbors, run.config.tolerance)
    return _predict(run, graphs, chosen, device)


def _predict(run: Run, graphs: CrystalGraphs, chosen: np.ndarray, device: str) -> np.ndarray:
    where = resolve_device(device)
    energies = predict_batches(run.network.to(where), Batcher(graphs, where), chosen)
    predicted: np.ndarray = energies.double().numpy()
    return predicted


def _refuse_unseen_elements(run: Run, crystals: Crystals) -> None:
    """Raise where a crystal has an element that no training crystal had: its vector is still the random start."""
    unseen = np.flatnonzero(~np.isin(crystals.atomic_numbers, run.elements))
    if len(unseen):
        crystal = int(np.searchsorted(crystals.site_offsets, unseen[0], side="right")) - 1
        symbol = Element.from_Z(int(crystals.atomic_numbers[unseen[0]])).symbol
        raise DataError(
            f"{crystals.ids[crystal]}: the network never saw {symbol}; its energy would be a guess, so it is "
            f"refused: train on a data set that holds {symbol}"
        )


def _vector_table(vectors: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(vectors, columns=[f"v{k}" for k in range(vectors.shape[1])])
