"""Maps of the coordination environments around an anion (Fig. 5): their clusters and the geometry of their sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from cgcnn.analysis import maps
from cgcnn.analysis.pairs import first_neighbors
from cgcnn.analysis.representations import environment_vectors
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.paper.mp_coordination import CLASSES, centers_around, chemistry_classes

# The number of clusters that the paper describes.
_N_CLUSTERS = 4
_OTHER = "other"
# Fewer environments than this make no map of an anion.
_FEWEST = 100
_SHAPE = ["n_neighbors", "octahedral", "tetrahedral"]
# The centers around which the paper finds oxygen tetrahedra.
_TETRAHEDRAL_CENTERS = ("Al", "Si", "P")
# The number of centers of a cluster that are named.
_N_NAMED = 5


@dataclass(frozen=True)
class AnionMap:
    """A map of a sample of the environments around an anion.

    Attributes:
        table: One row per environment: the columns of the table of environments without the labels and the vectors,
            ``x`` and ``y`` on the map, ``class`` (the chemical class of the center) and the columns of
            :func:`cgcnn.analysis.site_geometry.describe_sites`.
        vectors: The (n, width) vectors v(K) of the same environments.
        trustworthiness: The trustworthiness of the map, as in :class:`cgcnn.analysis.maps.Map`.
    """

    table: pd.DataFrame
    vectors: pd.DataFrame
    trustworthiness: float

    def clusters(self, seed: int) -> np.ndarray:
        """Return the (n,) k-means clusters of the environments on the map, numbered from 0.

        Args:
            seed: The seed of the start of k-means.
        """
        found: np.ndarray = KMeans(_N_CLUSTERS, n_init=10, random_state=seed).fit_predict(self._points)
        return found

    def measure(self, seed: int) -> dict[str, float]:
        """Return how far the environments form four clusters by the chemistry of the center.

        Args:
            seed: The seed of the start of k-means.

        Returns:
            The silhouettes of the chemical classes (without ``other``), ``chemistry_among_vectors`` and
            ``chemistry_on_map``, and of the clusters, ``kmeans_on_map``; ``purity``, the share of environments that
            belong to the largest class of their cluster; ``largest_class``, the share of the largest class in all
            environments; and ``trustworthiness``. A silhouette of fewer than two classes is NaN.
        """
        classes, clusters = self.table["class"], self.clusters(seed)
        is_named = (classes != _OTHER).to_numpy()
        counts = pd.crosstab(clusters, classes)
        return {
            "chemistry_among_vectors": _silhouette(self.vectors[is_named].to_numpy(), classes[is_named]),
            "chemistry_on_map": _silhouette(self._points[is_named], classes[is_named]),
            "kmeans_on_map": _silhouette(self._points, clusters),
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
        environments: The distinct environments of the data set, as in
            :class:`cgcnn.analysis.representations.Representations`, with the further column ``first_neighbor``.
        anion: The symbol of the first neighbor. Centers of this element itself are left out.
        n_environments: The number of environments that are drawn at random. All are taken if there are fewer.
        seed: The seed of the draw and of the map.
    """
    around = centers_around(environments, anion)
    sample = around.sample(min(n_environments, len(around)), random_state=seed).sort_index().reset_index(drop=True)
    vectors = environment_vectors(sample)
    drawn = maps.draw_map(vectors, seed)
    # The published table has no labels: the number of the site names it.
    table = sample.drop(columns=[*vectors, "label"], errors="ignore").join(drawn.points)
    table = table.assign(**{"class": chemistry_classes(table["element"])})
    return AnionMap(table.join(describe_sites(crystals, table)), vectors, drawn.trustworthiness)


def anions_to_map(graphs: CrystalGraphs, wanted: Mapping[str, int]) -> dict[str, int]:
    """Return those of the anions around which a data set has environments enough for a map.

    Args:
        graphs: The graphs of the data set.
        wanted: The number of environments that are to be mapped around each anion.

    Returns:
        The same numbers of those anions that are the first neighbor of a hundred other centers or more.
    """
    centers, first = ELEMENT_SYMBOLS[graphs.atomic_numbers], first_neighbors(graphs)
    counts = {anion: int(((first == anion) & (centers != anion)).sum()) for anion in wanted}
    return {anion: number for anion, number in wanted.items() if counts[anion] >= _FEWEST}


def cluster_table(anion_maps: Mapping[str, AnionMap], seed: int) -> pd.DataFrame:
    """Return the chemical classes and the most frequent centers of the clusters of each map.

    Args:
        anion_maps: The map of each anion.
        seed: The seed of the start of k-means.

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
    """Return the mean coordination number and the mean order parameters of the centers.

    Args:
        anion_maps: The map of each anion.

    Returns:
        One row per anion and class (``anion``, ``class``): ``n_neighbors``, ``octahedral`` and ``tetrahedral``.
    """
    tables = pd.concat({anion: drawn.table for anion, drawn in anion_maps.items()}, names=["anion"])
    return tables.groupby(["anion", "class"])[_SHAPE].mean()


def shape_numbers(around_oxygen: pd.DataFrame) -> dict[str, float]:
    """Compare the geometry of sites that oxygen coordinates between chemical classes.

    Args:
        around_oxygen: One row per environment around oxygen: ``element``, ``class``, ``n_neighbors``, ``octahedral``
            and ``tetrahedral``.

    Returns:
        ``tetrahedral_gain``, the mean tetrahedral order parameter of Al, Si and P minus that of the transition metals;
        ``octahedral_gain``, the mean octahedral order parameter of the transition metals minus that of Al, Si and P;
        and ``large_cations_more_neighbors``, the mean coordination number of alkaline earths and lanthanides minus the
        highest mean of the other named classes.
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


def _silhouette(points: np.ndarray, classes: pd.Series | np.ndarray) -> float:
    return float(silhouette_score(points, classes)) if len(np.unique(classes)) > 1 else float("nan")
