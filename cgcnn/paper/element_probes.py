"""Probes of the element vectors of several runs: their planes and nearest neighbors (Fig. 3(b))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.representations import element_vectors
from cgcnn.paper.element_categories import nonradioactive_metals
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.runs import Run

#: The groups of metals that the paper names on its Fig. 3(b), by the names on our map.
NAMED = {
    "alkali metals": ("Li", "Na", "K", "Rb", "Cs"),
    "large alkaline earth metals": ("Ca", "Sr", "Ba"),
    "octahedral d metals": ("Mo", "Ta", "W"),
}
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
    return probes.principal_plane(vectors, right=alkali_metals(properties).tolist(), top=small.tolist())


def same_group_numbers(vectors: pd.DataFrame, groups: pd.Series) -> dict[str, float]:
    """Return how often an element and its nearest neighbor are in the same group.

    Args:
        vectors: The element vectors of one run.
        groups: The group of each element, 1 to 18. Elements without a group are left out.

    Returns:
        ``same_group_share``, ``same_group_chance`` (the share with shuffled groups), their ratio ``same_group_ratio``,
        and ``same_group_p_value``.
    """
    known = groups.dropna()
    nearest = probes.same_label_neighbors(vectors.loc[known.index], known)
    return {
        "same_group_share": nearest.share,
        "same_group_chance": nearest.chance,
        "same_group_ratio": nearest.share / nearest.chance,
        "same_group_p_value": nearest.p_value,
    }


def share_among_themselves(vectors: pd.DataFrame, members: pd.Index) -> float:
    """Return the share of some elements whose nearest neighbor is also one of them.

    Args:
        vectors: The element vectors of one run.
        members: The symbols of the elements, such as those of the alkali metals.
    """
    return float(probes.nearest_rows(vectors)[members].isin(members).mean())


def plane_numbers(
    vectors: Sequence[pd.DataFrame], planes: Sequence[probes.Projection], properties: pd.DataFrame
) -> dict[str, Any]:
    """Return the numbers of Fig. 3(b) over the runs, but for those on the radius.

    Args:
        vectors: One table of element vectors per run.
        planes: The projections of these vectors.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them, the numbers of :func:`same_group_numbers`,
        ``alkali_together`` (the number of :func:`share_among_themselves` for the alkali metals) and
        ``explained_variance`` (the shares of the variance along ``pc1``, ``pc2`` and ``both``). Of
        ``same_group_p_value`` the largest of the runs is given in place of the mean.
    """
    alkali = alkali_metals(properties)
    of_seeds: list[dict[str, Any]] = [
        {
            **same_group_numbers(each, properties["group"]),
            "alkali_together": share_among_themselves(each, alkali),
            "explained_variance": explained_variance(plane),
        }
        for each, plane in zip(vectors, planes, strict=True)
    ]
    largest = max(numbers["same_group_p_value"] for numbers in of_seeds)
    return {**over_seeds(of_seeds), "same_group_p_value": largest}


def explained_variance(plane: probes.Projection) -> dict[str, float]:
    """Return the shares of the variance along the two components of a projection: ``pc1``, ``pc2`` and ``both``."""
    first, second = plane.explained
    return {"pc1": first, "pc2": second, "both": first + second}


def alkali_metals(properties: pd.DataFrame) -> pd.Index:
    """Return the symbols of the alkali metals among elements.

    Args:
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.
    """
    return properties.index[properties["group"] == 1]
