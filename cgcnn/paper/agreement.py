"""How far runs that differ by their seed agree on local energies, of which training fits only the mean."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis.pairs import pair_energies
from cgcnn.analysis.representations import Representations
from cgcnn.data.quantity import ENERGY, Quantity

_CORRELATION, _RANK_CORRELATION, _DIFFERENCE = "correlation", "rank correlation", "mean difference"


def seed_agreement(energies: Sequence[np.ndarray], seeds: Sequence[int], quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Compare the same energies between every two runs.

    Args:
        energies: One array per run: the (n,) local values, such as energies in eV, of the same sites or groups of sites
            in the same order.
        seeds: The seed of each run.
        quantity: What the runs predict.

    Returns:
        One row per pair of runs: ``seeds`` (such as ``0, 1``), ``correlation`` (Pearson's), ``rank correlation``
        (Spearman's) and the mean of the absolute differences, such as ``mean difference (eV)``.

    Raises:
        ValueError: There are not as many seeds as runs, or two runs have different numbers of energies.
    """
    rows = [
        (f"{a}, {b}", np.corrcoef(of_a, of_b)[0, 1], spearmanr(of_a, of_b).statistic, np.abs(of_a - of_b).mean())
        for (a, of_a), (b, of_b) in itertools.combinations(zip(seeds, energies, strict=True), 2)
    ]
    return pd.DataFrame(rows, columns=["seeds", _CORRELATION, _RANK_CORRELATION, quantity.of_sites(_DIFFERENCE)])


def local_energy_agreement(
    levels: Sequence[Representations], seeds: Sequence[int], chosen: np.ndarray, quantity: Quantity = ENERGY
) -> pd.DataFrame:
    """Compare the local energies of some environments between every two runs.

    The energy of a crystal is fitted, and this alone makes the local energies of two runs correlate. The last column
    therefore compares local energies minus the energy of their crystal, which shows how far the runs agree on how the
    energy of a crystal is shared among its sites.

    Args:
        levels: The representations of the same crystals by each run.
        seeds: The seed of each run.
        chosen: The (n,) rows of the tables of environments that are compared, counted from 0.
        quantity: What the runs predict.

    Returns:
        One row per pair of runs: ``seeds``, ``local energies: correlation``, ``rank correlation``,
        ``mean difference (eV)`` and ``less crystal's energy: correlation``.
    """
    rows = [level.environments.iloc[chosen] for level in levels]
    local = [table[quantity.column("local")].to_numpy() for table in rows]
    crystal = [
        level.energies[quantity.column()].loc[table["crystal"]].to_numpy()
        for level, table in zip(levels, rows, strict=True)
    ]
    shared = [of_site - of_crystal for of_site, of_crystal in zip(local, crystal, strict=True)]
    table = seed_agreement(local, seeds, quantity).rename(columns={_CORRELATION: "local energies: correlation"})
    return table.assign(**{"less crystal's energy: correlation": seed_agreement(shared, seeds)[_CORRELATION]})


def local_agreement_numbers(agreement: pd.DataFrame, test_mae: float, quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return how far runs agree on local energies, as the means over the pairs of runs.

    Args:
        agreement: The table of :func:`local_energy_agreement`, which is empty for one run.
        test_mae: The mean test error of the runs.
        quantity: What the runs predict.

    Returns:
        ``local_energy_seed_correlation``, ``local_energy_seed_difference``,
        ``local_energy_seed_correlation_in_crystal`` (of local energies less the energy of their crystal), and
        ``local_energy_seed_difference_over_test_mae``. All are NaN for one run.
    """
    difference = float(agreement[quantity.of_sites(_DIFFERENCE)].mean())
    return {
        "local_energy_seed_correlation": float(agreement["local energies: correlation"].mean()),
        "local_energy_seed_difference": difference,
        "local_energy_seed_correlation_in_crystal": float(agreement["less crystal's energy: correlation"].mean()),
        "local_energy_seed_difference_over_test_mae": difference / test_mae,
    }


def environment_and_cell_agreement(
    environments: Sequence[pd.DataFrame], seeds: Sequence[int], quantity: Quantity = ENERGY
) -> pd.DataFrame:
    """Compare the local energies of all environments, and their means in the cells of Fig. 6, between every two runs.

    Args:
        environments: One table per run, with the same environments in the same order: ``element``, ``first_neighbor``
            and the local value, such as ``local_energy_eV_per_atom``.
        seeds: The seed of each run.
        quantity: What the runs predict.

    Returns:
        One row per pair of runs: ``seeds``, ``environments: correlation``, ``mean difference (eV)``,
        ``cells of Fig. 6: rank correlation`` and ``cells: mean difference (eV)``.
    """
    local = [table[quantity.column("local")].to_numpy() for table in environments]
    mean = quantity.column("mean_local")
    means = [pair_energies(table, quantity)[mean].to_numpy() for table in environments]
    of_environments, of_cells = (seed_agreement(values, seeds, quantity) for values in (local, means))
    difference = quantity.of_sites(_DIFFERENCE)
    return pd.DataFrame(
        {
            "seeds": of_environments["seeds"],
            "environments: correlation": of_environments[_CORRELATION],
            difference: of_environments[difference],
            "cells of Fig. 6: rank correlation": of_cells[_RANK_CORRELATION],
            f"cells: {difference}": of_cells[difference],
        }
    )


def agreement_numbers(between_seeds: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return the means over the pairs of runs of what :func:`environment_and_cell_agreement` compares.

    Args:
        between_seeds: The table of :func:`environment_and_cell_agreement`.
        quantity: What the runs predict.

    Returns:
        ``local_energy_seed_correlation``, ``local_energy_seed_difference`` and ``cell_seed_difference``, the last two
        in the unit of values of single sites. All are NaN where there is no pair.
    """
    difference = quantity.of_sites(_DIFFERENCE)
    columns = {
        "local_energy_seed_correlation": "environments: correlation",
        "local_energy_seed_difference": difference,
        "cell_seed_difference": f"cells: {difference}",
    }
    return {name: float(between_seeds[column].mean()) for name, column in columns.items()}
