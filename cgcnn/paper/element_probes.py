"""Probes of the element vectors of several runs: the planes, nearest neighbors and linear models of Fig. 3."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.representations import element_vectors
from cgcnn.paper.element_categories import PROPERTIES, nonradioactive_metals
from cgcnn.training.runs import Run

#: Inverse strengths of the regularization with which logistic regression is repeated; scikit-learn's default is 1.
STRENGTHS = (0.01, 0.1, 1.0, 10.0)

# Fewer elements than this are not drawn, and their neighbors are not counted.
_FEWEST_ELEMENTS = 5


def are_enough(symbols: Sequence[str] | pd.Index) -> bool:
    """Return whether elements are enough to be drawn and compared: five or more that belong to a group."""
    return bool(element_table(list(symbols))["group"].notna().sum() >= _FEWEST_ELEMENTS)


def metal_vectors(runs: Sequence[Run]) -> list[pd.DataFrame]:
    """Return the vectors v(0) of the nonradioactive metals.

    Args:
        runs: Runs on the same training crystals.

    Returns:
        One (metals, width) table per run, sorted by atomic number, with the symbols as index.
    """
    vectors = [element_vectors(run) for run in runs]
    return [each.loc[nonradioactive_metals(each.index.tolist())] for each in vectors]


def oriented_plane(vectors: pd.DataFrame, properties: pd.DataFrame) -> probes.Projection:
    """Project element vectors on two principal components with the signs of the paper's Fig. 3(b).

    Alkali metals lie on the right on average, and elements with less than the median covalent radius at the top.

    Args:
        vectors: The (n, width) element vectors, with the symbols as index.
        properties: The rows of these elements in :func:`cgcnn.analysis.elements.element_table`. It may have more rows.
    """
    radius = properties["covalent_radius_pm"]
    small = properties.index[radius < radius.median()]
    return probes.principal_plane(vectors, right=_alkali(properties).tolist(), top=small.tolist())


def radius_correlations(planes: Sequence[probes.Projection], properties: pd.DataFrame) -> np.ndarray:
    """Correlate the second principal component with the covalent radius for all elements but the alkali metals.

    Args:
        planes: One projection per run.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        Spearman's rank correlation of each run, (runs,).
    """
    others = properties.index.difference(_alkali(properties))
    radius = properties["covalent_radius_pm"]
    return np.array([probes.rank_correlation(plane.points.loc[others, "pc2"], radius) for plane in planes])


def same_group_numbers(vectors: Sequence[pd.DataFrame], groups: pd.Series) -> dict[str, float]:
    """Average over runs how often an element and its nearest neighbor are in the same group.

    Args:
        vectors: One table of element vectors per run.
        groups: The group of each element, 1 to 18. Elements without a group are left out.

    Returns:
        The means over the runs of ``same_group_share``, of ``same_group_chance`` (the share with shuffled groups) and
        of their ratio ``same_group_ratio``, and ``same_group_p_value``, the largest of the runs.
    """
    known = groups.dropna()
    nearest = [probes.same_label_neighbors(each.loc[known.index], known) for each in vectors]
    return {
        "same_group_share": float(np.mean([each.share for each in nearest])),
        "same_group_chance": float(np.mean([each.chance for each in nearest])),
        "same_group_ratio": float(np.mean([each.share / each.chance for each in nearest])),
        "same_group_p_value": max(each.p_value for each in nearest),
    }


def share_among_themselves(vectors: Sequence[pd.DataFrame], members: pd.Index) -> float:
    """Return the share of some elements whose nearest neighbor is also one of them, as a mean over runs.

    Args:
        vectors: One table of element vectors per run.
        members: The symbols of the elements, such as those of the alkali metals.
    """
    return float(np.mean([probes.nearest_rows(each)[members].isin(members).mean() for each in vectors]))


def plane_numbers(
    vectors: Sequence[pd.DataFrame], planes: Sequence[probes.Projection], properties: pd.DataFrame
) -> dict[str, object]:
    """Return the numbers of Fig. 3(b) over the runs.

    Args:
        vectors: One table of element vectors per run.
        planes: The projections of these vectors.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        ``radius_pc2_rank_correlation`` (the mean of the absolute values) and its standard deviation (NaN for one run),
        the numbers of :func:`same_group_numbers`, ``alkali_together`` (the number of :func:`share_among_themselves` for
        the alkali metals) and ``explained_variance``, the mean shares of the variance along the two components.
    """
    correlations = np.abs(radius_correlations(planes, properties))
    return {
        "radius_pc2_rank_correlation": correlations.mean(),
        "radius_pc2_rank_correlation_std": correlations.std(ddof=1) if len(correlations) > 1 else np.nan,
        **same_group_numbers(vectors, properties["group"]),
        "alkali_together": share_among_themselves(vectors, _alkali(properties)),
        "explained_variance": np.mean([plane.explained for plane in planes], axis=0),
    }


def accuracy_table(vectors: Sequence[pd.DataFrame], labels: pd.DataFrame, seeds: Sequence[int]) -> pd.DataFrame:
    """Predict categories from learned and from random vectors by logistic regression (Fig. 3(c)).

    Args:
        vectors: One table of element vectors per run.
        labels: The categories of the elements, from :func:`cgcnn.paper.element_categories.categories`.
        seeds: The seed of each run, which is also the seed of the random vectors that are compared with it.

    Returns:
        One row per run, kind of vectors and property: ``property``, ``vectors`` (``learned`` or ``random``), ``seed``
        and ``accuracy``, the mean over ten assignments to folds.
    """
    rows = []
    for seed, learned in zip(seeds, vectors, strict=True):
        random = probes.random_vectors(learned.index, learned.shape[1], seed)
        for kind, each in (("learned", learned), ("random", random)):
            rows += [(name, kind, seed, probes.linear_accuracy(each, labels[name]).mean()) for name in PROPERTIES]
    return pd.DataFrame(rows, columns=["property", "vectors", "seed", "accuracy"])


def accuracy_limits(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the lower and upper limits with which accuracies are compared.

    Args:
        labels: The categories of the elements, from :func:`cgcnn.paper.element_categories.categories`.

    Returns:
        One row per property: ``property``, ``categories`` (their number), ``majority`` (the share of the largest one)
        and ``attainable`` (the highest accuracy that a classifier can have).
    """
    rows = [
        (
            name,
            labels[name].nunique(),
            labels[name].value_counts(normalize=True).max(),
            probes.attainable_accuracy(labels[name]),
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
        One row per property: the limits, and the mean accuracies ``learned`` and ``random``.
    """
    means = accuracies.groupby(["vectors", "property"])["accuracy"].mean()
    table = limits.set_index("property")
    return table.join(means["learned"].rename("learned")).join(means["random"].rename("random"))


def accuracy_numbers(accuracies: pd.DataFrame, limits: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the numbers of Fig. 3(c), each by property.

    Args:
        accuracies: The accuracies from :func:`accuracy_table` for two runs or more.
        limits: The limits from :func:`accuracy_limits`.

    Returns:
        The means over the runs ``lr_accuracy`` and ``lr_accuracy_random``, their standard deviations (``..._std``),
        ``lr_gain_in_deviations`` (the difference of the means divided by the root mean square of the two standard
        deviations), ``lr_majority`` and ``lr_attainable``.
    """
    over_runs = accuracies.groupby(["vectors", "property"])["accuracy"].agg(["mean", "std"])
    learned, random = over_runs.loc["learned"], over_runs.loc["random"]
    deviation = np.sqrt((learned["std"] ** 2 + random["std"] ** 2) / 2)
    by_property = limits.set_index("property")
    columns = {
        "lr_accuracy": learned["mean"],
        "lr_accuracy_std": learned["std"],
        "lr_accuracy_random": random["mean"],
        "lr_accuracy_random_std": random["std"],
        "lr_gain_in_deviations": (learned["mean"] - random["mean"]) / deviation,
        "lr_majority": by_property["majority"],
        "lr_attainable": by_property["attainable"],
    }
    return {name: column.to_dict() for name, column in columns.items()}


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


def _alkali(properties: pd.DataFrame) -> pd.Index:
    return properties.index[properties["group"] == 1]
