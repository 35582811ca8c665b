"""Why a network misses stable crystals and calls others stable: reasons that are computed for each crystal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import screening
from cgcnn.analysis.ranges import UNKNOWN, WORDS
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.paper.discovery import FALSE_ALARM, FOUND, MISSED, judge
from cgcnn.paper.perovskite_sites import are_perovskites, perovskite_sites
from cgcnn.training.runs import Run

#: The reasons by their columns, in the words of the page.
REASONS = {
    "is_close": "energy nearer to the threshold than the mean error",
    "is_covered": "interval covers the threshold",
    "has_large_error": "element with large errors",
    "is_rare": "element that is rare in training",
    "is_mixed": "several anions",
    "has_other_twin": "swapped crystal is on the other side",
    "is_disputed": "networks disagree",
    "is_not_inside": "not inside of what was seen",
}

# An element has large errors if those of the other crystals that hold it are on average this many times those of all.
_LARGE = 1.5
# An element is rare if it is in fewer training crystals than this share of the median over all elements.
_RARE = 0.5
# Networks disagree about a crystal if their spread is larger than for this share of all judged crystals.
_AGREED = 0.9


def with_reasons(
    judged: pd.DataFrame, crystals: Crystals, split: Split, threshold: float, quantity: Quantity
) -> pd.DataFrame:
    """Add to each judged crystal which reasons for a wrong call hold. They hold for many right calls too.

    Args:
        judged: The table of :func:`cgcnn.paper.discovery.judge` of one split.
        crystals: The whole data set.
        split: The split, whose training crystals are what the networks have seen.
        threshold: The highest target of a stable crystal.
        quantity: What was predicted.

    Returns:
        The same rows, with one column of :data:`REASONS` for each reason, ``suspects`` (the elements with large errors
        and the rare ones) and ``reasons`` (those that hold, in the words of the page; ``none of these`` where none do).
        The reasons of perovskites do not hold for other crystals.
    """
    target, predicted = quantity.with_unit("target"), quantity.column()
    places = judged["place"].to_numpy()
    errors = (judged[predicted] - judged[target]).abs().to_numpy()
    holds = _holds(crystals)
    large = holds[places] & (_errors_of_others(holds[places], errors) > _LARGE * errors.mean())
    rare = holds[places] & _rare_elements(holds[split.train])
    is_mixed, has_other_twin = _of_perovskites(crystals, split, places, threshold)
    spread = judged[quantity.with_unit("uncertainty")]
    reasons = {
        "is_close": (judged[target] - threshold).abs().to_numpy() < errors.mean(),
        "is_covered": judged[quantity.with_unit("lower")].le(threshold).to_numpy()
        & judged[quantity.with_unit("upper")].ge(threshold).to_numpy(),
        "has_large_error": large.any(axis=1),
        "is_rare": rare.any(axis=1),
        "is_mixed": is_mixed,
        "has_other_twin": has_other_twin,
        "is_disputed": spread.gt(spread.quantile(_AGREED)).to_numpy(),
        "is_not_inside": ~judged["range"].isin((WORDS[0], UNKNOWN)).to_numpy(),
    }
    table = pd.DataFrame(reasons, judged.index)
    suspects = [", ".join(ELEMENT_SYMBOLS[np.flatnonzero(row)]) for row in large | rare]
    in_words = ["; ".join(REASONS[name] for name in REASONS if row[name]) for row in table.to_dict("records")]
    return judged.join(table).assign(suspects=suspects, reasons=[words or "none of these" for words in in_words])


def explain(
    groups: Sequence[Sequence[Run]], crystals: Crystals, threshold: float, device: str = "auto"
) -> pd.DataFrame:
    """Judge the test crystals of several splits, and add the reasons for wrong calls.

    Args:
        groups: The runs of each split, as :func:`cgcnn.paper.discovery.judge` takes them, such as one run per fold.
        crystals: The whole data set.
        threshold: The highest target of a stable crystal.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The rows of :func:`with_reasons` of each split, with its number from 1 in the column ``fold``.
    """
    tables = []
    for fold, runs in enumerate(groups, 1):
        judged = judge(runs, crystals, threshold, device)
        explained = with_reasons(judged, crystals, runs[0].split, threshold, runs[0].quantity)
        tables.append(explained.assign(fold=fold))
    return pd.concat(tables, ignore_index=True)


def reason_shares(explained: pd.DataFrame) -> pd.DataFrame:
    """Return how often each reason holds for missed crystals and false alarms, and for found ones as the control.

    Args:
        explained: The table of :func:`with_reasons`, or of several folds.

    Returns:
        One row per reason that holds for any crystal, in the words of the page, and the columns ``missed``,
        ``false alarm`` and ``found``. The share of an outcome that no crystal has is NaN.
    """
    names = [name for name in REASONS if explained[name].any()]
    return _shares(explained)[names].T.rename(index=REASONS).rename_axis("reason")


def misses(explained: pd.DataFrame, quantity: Quantity) -> pd.DataFrame:
    """Return the crystals that were judged wrongly, the missed ones first, each kind by how far the energy is off.

    Args:
        explained: The table of :func:`with_reasons`, or of several folds.
        quantity: What was predicted.

    Returns:
        One row per crystal: ``crystal``, ``composition``, ``outcome``, target, prediction, the ends of the interval,
        ``range``, ``suspects`` and ``reasons``; and ``fold`` where there are several.
    """
    target, predicted = quantity.with_unit("target"), quantity.column()
    wrong = explained[explained["outcome"].isin([MISSED, FALSE_ALARM])]
    off = (wrong[predicted] - wrong[target]).abs()
    order = wrong.assign(is_alarm=wrong["outcome"] == FALSE_ALARM, off=-off).sort_values(["is_alarm", "off", "crystal"])
    ends = [quantity.with_unit("lower"), quantity.with_unit("upper")]
    columns = ["crystal", "composition", "outcome", target, predicted, *ends, "range", "suspects", "reasons"]
    return order[columns + (["fold"] if (explained["fold"] > 1).any() else [])].reset_index(drop=True)


def misses_on_page(listed: pd.DataFrame, quantity: Quantity) -> pd.DataFrame:
    """Return the table of :func:`misses` with few columns, so that it fits a page and the screen of a phone.

    Args:
        listed: The table, or some of its rows.
        quantity: What was predicted.

    Returns:
        One row per crystal: ``crystal`` (composition and id), ``outcome``, the calculated and the predicted value with
        its interval as texts, and ``reasons``, with the elements that they are about.
    """
    target, predicted = quantity.with_unit("target"), quantity.column()
    lower, upper = quantity.with_unit("lower"), quantity.with_unit("upper")
    rows = [
        {
            "crystal": f"{row['composition']} ({row['crystal']})",
            "outcome": row["outcome"],
            quantity.in_unit("calculated"): f"{row[target]:.3f}",
            quantity.in_unit("predicted"): f"{row[predicted]:.3f} ({row[lower]:.3f} to {row[upper]:.3f})",
            "reasons": f"{row['reasons']}; elements: {row['suspects']}" if row["suspects"] else row["reasons"],
        }
        for row in listed.to_dict("records")
    ]
    return pd.DataFrame(rows)


def miss_numbers(explained: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of misses, and of those that no reason of :data:`REASONS` explains.

    Args:
        explained: The table of :func:`with_reasons`, or of several folds.

    Returns:
        ``n_missed``, ``n_false_alarms``, ``n_without_reason``, ``n_sure`` (misses whose interval does not hold the
        threshold), and ``shares`` (by outcome and column of the reason; None where no crystal has the outcome).
    """
    outcome = explained["outcome"]
    wrong = explained[outcome.isin([MISSED, FALSE_ALARM])]
    shares = _shares(explained).to_dict(orient="index")
    return {
        "n_missed": int((outcome == MISSED).sum()),
        "n_false_alarms": int((outcome == FALSE_ALARM).sum()),
        "n_without_reason": int((~wrong[list(REASONS)].any(axis=1)).sum()),
        "n_sure": int((~wrong["is_covered"]).sum()),
        "shares": {
            str(name).replace(" ", "_"): {each: None if np.isnan(share) else share for each, share in row.items()}
            for name, row in shares.items()
        },
    }


def _shares(explained: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each outcome, by row, for which a reason holds, by column."""
    return explained.groupby("outcome")[list(REASONS)].mean().reindex([MISSED, FALSE_ALARM, FOUND])


def _holds(crystals: Crystals) -> np.ndarray:
    """Return whether a crystal holds an element, (n, 119) bool."""
    holds = np.zeros((len(crystals), len(ELEMENT_SYMBOLS)), dtype=bool)
    holds[np.repeat(np.arange(len(crystals)), crystals.n_sites), np.asarray(crystals.atomic_numbers)] = True
    return holds


def _errors_of_others(holds: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the mean error of the other crystals that hold an element, (b, 119); 0 where there are none."""
    weights = holds.astype(float)
    others = weights.sum(axis=0) - weights
    means: np.ndarray = (errors @ weights - errors[:, None] * weights) / np.maximum(others, 1)
    return means


def _rare_elements(holds: np.ndarray) -> np.ndarray:
    """Return which elements are rare in the training crystals, (119,) bool."""
    counts = holds.sum(axis=0)
    rare: np.ndarray = counts < _RARE * np.median(counts[counts > 0])
    return rare


def _of_perovskites(
    crystals: Crystals, split: Split, places: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which crystals have several anions, and which have a twin in training on the other side."""
    nothing = np.zeros(len(places), dtype=bool)
    if not are_perovskites(crystals):
        return nothing, nothing
    sites = perovskite_sites(crystals)
    is_stable = pd.Series(screening.at_most(crystals.targets[split.train], threshold), sites.codes()[split.train])
    twins = is_stable[~is_stable.index.duplicated()].reindex(sites.codes(swapped=True)[places])
    own = screening.at_most(crystals.targets[places], threshold)
    # A and B of one element have no twin but themselves.
    is_other = twins.notna().to_numpy() & (twins.fillna(value=False).astype(bool).to_numpy() != own)
    return sites.n_anions[places] > 1, is_other
