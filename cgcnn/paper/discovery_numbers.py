"""The numbers of the section on stable crystals: those of seeds, of folds and of models without a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgcnn.analysis import screening
from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.paper.discovery import RIVALS, TEST, WHOLE_SET, rivals_in
from cgcnn.paper.discovery_misses import miss_numbers
from cgcnn.paper.seed_numbers import BY_SEED, INTERVALS, join, over_seeds, text_by_seed
from cgcnn.paper.substitutions import METHODS, Suggestions, suggestion_numbers
from cgcnn.training.runs import Run

#: The names of the numbers: of single networks, of networks together, and of the folds.
ALONE, TOGETHER, FOLDS = "alone", "together", "cross_validation"
#: The names of the numbers of suggestions by replaced elements, among the test crystals and in the folds.
SUGGESTED, SUGGESTED_IN_FOLDS = "suggestions", "suggestions_cross_validated"


def screening_numbers(judged: pd.DataFrame, threshold: float, quantity: Quantity) -> dict[str, Any]:
    """Return what the choice of the network is worth, and those of the other rankings at as many crystals.

    Args:
        judged: The table of :func:`cgcnn.paper.discovery.judge`, or of several folds.
        threshold: The highest target of a stable crystal.
        quantity: What was predicted.

    Returns:
        ``n_crystals``, ``n_stable``, the measures of :func:`cgcnn.analysis.screening.measures` of the network, the same
        of each model without a graph, such as ``composition`` (at its own threshold) and ``composition_at_as_many``
        (its first crystals, as many as the network calls stable), and the 95 % intervals of precision and recall.
    """
    is_stable, is_called = judged["is_stable"].to_numpy(), judged["is_called"].to_numpy()
    of_network = screening.of_choice(is_stable, is_called)
    intervals = {
        "precision": screening.share_interval(of_network["found"], of_network["called"]),
        "recall": screening.share_interval(of_network["found"], int(is_stable.sum())),
    }
    others = {}
    for name in rivals_in(judged, quantity):
        energies = judged[quantity.with_unit(name)].to_numpy()
        others[name] = screening.of_choice(is_stable, screening.at_most(energies, threshold))
        others[f"{name}_at_as_many"] = screening.of_first(is_stable, energies, of_network["called"])
    return {
        "n_crystals": len(judged),
        "n_stable": int(is_stable.sum()),
        **of_network,
        **others,
        INTERVALS: {name: list(ends) for name, ends in intervals.items() if ends is not None},
    }


def numbers_by_seed(
    runs: Sequence[Run], crystals: Crystals, judged: pd.DataFrame, threshold: float, device: str = "auto"
) -> dict[str, Any]:
    """Return the measures of each run alone, as :func:`cgcnn.paper.seed_numbers.over_seeds` gives them.

    Args:
        runs: Runs on the same split that differ by their seed.
        crystals: The whole data set.
        judged: The table of :func:`cgcnn.paper.discovery.judge` of these runs, whose crystals count.
        threshold: The highest target of a stable crystal.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
    """
    is_stable, chosen = judged["is_stable"].to_numpy(), judged["place"].to_numpy()
    predicted = [predict_part(run, crystals, chosen, device) for run in runs]
    return over_seeds([screening.of_choice(is_stable, screening.at_most(each, threshold)) for each in predicted])


def numbers_by_fold(judged: pd.DataFrame, threshold: float, quantity: Quantity) -> dict[str, Any]:
    """Return the numbers of a cross-validation: of all folds together, and under ``by_fold`` of each.

    Args:
        judged: The tables of :func:`cgcnn.paper.discovery.judge` of all folds, with the number of the fold in the
            column ``fold``.
        threshold: The highest target of a stable crystal.
        quantity: What was predicted.
    """
    of_folds = [screening_numbers(rows, threshold, quantity) for _, rows in judged.groupby("fold")]
    names = ("n_crystals", "n_stable", "called", "found", *screening.MEASURES)
    by_fold = {name: [numbers[name] for numbers in of_folds] for name in names}
    return {**screening_numbers(judged, threshold, quantity), "by_fold": by_fold}


def of_parts(
    judged: Mapping[str, pd.DataFrame], runs: Sequence[Run], crystals: Crystals, threshold: float, device: str = "auto"
) -> dict[str, Any]:
    """Return the numbers of what the networks find and miss.

    Args:
        judged: The table of :func:`cgcnn.paper.discovery_misses.explain` by part. There may be no folds.
        runs: The runs that judged the test crystals.
        crystals: The whole data set.
        threshold: The highest target of a stable crystal.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        Under :data:`ALONE` the numbers of single runs, under :data:`TOGETHER` those of all of them and under
        :data:`FOLDS` those of the folds, and under ``misses_together`` and ``misses_cross_validation`` those of
        :func:`cgcnn.paper.discovery_misses.miss_numbers`.
    """
    tested, whole, quantity = judged[TEST], judged.get(WHOLE_SET), crystals.quantity
    parts = [
        named(ALONE, numbers_by_seed(runs, crystals, tested, threshold, device)),
        named(TOGETHER, screening_numbers(tested, threshold, quantity)),
        {f"misses_{TOGETHER}": miss_numbers(tested)},
    ]
    if whole is not None:
        parts.append(named(FOLDS, numbers_by_fold(whole, threshold, quantity)))
        parts.append({f"misses_{FOLDS}": miss_numbers(whole)})
    return join(*parts)


def of_suggestions(
    suggested: Sequence[Suggestions], in_folds: Sequence[Suggestions], crystals: Crystals, threshold: float
) -> dict[str, Any]:
    """Return the numbers of suggestions by replaced elements.

    Args:
        suggested: The suggestions of the runs on the published split.
        in_folds: Those of the runs of the folds; there may be none.
        crystals: The whole data set.
        threshold: The highest target of a stable crystal.

    Returns:
        The numbers of :func:`cgcnn.paper.substitutions.suggestion_numbers` under :data:`SUGGESTED`, with their seeds,
        and under :data:`SUGGESTED_IN_FOLDS`, with the numbers of the folds under ``by_fold``.
    """
    numbers = named(SUGGESTED, suggestion_numbers(suggested, crystals, threshold))
    if not len(in_folds):
        return numbers
    of_folds = suggestion_numbers(in_folds, crystals, threshold)
    return numbers | {SUGGESTED_IN_FOLDS: {"by_fold": of_folds.pop(BY_SEED), **of_folds}}


def summary(numbers: Mapping[str, Any]) -> pd.DataFrame:
    """Return the measures of the page's first table.

    Args:
        numbers: The numbers of the section, under :data:`ALONE`, :data:`TOGETHER` and :data:`FOLDS`. A part without
            numbers has no rows.

    Returns:
        One row per part and method: the numbers of crystals that were called stable and found, and the three measures.
    """
    parts = {TEST: numbers.get(TOGETHER), WHOLE_SET: numbers.get(FOLDS)}
    rows: dict[tuple[str, str], Mapping[str, Any]] = {(TEST, "one network, mean of the seeds"): numbers[ALONE]}
    for part, found in parts.items():
        if found is None:
            continue
        rows[part, "networks together" if part == TEST else "one network per fold"] = found
        for name in (each for each in RIVALS if each in found):
            rows[part, RIVALS[name]] = found[name]
            rows[part, f"{RIVALS[name]}, as many as the network"] = found[f"{name}_at_as_many"]
        by_chance = found["called"] * found["n_stable"] / found["n_crystals"]
        sizes = (found["n_crystals"], found["n_stable"], found["called"])
        rows[part, "chance, as many as the network"] = screening.measures(*sizes, by_chance)
    return _measures_of(rows)


def suggestions_summary(numbers: Mapping[str, Any]) -> pd.DataFrame:
    """Return the measures of suggestions by replaced elements, and of chance, as the page shows them.

    Args:
        numbers: The numbers of the section, under :data:`SUGGESTED` and :data:`SUGGESTED_IN_FOLDS`. Numbers that are
            missing have no rows.

    Returns:
        One row per part and method: the numbers of suggestions and of found crystals, and the three measures.
    """
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for part, name in ((TEST, SUGGESTED), (WHOLE_SET, SUGGESTED_IN_FOLDS)):
        if name in numbers:
            of_methods = {method: numbers[name][method.replace(" ", "_")] for method in METHODS}
            rows |= {(part, method): found for method, found in of_methods.items()}
    return _measures_of(rows)


def named(name: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers under a name, with their seeds and intervals apart, as one joins them with others.

    Args:
        name: The name, without dots.
        numbers: Numbers that may hold ``by_seed`` and ``intervals``.
    """
    apart = {kind: numbers[kind] for kind in (BY_SEED, INTERVALS) if kind in numbers}
    own = {each: value for each, value in numbers.items() if each not in apart}
    return {name: own, **{kind: {f"{name}.{each}": v for each, v in of.items()} for kind, of in apart.items()}}


def texts(numbers: Mapping[str, Any], quantity: Quantity) -> dict[str, Any]:
    """Return the numbers of the section by the names under which its text shows them.

    Args:
        numbers: The numbers of the section.
        quantity: What was predicted.

    Returns:
        Numbers and texts; None for one that was not measured.
    """
    shown: dict[str, Any] = {"threshold_with_unit": quantity.value(numbers["threshold"], 1), "target": quantity.name}
    shown |= {"n_seeds": len(numbers["seeds"]), "n_folds": numbers["n_folds"] or None}
    for measure, digits in (("precision", 2), ("recall", 2), ("enrichment", 0)):
        shown[f"alone_{measure}"] = text_by_seed(numbers, f"{ALONE}.{measure}", digits)
        for part in (TOGETHER, FOLDS):
            ends = numbers.get(INTERVALS, {}).get(f"{part}.{measure}")
            value = numbers.get(part, {}).get(measure)
            between = f" (95 % interval {ends[0]:.{digits}f} to {ends[1]:.{digits}f})" if ends else ""
            shown[f"{part}_{measure}"] = None if value is None else f"{value:.{digits}f}{between}"
        for method in ("element_map", "same_group", "shuffled_map"):
            for name in (SUGGESTED, SUGGESTED_IN_FOLDS):
                shown[f"{name}_{method}_{measure}"] = numbers.get(name, {}).get(method, {}).get(measure)
    for part in (TOGETHER, FOLDS):
        found = numbers.get(part, {})
        shown |= {f"{part}_{name}": found.get(name) for name in ("n_crystals", "n_stable", "called", "found")}
        for rival in RIVALS:
            shown[f"{part}_{rival}"] = found.get(f"{rival}_at_as_many", {}).get("recall")
        missed = numbers.get(f"misses_{part}", {})
        names = ("n_missed", "n_false_alarms", "n_sure", "n_without_reason")
        shown |= {f"{part}_{name}": missed.get(name) for name in names}
    shown["n_suggested"] = numbers.get(SUGGESTED, {}).get("same_group", {}).get("called")
    return shown


def _measures_of(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> pd.DataFrame:
    shown = ["called", "found", *screening.MEASURES]
    table = pd.DataFrame({name: {each: of.get(each) for each in shown} for name, of in rows.items()}).T
    return table.astype(float)
