"""What a linear model reads off the element vectors of several runs, over seeds and folds (Fig. 3(c))."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.seed_numbers import INTERVALS, crossed_interval, jackknife_interval, join, over_seeds

#: Inverse strengths of the regularization with which logistic regression is repeated; scikit-learn's default is 1.
STRENGTHS = (0.01, 0.1, 1.0, 10.0)
#: The number of assignments of the elements to folds. With ten, the accuracy for the group was 0.604, and with ten more
#: 0.590. Forty take 0.6 s per property and run.
REPEATS = 40
#: The kinds of vectors: those of the runs, random numbers of the same shape, and those of runs that started from random
#: numbers of unit variance.
LEARNED, RANDOM, UNIT_START = "learned", "random", "learned, unit-variance start"

# The names of the kinds in the results.
_NAMES = {LEARNED: "lr_accuracy", UNIT_START: "lr_accuracy_unit_start", RANDOM: "lr_accuracy_random"}


def accuracy_table(
    vectors: Mapping[str, Sequence[pd.DataFrame]], labels: pd.DataFrame, seeds: Sequence[int], repeats: int = REPEATS
) -> pd.DataFrame:
    """Predict categories from learned and from random vectors by logistic regression (Fig. 3(c)).

    Args:
        vectors: One table of element vectors per run, by their kind. Those of the kind :data:`LEARNED` are compared
            with random vectors of the same shape.
        labels: The categories of the elements, from :func:`cgcnn.paper.element_categories.categories`.
        seeds: The seed of each run, which is also the seed of the random vectors.
        repeats: The number of assignments of the elements to folds.

    Returns:
        One row per property, kind of vectors, run and assignment: ``property``, ``vectors`` (the kind), ``seed``,
        ``folds`` (the number of the assignment, which is the same for all runs) and ``accuracy``.
    """
    random = [
        probes.random_vectors(each.index, each.shape[1], seed)
        for seed, each in zip(seeds, vectors[LEARNED], strict=True)
    ]
    rows = []
    for kind, tables in {**vectors, RANDOM: random}.items():
        for seed, each in zip(seeds, tables, strict=False):  # a kind may have fewer runs
            for name in PROPERTIES:
                accuracies = probes.linear_accuracy(each.loc[labels.index], labels[name], repeats)
                rows += [(name, kind, seed, folds, accuracy) for folds, accuracy in enumerate(accuracies)]
    return pd.DataFrame(rows, columns=["property", "vectors", "seed", "folds", "accuracy"])


def of_runs(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each run over the assignments to folds: ``property``, ``vectors``, ``seed``, ``accuracy``.

    Args:
        accuracies: The accuracies from :func:`accuracy_table`.
    """
    means = accuracies.groupby(["property", "vectors", "seed"], sort=False)["accuracy"].mean()
    return means.reset_index()


def accuracy_limits(labels: pd.DataFrame, repeats: int = REPEATS) -> pd.DataFrame:
    """Return the lower and upper limits with which accuracies are compared.

    Args:
        labels: The categories of the elements, from :func:`cgcnn.paper.element_categories.categories`.
        repeats: The number of assignments to folds, the same as in :func:`accuracy_table`.

    Returns:
        One row per property: ``property``, ``categories`` (their number), ``majority`` (the share of the largest one)
        and ``attainable`` (the highest accuracy that a classifier can have).
    """
    rows = [
        (
            name,
            labels[name].nunique(),
            labels[name].value_counts(normalize=True).max(),
            probes.attainable_accuracy(labels[name], repeats),
        )
        for name in PROPERTIES
    ]
    return pd.DataFrame(rows, columns=["property", "categories", "majority", "attainable"])


def accuracy_summary(accuracies: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """Return the limits of the accuracies and the mean accuracies over the runs in one table.

    Args:
        accuracies: The accuracies from :func:`accuracy_table`.
        limits: The limits from :func:`accuracy_limits`.

    Returns:
        One row per property: the limits, and the mean accuracies of each kind of vectors.
    """
    means = accuracies.pivot_table(index="property", columns="vectors", values="accuracy")
    return limits.set_index("property").join(means[[kind for kind in _NAMES if kind in means]])


def accuracy_numbers(accuracies: pd.DataFrame, limits: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of Fig. 3(c), each by property.

    Args:
        accuracies: The accuracies from :func:`accuracy_table`.
        limits: The limits from :func:`accuracy_limits`.

    Returns:
        The means over runs and folds ``lr_accuracy`` (with the number of each seed, and with an interval over seeds and
        folds), ``lr_accuracy_random`` and, if there are such vectors, ``lr_accuracy_unit_start``; the standard
        deviations over the runs ``lr_accuracy_std`` and ``lr_accuracy_random_std``, and the same for the lowest and the
        highest number of the runs (``lowest``, ``highest``); ``lr_gain_in_deviations`` (the
        difference of the means divided by the root mean square of the two standard deviations, with an interval of its
        logarithm by leaving out one seed after the other); ``lr_majority``, ``lr_attainable`` and ``lr_assignments``.
    """
    tables = {
        kind: {str(name): _seeds_by_folds(rows) for name, rows in of_kind.groupby("property", sort=False)}
        for kind, of_kind in accuracies.groupby("vectors", sort=False)
    }
    intervals: dict[str, Any] = {}
    gains: dict[str, float] = {}
    for name, learned in tables[LEARNED].items():
        gain = partial(_gain, learned.mean(axis=1), tables[RANDOM][name].mean(axis=1))
        gains[name] = gain(range(len(learned)))
        intervals[f"lr_accuracy.{name}"] = crossed_interval(learned)
        intervals[f"lr_gain_in_deviations.{name}"] = _gain_interval(gain, len(learned))
    by_property = limits.set_index("property")
    return join(
        *(_over_seeds(_NAMES[str(kind)], of_kind) for kind, of_kind in tables.items()),
        {
            "lr_gain_in_deviations": gains,
            "lr_majority": by_property["majority"].to_dict(),
            "lr_attainable": by_property["attainable"].to_dict(),
            "lr_assignments": int(accuracies["folds"].nunique()),
            INTERVALS: {name: list(ends) for name, ends in intervals.items() if ends is not None},
        },
    )


def group_range(numbers: Mapping[str, Any]) -> str | None:
    """Return the 95 % interval of the accuracy for the group as text, such as ``54.1 % to 64.1 %``.

    Args:
        numbers: The numbers of :func:`accuracy_numbers`.

    Returns:
        The text; None where there is no interval, as for one seed.
    """
    ends = numbers.get(INTERVALS, {}).get("lr_accuracy.group")
    return None if ends is None else f"{100 * ends[0]:.1f} % to {100 * ends[1]:.1f} %"


def accuracy_by_strength(
    vectors: pd.DataFrame, labels: pd.DataFrame, strengths: Sequence[float] = STRENGTHS
) -> pd.DataFrame:
    """Return the accuracies of logistic regression with other strengths of its regularization.

    Args:
        vectors: The element vectors of one run.
        labels: The categories of the elements, from :func:`cgcnn.paper.element_categories.categories`.
        strengths: The inverse strengths, scikit-learn's ``C``.

    Returns:
        One row per ``property`` (the index) and one column per strength, such as ``C = 0.1``.
    """
    columns = {
        f"C = {strength:g}": [
            probes.linear_accuracy(vectors, labels[name], strength=strength).mean() for name in PROPERTIES
        ]
        for strength in strengths
    }
    return pd.DataFrame(columns, index=pd.Index(PROPERTIES, name="property"))


def _seeds_by_folds(rows: pd.DataFrame) -> np.ndarray:
    """Return the (n seeds, n assignments to folds) accuracies of one property and kind of vectors."""
    table: np.ndarray = rows.pivot_table(index="seed", columns="folds", values="accuracy").to_numpy()
    return table


def _over_seeds(name: str, tables: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the means over folds of each property, over the seeds, with their standard deviations and extremes."""
    means = {of: table.mean(axis=1) for of, table in tables.items()}
    n_seeds = min(map(len, means.values()))
    of_seeds = [{name: {of: each[seed] for of, each in means.items()}} for seed in range(n_seeds)]
    deviations = {of: float(each.std(ddof=1)) if len(each) > 1 else np.nan for of, each in means.items()}
    return {
        **over_seeds(of_seeds),
        f"{name}_std": deviations,
        f"{name}_lowest": {of: float(each.min()) for of, each in means.items()},
        f"{name}_highest": {of: float(each.max()) for of, each in means.items()},
    }


def _gain(learned: np.ndarray, random: np.ndarray, seeds: Sequence[int]) -> float:
    """Return by how many standard deviations over some seeds learned vectors are read better than random ones."""
    if len(seeds) < 2:
        return float("nan")
    one, other = learned[list(seeds)], random[list(seeds)]
    deviation = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2)
    return float((one.mean() - other.mean()) / deviation)


def _gain_interval(gain: Callable[[Sequence[int]], float], n_seeds: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a gain by leaving out one seed after the other.

    The gain has a standard deviation of few seeds below the line, so that it is skewed: its logarithm is nearer to a
    normal distribution, and its interval holds no gain of the other sign. Where a gain without one of the seeds is
    negative, there is no logarithm, and the interval is that of the gain itself.
    """
    without = [gain([seed for seed in range(n_seeds) if seed != left_out]) for left_out in range(n_seeds)]
    if n_seeds < 3 or min(without) <= 0:
        return jackknife_interval(gain, n_seeds)
    ends = jackknife_interval(lambda seeds: math.log(gain(seeds)), n_seeds)
    return None if ends is None else (math.exp(ends[0]), math.exp(ends[1]))
