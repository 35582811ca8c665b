"""The numbers that test the paper's claims on the mean local energies of pairs of elements (Fig. 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgcnn.analysis.elements import element_table
from cgcnn.analysis.pairs import pair_energies
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.seed_numbers import over_seeds

_MEAN_LOCAL = "mean_local"
_PAIR = ["center", "first_neighbor"]
_N_LOWEST = 10
_ELECTRONEGATIVE = ("N", "O", "F")


def lowest_pairs(pairs: pd.DataFrame, n_pairs: int = _N_LOWEST, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the pairs with the lowest mean local energies, the lowest first.

    Args:
        pairs: The table of :func:`cgcnn.analysis.pairs.pair_energies`.
        n_pairs: The number of pairs to return.
        quantity: What the runs predict.

    Returns:
        The rows of these pairs, by ``center`` and ``first_neighbor``.
    """
    return pairs.set_index(_PAIR).sort_values(quantity.column(_MEAN_LOCAL)).head(n_pairs)


def share_as_said(lowest: pd.DataFrame) -> float:
    """Return the share of pairs that consist of a metal of high valence and a strongly electronegative non-metal.

    The metals are centers of groups 3 to 6 or of the f block. The non-metals are the first neighbors N, O and F.

    Args:
        lowest: The pairs, with ``center`` and ``first_neighbor`` as index.
    """
    centers = element_table(lowest.index.get_level_values("center").tolist())
    is_high_valence = centers["group"].between(3, 6) | (centers["block"] == "f")
    is_electronegative = lowest.index.get_level_values("first_neighbor").isin(_ELECTRONEGATIVE)
    return float((is_high_valence.to_numpy() & is_electronegative).mean())


def hydride_rank(pairs: pd.DataFrame, center: str, quantity: Quantity = ENERGY) -> tuple[int | None, int]:
    """Return the rank of a center by local energy among all centers whose first neighbor is hydrogen.

    Args:
        pairs: The table of :func:`cgcnn.analysis.pairs.pair_energies`.
        center: The symbol of the center.
        quantity: What the runs predict.

    Returns:
        The rank, which is 1 for the lowest local energy and None if there is no such pair, and the number of centers.
    """
    of_hydrogen = pairs[pairs["first_neighbor"] == "H"].sort_values(quantity.column(_MEAN_LOCAL))
    hydrides = of_hydrogen["center"].tolist()
    return (1 + hydrides.index(center) if center in hydrides else None), len(hydrides)


def diagonal_numbers(pairs: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, float]:
    """Compare the cells of equal elements with all other cells.

    Args:
        pairs: The table of :func:`cgcnn.analysis.pairs.pair_energies`.
        quantity: What the runs predict.

    Returns:
        ``mean_abs_diagonal`` and ``mean_abs_off_diagonal``, the mean absolute energies of pairs of equal elements
        and of all other pairs, and ``diagonal_ratio``, the first divided by the second.
    """
    energies = pairs[quantity.column(_MEAN_LOCAL)]
    is_diagonal = pairs["center"] == pairs["first_neighbor"]
    diagonal, others = (energies[chosen].abs().mean() for chosen in (is_diagonal, ~is_diagonal))
    return {
        "mean_abs_diagonal": diagonal, "mean_abs_off_diagonal": others, "diagonal_ratio": diagonal / others
    }  # fmt: skip


def elemental_ratio(environments: pd.DataFrame, quantity: Quantity = ENERGY) -> float:
    """Return the mean absolute local energy in crystals of one element, over that of all other environments.

    Args:
        environments: One row per distinct environment: ``in_element`` and the local value.
        quantity: What the runs predict.

    Returns:
        The ratio; NaN if there are no such crystals.
    """
    size = environments[quantity.column("local")].abs()
    ratio: float = size[environments["in_element"]].mean() / size[~environments["in_element"]].mean()
    return ratio


def bonded_numbers(sites: pd.DataFrame) -> dict[str, float]:
    """Say which environments are on the diagonal where the bonded neighbor counts as the first one.

    Args:
        sites: One row per distinct environment: ``element``, ``first_neighbor`` and ``bonded_neighbor``.

    Returns:
        ``environments``, the number of environments whose bonded neighbor is of the center's element; ``metals``, the
        share of them with a metal as center; and ``other_nearer``, the share whose first neighbor by distance is
        another element. Shares of no environments are NaN.
    """
    same = sites[sites["bonded_neighbor"] == sites["element"]]
    is_metal = element_table(sorted(set(same["element"])))["is_metal"]
    return {
        "environments": len(same),
        "metals": float(same["element"].isin(is_metal.index[is_metal]).mean()),
        "other_nearer": float((same["first_neighbor"] != same["element"]).mean()),
    }


def pair_numbers(environments: pd.DataFrame, oxides: Sequence[str], quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers of one run that test the claims on Fig. 6.

    Args:
        environments: One row per distinct environment: ``element``, ``first_neighbor``, ``bonded_neighbor``,
            ``in_element`` and the local value, such as ``local_energy_eV_per_atom``.
        oxides: The symbols of the centers whose pairs with oxygen are said to be stable.
        quantity: What the runs predict.

    Returns:
        The numbers of :func:`diagonal_numbers`; ``bonded_diagonal_ratio``, the ratio where the bonded neighbor counts
        as the first one; the :func:`elemental_ratio`; ``lowest_cells_as_said``, the :func:`share_as_said` of the ten
        lowest pairs; ``tm_h_rank`` and ``n_hydrides``, the :func:`hydride_rank` of Tm and the number of centers;
        ``lower_cells``, the share of all pairs whose energy is lower than that of each oxide.
    """
    mean = quantity.column(_MEAN_LOCAL)
    pairs = pair_energies(environments, quantity)
    bonded = pair_energies(environments.assign(first_neighbor=environments["bonded_neighbor"]), quantity)
    rank, n_hydrides = hydride_rank(pairs, "Tm", quantity)
    by_pair = pairs.set_index(_PAIR)[mean]
    return {
        **diagonal_numbers(pairs, quantity),
        "bonded_diagonal_ratio": diagonal_numbers(bonded, quantity)["diagonal_ratio"],
        "elemental_ratio": elemental_ratio(environments, quantity),
        "tm_h_rank": rank,
        "n_hydrides": n_hydrides,
        "lowest_cells_as_said": share_as_said(lowest_pairs(pairs, quantity=quantity)),
        "lower_cells": {center: float((by_pair < by_pair[center, "O"]).mean()) for center in oxides},
    }


def pair_numbers_over_seeds(
    environments: Sequence[pd.DataFrame], oxides: Sequence[str], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the numbers of :func:`pair_numbers` over the runs.

    Args:
        environments: The table of environments with the local values of each run.
        oxides: The symbols of the centers whose pairs with oxygen are said to be stable.
        quantity: What the runs predict.

    Returns:
        The numbers as :func:`cgcnn.paper.seed_numbers.over_seeds` gives them.
    """
    return over_seeds([pair_numbers(table, oxides, quantity) for table in environments])


def listed(lowest: pd.DataFrame, quantity: Quantity = ENERGY) -> list[dict[str, Any]]:
    """Return the rows of :func:`lowest_pairs` as a list, to be written as JSON.

    Args:
        lowest: The pairs, with ``center`` and ``first_neighbor`` as index.
        quantity: What the runs predict.

    Returns:
        For each pair ``center``, ``first_neighbor`` and the energy, such as ``mean_local_energy_eV``.
    """
    mean = quantity.column(_MEAN_LOCAL)
    shorter = lowest[[mean]].rename(columns={mean: mean.removesuffix("_per_atom")})
    return [{str(name): value for name, value in row.items()} for row in shorter.reset_index().to_dict("records")]


def summary_table(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> pd.Series:
    """Return the numbers of Fig. 6 that a page shows.

    Args:
        numbers: The numbers of :func:`pair_numbers`, means over the runs.
        quantity: What the runs predict.

    Returns:
        The numbers by their names on the page. The rank of Tm is missing where no center next to hydrogen is Tm.
    """
    shown = {
        quantity.of_sites("mean of |diagonal|"): numbers["mean_abs_diagonal"],
        quantity.of_sites("mean of |off the diagonal|"): numbers["mean_abs_off_diagonal"],
        "ratio of the two": numbers["diagonal_ratio"],
        "ratio with first neighbors by bond length": numbers["bonded_diagonal_ratio"],
        "ratio of crystals of one element to all others": numbers["elemental_ratio"],
    }
    if numbers["tm_h_rank"] is not None:
        shown["rank of Tm among centers next to H (1: lowest)"] = numbers["tm_h_rank"]
        shown["centers next to H"] = numbers["n_hydrides"]
    return pd.Series(shown, name="value")
