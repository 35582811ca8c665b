"""How element vectors depend on the size of the training set, and how similar those of two seeds are (Fig. S1)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis import probes
from cgcnn.analysis.representations import element_vectors
from cgcnn.paper.element_probes import oriented_plane
from cgcnn.paper.seed_numbers import INTERVALS, jackknife_interval
from cgcnn.training.runs import Run

#: The measures of similarity by their names on the page. The first compares planes and the second whole vectors.
MEASURES = ("Procrustes similarity (plane)", "debiased kernel alignment (64 numbers)")

#: The numbers of a section with one seed, in which nothing is compared.
NOT_COMPARED = {"plane_similarity_full": None, "similarity_size_rank_correlation": None}

# Fewer elements than this are not drawn.
_FEWEST_ELEMENTS = 5


def vectors_by_size(runs: Sequence[Run], elements: pd.Index) -> dict[int, list[pd.DataFrame]]:
    """Gather element vectors by the number of training crystals.

    Args:
        runs: Finished runs; several may have the same number of training crystals.
        elements: The symbols of the elements. A table leaves out the elements that its training set lacks.

    Returns:
        For each number of training crystals, in the order of the runs, one table per run. A number is left out where
        the training set of a run has fewer than five of the elements.
    """
    by_size: dict[int, list[pd.DataFrame]] = {}
    for run in runs:
        by_size.setdefault(len(run.split.train), []).append(element_vectors(run).reindex(elements).dropna())
    return {size: sets for size, sets in by_size.items() if min(map(len, sets)) >= _FEWEST_ELEMENTS}


def planes_by_size(
    by_size: Mapping[int, Sequence[pd.DataFrame]], properties: pd.DataFrame
) -> tuple[dict[int, pd.DataFrame], dict[int, tuple[float, float]]]:
    """Project the element vectors of the first run of each size on their first two principal components.

    Args:
        by_size: The element vectors from :func:`vectors_by_size`.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        For each number of training crystals, a table of ``pc1`` and ``pc2`` of the elements with their properties, and
        the shares of the variance along the two components.
    """
    planes = {size: oriented_plane(sets[0], properties) for size, sets in by_size.items()}
    tables = {size: plane.points.join(properties) for size, plane in planes.items()}
    return tables, {size: plane.explained for size, plane in planes.items()}


def likeness_table(by_size: Mapping[int, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Compare the element vectors of every two runs on the same number of training crystals.

    Args:
        by_size: The element vectors from :func:`vectors_by_size`.

    Returns:
        One row per number of training crystals, pair of runs, kind of vectors and measure: ``training_size``,
        ``first`` and ``second`` (the places of the two runs among those of the size), ``measure`` (of
        :data:`MEASURES`), ``vectors`` (``learned``, or ``random`` for normal random numbers of the same shape) and
        ``value``, which is 1 for vectors that are equal up to a rotation.
    """
    rows = []
    for size, sets in by_size.items():
        for pair, places in enumerate(itertools.combinations(range(len(sets)), 2)):
            a, b = (sets[place] for place in places)
            shared = a.index.intersection(b.index)
            # Every pair has random vectors of its own.
            first, second = (probes.random_vectors(shared, a.shape[1], 100 * size + 2 * pair + k) for k in (0, 1))
            for kind, x, y in (("learned", a.loc[shared], b.loc[shared]), ("random", first, second)):
                rows += [(size, *places, measure, kind, value) for measure, value in _likeness(x, y).items()]
    return pd.DataFrame(rows, columns=["training_size", "first", "second", "measure", "vectors", "value"])


def likeness_numbers(likeness: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers that say how similar the planes of two runs are.

    Pairs of runs that share a seed are not independent. So the intervals are those of the seeds: one seed after the
    other is left out, with all its pairs.

    Args:
        likeness: The similarities from :func:`likeness_table`. The runs of each size have the same seeds in the same
            order.

    Returns:
        The mean Procrustes similarities ``plane_similarity_smallest`` and ``plane_similarity_random`` on the smallest
        training set, ``plane_similarity_second`` on the next, and ``plane_similarity_full`` on the largest.
        ``similarity_size_rank_correlation`` is Spearman's rank correlation of similarity and training size over all
        pairs of learned vectors, and NaN for one size.
        ``alignment_full`` and ``alignment_random`` are the means of the second measure on the largest set.
    """
    of_planes = likeness[likeness["measure"] == MEASURES[0]]
    means = of_planes.groupby(["vectors", "training_size"])["value"].mean()
    learned = of_planes[of_planes["vectors"] == "learned"]
    n_seeds = int(likeness["second"].max()) + 1
    everyone = range(n_seeds)
    jackknifed = {"plane_similarity_full": partial(_at_the_largest, learned)}
    if len(means["learned"]) > 1:
        jackknifed["similarity_size_rank_correlation"] = partial(_growth, learned)
    intervals = {name: jackknife_interval(statistic, n_seeds) for name, statistic in jackknifed.items()}
    largest = likeness[likeness["training_size"] == likeness["training_size"].max()]
    alignments = largest[largest["measure"] == MEASURES[1]].groupby("vectors")["value"].mean()
    return {
        "plane_similarity_smallest": means["learned"].iloc[0],
        "plane_similarity_second": means["learned"].iloc[:2].iloc[-1],
        "plane_similarity_random": means["random"].iloc[0],
        "similarity_size_rank_correlation": float("nan"),
        **{name: statistic(everyone) for name, statistic in jackknifed.items()},
        "alignment_full": alignments["learned"],
        "alignment_random": alignments["random"],
        INTERVALS: {name: list(ends) for name, ends in intervals.items() if ends is not None},
    }


def _among(rows: pd.DataFrame, seeds: Sequence[int]) -> pd.DataFrame:
    """Return the pairs of which both runs are among some, given by their places."""
    return rows[rows["first"].isin(list(seeds)) & rows["second"].isin(list(seeds))]


def _at_the_largest(rows: pd.DataFrame, seeds: Sequence[int]) -> float:
    """Return the mean similarity of some runs on the largest training set."""
    some = _among(rows, seeds)
    return float(some.loc[some["training_size"] == some["training_size"].max(), "value"].mean())


def _growth(rows: pd.DataFrame, seeds: Sequence[int]) -> float:
    """Return the rank correlation of training size and similarity over the pairs of some runs."""
    some = _among(rows, seeds)
    return float(spearmanr(some["training_size"], some["value"]).statistic)


def _likeness(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, float]:
    planes = [probes.principal_plane(vectors).points for vectors in (a, b)]
    return dict(zip(MEASURES, (probes.procrustes_similarity(*planes), probes.debiased_cka(a, b)), strict=True))
