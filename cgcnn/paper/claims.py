"""The paper's claims, judged by thresholds that were fixed beforehand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from cgcnn.errors import DataError

#: The verdicts from the best to the worst. The last one is for claims that no number decides.
VERDICTS = ("holds", "holds in part", "does not hold", "cannot be tested here")

#: The name under which a section writes that it ran on other data than the paper's.
NOT_JUDGED = "own_data"


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
        values: Our numbers. The claim holds if all of them reach the threshold.
        spreads: The standard deviation of each number over seeds; None for a number without one.
        reason: Why the claim was not tested; empty if it was.
    """

    id: str
    section: str
    statement: str
    figure: str
    shown: str
    threshold: str
    verdict: str
    values: tuple[float, ...] = ()
    spreads: tuple[float | None, ...] = ()
    reason: str = ""

    @property
    def text(self) -> str:
        """The numbers with three significant digits and their standard deviations, or why there are none."""
        spread = ["" if s is None else f" ± {s:.1g}" for s in self.spreads]
        return self.reason or ", ".join(f"{v:.3g}{s}" for v, s in zip(self.values, spread, strict=True))


def judge(claims: Path, section: str, values: Mapping[str, Any]) -> list[Claim]:
    """Compare a section's numbers with the thresholds of its claims.

    The file names the numbers of a claim under ``values``, where a dot leads into a dictionary, and may name their
    standard deviations under ``spreads``, which are only shown. ``at_least`` or ``at_most`` is the threshold of all
    these numbers. If all of them reach it, the claim holds; if some do, it holds in part; if none does, it does not
    hold. A claim with a reason under ``cannot_be_tested`` has neither numbers nor a threshold. A claim is not tested
    either if the section gives one of its numbers as None, because the section's data do not yield it.

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


def not_judged_table(claims: Path, section: str) -> pd.DataFrame:
    """Return what a section shows instead of its claims where it did not run on the paper's data.

    Args:
        claims: The YAML file of all claims.
        section: The name of the section.

    Returns:
        One row: ``claims`` (their number) and ``verdict``. A section without claims has no row.
    """
    number = len(yaml.safe_load(claims.read_text()).get(section, []))
    rows = [{"claims": f"{number} of the paper", "verdict": "not judged: your own data"}] if number else []
    return pd.DataFrame(rows, columns=["claims", "verdict"])


def claims_table(judged: list[Claim]) -> pd.DataFrame:
    """Return claims as a section shows them.

    Returns:
        One row per claim: ``id``, ``statement``, ``figure``, ``threshold``, ``value`` and ``verdict``, all as text.
    """
    columns = ("id", "statement", "figure", "threshold")
    rows = [
        {name: getattr(claim, name) for name in columns} | {"value": claim.text, "verdict": claim.verdict}
        for claim in judged
    ]
    return pd.DataFrame(rows, columns=[*columns, "value", "verdict"])


def linked_claims_table(judged: list[Claim]) -> pd.DataFrame:
    """Return claims as the page of all claims shows them, each with a link to its figure in the book.

    Returns:
        One row per claim: ``claim``, ``paper`` (the figure or section of the paper), ``threshold``, ``ours`` (our
        numbers), ``verdict`` and ``shown`` (a link in HTML, relative to the page).
    """
    return pd.DataFrame(
        {
            "claim": claim.statement,
            "paper": claim.figure,
            "threshold": claim.threshold,
            "ours": claim.text,
            "verdict": claim.verdict,
            "shown": f'<a href="{claim.section}.html#{claim.shown}">figure</a>',
        }
        for claim in judged
    )


def claim_numbers(judged: list[Claim]) -> dict[str, Any]:
    """Return claims and the counts of their verdicts, to be written as JSON.

    Returns:
        ``claims``, a list of one dictionary per claim, and ``tally``, the counts of :func:`tally` by section. ``value``
        and ``spread`` of a claim are numbers if it is about one number, and lists otherwise.
    """
    rows = [
        {
            "id": claim.id,
            "section": claim.section,
            "statement": claim.statement,
            "figure": claim.figure,
            "threshold": claim.threshold,
            "value": claim.values[0] if len(claim.values) == 1 else claim.values,
            "spread": claim.spreads[0] if len(claim.spreads) == 1 else claim.spreads,
            "verdict": claim.verdict,
            "reason": claim.reason,
        }
        for claim in judged
    ]
    return {"claims": rows, "tally": tally(judged).to_dict(orient="index")}


def tally(judged: list[Claim]) -> pd.DataFrame:
    """Return how many claims of each section got each verdict.

    Returns:
        One row per section and one row ``all`` for their sum; one column per verdict, in the order of
        :data:`VERDICTS`.
    """
    sections = pd.Series([claim.section for claim in judged], name="section")
    verdicts = pd.Series([claim.verdict for claim in judged], name="verdict")
    counts = pd.crosstab(sections, verdicts).reindex(sections.unique())
    counts = counts.reindex(columns=list(VERDICTS), fill_value=0)
    counts.loc["all"] = counts.sum()
    return counts


def _judge(claim: Mapping[str, Any], section: str, values: Mapping[str, Any], claims: Path) -> Claim:
    judged = partial(
        Claim, id=claim["id"], section=section, statement=claim["statement"], figure=claim["figure"],
        shown=claim.get("shown", ""),
    )  # fmt: skip
    if "cannot_be_tested" in claim:
        return judged(threshold="", verdict=VERDICTS[3], reason=claim["cannot_be_tested"])
    looked_up = [_look_up(values, name, claims) for name in claim["values"]]
    found = tuple(value for value in looked_up if value is not None)
    if "at_least" in claim:
        reached, threshold = [value >= claim["at_least"] for value in found], f"≥ {claim['at_least']}"
    elif "at_most" in claim:
        reached, threshold = [value <= claim["at_most"] for value in found], f"≤ {claim['at_most']}"
    else:
        raise DataError(f"{claims}: claim {claim['id']!r} has neither at_least nor at_most", "give it one of them")
    if len(found) < len(looked_up):
        return judged(threshold=threshold, verdict=VERDICTS[3], reason="not measured in this run")
    spreads = [_look_up(values, name, claims) for name in claim.get("spreads", [])]
    spreads += [None] * (len(found) - len(spreads))
    verdict = VERDICTS[0] if all(reached) else VERDICTS[1] if any(reached) else VERDICTS[2]
    return judged(threshold=threshold, verdict=verdict, values=found, spreads=tuple(spreads))


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
