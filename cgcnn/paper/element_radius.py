"""How the radius of the elements is read off their vectors: along a component, in the plane, and of all numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cgcnn.analysis import probes
from cgcnn.paper.element_probes import alkali_metals
from cgcnn.paper.seed_numbers import over_seeds

#: The blocks in which the radius is compared with the second component.
BLOCKS = ("s", "p", "d")

_RADIUS = "covalent_radius_pm"
# A rank correlation of fewer elements says nothing.
_FEWEST_ELEMENTS = 4


def radius_correlation(plane: probes.Projection, properties: pd.DataFrame) -> float:
    """Correlate the second principal component with the covalent radius for all elements but the alkali metals.

    Args:
        plane: The projection of the element vectors of one run.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        Spearman's rank correlation, negative where small atoms lie on top.
    """
    return probes.rank_correlation(plane.points.loc[_others(properties), "pc2"], properties[_RADIUS])


def radius_in_plane(plane: probes.Projection, properties: pd.DataFrame) -> float:
    """Correlate the covalent radius with its prediction from both principal components, alkali metals apart.

    The prediction is by least squares, each element left out in turn. So any direction of the plane serves.

    Args:
        plane: The projection of the element vectors of one run.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        Spearman's rank correlation of the radius and its prediction.
    """
    others = _others(properties)
    predicted = _left_out(LinearRegression(), plane.points.loc[others], properties.loc[others, _RADIUS])
    return probes.rank_correlation(predicted, properties[_RADIUS])


def radius_r2(vectors: pd.DataFrame, properties: pd.DataFrame) -> float:
    """Return R² of the covalent radius predicted from the whole element vectors, alkali metals apart.

    The prediction is by ridge regression with the penalty 1 on standardized numbers, each element left out in turn. The
    standardization is fitted without the element.

    Args:
        vectors: The element vectors of one run.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.
    """
    others = _others(properties)
    radius = properties.loc[others, _RADIUS]
    predicted = _left_out(make_pipeline(StandardScaler(), Ridge(alpha=1.0)), vectors.loc[others], radius)
    return float(r2_score(radius, predicted))


def radius_numbers(
    vectors: Sequence[pd.DataFrame], planes: Sequence[probes.Projection], properties: pd.DataFrame
) -> dict[str, Any]:
    """Return the numbers on the radius over the runs.

    Args:
        vectors: One table of element vectors per run.
        planes: The projections of these vectors.
        properties: The rows of the elements in :func:`cgcnn.analysis.elements.element_table`.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them: ``radius_pc2_rank_correlation`` (the absolute value
        of :func:`radius_correlation`), ``radius_pc2_by_block`` (the same with its sign in each of :data:`BLOCKS`; None
        for fewer than four elements), ``radius_pc2_standardized`` (the absolute value after each of the numbers of v(0)
        was divided by its standard deviation over the elements), ``radius_in_plane`` and ``radius_r2``.
    """
    return over_seeds(
        [
            {
                "radius_pc2_rank_correlation": abs(radius_correlation(plane, properties)),
                "radius_pc2_by_block": _by_block(plane, properties),
                "radius_pc2_standardized": abs(radius_correlation(_standardized_plane(each), properties)),
                "radius_in_plane": radius_in_plane(plane, properties),
                "radius_r2": radius_r2(each, properties),
            }
            for each, plane in zip(vectors, planes, strict=True)
        ]
    )


def radius_summary(numbers: Mapping[str, Any], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the numbers on the radius as the page shows them: one row per measure, the mean and the numbers by seed.

    Args:
        numbers: The numbers of :func:`radius_numbers`.
        seeds: The seed of each run.
    """
    measures = {
        "rank correlation with PC 2 (absolute)": "radius_pc2_rank_correlation",
        **{f"of the {block} metals alone": f"radius_pc2_by_block.{block}" for block in BLOCKS},
        "with PC 2 of standardized numbers (absolute)": "radius_pc2_standardized",
        "with a direction of the plane, each element left out": "radius_in_plane",
        "R\N{SUPERSCRIPT TWO} of all 64 numbers, each element left out": "radius_r2",
    }
    by_seed = {shown: numbers["by_seed"][name] for shown, name in measures.items() if name in numbers["by_seed"]}
    table = pd.DataFrame(by_seed).T
    table.columns = pd.Index([f"seed {seed}" for seed in seeds])
    table.insert(0, "mean", table.mean(axis=1))
    return table


def _by_block(plane: probes.Projection, properties: pd.DataFrame) -> dict[str, float | None]:
    """Return the rank correlation of radius and second component in each block, alkali metals apart."""
    correlations: dict[str, float | None] = {}
    for block in BLOCKS:
        members = properties.loc[_others(properties)].query("block == @block")
        correlations[block] = radius_correlation(plane, members) if len(members) >= _FEWEST_ELEMENTS else None
    return correlations


def _standardized_plane(vectors: pd.DataFrame) -> probes.Projection:
    return probes.principal_plane((vectors - vectors.mean()) / vectors.std())


def _left_out(model: Any, numbers: pd.DataFrame, radius: pd.Series) -> pd.Series:
    """Return the radius of each element that a model predicts which is fitted to all others."""
    x, y = numbers.to_numpy(dtype=float), radius.to_numpy(dtype=float)
    predicted = cross_val_predict(model, x, y, cv=LeaveOneOut())
    return pd.Series(np.asarray(predicted), radius.index)


def _others(properties: pd.DataFrame) -> pd.Index:
    """Return all elements but the alkali metals, as the paper does where it speaks of the radius."""
    return properties.index.difference(alkali_metals(properties), sort=False)
