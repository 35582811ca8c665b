"""Tables and numbers of judged claims: what a section shows, the measures that were changed, and the tally."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from cgcnn.paper.claims import VERDICTS, Claim

# A section says why a claim does not hold. The page of all claims says it of every claim.
_EXPLAINED = VERDICTS[1:4]
# Stands after the statement of a claim.
_MARK = "[measure changed after a first look]"
# The sections by the first words of the ids of their claims.
_SECTIONS = {
    "perovskite": "perovskites",
    "mp": "Materials Project",
    "curve": "learning curves",
    "table": "Table I",
}


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
        One row per claim: ``id``, ``statement``, ``figure``, ``threshold``, ``value``, ``verdict`` and ``why``, all as
        text. ``why`` is empty where the claim holds or has no numbers. The statement says where a measure was changed
        after a first look at its numbers.
    """
    rows = [
        {
            "id": claim.id,
            "statement": _marked(claim),
            "figure": claim.figure,
            "threshold": claim.threshold,
            "value": claim.text,
            "verdict": claim.verdict,
            "why": claim.why if claim.verdict in _EXPLAINED else "",
        }
        for claim in judged
    ]
    return pd.DataFrame(rows, columns=["id", "statement", "figure", "threshold", "value", "verdict", "why"])


def changed_measures_table(judged: list[Claim]) -> pd.DataFrame:
    """Return the claims whose measure was changed after a first look at its numbers.

    Returns:
        One row per change: ``row`` (links to the rows of the page whose measure was changed in this way), ``beside`` (a
        link to the row that is measured in another way; empty where the measure itself was changed), ``what is
        computed``, ``what was changed``, ``written down in`` and ``measured in`` (commits; the second is empty where
        the measure is not new).
    """
    columns = {
        "what is computed": "measure",
        "what was changed": "measure_changed",
        "written down in": "measure_committed",
        "measured in": "measured_in",
    }
    links: dict[tuple[str, ...], list[str]] = {}
    for claim in judged:
        if claim.measure_changed:
            change = (claim.sibling_of, *(getattr(claim, name) for name in columns.values()))
            links.setdefault(change, []).append(_link(claim.id))
    rows = [(", ".join(own), _link(beside) if beside else "", *told) for (beside, *told), own in links.items()]
    return pd.DataFrame(rows, columns=["row", "beside", *columns])


def name_of(claim_id: str) -> str:
    """Return the name of a claim in words, such as ``Materials Project: oxygen clusters`` for ``mp-oxygen-clusters``.

    Args:
        claim_id: The id of the claim in ``book/claims.yaml``, whose first word stands for the section.
    """
    section, *claim = claim_id.split("-")
    return ": ".join([_SECTIONS.get(section, section), " ".join(claim)]) if claim else section


def claim_numbers(judged: list[Claim]) -> dict[str, Any]:
    """Return claims and the counts of their verdicts, to be written as JSON.

    Returns:
        ``claims``, a list of one dictionary per claim, and ``tally``, the counts of :func:`tally` by section. ``value``
        and ``interval`` (both ends, or None) of a claim are those of one number if it is about one, and lists of them
        otherwise.
    """
    rows = [
        {
            "id": claim.id,
            "section": claim.section,
            "statement": claim.statement,
            "figure": claim.figure,
            "threshold": claim.threshold,
            "value": claim.values[0] if len(claim.values) == 1 else claim.values,
            "interval": claim.intervals[0] if len(claim.intervals) == 1 else claim.intervals,
            "seeds": claim.seeds,
            "verdict": claim.verdict,
            "why": claim.why,
            "reason": claim.reason,
            "sibling_of": claim.sibling_of,
            "measure": claim.measure,
            "measure_committed": claim.measure_committed,
            "measure_changed": claim.measure_changed,
            "measured_in": claim.measured_in,
        }
        for claim in judged
    ]
    return {"claims": rows, "tally": tally(judged).to_dict(orient="index")}


def row_counts(judged: list[Claim]) -> dict[str, int]:
    """Return how many claims there are.

    Returns:
        ``n_claims`` (of the paper), ``n_siblings`` (rows that measure a claim in another way) and their sum ``n_rows``.
    """
    n_siblings = sum(bool(claim.sibling_of) for claim in judged)
    return {"n_claims": len(judged) - n_siblings, "n_siblings": n_siblings, "n_rows": len(judged)}


def tally(judged: list[Claim]) -> pd.DataFrame:
    """Return how many claims of each section got each verdict.

    Returns:
        One row per section and one row ``all`` for their sum; one column per verdict, in the order of
        :data:`cgcnn.paper.claims.VERDICTS`.
    """
    sections = pd.Series([claim.section for claim in judged], name="section")
    verdicts = pd.Series([claim.verdict for claim in judged], name="verdict")
    counts = pd.crosstab(sections, verdicts).reindex(sections.unique())
    counts = counts.reindex(columns=list(VERDICTS), fill_value=0)
    counts.loc["all"] = counts.sum()
    return counts


def _link(claim_id: str) -> str:
    return f'<a href="#{claim_id}">{name_of(claim_id)}</a>'


def _marked(claim: Claim) -> str:
    return f"{claim.statement} {_MARK}" if claim.measure_changed else claim.statement
