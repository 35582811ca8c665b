"""Coordination environments by their center and first neighbor (Figs. 5, 6 and S5), and what sorts them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pymatgen.core import Element
from scipy.stats import spearmanr

from cgcnn.elements import element_table
from cgcnn.graphs import CrystalGraphs

#: The chemistry by which the paper describes the four clusters of Fig. 5.
CLASSES = ("p-block elements and hydrogen", "transition metals", "alkali metals", "alkaline earths and lanthanides")


def first_neighbors(graphs: CrystalGraphs) -> np.ndarray:
    """Return the element of the nearest neighbor of every node, (m,) symbols.

    Of neighbors at one distance, which is to say within the rounding of merged bonds, it is the lightest: a rule that
    does not depend on the order of the atoms.
    """
    first_node = np.repeat(graphs.node_offsets[:-1], np.diff(graphs.node_offsets))
    centers = np.repeat(np.arange(graphs.n_nodes), np.diff(graphs.edge_offsets))
    numbers = np.asarray(graphs.atomic_numbers)[first_node[centers] + graphs.neighbors].astype(np.int64)
    steps = np.round(np.asarray(graphs.distances, dtype=np.float64) / 1e-3)
    order = np.lexsort((numbers, steps, centers))
    nearest = order[np.asarray(graphs.edge_offsets[:-1])]
    symbols = np.array([Element.from_Z(z).symbol if z else "" for z in range(119)])
    first: np.ndarray = symbols[numbers[nearest]]
    return first


def pair_energies(environments: pd.DataFrame) -> pd.DataFrame:
    """Average the local energies of all distinct environments by center and first neighbor (Fig. 6).

    Args:
        environments: ``element``, ``first_neighbor`` and ``local_energy_eV_per_atom``, one row a distinct environment.

    Returns:
        One row a pair that occurs: ``center``, ``first_neighbor``, ``mean_local_energy_eV_per_atom``,
        ``n_environments``.
    """
    grouped = environments.groupby(["element", "first_neighbor"])["local_energy_eV_per_atom"].agg(["mean", "size"])
    table = grouped.reset_index()
    table.columns = pd.Index(["center", "first_neighbor", "mean_local_energy_eV_per_atom", "n_environments"])
    return table


def energy_by_center(environments: pd.DataFrame, anion: str) -> pd.DataFrame:
    """Return the local energies of the centers coordinated by an anion (Fig. S5).

    Args:
        environments: As for :func:`pair_energies`.
        anion: Symbol; centers of this element itself are left out.

    Returns:
        Index ``element``, by atomic number: ``atomic_number``, ``electronegativity`` (Pauling), mean, standard
        deviation and number of the environments: ``mean_local_energy_eV_per_atom``, ``std_eV_per_atom``,
        ``n_environments``.
    """
    around = environments[(environments["first_neighbor"] == anion) & (environments["element"] != anion)]
    table = around.groupby("element")["local_energy_eV_per_atom"].agg(["mean", "std", "size"])
    table.columns = pd.Index(["mean_local_energy_eV_per_atom", "std_eV_per_atom", "n_environments"])
    known = element_table(table.index.tolist())[["atomic_number", "electronegativity"]]
    return known.join(table).sort_values("atomic_number")


def electronegativity_correlation(by_center: pd.DataFrame) -> float:
    """Return Spearman's rank correlation of mean local energy and electronegativity over the centers of a table.

    Args:
        by_center: From :func:`energy_by_center`; elements without an electronegativity are left out.
    """
    known = by_center.dropna(subset=["electronegativity"])
    return float(spearmanr(known["electronegativity"], known["mean_local_energy_eV_per_atom"]).statistic)


def chemistry_classes(symbols: pd.Series) -> pd.Series:
    """Sort center elements into the classes of the paper's Fig. 5, :data:`CLASSES`; ``other`` where it names none.

    Transition metals are groups 3 to 12 of the d block but lanthanum; metalloids and the metals of the p block go with
    the non-metals (Al and Si beside P, as the paper has them); actinides go nowhere.
    """
    table = element_table(sorted(symbols.unique()))
    lanthanide = table["atomic_number"].between(57, 71)
    sorted_out = pd.Series("other", table.index)
    sorted_out[table["block"] == "p"] = CLASSES[0]
    sorted_out[table.index == "H"] = CLASSES[0]
    sorted_out[(table["block"] == "d") & ~lanthanide] = CLASSES[1]
    sorted_out[(table["group"] == 1) & (table.index != "H")] = CLASSES[2]
    sorted_out[(table["group"] == 2) | lanthanide] = CLASSES[3]
    return symbols.map(sorted_out)
