"""The clusters of a map of coordination environments, and whether those of one chemical class lie together (Fig. 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

from cgcnn.paper.mp_maps import AnionMap
from cgcnn.paper.seed_numbers import BY_SEED, over_seeds

# The number of clusters that the paper describes, and another one for comparison.
_N_CLUSTERS, _N_MORE = 4, 6
# The numbers of clusters that are tried to find the one with the highest silhouette.
_TRIED = range(2, 11)
_OTHER = "other"
# The number of nearest points whose classes are counted.
_N_NEAREST = 10
# The number of centers of a cluster that are named.
_N_NAMED = 5

# The numbers of a map in the words of the page.
_IN_WORDS = {
    "class_by_place": "share whose ten nearest points are mostly of their class",
    "cluster_number": "number of clusters with the highest silhouette",
    "chemistry_among_vectors": "silhouette of the classes among the vectors",
    "chemistry_on_map": "silhouette of the classes on the map",
    "kmeans_on_map": "silhouette of four clusters",
    "purity": "purity of four clusters",
    "purity_of_six": "purity of six clusters",
    "largest_class": "share of the largest class",
    "trustworthiness": "trustworthiness of the map",
}


def clusters(drawn: AnionMap, number: int = _N_CLUSTERS) -> np.ndarray:
    """Return the (n,) k-means clusters of the environments on a map, numbered from 0.

    Args:
        drawn: The map, whose seed is also that of the start of k-means.
        number: The number of clusters.
    """
    found: np.ndarray = KMeans(number, n_init=10, random_state=drawn.seed).fit_predict(drawn.points)
    return found


def measure(drawn: AnionMap) -> dict[str, float]:
    """Return how far the environments of a map form clusters by the chemistry of the center.

    Args:
        drawn: The map.

    Returns:
        The silhouettes of the chemical classes (without ``other``), ``chemistry_among_vectors`` and
        ``chemistry_on_map``, and of four clusters, ``kmeans_on_map``; ``purity``, the share of environments that belong
        to the largest class of their cluster, ``purity_of_six``, the same for six clusters; ``largest_class``, the
        share of the largest class in all environments; and ``trustworthiness``. A silhouette of fewer than two classes
        is NaN.
    """
    classes, found = drawn.table["class"], clusters(drawn)
    is_named = (classes != _OTHER).to_numpy()
    return {
        "chemistry_among_vectors": _silhouette(drawn.vectors[is_named].to_numpy(), classes[is_named]),
        "chemistry_on_map": _silhouette(drawn.points[is_named], classes[is_named]),
        "kmeans_on_map": _silhouette(drawn.points, found),
        "purity": purity(found, classes),
        "purity_of_six": purity(clusters(drawn, _N_MORE), classes),
        "largest_class": float(classes.value_counts(normalize=True).iloc[0]),
        "trustworthiness": drawn.trustworthiness,
    }


def purity(found: np.ndarray, classes: pd.Series) -> float:
    """Return the share of environments that belong to the largest class of their cluster.

    Args:
        found: The (n,) clusters.
        classes: The (n,) classes.
    """
    counts = pd.crosstab(found, classes)
    return float(counts.max(axis=1).sum() / counts.to_numpy().sum())


def class_by_place(drawn: AnionMap) -> float:
    """Return how often the ten nearest other points of an environment are mostly of its own chemical class.

    Args:
        drawn: The map, with more than ten environments of centers in a class.

    Returns:
        The share of :func:`class_by_nearest` among the points of the map.
    """
    return class_by_nearest(drawn.points, drawn.table["class"])


def class_by_nearest(points: np.ndarray, classes: pd.Series) -> float:
    """Return how often the ten nearest other points of a point are mostly of its own chemical class.

    This is the share of points whose class is the most frequent one among these ten points. Environments of centers in
    no class are left out. A class that is no more frequent than another one does not count.

    Args:
        points: The (n, width) points, of which more than ten are in a class: places on a map, or vectors.
        classes: The (n,) classes.
    """
    is_named = (classes != _OTHER).to_numpy()
    own, names = pd.factorize(classes[is_named])
    nearest = NearestNeighbors(n_neighbors=_N_NEAREST).fit(points[is_named]).kneighbors(return_distance=False)
    counts = (own[nearest][:, :, None] == np.arange(len(names))).sum(axis=1)
    rows = np.arange(len(own))
    of_own = counts[rows, own]
    counts[rows, own] = -1
    return float((of_own > counts.max(axis=1)).mean())


def cluster_number(drawn: AnionMap) -> int:
    """Return the number of k-means clusters, from 2 to 10, that has the highest mean silhouette on a map.

    Args:
        drawn: The map.
    """
    return max(_TRIED, key=lambda number: _silhouette(drawn.points, clusters(drawn, number)))


def map_numbers(anion_maps: Mapping[str, Sequence[AnionMap]]) -> dict[str, Any]:
    """Return the numbers that test the claims on the clusters of Fig. 5.

    Args:
        anion_maps: The maps of each anion by the runs.

    Returns:
        By anion, as :func:`cgcnn.paper.seed_numbers.over_seeds` gives them: ``silhouette`` (the numbers of
        :func:`measure`), ``class_by_place``, ``cluster_number`` and ``cluster_number_off``, its absolute difference
        from the paper's four; and ``cluster_number_range``, its ``lowest`` and ``highest`` number over the runs. Empty
        without maps.
    """
    if not anion_maps:
        return {}
    of_seeds: list[dict[str, Any]] = []
    for maps_of_run in zip(*anion_maps.values(), strict=True):
        by_anion = dict(zip(anion_maps, maps_of_run, strict=True))
        best = {anion: cluster_number(drawn) for anion, drawn in by_anion.items()}
        of_seeds.append(
            {
                "silhouette": {anion: measure(drawn) for anion, drawn in by_anion.items()},
                "class_by_place": {anion: class_by_place(drawn) for anion, drawn in by_anion.items()},
                "cluster_number": best,
                "cluster_number_off": {anion: abs(number - _N_CLUSTERS) for anion, number in best.items()},
            }
        )
    ranges = {
        anion: {"lowest": min(numbers), "highest": max(numbers)}
        for anion in anion_maps
        for numbers in [[of_seed["cluster_number"][anion] for of_seed in of_seeds]]
    }
    return {**over_seeds(of_seeds), "cluster_number_range": ranges}


def map_table(numbers: Mapping[str, Any], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the numbers of :func:`map_numbers` that a page shows.

    Args:
        numbers: The numbers of :func:`map_numbers`.
        seeds: The seed of each run.

    Returns:
        One row per anion and number in words (``anion``, ``number``), with the number by each seed (columns such as
        ``seed 0``) and their ``mean``.
    """
    rows: dict[tuple[str, str], list[float]] = {}
    for anion, measured in numbers["silhouette"].items():
        full_names = {name: f"{name}.{anion}" for name in ("class_by_place", "cluster_number")}
        full_names |= {name: f"silhouette.{anion}.{name}" for name in measured}
        rows |= {(anion, _IN_WORDS[name]): numbers[BY_SEED][full_name] for name, full_name in full_names.items()}
    table = pd.DataFrame(rows.values(), columns=[f"seed {seed}" for seed in seeds])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["anion", "number"])
    return table.assign(mean=table.mean(axis=1))


def cluster_table(anion_maps: Mapping[str, Sequence[AnionMap]]) -> pd.DataFrame:
    """Return the chemical classes and the most frequent centers of the four clusters of each anion's first map.

    Args:
        anion_maps: The maps of each anion by the runs.

    Returns:
        One row per anion and cluster (``anion``, ``cluster``): the number of environments of each class, and the
        ``most frequent centers``.
    """
    counts, named = {}, {}
    for anion, (first, *_) in anion_maps.items():
        found = clusters(first)
        counts[anion] = pd.crosstab(found, first.table["class"])
        for cluster, elements in first.table["element"].groupby(found):
            named[anion, cluster] = ", ".join(elements.value_counts().index[:_N_NAMED])
    table = pd.concat(counts, names=["anion", "cluster"]).fillna(0).astype(int)
    return table.assign(**{"most frequent centers": pd.Series(named)})


def _silhouette(points: np.ndarray, classes: pd.Series | np.ndarray) -> float:
    return float(silhouette_score(points, classes)) if len(np.unique(classes)) > 1 else float("nan")
