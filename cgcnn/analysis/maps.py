"""Maps of many vectors in the plane, on which new ones can be placed, and numbers that say how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from openTSNE import TSNE, TSNEEmbedding  # type: ignore[import-untyped]  # it has no types
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

_PERPLEXITY = 30
# Few neighbors and few steps: a new point is drawn to the nearest old ones, which stay where they are.
_PLACING_PERPLEXITY, _PLACING_STEPS = 5, 100


@dataclass(frozen=True)
class Map:
    """A finished map.

    Attributes:
        points: One row a vector, in their order and by their index: ``x`` and ``y``.
        embedding: openTSNE's own record of it, to which :func:`place` adds.
        trustworthiness: Share of neighbors on the map that are neighbors in truth (12 of them; Venna and Kaski 2001,
            doi 10.1007/3-540-44668-0_68): 1 where all are.
    """

    points: pd.DataFrame
    embedding: TSNEEmbedding
    trustworthiness: float


def draw_map(vectors: pd.DataFrame, seed: int = 0) -> Map:
    """Lay vectors out in the plane by t-SNE (van der Maaten and Hinton 2008), from their principal components.

    Source: openTSNE (Policar, Strazar and Zupan 2024, doi 10.18637/jss.v109.i03) with its defaults: perplexity 30.

    Args:
        vectors: (n, width).
        seed: Of what is random in it.
    """
    embedding = TSNE(perplexity=_PERPLEXITY, random_state=seed, n_jobs=-1).fit(vectors.to_numpy(dtype=np.float64))
    points = np.asarray(embedding)
    return Map(
        points=pd.DataFrame(points, vectors.index, ["x", "y"]),
        embedding=embedding,
        trustworthiness=float(trustworthiness(vectors.to_numpy(), points, n_neighbors=12)),
    )


def place(on: Map, vectors: pd.DataFrame) -> pd.DataFrame:
    """Place new vectors on a finished map, none of whose points moves.

    Args:
        on: The map.
        vectors: (n, width), of the same network.

    Returns:
        ``x`` and ``y`` by the vectors' index.
    """
    placed = on.embedding.transform(
        vectors.to_numpy(dtype=np.float64), perplexity=_PLACING_PERPLEXITY, n_iter=_PLACING_STEPS
    )
    return pd.DataFrame(np.asarray(placed), vectors.index, ["x", "y"])


def smoothness(points: pd.DataFrame, values: pd.Series, n_neighbors: int = 10) -> float:
    """Return how well a value is told from the nearest other points of a map: R2 of k-NN regression, each left out.

    Args:
        points: (n, 2) ``x`` and ``y``.
        values: (n,) by the same index; rows without a value are left out.
        n_neighbors: k.
    """
    known = values.dropna()
    places = points.loc[known.index].to_numpy()
    # Each point is its own nearest neighbor, at distance 0, and must not tell its value.
    model = KNeighborsRegressor(n_neighbors + 1).fit(places, known)
    nearest = model.kneighbors(places, return_distance=False)
    others = np.array([[k for k in row if k != i][:n_neighbors] for i, row in enumerate(nearest)])
    return float(r2_score(known, known.to_numpy()[others].mean(axis=1)))


def nearest_labels(known: pd.DataFrame, points: pd.DataFrame, labels: pd.Series, n_neighbors: int = 10) -> pd.DataFrame:
    """Return the labels of a map's points that are nearest to other ones.

    Args:
        known: (m, 2) ``x`` and ``y`` of the map's points, or of those of them that count.
        points: (n, 2) ``x`` and ``y`` of the others.
        labels: Of the map's points, by their index.
        n_neighbors: How many.

    Returns:
        (n, n_neighbors) labels, the nearest first, by the other points' index.
    """
    model = NearestNeighbors(n_neighbors=n_neighbors).fit(known.to_numpy())
    nearest = model.kneighbors(points.to_numpy(), return_distance=False)
    return pd.DataFrame(labels.loc[known.index].to_numpy()[nearest], points.index)


def distances_to(vectors: pd.DataFrame, new: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Return the Euclidean distance of new vectors to the nearest old one of each label.

    Args:
        vectors: (n, width).
        new: (k, width).
        labels: (n,) by the vectors' index.

    Returns:
        (k, labels) distances, by the new vectors' index.
    """
    distances = pd.DataFrame(cdist(new.to_numpy(), vectors.to_numpy()), new.index, labels.loc[vectors.index].to_numpy())
    return distances.T.groupby(level=0).min().T
