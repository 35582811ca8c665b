"""Learning curves: the error at each number of training crystals, and the power law through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from cgcnn.data.quantity import ENERGY, Quantity

#: The fewest sizes through which a power law is fitted: a slope with its confidence interval takes three.
FEWEST_SIZES = 3
# Fewer training crystals than this are no training set.
_FEWEST_CRYSTALS = 8
# No mean error counts as more precise than this share of it: a scatter of few seeds can be small by chance.
_LEAST_RELATIVE_ERROR = 0.01


def halved_sizes(n_train: int, n_sizes: int) -> list[int | None]:
    """Return training sizes of which each is half of the next.

    Args:
        n_train: The number of all training crystals.
        n_sizes: The number of sizes, that of all crystals included.

    Returns:
        The sizes in ascending order, rounded down, without those below 8 crystals. The last is None, by which
        :func:`cgcnn.training.sweeps.sweep` takes all training crystals.
    """
    smaller = [n_train // 2**halvings for halvings in range(n_sizes - 1, 0, -1)]
    return [*(size for size in smaller if size >= _FEWEST_CRYSTALS), None]


def average_over_seeds(errors: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Average the test errors of runs that differ by their seed only.

    Args:
        errors: One row per run: ``set``, ``training_size`` and the test error, such as ``test_mae_eV_per_atom``.
        quantity: What the runs predict.

    Returns:
        One row per set and training size, in the order of their first runs: ``set``, ``training_size``, the test error
        (the mean, in the column of ``errors``) and ``test_mae_std`` (the standard deviation, in the same unit).
    """
    error = quantity.with_unit("test_mae")
    by_size = errors.groupby(["set", "training_size"], sort=False)[error]
    return by_size.agg(["mean", "std"]).reset_index().rename(columns={"mean": error, "std": "test_mae_std"})


def weights_by_scatter(mean_errors: Sequence[float], deviations: Sequence[float], n_seeds: int) -> np.ndarray:
    """Return the weights of the points of a learning curve in a fit of logarithms.

    Args:
        mean_errors: The mean error over the seeds at each size.
        deviations: The standard deviation over the seeds at each size, in the same unit.
        n_seeds: The number of seeds at each size.

    Returns:
        The inverse variance of the natural logarithm of each mean error, and not more than that of a relative error of
        1 %; NaN for one seed.
    """
    relative = np.asarray(deviations) / n_seeds**0.5 / np.asarray(mean_errors)
    return np.asarray(1 / np.maximum(relative, _LEAST_RELATIVE_ERROR) ** 2)


@dataclass(frozen=True)
class PowerLaw:
    """A line through a learning curve in log-log scale, error = 10^intercept * size^slope.

    Attributes:
        slope: The slope of log10(error) over log10(size).
        slope_ci: The 95 % confidence interval of the slope (Student's t, from the scatter of the points).
        slope_error: The standard error of the slope, from the scatter of the points.
        intercept: log10 of the error at size 1.
        r2: Share of the variance of log10(error) that the line explains, with the weights of the fit.
        n_sizes: The number of points.
    """

    slope: float
    slope_ci: tuple[float, float]
    slope_error: float
    intercept: float
    r2: float
    n_sizes: int


def fit_power_law(sizes: Sequence[float], errors: Sequence[float], weights: Sequence[float] | None = None) -> PowerLaw:
    """Fit a power law to a learning curve by weighted least squares in log-log scale.

    Args:
        sizes: Numbers of training crystals, three or more.
        errors: The mean error at each of these numbers.
        weights: The weight of each point, of which only the ratios count; all are equal if left out.

    Raises:
        ValueError: There are fewer than three points, so that no scatter about the line is left to estimate the
            uncertainty of the slope.
    """
    if len(sizes) < FEWEST_SIZES:
        raise ValueError(f"{len(sizes)} sizes: a slope with its confidence interval takes three")
    x, y = np.log10(np.asarray(sizes, float)), np.log10(np.asarray(errors, float))
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    dx, dy = x - np.average(x, weights=w), y - np.average(y, weights=w)
    slope = float((w * dx * dy).sum() / (w * dx**2).sum())
    residual, spread = float((w * (dy - slope * dx) ** 2).sum()), float((w * dy**2).sum())
    error = (residual / (len(x) - 2) / float((w * dx**2).sum())) ** 0.5
    half = student_factor(len(x)) * error
    intercept = float(np.average(y, weights=w) - slope * np.average(x, weights=w))
    return PowerLaw(slope, (slope - half, slope + half), error, intercept, 1 - residual / spread, len(x))


def student_factor(n_sizes: int) -> float:
    """Return the factor from the standard error of a slope through points to its 95 % interval (Student's t)."""
    return float(t.ppf(0.975, n_sizes - 2))


def fit_power_laws(
    curves: pd.DataFrame, quantity: Quantity = ENERGY, n_seeds: int | None = None, largest: int | None = None
) -> dict[str, PowerLaw]:
    """Fit a power law to the learning curve of each set.

    Args:
        curves: One row per set and training size in ascending order, as :func:`average_over_seeds` returns them.
        quantity: What the runs predict.
        n_seeds: The number of seeds, by which :func:`weights_by_scatter` weights the points; no weights if left out.
        largest: The number of the largest sizes that are fitted; all if left out.

    Returns:
        The power laws by the name of the set.

    Raises:
        ValueError: A set has fewer than three sizes.
    """
    laws = {}
    for name, rows in curves.groupby("set", sort=False):
        fitted = rows if largest is None else rows.tail(largest)
        errors, weights = fitted[quantity.with_unit("test_mae")].tolist(), None
        if n_seeds is not None:
            weights = weights_by_scatter(errors, fitted["test_mae_std"].tolist(), n_seeds).tolist()
        laws[str(name)] = fit_power_law(fitted["training_size"].tolist(), errors, weights)
    return laws


def power_law_table(
    laws: Mapping[str, PowerLaw], weighted: Mapping[str, PowerLaw], last: Mapping[str, PowerLaw]
) -> pd.DataFrame:
    """Return the slopes of power laws as a table for the page.

    Args:
        laws: The power laws through all sizes, by the name of the set.
        weighted: The power laws with weights; empty where there is one seed.
        last: The power laws through the largest sizes.

    Returns:
        One row per set: ``slope``, the ends of its 95 % confidence interval (``from`` and ``to``), ``R²``, and the
        slopes ``weighted by scatter`` and ``of the largest sizes``.
    """
    rows = {
        name: {"slope": law.slope, "from": law.slope_ci[0], "to": law.slope_ci[1], "R²": law.r2}
        | ({"weighted by scatter": weighted[name].slope} if name in weighted else {})
        | {"of the largest sizes": last[name].slope}
        for name, law in laws.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")
