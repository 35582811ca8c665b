"""How well a ranking finds the few crystals that are wanted: precision, recall, and enrichment over chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

#: The measures, in the order in which they are shown.
MEASURES = ("precision", "recall", "enrichment")

# Of the interval of a share.
_CONFIDENCE = 0.95
# Decimal numbers are read into binary ones, and the last bit may put no value on the other side of a threshold.
_TINY = 1e-9
# The points of a curve.
_N_SHOWN = 300


def at_most(values: np.ndarray, threshold: float) -> np.ndarray:
    """Return which values are not above a threshold, (n,) bool; one that equals it in its decimals is not above it."""
    return np.asarray(values) <= threshold + _TINY


def measures(n_all: int, n_wanted: int, n_called: float, n_found: float) -> dict[str, Any]:
    """Return what a choice of crystals is worth.

    Args:
        n_all: The number of all crystals that could be chosen.
        n_wanted: The number of those that are wanted, such as stable ones.
        n_called: The number of chosen crystals.
        n_found: The number of wanted crystals among the chosen; a mean over equal scores need not be whole.

    Returns:
        ``called`` and ``found`` (the two numbers), ``precision`` (the share of wanted crystals among the chosen),
        ``recall`` (the share of the wanted crystals that was chosen), and ``enrichment`` (the precision over the share
        of wanted crystals among all). A share of nothing is None.
    """
    precision = n_found / n_called if n_called else None
    return {
        "called": n_called,
        "found": n_found,
        "precision": precision,
        "recall": n_found / n_wanted if n_wanted else None,
        "enrichment": precision * n_all / n_wanted if precision is not None and n_wanted else None,
    }


def of_choice(is_wanted: np.ndarray, is_called: np.ndarray) -> dict[str, Any]:
    """Return the :func:`measures` of a choice.

    Args:
        is_wanted: (n,) bool, whether a crystal is wanted.
        is_called: (n,) bool, whether it was chosen.
    """
    found = int((is_wanted & is_called).sum())
    return measures(len(is_wanted), int(is_wanted.sum()), int(is_called.sum()), found)


def found_at(is_wanted: np.ndarray, scores: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return how many wanted crystals are among the first ones of a ranking.

    Crystals with equal scores are in random order, and the mean over all orders is returned.

    Args:
        is_wanted: (n,) bool, whether a crystal is wanted.
        scores: (n,) The scores; the lowest comes first. They may be infinite, but not NaN.
        numbers: (m,) How many crystals one looks at.
    """
    _, block = np.unique(scores, return_inverse=True)
    looked_at = np.concatenate([[0], np.bincount(block).cumsum()])
    found = np.concatenate([[0], np.bincount(block, is_wanted).cumsum()])
    expected: np.ndarray = np.interp(numbers, looked_at, found)
    return expected


def of_first(is_wanted: np.ndarray, scores: np.ndarray, number: int) -> dict[str, Any]:
    """Return the :func:`measures` of the first crystals of a ranking.

    Args:
        is_wanted: (n,) bool, whether a crystal is wanted.
        scores: (n,) The scores, as :func:`found_at` takes them.
        number: How many crystals one looks at.
    """
    (found,) = found_at(is_wanted, scores, np.array([number])).tolist()
    return measures(len(is_wanted), int(is_wanted.sum()), number, found)


def numbers_on_curve(n_crystals: int) -> np.ndarray:
    """Return at which numbers of crystals a curve is drawn: 300 at most, at equal steps of their logarithm.

    Args:
        n_crystals: How many crystals there are.
    """
    return np.unique(np.geomspace(1, n_crystals, _N_SHOWN).round().astype(int))


def curve(is_wanted: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Return what a ranking is worth against the number of crystals that one looks at.

    Args:
        is_wanted: (n,) bool, whether a crystal is wanted; at least one is.
        scores: (n,) The scores, as :func:`found_at` takes them.

    Returns:
        One row per number of crystals from 1 to n: ``looked_at``, ``found``, ``precision``, ``recall`` and
        ``enrichment``, as in :func:`measures`.
    """
    numbers = np.arange(1, len(scores) + 1)
    found = found_at(is_wanted, scores, numbers)
    return pd.DataFrame(
        {
            "looked_at": numbers,
            "found": found,
            "precision": found / numbers,
            "recall": found / is_wanted.sum(),
            "enrichment": found / numbers / is_wanted.mean(),
        }
    )


def share_interval(n_hits: int, n_all: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share, by Wilson's method (Wilson 1927, doi 10.1080/01621459.1927.10502953).

    Args:
        n_hits: The number of hits.
        n_all: The number of cases; without a case there is no interval.
    """
    if not n_all:
        return None
    ends = binomtest(n_hits, n_all).proportion_ci(_CONFIDENCE, method="wilson")
    return float(ends.low), float(ends.high)
