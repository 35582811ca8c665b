"""Two-dimensional maps of many vectors, on which new vectors can be placed, and measures of the maps' quality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from openTSNE import TSNE, TSNEEmbedding  # type: ignore[import-untyped]  # it has no types
from openTSNE.affinity import PerplexityBasedNN  # type: ignore[import-untyped]  # the same
from openTSNE.nearest_neighbors import Sklearn  # type: ignore[import-untyped]  # the same
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

from cgcnn.errors import check_number
from cgcnn.training.parameter_bounds import LARGEST_SEED

_PERPLEXITY = 30
# With fewer than four vectors the perplexity would be below 1. More than this take hours.
_FEWEST, _MOST = 4, 1_000_000
# The trustworthiness compares this number of nearest points with the nearest vectors.
_N_TRUSTED = 12
# With few neighbors and few steps, a new point moves to its nearest old points, which stay where they are.
_PLACING_PERPLEXITY, _PLACING_STEPS = 5, 100
# With fewer vectors than this, several threads wait for each other longer than they work.
_FOR_PARALLEL = 1000
# The steps of t-SNE in all, and those after which a watching function is called.
DRAWING_STEPS, _STEPS_WATCHED = 750, 10


@dataclass(frozen=True)
class Map:
    """A finished map.

    Attributes:
        points: One row per vector, in the order of the vectors and with their index: ``x`` and ``y``.
        embedding: openTSNE's record of the map, by which :func:`place` places new vectors.
        trustworthiness: How far the 12 nearest points of each point on the map also belong to its nearest vectors: 1
            if all of them do (Venna and Kaski 2001, doi 10.1007/3-540-44668-0_68). Fewer points are compared where the
            map has fewer than 25.
    """

    points: pd.DataFrame
    embedding: TSNEEmbedding
    trustworthiness: float


def draw_map(
    vectors: pd.DataFrame, seed: int = 0, n_threads: int | None = None, watch: Callable[[int], object] | None = None
) -> Map:
    """Draw a map of vectors by t-SNE (van der Maaten and Hinton 2008), which starts from their principal components.

    Source: openTSNE (Policar, Strazar and Zupan 2024, doi 10.18637/jss.v109.i03) with its defaults: perplexity 30. With
    fewer than 91 vectors the perplexity is a third of the number of other vectors.

    Args:
        vectors: The (n, width) vectors.
        seed: The seed of the random numbers of t-SNE.
        n_threads: The number of threads, on which the map then does not depend. None takes one per processor, and for
            1,000 vectors or more an approximate search for nearest vectors, which depends on the number of processors.
        watch: A function that is called after every ten steps with the number of steps since the last call.

    Raises:
        DataError: There are fewer than four vectors, or a number is out of its bounds.
    """
    check_number("number of vectors", len(vectors), _FEWEST, _MOST)
    check_number("seed", seed, 0, LARGEST_SEED)
    embedding = TSNE(
        perplexity=min(_PERPLEXITY, (len(vectors) - 1) / 3),
        random_state=seed,
        n_jobs=(n_threads or -1) if len(vectors) >= _FOR_PARALLEL else 1,
        neighbors="auto" if n_threads is None else "exact",
        callbacks=None if watch is None else _callback(watch),
        callbacks_every_iters=_STEPS_WATCHED,
    ).fit(vectors.to_numpy(dtype=np.float64))
    points = np.array(embedding)  # a copy, since placing new vectors moves openTSNE's own points
    n_compared = min(_N_TRUSTED, (len(vectors) - 1) // 2)
    return Map(
        points=pd.DataFrame(points, vectors.index, ["x", "y"]),
        embedding=embedding,
        trustworthiness=float(trustworthiness(vectors.to_numpy(), points, n_neighbors=n_compared)),
    )


def _callback(watch: Callable[[int], object]) -> Callable[[int, float, np.ndarray], None]:
    """Return what openTSNE calls while it draws. It would stop if this returned something true, as bars do."""

    def callback(step: int, error: float, points: np.ndarray) -> None:  # noqa: ARG001  # so openTSNE calls it
        watch(_STEPS_WATCHED)

    return callback


def rebuild(vectors: pd.DataFrame, points: pd.DataFrame, trustworthiness: float) -> Map:
    """Rebuild a finished map, on which :func:`place` then places new vectors where it would on the first one.

    Args:
        vectors: The (n, width) vectors of the map.
        points: The (n, 2) positions ``x`` and ``y`` of these vectors on the map.
        trustworthiness: The trustworthiness of the map.
    """
    # The affinities between the map's own vectors are not used any more, so that one neighbor each is enough. Without a
    # method openTSNE takes Barnes and Hut's for fewer than 10,000 points, as in drawing.
    search = Sklearn(vectors.to_numpy(dtype=np.float64), k=1)
    embedding = TSNEEmbedding(
        points.to_numpy(dtype=np.float64).copy(), PerplexityBasedNN(perplexity=1, knn_index=search), n_jobs=1
    )
    return Map(points, embedding, trustworthiness)


def place(on: Map, vectors: pd.DataFrame) -> pd.DataFrame:
    """Place new vectors on a finished map, whose own points do not move.

    Args:
        on: The finished map.
        vectors: The (n, width) new vectors, which come from the same network as those of the map.

    Returns:
        One row per new vector, with its index: ``x`` and ``y``.
    """
    placed = on.embedding.transform(
        vectors.to_numpy(dtype=np.float64), perplexity=_PLACING_PERPLEXITY, n_iter=_PLACING_STEPS
    )
    # openTSNE moves its own points to their center when it places new ones, and the new ones with them.
    shift = np.asarray(on.embedding)[0] - on.points.iloc[0].to_numpy()
    return pd.DataFrame(np.asarray(placed) - shift, vectors.index, ["x", "y"])


def smoothness(points: pd.DataFrame, values: pd.Series, n_neighbors: int = 10) -> float:
    """Return how well the value of a point is predicted by the mean value of its k nearest other points on a map.

    Args:
        points: The (n, 2) positions ``x`` and ``y`` of the points.
        values: The (n,) values by the same index. Points without a value are left out.
        n_neighbors: The number k of nearest points.

    Returns:
        The coefficient of determination R² of this k-nearest-neighbor regression.

    Raises:
        DataError: There are no k other points with a value.
    """
    known = values.dropna()
    check_number("n_neighbors", n_neighbors, 1, len(known) - 1)
    places = points.loc[known.index].to_numpy()
    # Each point is its own nearest neighbor, at distance 0. It must not take part in its own prediction.
    model = KNeighborsRegressor(n_neighbors + 1).fit(places, known)
    nearest = model.kneighbors(places, return_distance=False)
    others = np.array([[k for k in row if k != i][:n_neighbors] for i, row in enumerate(nearest)])
    return float(r2_score(known, known.to_numpy()[others].mean(axis=1)))


def nearest_labels(known: pd.DataFrame, points: pd.DataFrame, labels: pd.Series, n_neighbors: int = 10) -> pd.DataFrame:
    """Return the labels of the points of a map that are nearest to each new point.

    Args:
        known: The (m, 2) positions ``x`` and ``y`` of those points of the map that are searched.
        points: The (n, 2) positions ``x`` and ``y`` of the new points.
        labels: The labels of the map's points, by their index.
        n_neighbors: The number of labels to return for each new point.

    Returns:
        The (n, n_neighbors) labels, the nearest first, by the index of the new points.

    Raises:
        DataError: The map has fewer than ``n_neighbors`` points.
    """
    check_number("n_neighbors", n_neighbors, 1, len(known))
    model = NearestNeighbors(n_neighbors=n_neighbors).fit(known.to_numpy())
    nearest = model.kneighbors(points.to_numpy(), return_distance=False)
    return pd.DataFrame(labels.loc[known.index].to_numpy()[nearest], points.index)


def distances_to(vectors: pd.DataFrame, new: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Return the Euclidean distance of each new vector to the nearest old vector of each label.

    Args:
        vectors: The (n, width) old vectors.
        new: The (k, width) new vectors.
        labels: The (n,) labels of the old vectors, by their index.

    Returns:
        One row per new vector, with its index, and one column per label.
    """
    distances = pd.DataFrame(cdist(new.to_numpy(), vectors.to_numpy()), new.index, labels.loc[vectors.index].to_numpy())
    return distances.T.groupby(level=0).min().T
