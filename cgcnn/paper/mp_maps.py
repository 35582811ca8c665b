"""Maps of coordination environments around an anion (Fig. 5): their clusters, and the shapes of the sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from cgcnn.analysis import maps
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import Crystals
from cgcnn.paper.mp_coordination import CLASSES, centers_around, chemistry_classes

# As many clusters as the paper sees.
_N_CLUSTERS = 4
_OTHER = "other"
_SHAPE = ["n_neighbors", "octahedral", "tetrahedral"]
# The centers around which the paper sees oxygen tetrahedra.
_TETRAHEDRAL_CENTERS = ("Al", "Si", "P")
# How many centers of a cluster are named.
_N_NAMED = 5


@dataclass(frozen=True)
class AnionMap:
    """A sample of the environments around an anion, on a map.

    Attributes:
        table: One row per environment: the columns of the environments but for their vectors, ``x`` and ``y`` on the
            map, ``class`` (the center's chemistry) and the columns of
            :func:`cgcnn.analysis.site_geometry.describe_sites`.
        vectors: (n, width) v(K) of the same environments.
        trustworthiness: Of the map, as :class:`cgcnn.analysis.maps.Map` has it.
    """

    table: pd.DataFrame
    vectors: pd.DataFrame
    trustworthiness: float

    def clusters(self, seed: int) -> np.ndarray:
        """Return the k-means cluster of each environment on the map, (n,) numbers from 0; the seed is its start's."""
        found: np.ndarray = KMeans(_N_CLUSTERS, n_init=10, random_state=seed).fit_predict(self._points)
        return found

    def measure(self, seed: int) -> dict[str, float]:
        """Return how far the environments fall into four clusters by the chemistry of the center.

        Args:
            seed: Of the start of k-means.

        Returns:
            The silhouettes of the classes ``chemistry_among_vectors`` and ``chemistry_on_map`` (without ``other``) and
            of the clusters, ``kmeans_on_map``; ``purity``, the share of environments that are of the largest class of
            their cluster; ``largest_class``, the share of that class in all; and ``trustworthiness``.
        """
        classes, clusters = self.table["class"], self.clusters(seed)
        is_named = (classes != _OTHER).to_numpy()
        counts = pd.crosstab(clusters, classes)
        return {
            "chemistry_among_vectors": silhouette_score(self.vectors[is_named], classes[is_named]),
            "chemistry_on_map": silhouette_score(self._points[is_named], classes[is_named]),
            "kmeans_on_map": silhouette_score(self._points, clusters),
            "purity": counts.max(axis=1).sum() / counts.to_numpy().sum(),
            "largest_class": classes.value_counts(normalize=True).iloc[0],
            "trustworthiness": self.trustworthiness,
        }

    @property
    def _points(self) -> np.ndarray:
        return self.table[["x", "y"]].to_numpy()


def map_anion(crystals: Crystals, environments: pd.DataFrame, anion: str, n_environments: int, seed: int) -> AnionMap:
    """Draw a map of environments around an anion.

    Args:
        crystals: The data set.
        environments: Its distinct environments, as of :class:`cgcnn.analysis.representations.Representations`, with
            their ``first_neighbor``.
        anion: The symbol of the first neighbor; centers of this element itself are left out.
        n_environments: How many environments are drawn at random; all, where there are fewer.
        seed: Of the choice and of the map.
    """
    around = centers_around(environments, anion)
    sample = around.sample(min(n_environments, len(around)), random_state=seed).sort_index().reset_index(drop=True)
    is_vector = sample.columns.str.fullmatch(r"v\d+")
    vectors = sample.loc[:, is_vector]
    drawn = maps.draw_map(vectors, seed)
    table = sample.loc[:, ~is_vector].join(drawn.points)
    table = table.assign(**{"class": chemistry_classes(table["element"])})
    return AnionMap(table.join(describe_sites(crystals, table)), vectors, drawn.trustworthiness)


def cluster_table(anion_maps: Mapping[str, AnionMap], seed: int) -> pd.DataFrame:
    """Return what the clusters of each map are made of.

    Args:
        anion_maps: The map of each anion.
        seed: Of the start of k-means.

    Returns:
        One row per anion and cluster (``anion``, ``cluster``): the number of environments of each class, and the
        ``most frequent centers``.
    """
    counts, named = {}, {}
    for anion, drawn in anion_maps.items():
        clusters = drawn.clusters(seed)
        counts[anion] = pd.crosstab(clusters, drawn.table["class"])
        for cluster, elements in drawn.table["element"].groupby(clusters):
            named[anion, cluster] = ", ".join(elements.value_counts().index[:_N_NAMED])
    table = pd.concat(counts, names=["anion", "cluster"]).fillna(0).astype(int)
    return table.assign(**{"most frequent centers": pd.Series(named)})


def shape_table(anion_maps: Mapping[str, AnionMap]) -> pd.DataFrame:
    """Return the mean number of neighbors and the mean order parameters of the centers.

    Args:
        anion_maps: The map of each anion.

    Returns:
        One row per anion and class (``anion``, ``class``): ``n_neighbors``, ``octahedral`` and ``tetrahedral``.
    """
    tables = pd.concat({anion: drawn.table for anion, drawn in anion_maps.items()}, names=["anion"])
    return tables.groupby(["anion", "class"])[_SHAPE].mean()


def shape_numbers(around_oxygen: pd.DataFrame) -> dict[str, float]:
    """Compare the shapes of sites that oxygen coordinates, class by class.

    Args:
        around_oxygen: The environments around oxygen: ``element``, ``class``, ``n_neighbors``, ``octahedral`` and
            ``tetrahedral``.

    Returns:
        ``tetrahedral_gain``, the mean tetrahedral order parameter of Al, Si and P less that of the transition metals;
        ``octahedral_gain``, the mean octahedral one of the transition metals less that of Al, Si and P; and
        ``large_cations_more_neighbors``, the mean number of neighbors of alkaline earths and lanthanides less that of
        the named class with the most neighbors among the others.
    """
    of_class = around_oxygen.groupby("class")[_SHAPE].mean()
    tetrahedral = around_oxygen[around_oxygen["element"].isin(_TETRAHEDRAL_CENTERS)]
    transition, large = CLASSES[1], CLASSES[3]
    n_neighbors = of_class["n_neighbors"].drop(_OTHER, errors="ignore")
    return {
        "tetrahedral_gain": tetrahedral["tetrahedral"].mean() - of_class["tetrahedral"][transition],
        "octahedral_gain": of_class["octahedral"][transition] - tetrahedral["octahedral"].mean(),
        "large_cations_more_neighbors": n_neighbors[large] - n_neighbors.drop(large).max(),
    }
