"""The numbers that test the paper's claims on learning curves (Fig. 2), and the table of errors by training size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import hypot
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.learning_curves import (
    FEWEST_SIZES,
    PowerLaw,
    average_over_seeds,
    fit_power_laws,
    student_factor,
)
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.seed_numbers import BY_SEED, INTERVALS, jackknife_interval, join, with_interval

#: The number of the largest sizes of which the slopes are compared besides those of all.
LAST_SIZES = 4

#: The paper's number of training crystals and its error in eV/atom, by set (Sec. III of Xie and Grossman 2018).
PUBLISHED = {"perovskites": (15_000, 0.042), "boron": (3038, 0.085), "materials_project": (28_046, 0.042)}

_BORON, _PEROVSKITES, _MATERIALS_PROJECT = "boron", "perovskites", "materials_project"


@dataclass(frozen=True)
class Lines:
    """The power laws through the learning curves of several sets, each by the name of the set.

    Attributes:
        plain: Those through all sizes; empty where there are fewer than three.
        weighted: The same with points weighted by their scatter; empty where there is one seed.
        last: Those through the :data:`LAST_SIZES` largest sizes.
    """

    plain: Mapping[str, PowerLaw]
    weighted: Mapping[str, PowerLaw]
    last: Mapping[str, PowerLaw]

    @property
    def drawn(self) -> dict[str, tuple[float, float]]:
        """The slope and the intercept of each plain line, as the figure takes them."""
        return {name: (law.slope, law.intercept) for name, law in self.plain.items()}


def fit_lines(curves: pd.DataFrame, n_seeds: int, quantity: Quantity = ENERGY) -> Lines:
    """Fit power laws to the learning curve of each set.

    Args:
        curves: One row per set and training size in ascending order, as
            :func:`cgcnn.analysis.learning_curves.average_over_seeds` returns them.
        n_seeds: The number of seeds at each size.
        quantity: What the runs predict.
    """
    if curves.groupby("set").size().min() < FEWEST_SIZES:
        return Lines({}, {}, {})
    weighted = fit_power_laws(curves, quantity, n_seeds) if n_seeds > 1 else {}
    return Lines(fit_power_laws(curves, quantity), weighted, fit_power_laws(curves, quantity, largest=LAST_SIZES))


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
        standard deviation over the mean, at the size where this is largest), each None with one seed, and the fields of
        :class:`cgcnn.analysis.learning_curves.PowerLaw`.
    """
    error = quantity.with_unit("test_mae")
    return {
        str(name): {
            "dataset": datasets[str(name)],
            "sizes": rows["training_size"].tolist(),
            "mae": rows[error].tolist(),
            "mae_std": [_known(value) for value in rows["test_mae_std"]],
            "largest_relative_spread": _known((rows["test_mae_std"] / rows[error]).max()),
            **(asdict(laws[str(name)]) if str(name) in laws else {}),
        }
        for name, rows in curves.groupby("set", sort=False)
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


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


def compare_slopes(lines: Lines) -> dict[str, Any]:
    """Compare the slopes of the three sets as the paper does.

    The 95 % intervals follow from the standard errors of the slopes by propagation to first order. These errors come
    from the scatter of the points about the lines. The factor is Student's for the number of sizes less two.

    Args:
        lines: The lines of ``perovskites``, ``boron`` and ``materials_project``.

    Returns:
        ``boron_slope_ratio``, the slope of boron divided by the flatter of the two other slopes,
        ``slope_difference``, the absolute difference of these two, ``boron_slope_ratio_weighted`` (None without
        weighted lines) and ``boron_slope_ratio_last``, with the intervals of all under ``intervals``.
    """
    others = lines.plain[_PEROVSKITES], lines.plain[_MATERIALS_PROJECT]
    error = hypot(*(law.slope_error for law in others))
    ratios = {
        "boron_slope_ratio": lines.plain,
        "boron_slope_ratio_weighted": lines.weighted,
        "boron_slope_ratio_last": lines.last,
    }
    return join(
        {"boron_slope_ratio_weighted": None},
        *(_slope_ratio(name, laws) for name, laws in ratios.items() if laws),
        _with_error("slope_difference", abs(others[0].slope - others[1].slope), error, others[0].n_sizes),
    )


def shown_values(numbers: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the numbers that the text of the section shows, by the names under which it shows them.

    Args:
        numbers: The numbers of the section.
    """
    sets = {name: values for name, values in numbers["sets"].items() if "slope" in values}
    shown: dict[str, float | None] = {"last_sizes": LAST_SIZES}
    for name, values in sets.items():
        short = name.replace(_MATERIALS_PROJECT, "mp")
        # Ten times the crystals divide the error by the gain.
        shown |= {f"{short}_slope": values["slope"], f"{short}_gain": 10 ** -values["slope"]}
        shown[f"{short}_spread"] = values["largest_relative_spread"]
    return shown | {name: value for name, value in numbers.items() if name.startswith("boron_slope_ratio")}


def table_by_share(curves: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the errors at each share of the training crystals, the sets side by side.

    Args:
        curves: One row per set and training size. Each size is half of the next one in its set.
        quantity: What the runs predict.

    Returns:
        One row per share, such as ``1/4`` or ``all``. The columns are ``training_size`` and ``error`` (the mean and the
        standard deviation as one text) of each set.
    """
    errors = curves[[quantity.with_unit("test_mae"), "test_mae_std"]]
    halvings = curves.groupby("set").cumcount(ascending=False)
    shown = curves.assign(
        share=[f"1/{2**n}" if n else "all" for n in halvings],
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
