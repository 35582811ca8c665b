"""The power law through a learning curve, and how well it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import linregress, t


@dataclass(frozen=True)
class PowerLaw:
    """A line through a learning curve in log-log scale, error = 10^intercept * size^slope.

    Attributes:
        slope: Of log10(error) over log10(size).
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
        errors: The mean error at each.

    Raises:
        ValueError: Fewer than three points, which leave no scatter to judge the slope by.
    """
    if len(sizes) < 3:
        raise ValueError(f"{len(sizes)} sizes: a slope with its confidence interval takes three")
    line = linregress(np.log10(sizes), np.log10(errors))
    half = float(t.ppf(0.975, len(sizes) - 2)) * line.stderr
    return PowerLaw(line.slope, (line.slope - half, line.slope + half), line.intercept, line.rvalue**2)
