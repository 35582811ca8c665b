"""The cells of Fig. 6 over several runs: their mean, how far the runs differ, and in how many environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.pairs import pair_energies
from cgcnn.data.quantity import ENERGY, Quantity

#: The number of crystals of the paper's set.
PAPER_CRYSTALS = 46_744
#: Cells with fewer environments than this are marked in the figure.
FEW_ENVIRONMENTS = 5

_N, _PAIR = "n_environments", ["center", "first_neighbor"]
# The lower bounds of the groups of cells by their numbers of environments.
_BOUNDS = (1, 2, FEW_ENVIRONMENTS, 20, 100, 1000)
_SEED_SPREAD = "std_over_seeds"


def cells_over_seeds(environments: Sequence[pd.DataFrame], quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Average the local energies of all environments by center and first neighbor, for each run and over the runs.

    Args:
        environments: The table of environments with the local values of each run, in the same order: ``element``,
            ``first_neighbor``, ``in_element`` and the local value, such as ``local_energy_eV_per_atom``.
        quantity: What the runs predict.

    Returns:
        One row per pair that occurs: ``center``, ``first_neighbor``, ``n_environments``, ``n_in_elements`` (the number
        of them in crystals of one element), the mean over the runs, such as ``mean_local_energy_eV_per_atom``, and the
        standard deviation of the runs, such as ``std_over_seeds_eV_per_atom`` (NaN for one run).
    """
    mean = quantity.column("mean_local")
    of_runs = [pair_energies(table, quantity) for table in environments]
    values = np.array([table[mean] for table in of_runs])
    deviation = values.std(axis=0, ddof=1) if len(values) > 1 else np.nan
    in_elements = environments[0].groupby(["element", "first_neighbor"])["in_element"].sum().to_numpy()
    columns = {"n_in_elements": in_elements, mean: values.mean(axis=0), quantity.with_unit(_SEED_SPREAD): deviation}
    return of_runs[0][[*_PAIR, _N]].assign(**columns)


def spread_by_count(cells: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Group the cells by their numbers of environments, and return how far the runs differ in each group.

    Args:
        cells: The table of :func:`cells_over_seeds`.
        quantity: What the runs predict.

    Returns:
        One row per group: ``environments`` (such as ``2 to 4``), ``cells`` (their number), and the median and the 90 %
        quantile of their standard deviations over the runs.
    """
    ends = [*(bound - 1 for bound in _BOUNDS[1:]), np.inf]
    names = [
        f"{low:,} or more" if np.isinf(high) else f"{low}" if low == high else f"{low:,} to {high:,.0f}"
        for low, high in zip(_BOUNDS, ends, strict=True)
    ]
    groups = pd.cut(cells[_N], [0, *ends], labels=names)
    spreads = cells[quantity.with_unit(_SEED_SPREAD)].groupby(groups, observed=True)
    title = "standard deviation over seeds"
    return pd.DataFrame(
        {
            "cells": spreads.size(),
            quantity.of_sites(f"{title}, median"): spreads.median(),
            quantity.of_sites(f"{title}, 90 % quantile"): spreads.quantile(0.9),
        }
    ).rename_axis("environments")


def cell_numbers(cells: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers that say what the cells of Fig. 6 rest on.

    Args:
        cells: The table of :func:`cells_over_seeds`.
        quantity: What the runs predict.

    Returns:
        ``n_cells``; ``n_cells_with_few``, the number of those with fewer than five environments; ``diagonal``, with
        ``environments``, ``in_elements`` and ``energy`` of the cells F-F, O-O and S-S where they occur, such as
        ``diagonal.F.environments``; and ``tm_h_environments``, the number of environments of Tm next to hydrogen.
    """
    counted: Mapping[Any, Any] = cells.set_index(_PAIR).to_dict("index")
    return {
        "n_cells": len(cells),
        "n_cells_with_few": int((cells[_N] < FEW_ENVIRONMENTS).sum()),
        "diagonal": {
            element: {
                "environments": row[_N],
                "in_elements": row["n_in_elements"],
                "energy": row[quantity.column("mean_local")],
            }
            for element in ("F", "O", "S")
            if (row := counted.get((element, element)))
        },
        "tm_h_environments": counted[("Tm", "H")][_N] if ("Tm", "H") in counted else 0,
    }
