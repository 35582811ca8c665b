"""Claims and their verdicts: the file of thresholds alone decides."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cgcnn.errors import DataError
from cgcnn.files.paths import project_root
from cgcnn.paper.claims import NOT_JUDGED, judge, judge_all, missing_sections
from cgcnn.paper.claims_tables import (
    changed_measures_table,
    claim_numbers,
    claims_table,
    not_judged_table,
    row_counts,
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


@pytest.mark.parametrize(
    ("b", "c", "verdict"),
    [
        ((0.61, 0.8), (0.62, 0.7), "holds"),
        ((0.61, 0.8), (0.1, 0.5), "holds in part"),
        ((0.1, 0.2), (0.1, 0.5), "does not hold"),
        ((0.5, 0.7), (0.62, 0.7), "undecided"),
        ((0.5, 0.7), (0.1, 0.5), "undecided"),
        ((0.6, 0.7), (0.6, 0.7), "holds"),
    ],
)
@pytest.mark.parametrize("bound", ["at_least", "at_most"])
def test_a_number_reaches_or_fails_its_threshold_with_its_whole_interval_or_decides_nothing(
    tmp_path: Path, b: tuple[float, float], c: tuple[float, float], verdict: str, bound: str
) -> None:
    # The mirror image of every interval at the threshold has the same verdict on a highest value.
    mirrored = {"at_least": lambda ends: list(ends), "at_most": lambda ends: [1.2 - end for end in reversed(ends)]}
    ends = {"a.b": mirrored[bound](b), "a.c": mirrored[bound](c)}
    claims = tmp_path / "claims.yaml"
    rest = {name: value for name, value in CLAIM.items() if name != "at_least"}
    claims.write_text(yaml.safe_dump({"section": [{**rest, bound: 0.6}]}))
    middle = {name: sum(both) / 2 for name, both in ends.items()}
    (claim,) = judge(claims, "section", {"a": {"b": middle["a.b"], "c": middle["a.c"]}, "intervals": ends})
    assert claim.verdict == verdict


def test_some_that_reach_and_some_that_fail_decide_whatever_the_others_are(tmp_path: Path) -> None:
    claims = written(tmp_path, values=["b", "c", "d"])
    values = {"b": 1, "c": 0, "d": 0.6, "intervals": {"d": [0.5, 0.7]}}
    assert judge(claims, "section", values)[0].verdict == "holds in part"


def test_the_interval_over_seeds_is_student_s_and_one_seed_decides_nothing(tmp_path: Path) -> None:
    claims = written(tmp_path, values=["b"])
    (claim,) = judge(claims, "section", {"b": 0.7, "seeds": [0, 1], "by_seed": {"b": [0.6, 0.8]}})
    # Student's factor for two numbers is 12.706, and the standard error is 0.1.
    assert claim.intervals[0] == pytest.approx((0.7 - 1.2706, 0.7 + 1.2706), abs=1e-4)
    assert (claim.verdict, claim.seeds) == ("undecided", (0, 1))
    (claim,) = judge(claims, "section", {"b": 0.7, "seeds": [0], "by_seed": {"b": [0.7]}})
    assert (claim.verdict, claim.intervals) == ("undecided", (None,))


def test_an_interval_of_its_own_counts_before_that_over_seeds(tmp_path: Path) -> None:
    values = {"b": 0.7, "by_seed": {"b": [0.7, 0.7]}, "intervals": {"b": [0.5, 0.9]}}
    (claim,) = judge(written(tmp_path, values=["b"]), "section", values)
    assert (claim.verdict, claim.intervals) == ("undecided", ((0.5, 0.9),))


def test_the_reason_of_a_verdict_has_numbers_of_the_section_and_a_section_shows_it_where_the_claim_fails(
    tmp_path: Path,
) -> None:
    claims = written(tmp_path, values=["a.b"], why="Only {a.b:.1%} of {n of (all)} are.")
    (failing,) = judge(claims, "section", {"a": {"b": 0.25}, "n of (all)": 1234})
    assert failing.why == "Only 25.0% of 1.23e+03 are."
    (holding,) = judge(claims, "section", {"a": {"b": 0.7}, "n of (all)": 1234})
    assert holding.why == "Only 70.0% of 1.23e+03 are."
    assert claims_table([failing, holding])["why"].tolist() == [failing.why, ""]
    # A claim that holds needs no reason, so one whose numbers this run lacks is left out.
    (unexplained,) = judge(claims, "section", {"a": {"b": 0.7}})
    assert unexplained.why == ""
    with pytest.raises(DataError, match=r"claims\.yaml: no number 'n of \(all\)' in the section's results"):
        judge(claims, "section", {"a": {"b": 0.25}})
    with pytest.raises(DataError, match=r"cannot fill \{a.b:s\}"):
        judge(written(tmp_path, values=["a.b"], why="{a.b:s}"), "section", {"a": {"b": 0.25}})


def test_numbers_are_shown_in_three_digits_with_half_their_interval_or_both_its_ends(tmp_path: Path) -> None:
    values = {"a": {"b": 0.70449, "c": 12.0}, "intervals": {"a.b": [0.69949, 0.70949]}}
    assert claims_table(judge(written(tmp_path), "section", values)).to_dict("records") == [
        {"id": "x", "statement": "s", "figure": "Fig. 1", "threshold": "≥ 0.6", "value": "0.704 ± 0.005, 12"}
        | {"verdict": "holds", "why": ""}
    ]
    values = {"a": {"b": 0.70449}, "intervals": {"a.b": [0.65, 0.91]}}
    (claim,) = judge(written(tmp_path, values=["a.b"]), "section", values)
    assert claim.text == "0.704 (0.65 to 0.91)"


def test_a_changed_measure_is_marked_and_listed_with_its_commits(tmp_path: Path) -> None:
    commits = {"measure_committed": "abc1234", "measured_in": "def5678", "sibling_of": "w", "measure": "m"}
    (changed,) = judge(written(tmp_path, measure_changed="c", **commits), "section", {"a": {"b": 1, "c": 1}})
    (kept,) = judge(written(tmp_path), "section", {"a": {"b": 1, "c": 1}})
    assert row_counts([changed, kept, kept]) == {"n_claims": 2, "n_siblings": 1, "n_rows": 3}
    assert claims_table([changed, kept])["statement"].tolist() == ["s [measure changed after a first look]", "s"]
    assert changed_measures_table([changed, kept]).to_dict("records") == [
        {"row": '<a href="#x">x</a>', "beside": '<a href="#w">w</a>', "what is computed": "m", "what was changed": "c"}
        | {"written down in": "abc1234", "measured in": "def5678"}
    ]


def test_rows_whose_measure_was_changed_in_one_way_are_listed_together_by_names_in_words(tmp_path: Path) -> None:
    given = {"id": "mp-oxygen-clusters", "measure_changed": "c", "measure_committed": "abc1234"}
    (one,) = judge(written(tmp_path, **given), "section", {"a": {"b": 1, "c": 1}})
    other, another = dataclasses.replace(one, id="boron-regions"), dataclasses.replace(one, measure_changed="d")
    table = changed_measures_table([one, other, another])
    oxygen = '<a href="#mp-oxygen-clusters">Materials Project: oxygen clusters</a>'
    assert table["row"].tolist() == [f'{oxygen}, <a href="#boron-regions">boron: regions</a>', oxygen]
    assert table["beside"].tolist() == ["", ""]


def test_a_number_that_is_missing_or_not_finite_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"claims\.yaml: no number 'a\.c' in the section's results"):
        judge(written(tmp_path), "section", {"a": {"b": 1}})
    with pytest.raises(DataError, match=r"claims\.yaml: the number 'a\.c' is nan; correct the section"):
        judge(written(tmp_path), "section", {"a": {"b": 1, "c": float("nan")}})


def test_a_claim_whose_number_this_run_did_not_measure_is_not_run(tmp_path: Path) -> None:
    (claim,) = judge(written(tmp_path), "section", {"a": {"b": 0.7, "c": None}})
    assert (claim.threshold, claim.text, claim.verdict) == (
        "≥ 0.6",
        "not measured in this run",
        "not run",
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
        "holds": 1, "holds in part": 1, "does not hold": 0, "undecided": 0, "not run": 0, "cannot be tested here": 1
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


def test_the_numbers_of_a_claim_are_a_number_where_it_has_one_and_a_list_otherwise(tmp_path: Path) -> None:
    one = judge(written(tmp_path, values=["a.b"]), "section", {"a": {"b": 1}})
    two = judge(written(tmp_path), "section", {"a": {"b": 1, "c": 0}})
    numbers = claim_numbers([*one, *two])
    assert [claim["value"] for claim in numbers["claims"]] == [1, (1, 0)]
    assert [claim["interval"] for claim in numbers["claims"]] == [None, (None, None)]
    assert numbers["tally"]["all"]["holds in part"] == 1


def test_every_claim_of_the_book_has_a_name_of_its_own_and_a_threshold_or_a_reason() -> None:
    sections = yaml.safe_load((project_root() / "book" / "claims.yaml").read_text())
    claims = [claim for section in sections.values() for claim in section]
    assert len(claims) >= 25
    assert len({claim["id"] for claim in claims}) == len(claims)
    for claim in claims:
        assert sum(name in claim for name in ("at_least", "at_most", "cannot_be_tested")) == 1, claim["id"]


def test_every_claim_of_the_book_says_when_its_measure_was_written_down() -> None:
    sections = yaml.safe_load((project_root() / "book" / "claims.yaml").read_text())
    claims = {claim["id"]: claim for section in sections.values() for claim in section}
    for claim in claims.values():
        assert re.fullmatch("[0-9a-f]{7,40}", claim["measure_committed"]), claim["id"]
        if "sibling_of" in claim:
            assert claim["sibling_of"] in claims
            assert claim["measure"]
            assert claim["measure_changed"]


def test_measures_and_thresholds_are_those_of_the_commits_that_the_book_names() -> None:
    git = ["git", "-C", str(project_root())]
    sections = yaml.safe_load((project_root() / "book" / "claims.yaml").read_text())
    siblings = [claim for section in sections.values() for claim in section if "sibling_of" in claim]
    assert len(siblings) >= 13
    for commit in {claim["measure_committed"] for claim in siblings}:
        shown = subprocess.run([*git, "show", f"{commit}:book/claims.yaml"], capture_output=True, check=False)
        if shown.returncode:
            pytest.skip("the history of the repository is not here")
        then = {each["id"]: each for section in yaml.safe_load(shown.stdout).values() for each in section}
        for claim in siblings:
            if claim["measure_committed"] == commit:
                names = ("values", "at_least", "at_most", "measure", "statement")
                assert [claim.get(name) for name in names] == [then[claim["id"]].get(name) for name in names]
