"""Predictions with a range: the spread of an ensemble, an interval, and how far a crystal is from what was seen."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis.conformal import calibrate
from cgcnn.analysis.ensembles import combine
from cgcnn.analysis.plausible import remarks
from cgcnn.analysis.prediction import refuse_unseen_elements
from cgcnn.data.crystals import Crystals
from cgcnn.data.plausibility import implausible, measure
from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.extents import Extents, extents
from cgcnn.machine.devices import resolve_device
from cgcnn.network.evaluation import describe_batches
from cgcnn.training.bounds import excess
from cgcnn.training.runs import KEY_LENGTH, Run
from cgcnn.training.seen import Seen

_logger = logging.getLogger(__name__)

#: The words for how far a crystal is from what was seen. Nine in ten validation crystals are inside by their distance,
#: and one in forty is outside.
WORDS = ("inside", "at the edge", "outside")
#: The word where the file of a run does not hold what the run has seen.
UNKNOWN = "unknown"
_INSIDE, _NOT_OUTSIDE = 0.9, 0.975
# A length lies beyond those of the training crystals if it does so by this factor, and by more than in this share of
# the validation crystals. In a small set most pairs of elements occur once or twice, so that new lengths are common.
_MARGIN, _NOT_BEYOND = 1.1, 0.9875
# The share of the targets of crystals like those of the data set that lie in the interval.
_COVERAGE = 0.9
# Stands for a distance of zero by which others are divided.
_TINY = 1e-30


def predict_with_range(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> pd.DataFrame:
    """Return the predictions of one run or of several together, and what they are worth.

    The distance of a crystal is that of the mean of v(K) over its sites to the nearest of the vectors that stand for
    the training crystals. It is given in units of the distance beyond which one in ten validation crystals lies. The
    predicted energy is a linear function of this mean. So a strange site counts by its share of the sites, in the
    distance as in the energy. With several runs, the distance is the mean over the runs.

    A crystal is ``inside`` what was seen up to the distance 1, ``outside`` beyond the distance of all but one in forty
    validation crystals, and ``at the edge`` between. Where a length in the crystal lies beyond those of all training
    crystals by more than a tenth, and farther than in all but one in eighty validation crystals, the remark says so
    with numbers. Such a crystal is ``outside``: its distance is at least the one from which on crystals are outside,
    times the factor by which the length lies beyond.

    The interval holds nine in ten targets of crystals like those of the data set, whatever their distance is. Its width
    grows with the distance as the errors of the validation crystals do. For crystals outside, nothing is guaranteed.

    Args:
        runs: One or more runs on the same split of the same data.
        crystals: Any crystals whose elements all occur in the training sets of all runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per crystal: index ``crystal``, the prediction, such as ``energy_eV_per_atom``, the standard deviation
        over the runs, such as ``uncertainty_eV_per_atom`` (NaN for a single run), the ends of the 90 % interval, such
        as ``lower_eV_per_atom`` and ``upper_eV_per_atom`` (infinite where there are fewer than nine validation
        crystals), ``distance``, ``range`` (one of :data:`WORDS`), and ``remark`` (empty where nothing is beyond). Where
        the file of a run does not hold what it has seen, the ends and the distance are NaN, the range is ``unknown``,
        a warning says how to get them, and the remark names what no crystal has.

    Raises:
        DataError: A crystal has an element that no training crystal has, two sites of a crystal are on one spot, or the
            runs have different validation sets.
    """
    means, predicted, found = _describe(runs, crystals, device)
    quantity = runs[0].quantity
    table = combine(predicted, crystals.ids, quantity)
    lower, upper = quantity.with_unit("lower"), quantity.with_unit("upper")
    seen = [run.seen for run in runs if run.seen is not None]
    if len(seen) < len(runs):
        lacking = next(run for run in runs if run.seen is None)
        _logger.warning(
            "run %s: its file does not hold what it has seen, so its predictions have no interval; "
            "cgcnn.with_seen(run, crystals) adds it, with the data set %s",
            lacking.key[:KEY_LENGTH],
            lacking.dataset,
        )
        remark = [sentence or "" for sentence in implausible(crystals, measure(crystals))]
        return table.assign(**{lower: np.nan, upper: np.nan}, distance=np.nan, range=UNKNOWN, remark=remark)
    _refuse_other_validation_sets(runs)
    bounds, worst = seen[0].bounds, seen[0].validation_excess.astype(np.float64)
    margin = max(_MARGIN, float(np.quantile(worst, _NOT_BEYOND)))
    distances, held_out, outside = _joint_distances(seen, means)
    distances = _raised(distances, excess(bounds, found), outside, margin)
    held_out = _raised(held_out, worst, outside, margin)
    of_runs = zip(seen, runs, strict=True)
    scaled = [each.validation_errors.astype(np.float64) * run.network.target_scale.item() for each, run in of_runs]
    half_widths = calibrate(np.mean(scaled, axis=0), held_out, _COVERAGE).half_widths(distances)
    middle = table[quantity.column()].to_numpy()
    words = np.array(WORDS, dtype=object)[np.where(distances > outside, 2, np.where(distances > 1, 1, 0))]
    return table.assign(
        **{lower: middle - half_widths, upper: middle + half_widths},
        distance=distances,
        range=words,
        remark=remarks(bounds, found, margin),
    )


def _describe(
    runs: Sequence[Run], crystals: Crystals, device: str
) -> tuple[list[np.ndarray], list[np.ndarray], Extents]:
    """Return the mean environments and the predictions of each run, and the distances in the graphs of the first."""
    where = resolve_device(device)
    graphs, means, predicted = {}, [], []
    for run in runs:
        refuse_unseen_elements(run, crystals)
        key = run.config.of_graphs
        if key not in graphs:
            graphs[key] = crystal_graphs.build(crystals, *key)
        described = describe_batches(run.network.to(where), Batcher(graphs[key], where), np.arange(len(crystals)))
        means.append(described[0].numpy())
        predicted.append(described[1].double().numpy())
    of_first = graphs[runs[0].config.of_graphs]
    return means, predicted, extents(crystals, of_first, np.arange(len(crystals)))


def _joint_distances(seen: Sequence[Seen], means: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the distances of the crystals and of the validation crystals, and that from which on they are outside."""
    new, held_out = [], []
    for each, of_run in zip(seen, means, strict=True):
        validation = each.validation_distances.astype(np.float64)
        unit = _unit(validation)
        new.append(each.distances(of_run) / unit)
        held_out.append(validation / unit)
    joint = np.mean(held_out, axis=0)
    unit = _unit(joint)
    return np.mean(new, axis=0) / unit, joint / unit, max(float(np.quantile(joint, _NOT_OUTSIDE)) / unit, 1.0)


def _unit(distances: np.ndarray) -> float:
    """Return the distance beyond which one in ten validation crystals lies."""
    return max(float(np.quantile(distances, _INSIDE)), _TINY)


def _raised(distances: np.ndarray, worst: np.ndarray, outside: float, margin: float) -> np.ndarray:
    """Return the distances, raised where a length of the crystal lies beyond those of the training crystals."""
    return np.where(worst > margin, np.maximum(distances, outside) * worst, distances)


def _refuse_other_validation_sets(runs: Sequence[Run]) -> None:
    for run in runs[1:]:
        if run.data_digest != runs[0].data_digest or not np.array_equal(run.split.validation, runs[0].split.validation):
            raise DataError(
                f"runs {runs[0].key[:KEY_LENGTH]} and {run.key[:KEY_LENGTH]} have different validation sets",
                "name runs on the same split of the same data",
            )
