"""The width of an interval that holds a given share of the errors, wider for crystals farther from what was seen.

Split conformal prediction: the errors of the validation set, each divided by a scale, are sorted, and the quantile of
these scores times the scale of a new crystal is the half width of its interval (Lei et al. 2018, doi
10.1080/01621459.2017.1307116, sections 2.2 and 5.2). New crystals like those of the validation set are inside their
intervals with the chosen probability, whatever the scale is. A scale that grows with the distance to the training set
(Papadopoulos, Vovk and Gammerman 2011, doi 10.1613/jair.3198) gives strange crystals wider intervals and familiar ones
narrower ones. For crystals that are unlike the validation set nothing is guaranteed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# The exponents that are tried for the growth of the error with the distance.
_POWERS = np.arange(0, 4.01, 0.2)
# Validation crystals beyond the distance at which the measured growth of the error ends.
_N_FARTHEST = 10
# The exponent of the growth beyond that distance. There are 217 predictions by the published runs and ensembles, of the
# first 1,500 crystals of benchmarks/elsewhere.py, for crystals out there. With 1, the intervals hold 75 % of their
# errors, and with 2 they hold 82 %.
_FARTHEST_POWER = 2.0
# The parts of the errors whose scores come from exponents that are fitted to the other parts.
_N_FOLDS = 5
# Stands for zero where a logarithm is taken.
_TINY = 1e-30


@dataclass(frozen=True)
class Interval:
    """The half width of the interval of a prediction as a function of the distance d of its crystal.

    With d between ``near`` and ``far``, the half width is ``factor * d**power * max(1, d)**further``. It is constant
    below ``near``, and grows with the square of d above ``far``, where too few validation crystals lie to measure more.

    Attributes:
        factor: The half width at d = 1, in the unit of the errors; infinite where there are too few errors.
        power: The exponent of the growth.
        further: The exponent of the further growth beyond d = 1.
        near: The distance below which the half width is constant.
        far: The distance above which the half width grows with the square of the distance.
    """

    factor: float
    power: float
    further: float
    near: float
    far: float

    def half_widths(self, distances: np.ndarray) -> np.ndarray:
        """Return the (n,) half widths of the intervals of crystals at some distances."""
        logarithms = _logarithms(distances, self.near, self.far)
        widths: np.ndarray = self.factor * np.exp(_log_scales(logarithms, self.power, self.further))
        return widths


def calibrate(errors: np.ndarray, distances: np.ndarray, coverage: float = 0.9) -> Interval:
    """Return the interval that holds a share of the errors of crystals like those of the validation set.

    The exponents are the most likely ones if the errors follow a Laplace distribution whose width grows so with the
    distance. The score of an error uses exponents that were fitted to other errors, in five folds, whose exponents are
    averaged. Scores of the errors that the exponents were fitted to would be too small: with 30 validation crystals,
    the interval would hold 87.5 and not 90 %.

    Args:
        errors: (v,) The errors of the validation crystals.
        distances: (v,) Their distances, of which one in ten is above 1.
        coverage: The share of the errors that the interval holds.
    """
    absolute, order = np.abs(errors).astype(np.float64), np.sort(distances)
    near = max(float(np.quantile(distances, 0.1)), _TINY)
    far = max(float(order[-_N_FARTHEST]) if len(order) >= _N_FARTHEST else 1.0, 1.0)
    # With v errors, the quantile is that of v + 1: the new crystal could be at any place among them.
    place = math.ceil(coverage * (len(absolute) + 1))
    if place > len(absolute):
        return Interval(math.inf, 0.0, 0.0, near, far)
    logarithms = _logarithms(distances, near, far)
    folds, scores, powers = np.arange(len(absolute)) % _N_FOLDS, np.empty(len(absolute)), []
    for fold in range(_N_FOLDS):
        is_held = folds == fold
        powers.append(_most_likely_powers(absolute[~is_held], logarithms[:, ~is_held]))
        scores[is_held] = absolute[is_held] * np.exp(-_log_scales(logarithms[:, is_held], *powers[-1]))
    scores.sort()
    power, further = np.mean(powers, axis=0).tolist()
    return Interval(float(scores[place - 1]), power, further, near, far)


def _most_likely_powers(absolute: np.ndarray, logarithms: np.ndarray) -> tuple[float, float]:
    """Return the exponents of the growth of the error up to and beyond the distance 1."""
    best = (math.inf, 0.0, 0.0)
    for power in _POWERS:
        log_scales = _log_scales(logarithms, power, _POWERS[:, None])
        means = np.maximum(np.mean(absolute * np.exp(-log_scales), axis=1), _TINY)
        # Without the constant terms: the negative logarithm of the likelihood per error.
        costs = np.log(means) + log_scales.mean(axis=1)
        lowest = int(costs.argmin())
        best = min(best, (float(costs[lowest]), float(power), float(_POWERS[lowest])))
    return best[1], best[2]


def _logarithms(distances: np.ndarray, near: float, far: float) -> np.ndarray:
    """Return the logarithms of the distances up to ``far``, beyond 1, and beyond ``far``, (3, n)."""
    clipped = np.clip(distances, near, far)
    return np.log([clipped, np.maximum(clipped, 1.0), np.maximum(distances / far, 1.0)])


def _log_scales(logarithms: np.ndarray, power: float, further: float | np.ndarray) -> np.ndarray:
    """Return the logarithms of the scales of errors, (n,), or (k, n) for k further exponents of shape (k, 1)."""
    scales: np.ndarray = power * logarithms[0] + further * logarithms[1] + _FARTHEST_POWER * logarithms[2]
    return scales
