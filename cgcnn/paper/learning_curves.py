"""The numbers that test the paper's claims on learning curves (Fig. 2), and the table of errors by training size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from cgcnn.analysis.learning_curves import PowerLaw
from cgcnn.data.quantity import ENERGY, Quantity

_BORON, _PEROVSKITES, _MATERIALS_PROJECT = "boron", "perovskites", "materials_project"


def curve_numbers(
    curves: pd.DataFrame, laws: Mapping[str, PowerLaw], datasets: Mapping[str, str], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the learning curve and the power law of each set, to be written as JSON.

    Args:
        curves: One row per set and training size, as
            :func:`cgcnn.analysis.learning_curves.average_over_seeds` returns them.
        laws: The power law of each set. A set with too few sizes has none.
        datasets: The name of the data set that stands for each set.
        quantity: What the runs predict.

    Returns:
        For each set: ``dataset``, ``sizes``, ``mae`` and ``mae_std`` at each size, and the fields of
        :class:`cgcnn.analysis.learning_curves.PowerLaw`.
    """
    return {
        str(name): {
            "dataset": datasets[str(name)],
            "sizes": rows["training_size"].tolist(),
            "mae": rows[quantity.with_unit("test_mae")].tolist(),
            "mae_std": rows["test_mae_std"].tolist(),
            **(asdict(laws[str(name)]) if str(name) in laws else {}),
        }
        for name, rows in curves.groupby("set", sort=False)
    }


def compare_slopes(laws: Mapping[str, PowerLaw]) -> dict[str, float]:
    """Compare the slopes of the three sets as the paper does.

    Args:
        laws: The power laws of ``perovskites``, ``boron`` and ``materials_project``.

    Returns:
        ``boron_slope_ratio``, the slope of boron divided by the flatter of the two other slopes, and
        ``slope_difference``, the absolute difference of these two.
    """
    others = laws[_PEROVSKITES].slope, laws[_MATERIALS_PROJECT].slope
    return {"boron_slope_ratio": laws[_BORON].slope / max(others), "slope_difference": abs(others[0] - others[1])}


def table_by_share(curves: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the errors at each share of the training crystals, the sets side by side.

    Args:
        curves: One row per set and training size. Each size is half of the next one in its set.
        quantity: What the runs predict.

    Returns:
        One row per share, such as ``1/4``. The columns are ``training_size`` and ``error`` (the mean and the standard
        deviation as one text) of each set.
    """
    errors = curves[[quantity.with_unit("test_mae"), "test_mae_std"]]
    halvings = curves.groupby("set").cumcount(ascending=False)
    shown = curves.assign(
        share=[f"1/{2**n}" for n in halvings],
        error=[
            f"{mean:.4f}" + (f" ± {deviation:.4f}" if deviation == deviation else "")  # NaN for one seed
            for mean, deviation in errors.itertuples(index=False)
        ],
    )
    return shown.pivot_table(
        index="share", columns="set", values=["training_size", "error"], aggfunc="first", sort=False
    )
