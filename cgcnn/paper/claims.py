"""The paper's claims, judged by thresholds that were fixed beforehand and by intervals over all seeds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from cgcnn.errors import DataError
from cgcnn.paper.seed_numbers import BY_SEED, INTERVALS, mean_interval

#: The verdicts. The first four are those of claims whose numbers were measured.
VERDICTS = ("holds", "holds in part", "does not hold", "undecided", "not run", "cannot be tested here")
_HOLDS, _IN_PART, _FAILS, _UNDECIDED, _NOT_RUN, _UNTESTABLE = VERDICTS
#: The sign of each verdict on all pages, for readers who do not tell the colors apart.
SIGNS = dict(zip(VERDICTS, "✓◐✗?○∅", strict=True))

#: The name under which a section writes that it ran on other data than the paper's.
NOT_JUDGED = "own_data"

#: The ends of a 95 % interval.
Interval = tuple[float, float]

# What a claim of the file says about itself.
_TEXTS = (
    "id", "statement", "figure", "shown", "sibling_of", "measure", "measure_committed", "measure_changed", "measured_in"
)  # fmt: skip
# A number in a text: its dotted name, and how it is written.
_NUMBER = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, and the verdict of our numbers on it.

    Attributes:
        id: The name of the claim.
        section: The name of the notebook whose numbers decide.
        statement: The claim in our words.
        figure: The figure or section of the paper that makes the claim.
        shown: The label of the book's figure that shows the numbers; empty if there is none.
        threshold: The threshold as text, such as ``≥ 0.9``; empty if the claim cannot be tested.
        verdict: One of :data:`VERDICTS`.
        values: Our numbers, each the mean over the seeds where it is a number of single seeds.
        intervals: The 95 % interval of each number; None for a number without one.
        seeds: The seeds of the runs that gave the numbers.
        reason: Why there are no numbers; empty if there are.
        why: Why the number is what it is, with numbers; empty if nothing is said.
        sibling_of: The claim that this one measures in another way; empty if there is none.
        measure: What exactly is computed; empty where the statement says it.
        measure_committed: The commit in which the measure and the threshold were written down.
        measure_changed: How the measure was changed after a first look at its numbers; empty if it was not.
        measured_in: The commit of the first runs that the measure was new to; empty if it was not changed.
    """

    id: str
    section: str
    statement: str
    figure: str
    shown: str
    threshold: str
    verdict: str
    values: tuple[float, ...] = ()
    intervals: tuple[Interval | None, ...] = ()
    seeds: tuple[int, ...] = ()
    reason: str = ""
    why: str = ""
    sibling_of: str = ""
    measure: str = ""
    measure_committed: str = ""
    measure_changed: str = ""
    measured_in: str = ""

    @property
    def text(self) -> str:
        """The numbers with three significant digits and their intervals, or why there are none."""
        pairs = zip(self.values, self.intervals, strict=True)
        return self.reason or ", ".join(_with_interval(value, interval) for value, interval in pairs)


def judge(claims: Path, section: str, values: Mapping[str, Any]) -> list[Claim]:
    """Compare a section's numbers with the thresholds of its claims.

    The file names the numbers of a claim under ``values``, where a dot leads into a dictionary. ``at_least`` or
    ``at_most`` is the threshold of all these numbers. A number reaches it, or fails it, if its whole 95 % interval
    does. The interval is that of the mean over the seeds where the section gives the number of each seed under
    ``by_seed``, and another one where the section gives it under ``intervals``. A number without an interval, because
    no seed decides it, is compared itself.

    If all numbers reach the threshold, the claim holds. If some reach it and some fail it, it holds in part. If all
    fail it, it does not hold. Otherwise it is undecided, as with one seed. A claim with a reason under
    ``cannot_be_tested`` has neither numbers nor a threshold. A claim is not run if the section gives one of its numbers
    as None, because this run did not measure it.

    Args:
        claims: The YAML file of all claims, which no code writes.
        section: The section whose claims are judged.
        values: The numbers of the section.

    Returns:
        The claims of the section in the order of the file; an empty list for a section without claims.

    Raises:
        DataError: A claim names a number that the section does not give or that is not finite, or it has no threshold.
    """
    return [_judge(claim, section, values, claims) for claim in yaml.safe_load(claims.read_text()).get(section, [])]


def judge_all(claims: Path, results: Path) -> list[Claim]:
    """Compare the numbers that all sections have written with the thresholds of their claims.

    Args:
        claims: The YAML file of all claims.
        results: The folder of all sections' results, with the numbers of each section in ``<section>.json``.

    Returns:
        The claims of the sections that have written their numbers, and did so on the paper's data.

    Raises:
        DataError: No section has written such numbers, or :func:`judge` refuses a claim.
    """
    sections = list(yaml.safe_load(claims.read_text()))
    missing = missing_sections(claims, results)
    if missing == sections:
        raise DataError(
            f"{results}: no section has written its numbers there",
            f"run these notebooks first, with the same results: {', '.join(missing)}",
        )
    judged = []
    for section in sections:
        if section not in missing:
            judged += judge(claims, section, json.loads((results / f"{section}.json").read_text()))
    return judged


def missing_sections(claims: Path, results: Path) -> list[str]:
    """Return the sections with claims that have not written their numbers on the paper's data.

    Args:
        claims: The YAML file of all claims.
        results: The folder of all sections' results.

    Returns:
        The names of their notebooks, in the order in which they are to be run.
    """
    files = {section: results / f"{section}.json" for section in yaml.safe_load(claims.read_text())}
    return [
        section for section, file in files.items() if not file.is_file() or NOT_JUDGED in json.loads(file.read_text())
    ]


def _judge(claim: Mapping[str, Any], section: str, values: Mapping[str, Any], claims: Path) -> Claim:
    given: dict[str, Any] = {name: claim[name] for name in _TEXTS if name in claim}
    judged = partial(Claim, section=section, **{"shown": "", **given})
    if "cannot_be_tested" in claim:
        why = _filled_if_known(claim, values, claims)
        return judged(threshold="", verdict=_UNTESTABLE, reason=claim["cannot_be_tested"], why=why)
    names = claim["values"]
    looked_up = [_look_up(values, name, claims) for name in names]
    found = tuple(value for value in looked_up if value is not None)
    if "at_least" in claim:
        sign, bound, threshold = 1, claim["at_least"], f"≥ {claim['at_least']}"
    elif "at_most" in claim:
        sign, bound, threshold = -1, claim["at_most"], f"≤ {claim['at_most']}"
    else:
        raise DataError(f"{claims}: claim {claim['id']!r} has neither at_least nor at_most", "give it one of them")
    if len(found) < len(looked_up):
        why = _filled_if_known(claim, values, claims)
        return judged(threshold=threshold, verdict=_NOT_RUN, reason="not measured in this run", why=why)
    intervals = tuple(_interval(values, name, claims) for name in names)
    is_reached = [
        _reaches(sign * value, _unknown(values, name), interval, sign, sign * bound)
        for name, value, interval in zip(names, found, intervals, strict=True)
    ]
    verdict = _verdict(is_reached)
    if verdict == _HOLDS or "why" not in claim:
        why = _filled_if_known(claim, values, claims)
    else:
        why = _filled(claim["why"], values, claims)
    seeds = tuple(values.get("seeds", ()))
    return judged(threshold=threshold, verdict=verdict, values=found, intervals=intervals, seeds=seeds, why=why)


def _verdict(is_reached: list[bool | None]) -> str:
    """Return the verdict on numbers that reach their threshold (True), fail it (False), or may do either (None)."""
    if all(is_reached):
        return _HOLDS
    if True in is_reached and False in is_reached:
        return _IN_PART
    return _UNDECIDED if None in is_reached else _FAILS


def _reaches(value: float, is_unknown: bool, interval: Interval | None, sign: int, bound: float) -> bool | None:
    """Return whether a number, with its sign turned so that more is better, reaches a bound; None if it may or not."""
    if is_unknown:
        return None
    low, high = (value, value) if interval is None else sorted(sign * end for end in interval)
    return True if low >= bound else False if high < bound else None


def _unknown(values: Mapping[str, Any], name: str) -> bool:
    """Return whether a number should have an interval and has none, because there is one seed only."""
    return name not in values.get(INTERVALS, {}) and len(values.get(BY_SEED, {}).get(name, ())) == 1


def _interval(values: Mapping[str, Any], name: str, claims: Path) -> Interval | None:
    own = values.get(INTERVALS, {}).get(name)
    ends = own if own is not None else mean_interval(values.get(BY_SEED, {}).get(name, ()))
    if ends is None:
        return None
    low, high = (float(end) for end in ends)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise DataError(f"{claims}: the interval of {name!r} is {low} to {high}", "correct the section")
    return low, high


def _look_up(values: Mapping[str, Any], name: str, claims: Path) -> float | None:
    found: Any = values
    for part in name.split("."):
        if part not in found:
            raise DataError(f"{claims}: no number {name!r} in the section's results", "correct the claim")
        found = found[part]
    if found is None:
        return None
    if not math.isfinite(found):
        raise DataError(f"{claims}: the number {name!r} is {found}", "correct the section that computes it")
    return float(found)


def _filled(text: str, values: Mapping[str, Any], claims: Path) -> str:
    """Return a text in which each number in braces, such as ``{knn_r2.density:.2f}``, is filled in."""

    def number(found: re.Match[str]) -> str:
        try:
            return format(_look_up(values, found[1], claims), found[2] or ".3g")
        except (TypeError, ValueError) as error:
            raise DataError(f"{claims}: cannot fill {found[0]} ({error})", "correct the text") from error

    return _NUMBER.sub(number, text)


def _filled_if_known(claim: Mapping[str, Any], values: Mapping[str, Any], claims: Path) -> str:
    """Return the text under ``why``; empty where there is none, or where this run did not measure its numbers."""
    try:
        return _filled(claim.get("why", ""), values, claims)
    except DataError:
        return ""


def _with_interval(value: float, interval: Interval | None) -> str:
    if interval is None:
        return f"{value:.3g}"
    low, high = interval
    half = (high - low) / 2
    if math.isclose(value - low, half, rel_tol=1e-6, abs_tol=1e-12):
        return f"{value:.3g} ± {half:.2g}"
    return f"{value:.3g} ({low:.3g} to {high:.3g})"
