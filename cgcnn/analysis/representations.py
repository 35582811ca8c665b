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
from cgcnn.graphs.packed_graphs import CrystalGraphs
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
            (the first of its sites, counted from 0 in the crystal), ``label`` (the label of that site, such as ``Fe1``;
            see :func:`site_labels`), ``element``, ``multiplicity`` (the number of sites of the cell that it stands
            for), the local value E_i, such as ``local_energy_eV_per_atom``, and v(K) as v0, v1, ...
        crystals: One vector per crystal, the mean of v(K) over its sites: index ``crystal``, columns v0, v1, ...
        energies: The predictions E, one row per crystal: index ``crystal``, and one column, such as
            ``energy_eV_per_atom`` or ``band_gap_eV``.
    """

    elements: pd.DataFrame
    environments: pd.DataFrame
    crystals: pd.DataFrame
    energies: pd.DataFrame


def represent(
    run: Run, crystals: Crystals, device: str = "auto", graphs: CrystalGraphs | None = None
) -> Representations:
    """Return element vectors, local environments, vectors of crystals, and local energies.

    Training fits only the mean of the local energies over the sites of a crystal. A single local energy has no
    calculated value to be compared with.

    Args:
        run: A finished run.
        crystals: Any crystals whose elements all occur in the training set of the run.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
        graphs: The graphs of these crystals with the run's own parameters, where they are there already. None builds
            them.

    Raises:
        DataError: A crystal has an element that no training crystal has. :func:`cgcnn.analysis.prediction.seen` tells
            such crystals from the others.
    """
    refuse_unseen_elements(run, crystals)
    if graphs is None:
        graphs = crystal_graphs.build(crystals, *run.config.of_graphs)
    where = resolve_device(device)
    network = run.network.to(where).eval()
    width = network.element_vectors.shape[1]
    vectors, local_energies = [torch.empty(0, width, device=where)], [torch.empty(0, device=where)]
    with torch.inference_mode():
        for batch in Batcher(graphs, where).batches(torch.arange(len(graphs)), EVALUATION_BATCH):
            vectors.append(network.environments(batch))
            local_energies.append(network.local_energies(vectors[-1]))
    local, index = run.quantity.column("local"), pd.Index(crystals.ids, name="crystal")
    environments = pd.DataFrame(
        {
            "crystal": np.array(crystals.ids, dtype=object)[graphs.crystal_of_node],
            "site": graphs.sites,
            "label": site_labels(crystals)[crystals.site_offsets[graphs.crystal_of_node] + graphs.sites],
            "element": ELEMENT_SYMBOLS[graphs.atomic_numbers],
            "multiplicity": graphs.multiplicities.astype(int),
            local: torch.cat(local_energies).cpu().numpy(),
        }
    )
    of_nodes = torch.cat(vectors).cpu().numpy()
    weighted = of_nodes.astype(np.float64) * graphs.multiplicities[:, None]
    of_crystals = np.add.reduceat(weighted, graphs.node_offsets[:-1]) / crystals.n_sites[:, None]
    shares = environments[local] * environments["multiplicity"]
    totals = np.bincount(graphs.crystal_of_node, weights=shares, minlength=len(graphs)) / crystals.n_sites
    return Representations(
        elements=element_vectors(run),
        environments=pd.concat([environments, _vector_table(of_nodes)], axis=1),
        crystals=_vector_table(of_crystals.astype(of_nodes.dtype)).set_index(index),
        energies=pd.DataFrame({run.quantity.column(): totals}, index=index),
    )


def site_labels(crystals: Crystals) -> np.ndarray:
    """Return the (s,) labels of all sites as texts.

    They are the labels of the file. Where the set has none, a label is the symbol of the element with the running
    number of the site among the sites of this element in its crystal, such as ``O2``.

    Args:
        crystals: A set of crystals with s sites in all.
    """
    if crystals.site_labels is not None:
        return np.asarray(crystals.site_labels, dtype=object)
    crystal_of_site = np.repeat(np.arange(len(crystals)), crystals.n_sites)
    sites = pd.DataFrame({"crystal": crystal_of_site, "element": ELEMENT_SYMBOLS[crystals.atomic_numbers]})
    running = sites.groupby(["crystal", "element"]).cumcount() + 1
    return (sites["element"] + running.astype(str)).to_numpy(dtype=object)


def environment_vectors(environments: pd.DataFrame) -> pd.DataFrame:
    """Return the vectors v(K) of a table of environments, its columns v0, v1, ..."""
    return environments.filter(regex=r"^v\d+$")


def element_vectors(run: Run) -> pd.DataFrame:
    """Return the (k, width) vectors v(0) of the k elements of the training set, with the symbols as index."""
    symbols = pd.Index(ELEMENT_SYMBOLS[run.elements], name="element")
    vectors = run.network.element_vectors.detach().cpu().numpy()[run.elements]
    return _vector_table(vectors).set_index(symbols)


def _vector_table(vectors: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(vectors, columns=[f"v{k}" for k in range(vectors.shape[1])])
