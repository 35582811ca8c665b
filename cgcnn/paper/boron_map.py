"""The map of boron environments (Fig. 4): which environments it shows, how ordered it is, and examples from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pymatgen.core import Structure
from scipy.spatial import KDTree

from cgcnn.analysis import maps
from cgcnn.analysis.elements import numeric_properties
from cgcnn.analysis.representations import environment_vectors
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import Crystals
from cgcnn.data.near_copies import neighbor_distances
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.boron_regions import REGIONS

#: Fewer environments than this make no map.
FEWEST = 100
# The number of icosahedral environments that are added to the random draw, which may hold none.
_N_RARE = 100
# The number of nearest points of the map with which a point is compared.
_N_NEAREST = 10
_EXAMPLES_PER_REGION = 3
# Avogadro's number times 1e-24, the cubic centimeters per cubic angstrom.
_AVOGADRO = 0.602214
_DENSITY, _DISTANCE = "density_g_per_cm3", "neighbor_distance_angstrom"


@dataclass(frozen=True)
class BoronMap:
    """A map of a sample of the distinct environments of a data set.

    Attributes:
        chosen: The (n,) rows of the mapped environments in the table of all environments.
        table: One row per mapped environment: the columns of the table of all environments without the labels and the
            vectors, those of :func:`cgcnn.analysis.site_geometry.describe_sites`, ``neighbor_distance_angstrom`` (the
            mean distance of the 12 nearest neighbors), ``density_g_per_cm3`` of the crystal, and ``x`` and ``y`` on the
            map.
        vectors: The (n, width) vectors v(K) of the same environments.
        chart: The map, on which other vectors can be placed.
    """

    chosen: np.ndarray
    table: pd.DataFrame
    vectors: pd.DataFrame
    chart: maps.Map

    @property
    def regions(self) -> pd.Series:
        """The region of each mapped environment."""
        return self.table["region"]

    def smoothness(self, quantity: Quantity = ENERGY) -> dict[str, float]:
        """Return how well values are predicted from the ten nearest points (:func:`cgcnn.analysis.maps.smoothness`).

        Args:
            quantity: What the run predicts.

        Returns:
            The coefficients of determination R² of the local value, such as ``local_energy``, of ``n_neighbors``, of
            ``density``, and of ``neighbor_distance``.
        """
        columns = {
            f"local_{quantity.noun}": quantity.column("local"),
            "n_neighbors": "n_neighbors",
            "density": _DENSITY,
            "neighbor_distance": _DISTANCE,
        }
        return {name: maps.smoothness(self.chart.points, self.table[column]) for name, column in columns.items()}

    def numbers(self, quantity: Quantity = ENERGY) -> dict[str, Any]:
        """Return how ordered the map is.

        Args:
            quantity: What the run predicts.

        Returns:
            ``knn_r2``, the numbers of :meth:`cgcnn.paper.boron_map.BoronMap.smoothness`; ``knn_r2_of_vectors``, with
            ``density`` of ``density_by_vectors``; and ``trustworthiness``.
        """
        return {
            "knn_r2": self.smoothness(quantity),
            "knn_r2_of_vectors": {"density": self.density_by_vectors()},
            "trustworthiness": self.chart.trustworthiness,
        }

    def density_by_vectors(self) -> float:
        """Return how well the density is predicted from the ten nearest vectors, before they are laid out in a plane.

        Returns:
            The coefficient of determination R², as that of :meth:`cgcnn.paper.boron_map.BoronMap.smoothness`.
        """
        return maps.smoothness(self.vectors, self.table[_DENSITY])

    def togetherness(self) -> pd.DataFrame:
        """Return how often the environments near an environment of a region belong to the same region.

        Returns:
            One row per region: the mean share p of the ten nearest other points that belong to the same region; the
            share c of the region on the whole map, which is the share by chance; the ratio p / c; the largest ratio
            that there can be, 1 / c; and p above chance relative to the most that it can be above chance,
            (p - c) / (1 - c), which has the form of Cohen's kappa (Landis and Koch 1977, doi 10.2307/2529310).
        """
        points = self.chart.points
        # Each point is its own nearest neighbor, so its first label is left out.
        nearest = maps.nearest_labels(points, points, self.regions, _N_NEAREST + 1).iloc[:, 1:]
        same = nearest.eq(self.regions, axis=0).mean(axis=1).groupby(self.regions).mean()
        chance = self.regions.value_counts(normalize=True)
        table = {
            "of the ten nearest, same region": same,
            "by chance": chance,
            "ratio": same / chance,
            "largest ratio": 1 / chance,
            "above chance": (same - chance) / (1 - chance),
        }
        return pd.DataFrame(table).sort_index()

    def of_another_run(self, environments: pd.DataFrame, quantity: Quantity = ENERGY, seed: int = 0) -> BoronMap:
        """Draw the map of the same environments by the vectors of another run on the same crystals.

        Args:
            environments: All distinct environments of the data set by the other run.
            quantity: What the runs predict.
            seed: The seed of the map.
        """
        sample = environments.iloc[self.chosen].reset_index(drop=True)
        vectors, local = environment_vectors(sample), quantity.column("local")
        chart = maps.draw_map(vectors, seed)
        table = self.table.assign(**{local: sample[local], "x": chart.points["x"], "y": chart.points["y"]})
        return BoronMap(self.chosen, table, vectors, chart)

    def near(self, points: pd.DataFrame, counted: np.ndarray | None = None) -> pd.DataFrame:
        """Return the regions of the ten mapped environments that are nearest to other points of the map.

        Args:
            points: The (k, 2) positions ``x`` and ``y`` of the points.
            counted: The (n,) booleans that say which of the mapped environments are searched; None searches all.

        Returns:
            The (k, 10) regions, the nearest first, by the index of the points.
        """
        known = self.chart.points if counted is None else self.chart.points[counted]
        return maps.nearest_labels(known, points, self.regions, _N_NEAREST)


@dataclass(frozen=True)
class Example:
    """An environment of a map that is drawn.

    Attributes:
        region: Its region.
        structure: Its crystal.
        site: The index of its center.
        energy: Its local energy in eV.
        x: Its place on the map, from left to right.
        y: Its place on the map, upward.
    """

    region: str
    structure: Structure
    site: int
    energy: float
    x: float
    y: float


def together_numbers(together: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return how far the environments of each region lie together.

    Args:
        together: The table of :meth:`BoronMap.togetherness`.

    Returns:
        ``together`` (the ratio), ``together_largest`` (the largest ratio that there can be) and
        ``together_above_chance``, each by region.
    """
    columns = {"together": "ratio", "together_largest": "largest ratio", "together_above_chance": "above chance"}
    return {
        name: {str(region): float(value) for region, value in together[column].items()}
        for name, column in columns.items()
    }


def draw_boron_map(
    crystals: Crystals, environments: pd.DataFrame, n_environments: int = 1000, seed: int = 0
) -> BoronMap:
    """Draw the map of a sample of environments.

    Args:
        crystals: The data set.
        environments: All distinct environments of the data set, from
            :func:`cgcnn.analysis.representations.represent`. Where they have the columns of
            :func:`cgcnn.paper.boron_regions.name_regions`, the targets are energies, and the map leaves out the
            structure of lowest energy.
        n_environments: The number of environments that are drawn at random.
        seed: The seed of the draw and of the map.
    """
    if "region" in environments:
        lowest = crystals.ids[int(crystals.targets.argmin())]
        chosen = choose_environments(environments, lowest, n_environments, seed)
    else:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(environments))[:n_environments])
    sample = environments.iloc[chosen].reset_index(drop=True)
    vectors = environment_vectors(sample)
    # The published table has no labels: the number of the site names it.
    table = sample.drop(columns=[*vectors, "label"], errors="ignore")
    table = table.join(describe_sites(crystals, table))
    table[_DISTANCE] = _mean_distances(crystals, table)
    table[_DENSITY] = densities(crystals).loc[table["crystal"]].to_numpy()
    chart = maps.draw_map(vectors, seed)
    return BoronMap(chosen, table.join(chart.points), vectors, chart)


def choose_environments(environments: pd.DataFrame, left_out: str, n_environments: int, seed: int) -> np.ndarray:
    """Draw environments at random, and add a hundred icosahedral ones, or all of them if there are fewer.

    Args:
        environments: One row per distinct environment: ``crystal`` and ``region``.
        left_out: The id of the crystal whose environments are left out.
        n_environments: The number of environments that are drawn before the icosahedral ones are added and those of the
            crystal are left out.
        seed: The seed of the draw.

    Returns:
        The (n,) rows of the drawn environments in ascending order.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(environments))[:n_environments]
    rare = rng.permutation(np.flatnonzero(environments["region"] == "icosahedral"))[:_N_RARE]
    return np.setdiff1d(np.union1d(drawn, rare), np.flatnonzero(environments["crystal"] == left_out))


def _mean_distances(crystals: Crystals, sites: pd.DataFrame) -> np.ndarray:
    """Return the mean distance of the 12 nearest neighbors of sites, in angstrom."""
    places = {crystal_id: place for place, crystal_id in enumerate(crystals.ids)}
    means = {each: neighbor_distances(crystals, places[each]).mean(axis=1) for each in sites["crystal"].unique()}
    return np.array([means[crystal][site] for crystal, site in zip(sites["crystal"], sites["site"], strict=True)])


def densities(crystals: Crystals) -> pd.Series:
    """Return the density of each crystal in g/cm3 by the id of the crystal."""
    weights = numeric_properties()["atomic_weight"].to_numpy()[crystals.atomic_numbers.astype(np.int64) - 1]
    starts = crystals.site_offsets[:-1]
    least, greatest = np.minimum.reduceat(weights, starts), np.maximum.reduceat(weights, starts)
    mean = np.add.reduceat(weights, starts) / crystals.n_sites
    # The mean of equal numbers is that number, and not its sum divided by their count, which is rounded.
    mass = np.where(least == greatest, least, mean)
    volume_per_atom = np.abs(np.linalg.det(crystals.lattices)) / crystals.n_sites
    return pd.Series(mass / _AVOGADRO / volume_per_atom, index=crystals.ids)


def draw_examples(table: pd.DataFrame, crystals: Crystals, seed: int = 0) -> list[Example]:
    """Draw three mapped environments of each region at random, and leave out a region with fewer (Fig. S2).

    Args:
        table: The table of a :class:`BoronMap`.
        crystals: The data set.
        seed: The seed of the draw.

    Returns:
        The examples in the order of the regions in Fig. S2.
    """
    of_regions = (table[table["region"] == region] for region in REGIONS)
    drawn = [
        rows.sample(_EXAMPLES_PER_REGION, random_state=seed) for rows in of_regions if len(rows) >= _EXAMPLES_PER_REGION
    ]
    return _as_examples(pd.concat(drawn), crystals) if drawn else []


def typical_examples(table: pd.DataFrame, crystals: Crystals) -> list[Example]:
    """Return the environment of each region around which the map has most environments of this region (Fig. 4).

    Args:
        table: The table of a :class:`BoronMap`.
        crystals: The data set.

    Returns:
        One example per region that is on the map, in the order of the regions in Fig. S2. Around it, the tenth part
        of the region's environments, or at least one, is nearest. Empty where no region is known.
    """
    rows = []
    for region in REGIONS if "region" in table else ():
        of_region = table[table["region"] == region]
        if len(of_region) > 1:
            places = of_region[["x", "y"]].to_numpy()
            distances, _ = KDTree(places).query(places, k=[2 + len(places) // 10])
            rows.append(of_region.iloc[[int(np.asarray(distances)[:, 0].argmin())]])
    return _as_examples(pd.concat(rows), crystals) if rows else []


def _as_examples(rows: pd.DataFrame, crystals: Crystals) -> list[Example]:
    places = {crystal: place for place, crystal in enumerate(crystals.ids)}
    columns = (rows[name] for name in ("region", "crystal", "site", "local_energy_eV_per_atom", "x", "y"))
    return [
        Example(region, crystals.structure(places[crystal]), int(site), float(energy), float(x), float(y))
        for region, crystal, site, energy, x, y in zip(*columns, strict=True)
    ]
