"""Boron clusters by a run: where their sites lie, how wide they spread, and how far they are from what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import maps
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.paper.boron_clusters import CAGES, CLUSTERS, QUASI_PLANAR
from cgcnn.paper.boron_map import BoronMap
from cgcnn.paper.boron_regions import REGIONS, name_regions
from cgcnn.paper.seed_numbers import text_by_seed
from cgcnn.training.runs import Run

_ICOSAHEDRAL = "icosahedral"
_SPREAD, _INNER_SPREAD = "spread of v(K)", "spread of v(K) without the edge"
_NEAR = "icosahedral among the ten nearest"
#: Sites with fewer bonds, such as those of an edge, are left out where the spread of the others is measured.
BONDS_INSIDE = 5
# The share of the validation crystals with whose distance a cluster's is compared.
_SHARE = 0.9


def place_clusters(run: Run, mapped: BoronMap, clusters: Crystals) -> pd.DataFrame:
    """Place the distinct sites of clusters on the map of a run, and measure how far they are from its environments.

    Args:
        run: A finished run.
        mapped: Its map.
        clusters: The clusters, from :func:`cgcnn.paper.boron_clusters.clusters`.

    Returns:
        One row per distinct site: the columns of :func:`cgcnn.analysis.representations.represent` and of
        :func:`cgcnn.paper.boron_regions.name_regions`, ``x`` and ``y`` on the map, ``n_icosahedral`` (the number of
        icosahedral environments among the ten nearest on the map), and for each region on the map the Euclidean
        distance of the site's vector to the nearest vector of the region, such as ``to_layered``.
    """
    sites = represent(run, clusters).environments
    vectors = environment_vectors(sites)
    points = maps.place(mapped.chart, vectors)
    n_icosahedral = (mapped.near(points) == _ICOSAHEDRAL).sum(axis=1).rename("n_icosahedral")
    distances = maps.distances_to(mapped.vectors, vectors, mapped.regions).add_prefix("to_")
    return sites.join(name_regions(clusters, sites)).join(points).join(n_icosahedral).join(distances)


def cluster_table(placed: pd.DataFrame) -> pd.DataFrame:
    """Describe each cluster by its distinct sites.

    Args:
        placed: The sites, from :func:`place_clusters`.

    Returns:
        One column per cluster: the number of distinct sites, the mean local energy over all sites, the spread of the
        vectors of the distinct sites (the root of their summed variances), the same without the sites with fewer than
        five bonds, the mean distance to each region, and the share of icosahedral environments among the ten nearest.
    """
    columns = {}
    for cluster, sites in placed.groupby("crystal", sort=False):
        columns[cluster] = {
            "distinct sites": len(sites),
            "mean local energy (eV)": np.average(sites["local_energy_eV_per_atom"], weights=sites["multiplicity"]),
            _SPREAD: _spread(sites),
            _INNER_SPREAD: _spread(sites[sites["n_bonds"] >= BONDS_INSIDE]),
            **{f"distance to {region}": sites[f"to_{region}"].mean() for region in _regions(placed)},
            _NEAR: sites["n_icosahedral"].sum() / (10 * len(sites)),
        }
    return pd.DataFrame(columns)


def cluster_numbers(placed: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the clusters by one run.

    Args:
        placed: The sites, from :func:`place_clusters`.

    Returns:
        ``fullerene_spread`` and ``fullerene_near_icosahedral`` of each cluster; ``fullerene_nearest``, the shares of
        the distinct sites of the cages whose nearest mapped vector is of each region, and
        ``fullerene_nearest_is_icosahedral``, one of them; and ratios of spreads, each None where one of its clusters is
        missing: ``fullerene_spread_ratio`` (B40 by B80), ``fullerene_spread_ratio_quasi_planar`` (B35 by B40),
        ``fullerene_spread_ratio_symmetric`` (B36 by B40), and ``fullerene_spread_ratio_inside`` of both quasi-planar
        clusters (by B40, of each cluster the sites with five bonds or more).
    """
    by_row = cluster_table(placed).T
    spread, inner, near = (_by_name(by_row[row]) for row in (_SPREAD, _INNER_SPREAD, _NEAR))
    cage, symmetric_cage = CAGES
    two_holes, one_hole = QUASI_PLANAR
    of_cages = placed[placed["crystal"].isin(CAGES)]
    nearest = of_cages[[f"to_{region}" for region in _regions(placed)]].idxmin(axis=1)
    shares = {region: float((nearest == f"to_{region}").mean()) for region in REGIONS} if len(nearest) else {}
    return {
        "fullerene_spread": spread,
        "fullerene_near_icosahedral": near,
        "fullerene_nearest": shares,
        "fullerene_nearest_is_icosahedral": shares.get(_ICOSAHEDRAL),
        "fullerene_spread_ratio": _ratio(spread, cage, spread, symmetric_cage),
        "fullerene_spread_ratio_quasi_planar": _ratio(spread, two_holes, spread, cage),
        "fullerene_spread_ratio_symmetric": _ratio(spread, one_hole, spread, cage),
        "fullerene_spread_ratio_inside": {name: _ratio(inner, name, inner, cage) for name in QUASI_PLANAR},
    }


def distance_numbers(run: Run, clusters: Crystals) -> dict[str, Any]:
    """Return how far clusters are from the training crystals of a run, beside the validation crystals.

    The distance is that of :class:`cgcnn.training.seen.Seen`: between the mean of v(K) over the sites of a crystal and
    the nearest of the vectors that stand for the training crystals, with each of the 64 numbers in units of its
    standard deviation over the training crystals.

    Args:
        run: A finished run, whose file holds what it has seen.
        clusters: The clusters.

    Returns:
        ``distance_to_seen`` of each cluster, and ``distance_of_nine_in_ten``, within which nine in ten validation
        crystals lie. Empty where the file of the run does not hold what it has seen.
    """
    if run.seen is None:
        return {}
    distances = run.seen.distances(represent(run, clusters).crystals.to_numpy())
    within = float(np.quantile(run.seen.validation_distances.astype(np.float64), _SHARE))
    return {
        "distance_to_seen": dict(zip(clusters.ids, distances.tolist(), strict=True)),
        "distance_of_nine_in_ten": within,
    }


def texts(numbers: Mapping[str, Any]) -> dict[str, str]:
    """Return the numbers of the clusters as the text of the section shows them, by their names in the text.

    Args:
        numbers: The numbers of the section.
    """
    two_holes, one_hole = QUASI_PLANAR
    names = {
        "ratio_b35": "fullerene_spread_ratio_quasi_planar",
        "ratio_b36": "fullerene_spread_ratio_symmetric",
        "ratio_b80": "fullerene_spread_ratio",
        "inside_b35": f"fullerene_spread_ratio_inside.{two_holes}",
        "inside_b36": f"fullerene_spread_ratio_inside.{one_hole}",
        **{f"distance_{name.split()[0].lower()}": f"distance_to_seen.{name}" for name in CLUSTERS},
        "distance_validation": "distance_of_nine_in_ten",
    }
    return {text: text_by_seed(numbers, name, 1 if "distance" in text else 2) for text, name in names.items()}


def _spread(sites: pd.DataFrame) -> float:
    """Return the root of the summed variances of the vectors of distinct sites."""
    return float(np.sqrt(environment_vectors(sites).var(ddof=0).sum()))


def _by_name(row: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.items()}


def _ratio(of: Mapping[str, float], name: str, by: Mapping[str, float], other: str) -> float | None:
    return of[name] / by[other] if name in of and by.get(other) else None


def _regions(placed: pd.DataFrame) -> list[str]:
    return [region for region in REGIONS if f"to_{region}" in placed]
