"""Probes of vectors: principal components, what a linear model reads off them, and how alike two sets of them are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import procrustes
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Projection:
    """Vectors in the plane of their first two principal components.

    Attributes:
        points: One row a vector: ``pc1`` and ``pc2``.
        explained: Shares of the variance along the two.
    """

    points: pd.DataFrame
    explained: tuple[float, float]


def principal_plane(vectors: pd.DataFrame, right: Sequence[str] = (), top: Sequence[str] = ()) -> Projection:
    """Project vectors on their first two principal components.

    The sign of a component is arbitrary. It is chosen so that the rows named ``right`` lie on the right on average,
    those named ``top`` above the others; it changes no number that a probe gives.

    Args:
        vectors: (n, width), the index naming the rows.
        right: Rows to have on the right.
        top: Rows to have on top.
    """
    model = PCA(n_components=2, svd_solver="full").fit(vectors.to_numpy(dtype=float))
    points = pd.DataFrame(model.transform(vectors.to_numpy(dtype=float)), vectors.index, ["pc1", "pc2"])
    for column, rows in (("pc1", right), ("pc2", top)):
        named = points.index.isin(list(rows))
        if named.any() and points.loc[named, column].mean() < points.loc[~named, column].mean():
            points[column] = -points[column]
    first, second = (float(share) for share in model.explained_variance_ratio_)
    return Projection(points, (first, second))


def rank_correlation(a: pd.Series, b: pd.Series) -> float:
    """Return Spearman's rank correlation of two columns over the rows they share."""
    shared = a.index.intersection(b.index)
    return float(spearmanr(a[shared], b[shared]).statistic)


def nearest_rows(vectors: pd.DataFrame) -> pd.Series:
    """Return the name of each row's nearest other row (Euclidean), by the same index."""
    distances = cdist(vectors.to_numpy(dtype=float), vectors.to_numpy(dtype=float))
    np.fill_diagonal(distances, np.inf)
    return pd.Series(vectors.index[distances.argmin(axis=1)], vectors.index)


@dataclass(frozen=True)
class Neighborhood:
    """How often the nearest neighbor of a vector has its label.

    Attributes:
        share: Of vectors whose nearest neighbor has the same label.
        chance: The mean of that share when the labels are shuffled.
        p_value: Share of shuffles that do as well or better (with the observed one counted among them).
    """

    share: float
    chance: float
    p_value: float


def same_label_neighbors(
    vectors: pd.DataFrame, labels: pd.Series, n_shuffles: int = 2000, seed: int = 0
) -> Neighborhood:
    """Return how often the nearest neighbor (Euclidean) of a vector has its label, against shuffled labels.

    Args:
        vectors: (n, width).
        labels: (n,) by the same index.
        n_shuffles: Permutations of the labels.
        seed: Of the permutations.
    """
    nearest = vectors.index.get_indexer(pd.Index(nearest_rows(vectors)))
    values = labels.loc[vectors.index].to_numpy()
    share = float((values == values[nearest]).mean())
    rng = np.random.default_rng(seed)
    shuffled = np.array([(s == s[nearest]).mean() for s in (rng.permutation(values) for _ in range(n_shuffles))])
    p_value = (1 + int((shuffled >= share).sum())) / (1 + n_shuffles)
    return Neighborhood(share, float(shuffled.mean()), p_value)


def linear_accuracy(
    vectors: pd.DataFrame,
    labels: pd.Series,
    repeats: int = 10,
    n_folds: int = 3,
    seed: int = 0,
    strength: float = 1.0,
) -> np.ndarray:
    """Return the cross-validated accuracy of logistic regression on vectors, once a repeat.

    Folds are stratified by label and shuffled anew in each repeat; standardization is fitted on the training folds
    alone. The regularization is not fitted to anything: the default is scikit-learn's own, and other strengths are
    there to show how little hangs on it. A label with fewer members than folds cannot be in all of them; its elements
    stay in and are counted as they come out.

    Args:
        vectors: (n, width).
        labels: (n,) classes by the same index.
        repeats: Random assignments to folds.
        n_folds: The paper has 3.
        seed: Of the assignments.
        strength: Inverse strength of the L2 regularization, scikit-learn's ``C``.

    Returns:
        (repeats,) shares of the n elements predicted right while held out.
    """
    x, y = vectors.to_numpy(dtype=float), labels.loc[vectors.index].to_numpy(dtype=str)
    accuracies = []
    for repeat in range(repeats):
        right = 0
        for train, held_out in _folds(y, n_folds, seed + repeat):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
            with warnings.catch_warnings():
                # Said of 16 groups among some 35 elements: they are classes all the same.
                warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
                model.fit(x[train], y[train])
            right += int((model.predict(x[held_out]) == y[held_out]).sum())
        accuracies.append(right / len(y))
    return np.array(accuracies)


def attainable_accuracy(labels: pd.Series, repeats: int = 10, n_folds: int = 3, seed: int = 0) -> float:
    """Return the mean share of elements whose label occurs in the training folds: no classifier can do better.

    Args:
        labels: (n,) classes.
        repeats: As for :func:`linear_accuracy`, whose folds these are.
        n_folds: The same.
        seed: The same.
    """
    y = labels.to_numpy(dtype=str)
    known = [
        np.isin(y[held_out], y[train]).sum()
        for repeat in range(repeats)
        for train, held_out in _folds(y, n_folds, seed + repeat)
    ]
    return float(np.sum(known) / (repeats * len(y)))


def random_vectors(index: pd.Index, width: int, seed: int) -> pd.DataFrame:
    """Return vectors of independent standard normal numbers: the control that has learned nothing."""
    return pd.DataFrame(np.random.default_rng(seed).standard_normal((len(index), width)), index)


def procrustes_similarity(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Return 1 minus the Procrustes disparity of two sets of vectors of the same rows.

    1 where they are equal up to translation, rotation, reflection and scale (Gower 1975, doi 10.1007/BF02291478).
    """
    return 1 - float(procrustes(a.to_numpy(dtype=float), b.loc[a.index].to_numpy(dtype=float))[2])


def linear_cka(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Return the linear centered kernel alignment of two sets of vectors of the same rows (arXiv:1905.00414, Eq. 3).

    1 where they are equal up to rotation and scale, near 0 where they have nothing in common. With fewer rows than
    columns it is well above 0 for random vectors: compare with those.
    """
    x, y = a.to_numpy(dtype=float), b.loc[a.index].to_numpy(dtype=float)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    alignment = np.linalg.norm(x.T @ y) ** 2
    return float(alignment / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def _folds(y: np.ndarray, n_folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    with warnings.catch_warnings():
        # Said of labels with fewer members than folds, which the docstrings above deal with.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
