"""Learning curves: the error at each number of training crystals, and the power law through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from cgcnn.data.quantity import ENERGY, Quantity

#: The fewest sizes through which a power law is fitted: a slope with its confidence interval takes three.
FEWEST_SIZES = 3
# Fewer training crystals than this are no training set.
_FEWEST_CRYSTALS = 8


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


@dataclass(frozen=True)
class PowerLaw:
    """A line through a learning curve in log-log scale, error = 10^intercept * size^slope.

    Attributes:
        slope: The slope of log10(error) over log10(size).
        slope_ci: The 95 % confidence interval of the slope (Student's t, from the scatter of the points).
        intercept: log10 of the error at size 1.
        r2: Share of the variance of log10(error) that the line explains.
    """

    slope: float
    slope_ci: tuple[float, float]
    intercept: float
    r2: float


def fit_power_law(sizes: Sequence[float], errors: Sequence[float]) -> PowerLaw:
    """Fit a power law to a learning curve by least squares in log-log scale.

    Args:
        sizes: Numbers of training crystals, three or more.
        errors: The mean error at each of these numbers.

    Raises:
        ValueError: There are fewer than three points, so that no scatter about the line is left to estimate the
            uncertainty of the slope.
    """
    if len(sizes) < FEWEST_SIZES:
        raise ValueError(f"{len(sizes)} sizes: a slope with its confidence interval takes three")
    line = linregress(np.log10(sizes), np.log10(errors))
    half = float(t.ppf(0.975, len(sizes) - 2)) * line.stderr
    return PowerLaw(line.slope, (line.slope - half, line.slope + half), line.intercept, line.rvalue**2)


def fit_power_laws(curves: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, PowerLaw]:
    """Fit a power law to the learning curve of each set.

    Args:
        curves: One row per set and training size, as :func:`average_over_seeds` returns them.
        quantity: What the runs predict.

    Returns:
        The power laws by the name of the set.

    Raises:
        ValueError: A set has fewer than three sizes.
    """
    return {
        str(name): fit_power_law(rows["training_size"].tolist(), rows[quantity.with_unit("test_mae")].tolist())
        for name, rows in curves.groupby("set", sort=False)
    }


def power_law_table(laws: Mapping[str, PowerLaw]) -> pd.DataFrame:
    """Return the slopes of power laws as a table for the page.

    Args:
        laws: The power laws by the name of the set.

    Returns:
        One row per set: ``slope``, the ends of its 95 % confidence interval (``from`` and ``to``) and ``R²``.
    """
    rows = [(law.slope, *law.slope_ci, law.r2) for law in laws.values()]
    return pd.DataFrame(rows, index=list(laws), columns=["slope", "from", "to", "R²"])
