"""Tables of the boron section: its structures, its errors, and its local energies by region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.paper.boron_regions import REGIONS
from cgcnn.paper.section import run_errors
from cgcnn.training.runs import Run

#: The energy above the lowest structure, in eV per atom, up to which experiments may meet a structure.
MODERATE = 1.0
_ENERGY = "local_energy_eV_per_atom"
_WITHIN = "test_mae_within_1_eV_eV_per_atom"


def have_regions(crystals: Crystals) -> bool:
    """Return whether the regions are defined: for boron alone, with energies in eV per atom."""
    return crystals.symbols == ["B"] and crystals.unit == ENERGY.unit


def set_size(crystals: Crystals, graphs: CrystalGraphs) -> pd.Series:
    """Count the structures, sites and nodes of a set of boron structures, and describe their energies.

    Args:
        crystals: The data set, whose targets are energies above its lowest structure, in eV per atom.
        graphs: The graphs of the data set, in which equal sites are merged.

    Returns:
        The numbers as texts, by their names on the page.
    """
    above = crystals.targets
    numbers = {
        "structures": len(crystals),
        "sites": crystals.n_sites.sum(),
        "nodes after merging": graphs.n_nodes,
        "sites in the smallest cell": crystals.n_sites.min(),
        "sites in the largest cell": crystals.n_sites.max(),
        "within 1 eV/atom of the lowest": (above <= MODERATE).sum(),
        "median energy above the lowest (eV/atom)": np.median(above),
        "highest energy above the lowest (eV/atom)": above.max(),
    }
    texts = {name: f"{number:,.6g}" for name, number in numbers.items()}
    return pd.Series({**texts, "lowest structure": crystals.ids[int(above.argmin())]}, name="value")


def errors_with_moderate(runs: Sequence[Run], crystals: Crystals) -> pd.DataFrame:
    """Return the errors of runs on all test structures, and on those at most 1 eV per atom above the lowest structure.

    Args:
        runs: Finished runs on the same split.
        crystals: The whole data set.

    Returns:
        One row per run: the columns of :func:`cgcnn.paper.section.run_errors` and
        ``test_mae_within_1_eV_eV_per_atom``.
    """
    test = crystals.select(runs[0].split.test)
    is_moderate = test.targets <= MODERATE
    within = [np.abs(predict(run, test) - test.targets)[is_moderate].mean() for run in runs]
    return run_errors(runs, crystals).assign(**{_WITHIN: within})


def moderate_numbers(errors: pd.DataFrame, runs: Sequence[Run], crystals: Crystals) -> dict[str, float]:
    """Return the numbers of the error on test structures at most 1 eV per atom above the lowest structure.

    Args:
        errors: The errors from :func:`errors_with_moderate`.
        runs: The runs that have these errors.
        crystals: The whole data set.

    Returns:
        The mean and the standard deviation over the runs, and the number of these structures.
    """
    return {
        "test_mae_within_1_eV": errors[_WITHIN].mean(),
        "test_mae_within_1_eV_std": errors[_WITHIN].std(),
        "n_test_within_1_eV": int((crystals.targets[runs[0].split.test] <= MODERATE).sum()),
    }


def energy_quantiles(environments: pd.DataFrame) -> pd.DataFrame:
    """Return the number, mean, standard deviation and quantiles of the local energies (eV), one row per region.

    Args:
        environments: One row per distinct environment: ``region`` and ``local_energy_eV_per_atom``.
    """
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    return environments.groupby("region")[_ENERGY].describe(percentiles=quantiles)


def region_table(environments: pd.DataFrame, mapped: pd.DataFrame, energies: pd.Series) -> pd.DataFrame:
    """Describe each region by the means over its environments.

    Args:
        environments: One row per distinct environment: ``crystal``, ``region``, ``n_bonds`` and
            ``local_energy_eV_per_atom``.
        mapped: One row per environment on the map: ``region`` and ``n_neighbors``.
        energies: The energy of each crystal above the lowest, in eV per atom, by the id of the crystal.

    Returns:
        One row per region that occurs, in the order of :data:`cgcnn.paper.boron_regions.REGIONS`: the number of
        environments, the mean and the median local energy, the mean local energy in crystals at most 1 eV per atom
        above the lowest, the mean number of bonds, and the mean number of neighbors of the mapped environments.
    """
    by_region = environments.groupby("region")
    is_moderate = environments["crystal"].isin(energies.index[energies <= MODERATE])
    table = pd.DataFrame(
        {
            "environments": by_region.size(),
            "local energy (eV)": by_region[_ENERGY].mean(),
            "median": by_region[_ENERGY].median(),
            "within 1 eV/atom of the lowest": environments[is_moderate].groupby("region")[_ENERGY].mean(),
            "bonds": by_region["n_bonds"].mean(),
            "neighbors (mapped ones)": mapped.groupby("region")["n_neighbors"].mean(),
        }
    )
    return table.loc[[region for region in REGIONS if region in table.index]]


def region_numbers(environments: pd.DataFrame, regions: pd.DataFrame) -> dict[str, Any]:
    """Return the comparisons of the regions that test the claims on Fig. 4.

    Args:
        environments: One row per distinct environment: ``region``, ``has_pentagon`` and ``local_energy_eV_per_atom``.
        regions: The table from :func:`region_table`, with all four regions.

    Returns:
        ``mean_local_energy`` and ``n_by_region`` of each region; the differences of mean local energies (eV) and of
        mean coordination numbers, named after the two regions that are compared; the number and the mean local energy
        of environments that have a ring of five neighbors but are in no whole icosahedron; the same for the icosahedral
        environments; and the number of all environments.
    """
    energy, neighbors = regions["local energy (eV)"], regions["neighbors (mapped ones)"]
    is_open = environments["has_pentagon"] & (environments["region"] != "icosahedral")
    return {
        "mean_local_energy": energy.sort_index().to_dict(),
        "n_by_region": environments["region"].value_counts().to_dict(),
        "icosahedral_below_next": energy.drop("icosahedral").min() - energy["icosahedral"],
        "disconnected_above_next": energy["disconnected"] - energy.drop("disconnected").max(),
        "disconnected_fewer_neighbors": neighbors.drop("disconnected").min() - neighbors["disconnected"],
        "amorphous_below_disconnected": energy["disconnected"] - energy["amorphous"],
        "amorphous_above_layered": energy["amorphous"] - energy["layered"],
        "amorphous_above_icosahedral": energy["amorphous"] - energy["icosahedral"],
        "n_pentagons": int(is_open.sum()),
        "pentagons_mean_local_energy": environments.loc[is_open, _ENERGY].mean(),
        "icosahedral_mean_local_energy": energy["icosahedral"],
        "n_icosahedral": regions.loc["icosahedral", "environments"],
        "n_distinct_environments": len(environments),
    }
