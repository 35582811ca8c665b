"""Claims and their verdicts: the file of thresholds alone decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cgcnn.errors import DataError
from cgcnn.files.paths import project_root
from cgcnn.paper.claims import (
    NOT_JUDGED,
    claim_numbers,
    claims_table,
    judge,
    judge_all,
    linked_claims_table,
    missing_sections,
    not_judged_table,
    tally,
)

CLAIM = {"id": "x", "statement": "s", "figure": "Fig. 1", "values": ["a.b", "a.c"], "at_least": 0.6}


def written(tmp_path: Path, **changes: Any) -> Path:
    claims = tmp_path / "claims.yaml"
    claims.write_text(yaml.safe_dump({"section": [{**CLAIM, **changes}]}))
    return claims


@pytest.mark.parametrize(
    ("b", "c", "verdict"), [(0.6, 0.7, "holds"), (0.7, 0.5, "holds in part"), (0.1, 0.2, "does not hold")]
)
def test_a_claim_holds_in_part_where_some_of_its_numbers_reach_the_threshold(
    tmp_path: Path, b: float, c: float, verdict: str
) -> None:
    (claim,) = judge(written(tmp_path), "section", {"a": {"b": b, "c": c}})
    assert claim.verdict == verdict
    assert claim.values == (b, c)


@pytest.mark.parametrize(
    ("b", "c", "verdict"), [(0.5, 0.6, "holds"), (0.7, 0.5, "holds in part"), (0.7, 0.9, "does not hold")]
)
def test_a_highest_value_is_reached_from_below(tmp_path: Path, b: float, c: float, verdict: str) -> None:
    claims = tmp_path / "claims.yaml"
    rest = {name: value for name, value in CLAIM.items() if name != "at_least"}
    claims.write_text(yaml.safe_dump({"section": [{**rest, "at_most": 0.6}]}))
    (claim,) = judge(claims, "section", {"a": {"b": b, "c": c}})
    assert (claim.verdict, claim.threshold) == (verdict, "≤ 0.6")


def test_numbers_are_shown_in_three_digits_with_their_spread(tmp_path: Path) -> None:
    values = {"a": {"b": 0.70449, "c": 12.0, "b_std": 0.0123}}
    judged = judge(written(tmp_path, spreads=["a.b_std"]), "section", values)
    assert claims_table(judged).to_dict("records") == [
        {"id": "x", "statement": "s", "figure": "Fig. 1", "threshold": "≥ 0.6", "value": "0.704 ± 0.01, 12"}
        | {"verdict": "holds"}
    ]


def test_a_number_that_is_missing_or_not_finite_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"claims\.yaml: no number 'a\.c' in the section's results"):
        judge(written(tmp_path), "section", {"a": {"b": 1}})
    with pytest.raises(DataError, match=r"claims\.yaml: the number 'a\.c' is nan; correct the section"):
        judge(written(tmp_path), "section", {"a": {"b": 1, "c": float("nan")}})


def test_a_claim_whose_number_the_data_do_not_have_is_not_tested(tmp_path: Path) -> None:
    (claim,) = judge(written(tmp_path), "section", {"a": {"b": 0.7, "c": None}})
    assert (claim.threshold, claim.text, claim.verdict) == (
        "≥ 0.6",
        "not measured in this run",
        "cannot be tested here",
    )


def test_a_claim_without_a_threshold_is_refused(tmp_path: Path) -> None:
    claims = tmp_path / "claims.yaml"
    claims.write_text(yaml.safe_dump({"section": [{k: v for k, v in CLAIM.items() if k != "at_least"}]}))
    with pytest.raises(DataError, match="claim 'x' has neither at_least nor at_most; give it one of them"):
        judge(claims, "section", {"a": {"b": 1, "c": 1}})


def test_the_tally_counts_every_claim_once(tmp_path: Path) -> None:
    judged = [
        *judge(written(tmp_path), "section", {"a": {"b": 1, "c": 1}}),
        *judge(written(tmp_path), "section", {"a": {"b": 0, "c": 1}}),
        *judge(written(tmp_path, cannot_be_tested="lost"), "section", {}),
    ]
    counts = tally(judged)
    assert counts.loc["section"].to_dict() == {
        "holds": 1, "holds in part": 1, "does not hold": 0, "cannot be tested here": 1
    }  # fmt: skip
    assert counts.loc["all"].sum() == 3


def test_all_sections_that_wrote_their_numbers_are_judged_and_the_others_are_named_in_their_order(
    tmp_path: Path,
) -> None:
    claims = tmp_path / "claims.yaml"
    claims.write_text(
        yaml.safe_dump({"first": [CLAIM], "second": [{**CLAIM, "id": "y"}], "third": [CLAIM]}, sort_keys=False)
    )
    with pytest.raises(
        DataError, match=r"no section has written .*; run these notebooks first.*: first, second, third$"
    ):
        judge_all(claims, tmp_path)
    (tmp_path / "second.json").write_text(json.dumps({"a": {"b": 0, "c": 0}}))
    assert missing_sections(claims, tmp_path) == ["first", "third"]
    assert [(each.section, each.id, each.verdict) for each in judge_all(claims, tmp_path)] == [
        ("second", "y", "does not hold")
    ]


def test_numbers_of_one_s_own_data_judge_no_claim(tmp_path: Path) -> None:
    claims = written(tmp_path)
    (tmp_path / "section.json").write_text(json.dumps({"a": {"b": 1, "c": 1}, NOT_JUDGED: True}))
    assert missing_sections(claims, tmp_path) == ["section"]
    with pytest.raises(DataError, match="no section has written"):
        judge_all(claims, tmp_path)
    table = not_judged_table(claims, "section")
    assert table.to_dict("records") == [{"claims": "1 of the paper", "verdict": "not judged: your own data"}]
    assert not len(not_judged_table(claims, "a section without claims"))


def test_a_claim_on_the_page_leads_to_its_figure(tmp_path: Path) -> None:
    judged = judge(written(tmp_path, shown="fig-1"), "section", {"a": {"b": 1, "c": 2}})
    assert linked_claims_table(judged).to_dict("records") == [
        {"claim": "s", "paper": "Fig. 1", "threshold": "≥ 0.6", "ours": "1, 2", "verdict": "holds"}
        | {"shown": '<a href="section.html#fig-1">figure</a>'}
    ]


def test_the_numbers_of_a_claim_are_a_number_where_it_has_one_and_a_list_otherwise(tmp_path: Path) -> None:
    one = judge(written(tmp_path, values=["a.b"]), "section", {"a": {"b": 1}})
    two = judge(written(tmp_path), "section", {"a": {"b": 1, "c": 0}})
    numbers = claim_numbers([*one, *two])
    assert [claim["value"] for claim in numbers["claims"]] == [1, (1, 0)]
    assert [claim["spread"] for claim in numbers["claims"]] == [None, (None, None)]
    assert numbers["tally"]["all"]["holds in part"] == 1


def test_every_claim_of_the_book_has_a_name_of_its_own_and_a_threshold_or_a_reason() -> None:
    sections = yaml.safe_load((project_root() / "book" / "claims.yaml").read_text())
    claims = [claim for section in sections.values() for claim in section]
    assert len(claims) >= 25
    assert len({claim["id"] for claim in claims}) == len(claims)
    for claim in claims:
        assert sum(name in claim for name in ("at_least", "at_most", "cannot_be_tested")) == 1, claim["id"]
