"""Tables of the boron section: its structures, and its local energies by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.paper.boron_errors import MODERATE
from cgcnn.paper.boron_regions import REGIONS
from cgcnn.paper.seed_numbers import text_by_seed, with_interval

_ENERGY = "local_energy_eV_per_atom"
_OF_CRYSTALS, _LESS_CRYSTAL = "energy of their crystals (eV/atom)", "local energy less that of the crystal (eV)"


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
    texts = {name: f"{number:,.0f}" if number % 1 == 0 else f"{number:,.3f}" for name, number in numbers.items()}
    return pd.Series({**texts, "lowest structure": crystals.ids[int(above.argmin())]}, name="value")


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
        above the lowest, the mean energy of the crystals of the environments (which counts a crystal once per
        environment), the mean local energy less that of the crystal, the mean number of bonds, and the mean number of
        neighbors of the mapped environments.
    """
    of_crystal = environments["crystal"].map(energies)
    table = environments.assign(of_crystal=of_crystal, less_crystal=environments[_ENERGY] - of_crystal)
    by_region = table.groupby("region")
    means = pd.DataFrame(
        {
            "environments": by_region.size(),
            "local energy (eV)": by_region[_ENERGY].mean(),
            "median": by_region[_ENERGY].median(),
            "within 1 eV/atom of the lowest": table[of_crystal <= MODERATE].groupby("region")[_ENERGY].mean(),
            _OF_CRYSTALS: by_region["of_crystal"].mean(),
            _LESS_CRYSTAL: by_region["less_crystal"].mean(),
            "bonds": by_region["n_bonds"].mean(),
            "neighbors (mapped ones)": mapped.groupby("region")["n_neighbors"].mean(),
        }
    )
    return means.loc[[region for region in REGIONS if region in means.index]]


def region_counts(environments: pd.DataFrame, regions: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the regions on which no run has an influence.

    Args:
        environments: One row per distinct environment: ``region`` and ``has_pentagon``.
        regions: The table from :func:`region_table`, with all four regions.

    Returns:
        ``n_by_region`` and ``crystal_energy_by_region`` (the mean energy of the crystals of its environments) of each
        region, the number of environments that have a ring of five neighbors but are in no whole icosahedron, and the
        numbers of icosahedral and of all environments.
    """
    return {
        "n_by_region": environments["region"].value_counts().to_dict(),
        "crystal_energy_by_region": regions[_OF_CRYSTALS].sort_index().to_dict(),
        "n_pentagons": int(_is_open(environments).sum()),
        "n_icosahedral": regions.loc["icosahedral", "environments"],
        "n_distinct_environments": len(environments),
    }


def layered_numbers(environments: pd.DataFrame, energies: pd.Series) -> dict[str, Any]:
    """Return how many layered environments are at the wall of a hole, and how high their crystals are in energy.

    A layered environment is in a sheet where its bonded network is periodic in two directions. Where the network is
    periodic in three, the environment is layered because all near atoms are on one side, as at the wall of a hole.

    Args:
        environments: One row per distinct environment: ``crystal``, ``region`` and ``periodicity``.
        energies: The energy of each crystal above the lowest, in eV per atom, by the id of the crystal.

    Returns:
        ``layered_wall_share``; ``layered_crystal_energy``, the mean energy of the crystals of the environments at a
        ``wall`` and in a ``sheet`` (NaN where there is none); and ``n_icosahedral_crystals``, the number of crystals
        that hold icosahedral environments.
    """
    layered = environments[environments["region"] == "layered"]
    is_wall = layered["periodicity"] == 3
    of_crystals = layered["crystal"].map(energies)
    icosahedral = environments[environments["region"] == "icosahedral"]
    return {
        "layered_wall_share": float(is_wall.mean()),
        "layered_crystal_energy": {
            "wall": float(of_crystals[is_wall].mean()),
            "sheet": float(of_crystals[~is_wall].mean()),
        },
        "n_icosahedral_crystals": int(icosahedral["crystal"].nunique()),
    }


def region_numbers(environments: pd.DataFrame, regions: pd.DataFrame) -> dict[str, Any]:
    """Return the comparisons of the regions by one run that test the claims on Fig. 4.

    Args:
        environments: One row per distinct environment: ``region``, ``has_pentagon`` and ``local_energy_eV_per_atom``.
        regions: The table from :func:`region_table`, with all four regions.

    Returns:
        ``mean_local_energy``, ``median_local_energy`` and ``local_energy_less_crystal`` of each region; the differences
        of mean local energies (eV), named after the two regions that are compared; and the mean local energy of
        environments that have a ring of five neighbors but are in no whole icosahedron, beside that of the icosahedral
        environments.
    """
    energy = regions["local energy (eV)"]
    return {
        "mean_local_energy": energy.sort_index().to_dict(),
        "median_local_energy": regions["median"].sort_index().to_dict(),
        "local_energy_less_crystal": regions[_LESS_CRYSTAL].sort_index().to_dict(),
        "icosahedral_below_next": energy.drop("icosahedral").min() - energy["icosahedral"],
        "disconnected_above_next": energy["disconnected"] - energy.drop("disconnected").max(),
        "amorphous_below_disconnected": energy["disconnected"] - energy["amorphous"],
        "amorphous_above_layered": energy["amorphous"] - energy["layered"],
        "amorphous_above_icosahedral": energy["amorphous"] - energy["icosahedral"],
        "pentagons_mean_local_energy": environments.loc[_is_open(environments), _ENERGY].mean(),
        "icosahedral_mean_local_energy": energy["icosahedral"],
    }


def neighbor_numbers(mapped: pd.DataFrame) -> dict[str, Any]:
    """Return how many neighbors fewer disconnected environments have than those of the next region.

    No run decides this number. It is uncertain because the mapped environments are a draw, so its interval is Welch's
    of the difference of the two means.

    Args:
        mapped: One row per environment on the map: ``region`` and ``n_neighbors``.

    Returns:
        ``disconnected_fewer_neighbors`` and its 95 % interval, as :func:`cgcnn.paper.seed_numbers.with_interval` does.
    """
    means = mapped.groupby("region")["n_neighbors"].mean().drop("disconnected")
    next_one, own = (
        mapped.loc[mapped["region"] == region, "n_neighbors"] for region in (means.idxmin(), "disconnected")
    )
    interval = ttest_ind(next_one, own, equal_var=False).confidence_interval()
    return with_interval(
        "disconnected_fewer_neighbors", float(means.min() - own.mean()), (float(interval.low), float(interval.high))
    )


def mean_table(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of tables of several seeds with the same rows and columns. Whole numbers stay whole.

    Args:
        tables: One table per seed.
    """
    mean = sum(tables[1:], tables[0]) / len(tables)
    whole = {name: kind for name, kind in tables[0].dtypes.items() if np.issubdtype(kind, np.integer)}
    return mean.astype(whole)


def texts(numbers: Mapping[str, Any]) -> dict[str, str]:
    """Return numbers of the map and of its regions as the text of the section shows them, by their names in the text.

    Args:
        numbers: The numbers of the section.
    """
    energies = numbers.get("crystal_energy_by_region", {})
    by_region = ("mean_local_energy", "median_local_energy", "together_above_chance", "local_energy_less_crystal")
    shares = {f"cages_nearest_{region}": share for region, share in numbers.get("fullerene_nearest", {}).items()}
    counts = numbers.get("n_by_region", {})
    layers = {kind: x for kind, x in numbers.get("layered_crystal_energy", {}).items() if np.isfinite(x)}
    shares |= {f"share_{region}": count / sum(counts.values()) for region, count in counts.items()}
    return {
        **{f"r2_{name}": text_by_seed(numbers, f"knn_r2.{name}") for name in numbers.get("knn_r2", {})},
        **{f"{name}_{region}": f"{x:.2f}" for name in by_region for region, x in numbers.get(name, {}).items()},
        **{name: f"{share:.0%}" for name, share in shares.items()},
        **{f"layered_{kind}_energy": f"{x:.2f}" for kind, x in layers.items()},
        **({"share_at_walls": f"{numbers['layered_wall_share']:.0%}"} if "layered_wall_share" in numbers else {}),
        "density_by_vectors": text_by_seed(numbers, "knn_r2_of_vectors.density"),
        "icosahedral_less_crystal": text_by_seed(numbers, "local_energy_less_crystal.icosahedral"),
        **{f"crystal_energy_{region}": f"{energy:.2f}" for region, energy in energies.items()},
    }


def _is_open(environments: pd.DataFrame) -> pd.Series:
    """Return which environments have a ring of five neighbors that belongs to no whole icosahedron."""
    return environments["has_pentagon"] & (environments["region"] != "icosahedral")
