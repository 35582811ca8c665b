"""Local environments by their center and first neighbor, and the mean local energy of each such pair."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.graphs.packed_graphs import CrystalGraphs

# The step in angstrom to which distances are rounded. Within it, bonds are merged as equal.
_STEP = 1e-3


def first_neighbors(graphs: CrystalGraphs) -> np.ndarray:
    """Return the (m,) symbols of the element that is the nearest neighbor of each of the m nodes.

    Distances are rounded to 0.001 angstrom, the step within which bonds are merged as equal. If several neighbors are
    then equally near, the lightest of them counts, so that the result does not depend on the order of the sites.

    Args:
        graphs: The graphs of crystals.
    """
    centers, numbers = _ends(graphs)
    steps = np.round(np.asarray(graphs.distances, dtype=np.float64) / _STEP)
    return _nearest(graphs, centers, numbers, steps)


def bonded_neighbors(graphs: CrystalGraphs) -> np.ndarray:
    """Return the (m,) symbols of the neighbor to which each of the m nodes has the shortest bond for its elements.

    The neighbor is the one with the least distance less the sum of the two covalent radii (Cordero et al. 2008, doi
    10.1039/b801115j), among the neighbors of the graph. By distance alone, small anions around a large cation can be
    each other's first neighbors without a bond between them. Rounding and ties are as in :func:`first_neighbors`. The
    elements beyond curium, of which the source has no radius, get the radius of curium.

    Args:
        graphs: The graphs of crystals.
    """
    # The properties of elements come from a package that the commands do without.
    from cgcnn.analysis.elements import element_table

    centers, numbers = _ends(graphs)
    radii = np.r_[0, element_table(ELEMENT_SYMBOLS[1:].tolist())["covalent_radius_pm"].ffill()] / 100
    excess = np.asarray(graphs.distances, dtype=np.float64) - radii[numbers] - radii[graphs.atomic_numbers][centers]
    return _nearest(graphs, centers, numbers, np.round(excess / _STEP))


def _ends(graphs: CrystalGraphs) -> tuple[np.ndarray, np.ndarray]:
    """Return of each edge the node at its center, and the atomic number of the neighbor at its other end."""
    first_node = np.repeat(graphs.node_offsets[:-1], np.diff(graphs.node_offsets))
    centers = np.repeat(np.arange(graphs.n_nodes), np.diff(graphs.edge_offsets))
    return centers, np.asarray(graphs.atomic_numbers)[first_node[centers] + graphs.neighbors].astype(np.int64)


def _nearest(graphs: CrystalGraphs, centers: np.ndarray, numbers: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return the symbol of the neighbor with the least steps of each node; of equals, the lightest."""
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
