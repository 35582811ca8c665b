"""Local environments by their center and first neighbor, and the mean local energy of each such pair."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.graphs.crystal_graphs import CrystalGraphs


def first_neighbors(graphs: CrystalGraphs) -> np.ndarray:
    """Return the (m,) symbols of the element that is the nearest neighbor of each of the m nodes.

    Distances are rounded to 0.001 angstrom, the step within which bonds are merged as equal. If several neighbors are
    then equally near, the lightest of them counts, so that the result does not depend on the order of the sites.

    Args:
        graphs: The graphs of crystals.
    """
    first_node = np.repeat(graphs.node_offsets[:-1], np.diff(graphs.node_offsets))
    centers = np.repeat(np.arange(graphs.n_nodes), np.diff(graphs.edge_offsets))
    numbers = np.asarray(graphs.atomic_numbers)[first_node[centers] + graphs.neighbors].astype(np.int64)
    steps = np.round(np.asarray(graphs.distances, dtype=np.float64) / 1e-3)
    order = np.lexsort((numbers, steps, centers))
    nearest = order[np.asarray(graphs.edge_offsets[:-1])]
    first: np.ndarray = ELEMENT_SYMBOLS[numbers[nearest]]
    return first


def pair_energies(environments: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Average the local energies of all distinct environments by center and first neighbor (Fig. 6).

    Args:
        environments: One row per distinct environment: ``element`` (of its center), ``first_neighbor`` and the local
            value, such as ``local_energy_eV_per_atom``.
        quantity: What the run predicts.

    Returns:
        One row per pair that occurs: ``center``, ``first_neighbor``, the mean local value, such as
        ``mean_local_energy_eV_per_atom``, and ``n_environments``.
    """
    grouped = environments.groupby(["element", "first_neighbor"])[quantity.column("local")].agg(["mean", "size"])
    table = grouped.reset_index()
    table.columns = pd.Index(["center", "first_neighbor", quantity.column("mean_local"), "n_environments"])
    return table
