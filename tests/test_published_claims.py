"""The published verdicts follow from their numbers, all seeds gave them, and new measures are older than their runs."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from cgcnn.files.paths import project_root

RESULTS = project_root() / "book" / "results"
SEEDS = [0, 1, 2, 3, 4]
OF_ONE_SET = ("perovskite_elements", "boron_environments", "mp_coordination")


def section(name: str) -> dict[str, Any]:
    """Return the published numbers of a section."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return found


CLAIMS = {claim["id"]: claim for claim in section("claims")["claims"]}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim["id"])
def test_a_verdict_follows_from_the_whole_interval_of_every_number(claim: dict[str, Any]) -> None:
    if claim["verdict"] in ("not run", "cannot be tested here"):
        assert claim["reason"]
        return
    is_one = not isinstance(claim["value"], list)
    values = [claim["value"]] if is_one else claim["value"]
    intervals = [claim["interval"]] if is_one else claim["interval"]
    sign, bound = (1 if claim["threshold"][0] == "≥" else -1), float(claim["threshold"][1:])
    states = []
    for value, interval in zip(values, intervals, strict=True):
        low, high = interval or [value, value]
        assert low <= value <= high
        above = [sign * (end - bound) >= 0 for end in (low, high)]
        states.append("holds" if all(above) else "undecided" if any(above) else "does not hold")
    kinds = set(states)
    expected = (
        states[0]
        if len(kinds) == 1
        else "holds in part"
        if {"holds", "does not hold"} <= kinds
        else "undecided"
    )  # fmt: skip
    assert claim["verdict"] == expected


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim["id"])
def test_all_five_seeds_decide_and_each_claim_has_a_reason_with_a_number_where_it_fails(claim: dict[str, Any]) -> None:
    if claim["verdict"] in ("not run", "cannot be tested here"):
        assert claim["reason"]
        return
    assert claim["seeds"] == SEEDS
    assert claim["measure_committed"]
    assert claim["why"]
    assert "{" not in claim["why"]
    if claim["verdict"] != "holds":
        assert any(letter.isdigit() for letter in claim["why"]), claim["why"]


@pytest.mark.parametrize("name", OF_ONE_SET)
def test_a_section_has_five_seeds_and_the_training_error_beside_the_test_error(name: str) -> None:
    numbers = section(name)
    assert numbers["seeds"] == SEEDS
    for error in ("train_mae", "test_mae"):
        of_seeds = numbers["by_seed"][error]
        assert len(of_seeds) == 5
        assert numbers[error] == pytest.approx(sum(of_seeds) / 5)


def test_the_harder_splits_have_their_errors_and_every_one_is_harder() -> None:
    boron, perovskites = section("boron_environments"), section("perovskite_elements")
    assert boron["test_mae"] < boron["test_mae_without_twins"]
    assert boron["test_mae"] < boron["test_mae_family_split"]
    assert (
        perovskites["test_mae"] < perovskites["test_mae_cation_pair_split"] < perovskites["test_mae_held_out_elements"]
    )


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS.values() if claim["sibling_of"]], ids=lambda claim: claim["id"]
)
def test_a_new_measure_was_committed_before_the_runs_that_it_was_new_to(claim: dict[str, Any]) -> None:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(project_root()), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    written, measured = claim["measure_committed"], claim["measured_in"]
    if git("cat-file", "-e", f"{written}^{{commit}}").returncode:
        pytest.skip("the history of the repository is not here")
    assert git("merge-base", "--is-ancestor", written, measured).returncode == 0
    for commit, is_there in ((written, False), (measured, True)):
        models = git("ls-tree", "-r", "--name-only", commit, "models/").stdout
        assert models
        for kind in ("paper-random-15000-seed", "paper-random-3038-seed", "paper-random-21886-seed"):
            for seed in (3, 4):
                assert (f"{kind}{seed}-" in models) == is_there, (commit, kind, seed)
