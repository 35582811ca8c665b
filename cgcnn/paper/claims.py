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

#: From best to worst, and what no number can decide.
VERDICTS = ("holds", "holds in part", "does not hold", "cannot be tested here")


@dataclass(frozen=True)
class Claim:
    """One claim of the paper and what our numbers say of it.

    Attributes:
        id: Its name.
        section: The notebook whose numbers decide.
        statement: The paper's sentence in our words.
        figure: Where the paper says it.
        shown: Label of the figure of the book that shows it; empty for none.
        threshold: Such as ``≥ 0.9``; empty where it cannot be tested.
        verdict: One of :data:`VERDICTS`.
        values: Our numbers, all of which must reach the threshold.
        spreads: The standard deviation over seeds of each, None where there is none.
        reason: Why it cannot be tested; empty where it is.
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
        """The numbers in three digits with their spreads, or why there are none."""
        spread = ["" if s is None else f" ± {s:.1g}" for s in self.spreads]
        return self.reason or ", ".join(f"{v:.3g}{s}" for v, s in zip(self.values, spread, strict=True))


def judge(claims: Path, section: str, values: Mapping[str, Any]) -> list[Claim]:
    """Compare a section's numbers with the thresholds of its claims.

    A claim names the numbers it is about (``values``; a dot leads into a dictionary), their standard deviations where
    there are some (``spreads``, only shown), and the threshold that all of them must reach: ``at_least`` or
    ``at_most``. All reach it: it holds. Some: it holds in part. None: it does not. A claim that says why it
    ``cannot_be_tested`` has neither numbers nor threshold; one of whose numbers the section gives as None, since its
    data have none, is not tested either.

    Args:
        claims: The YAML file of all claims, which nothing writes.
        section: The section whose claims are judged; a section without claims gives an empty list.
        values: The section's numbers.

    Raises:
        DataError: A claim names a number that there is not, or has no threshold.
    """
    return [_judge(claim, section, values, claims) for claim in yaml.safe_load(claims.read_text()).get(section, [])]


def judge_all(claims: Path, results: Path) -> list[Claim]:
    """Compare the numbers that all sections have written with the thresholds of their claims.

    Args:
        claims: The YAML file of all claims.
        results: The folder of all sections' results, with the numbers of each section in ``<section>.json``.

    Raises:
        DataError: A section that has claims has not written its numbers.
    """
    judged = []
    for section in yaml.safe_load(claims.read_text()):
        file = results / f"{section}.json"
        if not file.is_file():
            raise DataError(
                f"{file}: no such file, so the claims of {section} have no numbers", "run its notebook first"
            )
        judged += judge(claims, section, json.loads(file.read_text()))
    return judged


def claims_table(judged: list[Claim]) -> pd.DataFrame:
    """Return claims as people read them: ``id``, ``statement``, ``figure``, ``threshold``, ``value``, ``verdict``."""
    columns = ("id", "statement", "figure", "threshold")
    rows = [
        {name: getattr(claim, name) for name in columns} | {"value": claim.text, "verdict": claim.verdict}
        for claim in judged
    ]
    return pd.DataFrame(rows, columns=[*columns, "value", "verdict"])


def linked_claims_table(judged: list[Claim]) -> pd.DataFrame:
    """Return claims as the page of all claims shows them, each with a link to its figure.

    Returns:
        One row per claim: ``claim``, ``paper`` (where the paper says it), ``threshold``, ``ours`` (our numbers),
        ``verdict`` and ``shown`` (a link in HTML, relative to the page).
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
    """Return claims and their tally, to be written as JSON.

    Returns:
        ``claims``, one dictionary per claim, and ``tally``, the counts of :func:`tally` by section. ``value`` and
        ``spread`` are numbers where the claim is about one, and lists where it is about several or none.
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
    """Return how many claims of each section got each verdict, one row per section and one for all."""
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
        raise DataError(f"{claims}: claim {claim['id']!r} has neither at_least nor at_most", "give it one")
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
        raise DataError(f"{claims}: {name!r} is {found}", "repair the run")
    return float(found)
