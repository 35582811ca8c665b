"""Probes of vectors: principal components, nearest neighbors, linear models, and the similarity of two sets."""

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
        points: One row per vector: ``pc1`` and ``pc2``.
        explained: The shares of the variance along these two components.
    """

    points: pd.DataFrame
    explained: tuple[float, float]


def principal_plane(vectors: pd.DataFrame, right: Sequence[str] = (), top: Sequence[str] = ()) -> Projection:
    """Project vectors on their first two principal components.

    The sign of a component is arbitrary. Here it is chosen so that, on average, the rows ``right`` lie to the right of
    the others, and the rows ``top`` above the others. The sign changes no number that a probe gives.

    Args:
        vectors: The (n, width) vectors, with the names of the rows as index.
        right: The names of rows that are to lie on the right.
        top: The names of rows that are to lie at the top.
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
    """Return Spearman's rank correlation of two columns over the rows that both have; NaN for fewer than two rows."""
    shared = a.index.intersection(b.index)
    return float(spearmanr(a[shared], b[shared]).statistic)


def nearest_rows(vectors: pd.DataFrame) -> pd.Series:
    """Return the name of the other row that is nearest to each row (Euclidean distance), by the same index."""
    distances = cdist(vectors.to_numpy(dtype=float), vectors.to_numpy(dtype=float))
    np.fill_diagonal(distances, np.inf)
    return pd.Series(vectors.index[distances.argmin(axis=1)], vectors.index)


@dataclass(frozen=True)
class Neighborhood:
    """How often a vector and its nearest neighbor have the same label.

    Attributes:
        share: The share of vectors whose nearest neighbor has the same label.
        chance: The mean of this share over shuffled labels.
        p_value: The share of shuffles that reach the observed share, where the observed labels count as one shuffle.
    """

    share: float
    chance: float
    p_value: float


def same_label_neighbors(
    vectors: pd.DataFrame, labels: pd.Series, n_shuffles: int = 2000, seed: int = 0
) -> Neighborhood:
    """Return how often a vector and its nearest neighbor (Euclidean distance) have the same label.

    The same share for shuffled labels says how often this happens by chance.

    Args:
        vectors: The (n, width) vectors.
        labels: The (n,) labels by the same index.
        n_shuffles: The number of random permutations of the labels.
        seed: The seed of the permutations.
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
    """Return the cross-validated accuracy of logistic regression on vectors, one number per repeat.

    Folds are stratified by label and shuffled anew in each repeat. The standardization is fitted on the training folds
    alone. The strength of the regularization is not fitted: its default is that of scikit-learn, and other values serve
    to show how little the accuracy depends on it. A label with fewer members than folds is missing from some folds; its
    members are predicted and counted all the same.

    Args:
        vectors: The (n, width) vectors of n elements.
        labels: The (n,) classes by the same index.
        repeats: The number of random assignments of the elements to folds.
        n_folds: The number of folds; the paper has 3.
        seed: The seed of the first assignment; each further repeat adds 1.
        strength: The inverse strength of the L2 regularization, scikit-learn's ``C``.

    Returns:
        The (repeats,) shares of the n elements whose class is predicted correctly while they are held out.
    """
    x, y = vectors.to_numpy(dtype=float), labels.loc[vectors.index].to_numpy(dtype=str)
    accuracies = []
    for repeat in range(repeats):
        right = 0
        for train, held_out in _folds(y, n_folds, seed + repeat):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
            with warnings.catch_warnings():
                # scikit-learn warns of 16 groups among some 35 training elements, but the groups are true classes.
                warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
                model.fit(x[train], y[train])
            right += int((model.predict(x[held_out]) == y[held_out]).sum())
        accuracies.append(right / len(y))
    return np.array(accuracies)


def attainable_accuracy(labels: pd.Series, repeats: int = 10, n_folds: int = 3, seed: int = 0) -> float:
    """Return the mean share of elements whose label occurs in their training folds.

    No classifier can be more accurate, since it cannot predict a label that it never saw.

    Args:
        labels: The (n,) classes of n elements.
        repeats: The number of random assignments to folds, the same as in :func:`linear_accuracy`.
        n_folds: The number of folds, the same as in :func:`linear_accuracy`.
        seed: The seed of the assignments, the same as in :func:`linear_accuracy`, so that the folds are the same.
    """
    y = labels.to_numpy(dtype=str)
    known = [
        np.isin(y[held_out], y[train]).sum()
        for repeat in range(repeats)
        for train, held_out in _folds(y, n_folds, seed + repeat)
    ]
    return float(np.sum(known) / (repeats * len(y)))


def random_vectors(index: pd.Index, width: int, seed: int) -> pd.DataFrame:
    """Return vectors of independent standard normal numbers, the control that has learned nothing.

    Args:
        index: The names of the rows.
        width: The length of a vector.
        seed: The seed of the random numbers.

    Returns:
        The (len(index), width) vectors.
    """
    return pd.DataFrame(np.random.default_rng(seed).standard_normal((len(index), width)), index)


def procrustes_similarity(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Return 1 minus the Procrustes disparity of two sets of vectors of the same rows.

    It is 1 if the sets are equal up to translation, rotation, reflection and scale (Gower 1975, doi
    10.1007/BF02291478).

    Args:
        a: The (n, width) vectors of one set.
        b: The (n, width) vectors of the other set, with the same index in any order.
    """
    return 1 - float(procrustes(a.to_numpy(dtype=float), b.loc[a.index].to_numpy(dtype=float))[2])


def debiased_cka(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Return the debiased linear centered kernel alignment of two sets of vectors of the same rows.

    It is 1 if the sets are equal up to rotation and scale. It is 0 on average if they have nothing in common, so
    that it can be a little below 0. For random vectors with fewer rows than columns, the usual estimator is far
    above 0.

    Source: Nguyen, Raghu and Kornblith 2021 (arXiv:2010.15327, Eq. 3), with the estimator of Song et al. 2012.

    Args:
        a: The (n, width) vectors of one set; at least four rows.
        b: The (n, other width) vectors of the other set, with the same index in any order.
    """
    x, y = a.to_numpy(dtype=float), b.loc[a.index].to_numpy(dtype=float)
    kernels = [each @ each.T for each in (x - x.mean(axis=0), y - y.mean(axis=0))]
    own = _hilbert_schmidt(kernels[0], kernels[0]) * _hilbert_schmidt(kernels[1], kernels[1])
    return float(_hilbert_schmidt(*kernels) / own**0.5)


def _hilbert_schmidt(k: np.ndarray, other: np.ndarray) -> float:
    """Return n (n - 3) times the unbiased Hilbert-Schmidt independence criterion of two (n, n) kernels."""
    n = len(k)
    k, other = (each - np.diag(np.diag(each)) for each in (k, other))
    means = k.sum() * other.sum() / ((n - 1) * (n - 2))
    return float((k * other).sum() + means - 2 * k.sum(axis=0) @ other.sum(axis=0) / (n - 2))


def _folds(y: np.ndarray, n_folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    with warnings.catch_warnings():
        # scikit-learn warns of labels with fewer members than folds; linear_accuracy says how they are counted.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
