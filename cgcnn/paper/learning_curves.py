"""The numbers that test the paper's claims on learning curves (Fig. 2), and the table of errors by training size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from math import hypot
from typing import Any

import pandas as pd

from cgcnn.analysis.learning_curves import PowerLaw, average_over_seeds, fit_power_laws, student_factor
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.seed_numbers import BY_SEED, INTERVALS, jackknife_interval, join, with_interval

#: The number of the largest sizes of which the slopes are compared besides those of all.
LAST_SIZES = 4

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
        For each set: ``dataset``, ``sizes``, ``mae`` and ``mae_std`` at each size, ``largest_relative_spread`` (the
        standard deviation over the mean, at the size where this is largest), and the fields of
        :class:`cgcnn.analysis.learning_curves.PowerLaw`.
    """
    error = quantity.with_unit("test_mae")
    return {
        str(name): {
            "dataset": datasets[str(name)],
            "sizes": rows["training_size"].tolist(),
            "mae": rows[error].tolist(),
            "mae_std": rows["test_mae_std"].tolist(),
            "largest_relative_spread": (rows["test_mae_std"] / rows[error]).max(),
            **(asdict(laws[str(name)]) if str(name) in laws else {}),
        }
        for name, rows in curves.groupby("set", sort=False)
    }


def straightness(errors: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, Any]:
    """Return how R² of each set's power law depends on the seeds, as :func:`cgcnn.paper.seed_numbers.join` takes it.

    Args:
        errors: One row per run: ``set``, ``training_size``, ``seed`` and the test error, such as
            ``test_mae_eV_per_atom``. All sets have the same seeds, and each has three sizes or more.
        quantity: What the runs predict.

    Returns:
        Under ``by_seed`` the R² of the curve of each single seed, and under ``intervals`` the 95 % interval of that of
        the mean curve, where there are three seeds or more. It is that of the jackknife, which leaves out one seed
        after the other. The names are ``sets.<set>.r2``.
    """
    seeds = sorted(errors["seed"].unique())

    def r2(name: str, kept: Sequence[int]) -> float:
        some = errors[(errors["set"] == name) & errors["seed"].isin([seeds[place] for place in kept])]
        return fit_power_laws(average_over_seeds(some, quantity), quantity)[name].r2

    names = [str(name) for name in errors["set"].unique()]
    of_seeds = {f"sets.{name}.r2": [r2(name, [place]) for place in range(len(seeds))] for name in names}
    intervals = {f"sets.{name}.r2": jackknife_interval(partial(r2, name), len(seeds)) for name in names}
    return {BY_SEED: of_seeds, INTERVALS: {name: list(ends) for name, ends in intervals.items() if ends is not None}}


def compare_slopes(
    laws: Mapping[str, PowerLaw], weighted: Mapping[str, PowerLaw], last: Mapping[str, PowerLaw]
) -> dict[str, Any]:
    """Compare the slopes of the three sets as the paper does.

    The 95 % intervals follow from the standard errors of the slopes by propagation to first order. These errors come
    from the scatter of the points about the lines. The factor is Student's for the number of sizes less two.

    Args:
        laws: The power laws of ``perovskites``, ``boron`` and ``materials_project`` through all sizes.
        weighted: The same with points weighted by their scatter; empty where there is one seed.
        last: The same through the largest sizes.

    Returns:
        ``boron_slope_ratio``, the slope of boron divided by the flatter of the two other slopes,
        ``slope_difference``, the absolute difference of these two, ``boron_slope_ratio_weighted`` (None where
        ``weighted`` is empty) and ``boron_slope_ratio_last``, with the intervals of all under ``intervals``.
    """
    others = laws[_PEROVSKITES], laws[_MATERIALS_PROJECT]
    error = hypot(*(law.slope_error for law in others))
    ratios = {"boron_slope_ratio": laws, "boron_slope_ratio_weighted": weighted, "boron_slope_ratio_last": last}
    return join(
        {"boron_slope_ratio_weighted": None},
        *(_slope_ratio(name, some) for name, some in ratios.items() if some),
        _with_error("slope_difference", abs(others[0].slope - others[1].slope), error, others[0].n_sizes),
    )


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


def _slope_ratio(name: str, laws: Mapping[str, PowerLaw]) -> dict[str, Any]:
    boron, flatter = laws[_BORON], max(laws[_PEROVSKITES], laws[_MATERIALS_PROJECT], key=lambda law: law.slope)
    ratio = boron.slope / flatter.slope
    error = hypot(boron.slope_error, ratio * flatter.slope_error) / abs(flatter.slope)
    return _with_error(name, ratio, error, boron.n_sizes)


def _with_error(name: str, value: float, error: float, n_sizes: int) -> dict[str, Any]:
    half = student_factor(n_sizes) * error
    return with_interval(name, value, (value - half, value + half))
