"""Coordination environments around an anion: the chemistry of their centers, and their local energies (Fig. S5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis.elements import element_table
from cgcnn.data.quantity import ENERGY, Quantity

#: The chemical classes by which the paper describes the four clusters of Fig. 5.
CLASSES = ("p-block elements and hydrogen", "transition metals", "alkali metals", "alkaline earths and lanthanides")

_MEAN_LOCAL = "mean_local"
# The centers whose local energies form a V in the paper's Fig. S5.
_V_SHAPE = ("Al", "Si", "P", "S")
# Centers with fewer environments than this are left out of the span of the energies.
_N_OFTEN = 20
# Fewer centers than this have no rank correlation.
_FEWEST_CENTERS = 3


def centers_around(environments: pd.DataFrame, anion: str) -> pd.DataFrame:
    """Return the environments whose first neighbor is an anion and whose center is another element.

    Args:
        environments: One row per distinct environment, with ``element`` and ``first_neighbor``.
        anion: The symbol of the anion.
    """
    return environments[(environments["first_neighbor"] == anion) & (environments["element"] != anion)]


def energy_by_center(environments: pd.DataFrame, anion: str, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the local energies of the centers coordinated by an anion (Fig. S5).

    Args:
        environments: One row per distinct environment: ``element``, ``first_neighbor`` and the local value, such as
            ``local_energy_eV_per_atom``.
        anion: The symbol of the anion. Centers of this element itself are left out.
        quantity: What the runs predict.

    Returns:
        One row per center, whose symbol is the index ``element``, sorted by atomic number: ``atomic_number``,
        ``electronegativity`` (Pauling's scale), and the mean, the standard deviation and the number of its local
        values, such as ``mean_local_energy_eV_per_atom``, ``std_eV_per_atom`` and ``n_environments``.
    """
    local = centers_around(environments, anion).groupby("element")[quantity.column("local")]
    table = local.agg(["mean", "std", "size"])
    table.columns = pd.Index([quantity.column(_MEAN_LOCAL), quantity.with_unit("std"), "n_environments"])
    known = element_table(table.index.tolist())[["atomic_number", "electronegativity"]]
    return known.join(table).sort_values("atomic_number")


def electronegativity_correlation(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> float:
    """Return Spearman's rank correlation of mean local energy and electronegativity over the centers of a table.

    Args:
        by_center: The table of :func:`energy_by_center`. Elements without an electronegativity are left out.
        quantity: What the runs predict.

    Returns:
        The correlation; NaN for fewer than three centers.
    """
    known = by_center.dropna(subset=["electronegativity"])
    if len(known) < _FEWEST_CENTERS:
        return float("nan")
    return float(spearmanr(known["electronegativity"], known[quantity.column(_MEAN_LOCAL)]).statistic)


def energy_span(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> float:
    """Return the difference between the highest and the lowest mean local energy of the centers.

    Args:
        by_center: The table of :func:`energy_by_center`. Centers with fewer than twenty environments are left out.
        quantity: What the runs predict.
    """
    often = by_center.loc[by_center["n_environments"] >= _N_OFTEN, quantity.column(_MEAN_LOCAL)]
    span: float = often.max() - often.min()
    return span


def alkali_above_alkaline_earths(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> float:
    """Return the mean local energy of the alkali metals minus that of the alkaline earths.

    Args:
        by_center: The table of :func:`energy_by_center`. Each center counts once, whatever its number of environments.
        quantity: What the runs predict.
    """
    group, energy = element_table(by_center.index.tolist())["group"], by_center[quantity.column(_MEAN_LOCAL)]
    return energy[(group == 1) & (group.index != "H")].mean() - energy[group == 2].mean()


def v_shape(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.Series:
    """Return the mean local energies of those of Al, Si, P and S that are centers of a table."""
    return by_center[quantity.column(_MEAN_LOCAL)].reindex(_V_SHAPE).dropna()


def center_numbers(by_center: Mapping[str, pd.DataFrame], quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers that test the claims on Fig. S5.

    Args:
        by_center: The tables of :func:`energy_by_center` of the anions O and S, or of one of them.
        quantity: What the runs predict.

    Returns:
        For each anion, ``spearman_electronegativity``, ``local_energy_span`` and ``alkali_above_alkaline_earths``. For
        oxygen, ``al_si_p_s_o``, the energies of :func:`v_shape`, and ``si_o_position``, the rank of silicon among them
        (1 for the lowest; None if one of the four is missing). ``span_ratio`` is the span for oxygen divided by that
        for sulfur, and None if one of them is missing.
    """
    spans = {anion: energy_span(table, quantity) for anion, table in by_center.items()}
    series = v_shape(by_center["O"], quantity) if "O" in by_center else pd.Series(dtype=float)
    return {
        "spearman_electronegativity": {a: electronegativity_correlation(t, quantity) for a, t in by_center.items()},
        "local_energy_span": spans,
        "al_si_p_s_o": series.to_dict(),
        "si_o_position": int(series.rank()["Si"]) if len(series) == len(_V_SHAPE) else None,
        "alkali_above_alkaline_earths": {a: alkali_above_alkaline_earths(t, quantity) for a, t in by_center.items()},
        "span_ratio": spans["O"] / spans["S"] if {"O", "S"} <= set(spans) else None,
    }


def center_table(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> pd.Series:
    """Return the numbers of Fig. S5 that a page shows.

    Args:
        numbers: The numbers of :func:`center_numbers`.
        quantity: What the runs predict.

    Returns:
        The numbers by their names on the page, with the unit of values of single sites.
    """
    rank, span = numbers["spearman_electronegativity"], numbers["local_energy_span"]
    of_oxygen = quantity.of_sites(f"mean local {quantity.word} of {{}}-O").format
    return pd.Series(
        {
            **{f"Spearman with electronegativity, {anion}": number for anion, number in rank.items()},
            **{quantity.of_sites(f"span, {anion}"): number for anion, number in span.items()},
            **{of_oxygen(center): number for center, number in numbers["al_si_p_s_o"].items()},
        },
        name="value",
    )


def chemistry_classes(symbols: pd.Series) -> pd.Series:
    """Sort elements into the chemical classes of the paper's Fig. 5, :data:`CLASSES`.

    Transition metals are the d block (groups 3 to 12, with actinium) without lanthanum, which is a lanthanide here.
    Metalloids and the metals of the p block are in one class with the non-metals, since the paper names Al and Si
    together with P. An element that the paper puts in no class, such as uranium, is ``other``.

    Args:
        symbols: The symbols of the elements, which may repeat.

    Returns:
        The class of each element, by the index of ``symbols``.
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
