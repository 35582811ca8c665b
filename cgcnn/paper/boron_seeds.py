"""What the boron section measures on each seed: for each of its steps a table to show, and numbers of all seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgcnn.analysis.representations import Representations
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper import boron_map, boron_placed, boron_spread, boron_tables
from cgcnn.paper.boron_errors import error_texts
from cgcnn.paper.boron_map import BoronMap
from cgcnn.paper.boron_regions import REGIONS, name_regions
from cgcnn.paper.seed_numbers import join, over_seeds
from cgcnn.training.runs import Run

# The numbers that the text shows under their own names.
_PLAIN = (
    "n_train",
    "test_mae",
    "test_mae_std",
    "n_test_within_1_eV",
    "n_test_twins",
    "n_distinct_environments",
    "n_icosahedral",
    "n_icosahedral_crystals",
    "n_pentagons",
    "icosahedral_mean_local_energy",
    "pentagons_mean_local_energy",
)


def environments_of_seeds(
    levels: Sequence[Representations], crystals: Crystals, has_regions: bool
) -> list[pd.DataFrame]:
    """Return the distinct environments by each run, with their regions, which are the same for all runs.

    Args:
        levels: The representations of the crystals by each run.
        crystals: The crystals.
        has_regions: Whether the regions are defined, as :func:`cgcnn.paper.boron_tables.have_regions` says.
    """
    environments = [level.environments for level in levels]
    if not has_regions:
        return environments
    geometry = name_regions(crystals, environments[0])
    return [each.join(geometry) for each in environments]


def draw_maps(
    crystals: Crystals,
    environments: Sequence[pd.DataFrame],
    n_environments: int,
    seed: int,
    quantity: Quantity = ENERGY,
) -> list[BoronMap]:
    """Draw a map of the same environments by each run.

    Args:
        crystals: The crystals.
        environments: The environments by each run, from :func:`environments_of_seeds`.
        n_environments: The number of environments that are drawn at random.
        seed: The seed of the draw and of the maps.
        quantity: What the runs predict.
    """
    first = boron_map.draw_boron_map(crystals, environments[0], n_environments, seed)
    return [first, *(first.of_another_run(each, quantity, seed) for each in environments[1:])]


def order(
    mapped: Sequence[BoronMap], seeds: Sequence[int], quantity: Quantity = ENERGY
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return how ordered the maps are: one row per seed, and the numbers over the seeds.

    The numbers of a map are those of :meth:`cgcnn.paper.boron_map.BoronMap.numbers`.

    Args:
        mapped: The map of each seed.
        seeds: The seeds.
        quantity: What the runs predict.
    """
    of_seeds = [each.numbers(quantity) for each in mapped]
    return pd.json_normalize(of_seeds).set_axis(list(seeds)).rename_axis("seed"), over_seeds(of_seeds)


def regions(
    environments: Sequence[pd.DataFrame], mapped: Sequence[BoronMap], energies: pd.Series
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table of the regions, and how they compare.

    Args:
        environments: The environments by each run.
        mapped: The map of each run.
        energies: The energy of each crystal above the lowest, in eV per atom, by the id of the crystal.

    Returns:
        The mean over the seeds of the tables of :func:`cgcnn.paper.boron_tables.region_table`; and the numbers of
        :func:`cgcnn.paper.boron_tables.region_counts`, of :func:`cgcnn.paper.boron_tables.layered_numbers`, of
        :func:`cgcnn.paper.boron_tables.neighbor_numbers` and, over the seeds, of
        :func:`cgcnn.paper.boron_tables.region_numbers`. They are left out where a region does not occur.
    """
    of_seeds = list(zip(environments, mapped, strict=True))
    tables = [boron_tables.region_table(each, of_map.table, energies) for each, of_map in of_seeds]
    mean = boron_tables.mean_table(tables)
    if len(mean) < len(REGIONS):
        return mean, {}
    of_tables = zip(environments, tables, strict=True)
    compared = over_seeds([boron_tables.region_numbers(each, table) for each, table in of_tables])
    of_geometry = boron_tables.region_counts(environments[0], mean)
    of_layers = boron_tables.layered_numbers(environments[0], energies)
    return mean, join(of_geometry, of_layers, boron_tables.neighbor_numbers(mapped[0].table), compared)


def together(mapped: Sequence[BoronMap]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return how far regions lie together: the mean table over the seeds, and the numbers over the seeds.

    The table of a map is that of :meth:`cgcnn.paper.boron_map.BoronMap.togetherness`.

    Args:
        mapped: The map of each seed.
    """
    tables = [each.togetherness() for each in mapped]
    return boron_tables.mean_table(tables), over_seeds([boron_map.together_numbers(table) for table in tables])


def ground_state(
    environments: Sequence[pd.DataFrame], mapped: Sequence[BoronMap], energies: pd.Series
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return where the structure of lowest energy lies: the table of the first seed, and the numbers over the seeds.

    Args:
        environments: The environments by each run.
        mapped: The map of each run.
        energies: As for :func:`regions`.
    """
    of_seeds = zip(environments, mapped, strict=True)
    tables = [boron_placed.ground_state_table(of_map, each, energies) for each, of_map in of_seeds]
    return tables[0], over_seeds([boron_placed.ground_state_numbers(table) for table in tables])


def place_clusters(runs: Sequence[Run], mapped: Sequence[BoronMap], clusters: Crystals) -> list[pd.DataFrame]:
    """Place clusters on the map of each run, as :func:`cgcnn.paper.boron_spread.place_clusters` does."""
    return [boron_spread.place_clusters(run, of_map, clusters) for run, of_map in zip(runs, mapped, strict=True)]


def spreads(
    runs: Sequence[Run], placed: Sequence[pd.DataFrame], clusters: Crystals
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return how wide clusters spread: the mean of the tables of the seeds, and the numbers over the seeds.

    Args:
        runs: The run of each seed.
        placed: The sites of the clusters by each run, from :func:`place_clusters`.
        clusters: The clusters.
    """
    of_seeds = [
        boron_spread.cluster_numbers(each) | boron_spread.distance_numbers(run, clusters)
        for run, each in zip(runs, placed, strict=True)
    ]
    return boron_tables.mean_table([boron_spread.cluster_table(each) for each in placed]), over_seeds(of_seeds)


def texts(numbers: Mapping[str, Any], quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return the numbers of the section as its text shows them, by their names in the text.

    Args:
        numbers: The numbers of the section.
        quantity: What the runs predict.
    """
    plain = {name: numbers.get(name) for name in _PLAIN} | {"n_seeds": len(numbers.get("seeds", ()))}
    return plain | error_texts(numbers, quantity) | boron_spread.texts(numbers) | boron_tables.texts(numbers)
