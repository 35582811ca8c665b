"""Coordination environments around an anion: the chemistry of their centers, and their local energies (Fig. S5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis.elements import element_table
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.mp_environments import centers_around, is_less_electronegative
from cgcnn.paper.seed_numbers import over_seeds

#: The chemical classes by which the paper describes the four clusters of Fig. 5.
CLASSES = ("p-block elements and hydrogen", "transition metals", "alkali metals", "alkaline earths and lanthanides")

_MEAN_LOCAL = "mean_local"
# The centers whose local energies form a V in the paper's Fig. S5.
_V_SHAPE = ("Al", "Si", "P", "S")
# Centers with fewer environments than this are left out of the span of the energies.
_N_OFTEN = 20
# Fewer centers than this have no rank correlation.
_FEWEST_CENTERS = 3


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


def energies_by_center(
    environments: pd.DataFrame, anions: Iterable[str], quantity: Quantity = ENERGY
) -> dict[str, pd.DataFrame]:
    """Return the table of :func:`energy_by_center` for each anion.

    Args:
        environments: The table that :func:`energy_by_center` takes.
        anions: The symbols of the anions.
        quantity: What the runs predict.
    """
    return {anion: energy_by_center(environments, anion, quantity) for anion in anions}


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


def residuals(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.Series:
    """Return how far the mean local energies of centers lie above a line in their electronegativity.

    The line is fitted by least squares to all centers of the table, each with the same weight.

    Args:
        by_center: The table of :func:`energy_by_center`. Elements without an electronegativity are left out.
        quantity: What the runs predict.

    Returns:
        The residuals by center, the lowest first, in the unit of the local energies; empty for fewer than three
        centers.
    """
    known = by_center.dropna(subset=["electronegativity"])
    if len(known) < _FEWEST_CENTERS:
        return pd.Series(dtype=float)
    x, y = known["electronegativity"], known[quantity.column(_MEAN_LOCAL)]
    slope, start = np.polyfit(x, y, 1)
    residual: pd.Series = (y - slope * x - start).sort_values()
    return residual


def residual_numbers(by_center: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return where Al, Si, P and S stand among all centers by their :func:`residuals`.

    Args:
        by_center: The table of :func:`energy_by_center` of oxygen.
        quantity: What the runs predict.

    Returns:
        For each of the four that is a center, ``lower_residuals``, the share of all centers whose residual is lower,
        and ``residual_places``, its place (1 for the lowest); and ``n_residuals``, the number of centers.
    """
    ordered = residuals(by_center, quantity).index.tolist()
    places = {center: 1 + ordered.index(center) for center in _V_SHAPE if center in ordered}
    return {
        "lower_residuals": {center: (place - 1) / len(ordered) for center, place in places.items()},
        "residual_places": places,
        "n_residuals": len(ordered),
    }


def center_numbers(by_center: Mapping[str, pd.DataFrame], quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers of one run that test the claims on Fig. S5, and those on Al-O, Si-O, P-O and S-O.

    Args:
        by_center: The tables of :func:`energy_by_center` of the anions O and S, or of one of them.
        quantity: What the runs predict.

    Returns:
        For each anion, ``spearman_electronegativity``, ``spearman_less_electronegative`` (the same without centers that
        are more electronegative than the anion), ``local_energy_span`` and ``alkali_above_alkaline_earths``. For
        oxygen, ``al_si_p_s_o``, the energies of :func:`v_shape`, ``si_o_position``, the rank of silicon among them (1
        for the lowest; None if one of the four is missing), and the numbers of :func:`residual_numbers`.
        ``span_ratio`` is the span for oxygen divided by that for sulfur, and None if one of them is missing.
    """
    spans = {anion: energy_span(table, quantity) for anion, table in by_center.items()}
    series = v_shape(by_center["O"], quantity) if "O" in by_center else pd.Series(dtype=float)
    less = {a: t[is_less_electronegative(t.index.to_series(), a)] for a, t in by_center.items()}
    return {
        "spearman_electronegativity": {a: electronegativity_correlation(t, quantity) for a, t in by_center.items()},
        "spearman_less_electronegative": {a: electronegativity_correlation(t, quantity) for a, t in less.items()},
        "local_energy_span": spans,
        "al_si_p_s_o": series.to_dict(),
        "si_o_position": int(series.rank()["Si"]) if len(series) == len(_V_SHAPE) else None,
        "alkali_above_alkaline_earths": {a: alkali_above_alkaline_earths(t, quantity) for a, t in by_center.items()},
        "span_ratio": spans["O"] / spans["S"] if {"O", "S"} <= set(spans) else None,
        **(residual_numbers(by_center["O"], quantity) if "O" in by_center else {}),
    }


def center_numbers_over_seeds(
    environments: Sequence[pd.DataFrame], anions: Collection[str], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the numbers of :func:`center_numbers` over the runs.

    Args:
        environments: The table of environments with the local values of each run.
        anions: The symbols of the anions.
        quantity: What the runs predict.

    Returns:
        The numbers as :func:`cgcnn.paper.seed_numbers.over_seeds` gives them.
    """
    tables = [energies_by_center(table, anions, quantity) for table in environments]
    return over_seeds([center_numbers(by_center, quantity) for by_center in tables])


def center_table(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> pd.Series:
    """Return the numbers of Fig. S5 that a page shows.

    Args:
        numbers: The numbers of :func:`center_numbers_over_seeds`, means over the runs.
        quantity: What the runs predict.

    Returns:
        The numbers by their names on the page, with the unit of values of single sites.
    """
    rank, span = numbers.get("spearman_electronegativity", {}), numbers.get("local_energy_span", {})
    less = numbers.get("spearman_less_electronegative", {})
    of_oxygen = quantity.of_sites(f"mean local {quantity.word} of {{}}-O").format
    return pd.Series(
        {
            **{f"Spearman with electronegativity, {anion}": number for anion, number in rank.items()},
            **{f"Spearman, centers less electronegative than {anion}": number for anion, number in less.items()},
            **{quantity.of_sites(f"span, {anion}"): number for anion, number in span.items()},
            **{of_oxygen(center): number for center, number in numbers.get("al_si_p_s_o", {}).items()},
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
