"""Coordination environments by their center and first neighbor (Figs. 5, 6 and S5), and what sorts them."""

from __future__ import annotations

import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis.elements import element_table

#: The chemistry by which the paper describes the four clusters of Fig. 5.
CLASSES = ("p-block elements and hydrogen", "transition metals", "alkali metals", "alkaline earths and lanthanides")


def energy_by_center(environments: pd.DataFrame, anion: str) -> pd.DataFrame:
    """Return the local energies of the centers coordinated by an anion (Fig. S5).

    Args:
        environments: As for :func:`cgcnn.analysis.pairs.pair_energies`.
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
