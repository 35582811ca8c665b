"""The numbers that test the paper's claims on the mean local energies of pairs of elements (Fig. 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.elements import element_table
from cgcnn.data.quantity import ENERGY, Quantity

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


def pair_numbers(pairs: pd.DataFrame, oxides: Sequence[str], quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers that test the claims on Fig. 6.

    Args:
        pairs: The table of :func:`cgcnn.analysis.pairs.pair_energies`.
        oxides: The symbols of the centers whose pairs with oxygen are said to be stable.
        quantity: What the runs predict.

    Returns:
        ``mean_abs_diagonal`` and ``mean_abs_off_diagonal``, the mean absolute energies of pairs of equal elements
        and of all other pairs, and ``diagonal_ratio``, the first divided by the second; ``lowest_cells``, the ten
        lowest pairs, and ``lowest_cells_as_said``, their :func:`share_as_said`; ``tm_h_rank`` and ``n_hydrides``, the
        :func:`hydride_rank` of Tm and the number of centers; ``lower_cells``, the share of all pairs whose energy is
        lower than that of each oxide.
    """
    mean = quantity.column(_MEAN_LOCAL)
    energies = pairs[mean]
    is_diagonal = pairs["center"] == pairs["first_neighbor"]
    diagonal, others = (energies[chosen].abs().mean() for chosen in (is_diagonal, ~is_diagonal))
    lowest = lowest_pairs(pairs, quantity=quantity)
    rank, n_hydrides = hydride_rank(pairs, "Tm", quantity)
    by_pair = pairs.set_index(_PAIR)[mean]
    in_unit_of_sites = mean.removesuffix("_per_atom")
    return {
        "mean_abs_diagonal": diagonal,
        "mean_abs_off_diagonal": others,
        "lowest_cells": [
            {"center": center, "first_neighbor": neighbor, in_unit_of_sites: energy}
            for center, neighbor, energy in lowest.reset_index()[[*_PAIR, mean]].itertuples(index=False)
        ],
        "tm_h_rank": rank,
        "n_hydrides": n_hydrides,
        "lowest_cells_as_said": share_as_said(lowest),
        "lower_cells": {center: np.mean(energies < by_pair[center, "O"]) for center in oxides},
        "diagonal_ratio": diagonal / others,
    }


def summary_table(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> pd.Series:
    """Return the numbers of Fig. 6 that a page shows.

    Args:
        numbers: The numbers of :func:`pair_numbers`.
        quantity: What the runs predict.

    Returns:
        The numbers by their names on the page. The rank of Tm is missing where no center next to hydrogen is Tm.
    """
    shown = {
        quantity.of_sites("mean of |diagonal|"): numbers["mean_abs_diagonal"],
        quantity.of_sites("mean of |off the diagonal|"): numbers["mean_abs_off_diagonal"],
    }
    if numbers["tm_h_rank"] is not None:
        shown["rank of Tm among centers next to H (1: lowest)"] = numbers["tm_h_rank"]
        shown["centers next to H"] = numbers["n_hydrides"]
    return pd.Series(shown, name="value")
