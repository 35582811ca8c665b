"""Stable crystals that runs find: outcomes, numbers and reasons are those that the predictions and the data give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import screening
from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskite_folds import fold_of
from cgcnn.data.quantity import ENERGY
from cgcnn.errors import DataError
from cgcnn.paper import discovery, discovery_misses, rivals
from cgcnn.paper import discovery_figures as figures
from cgcnn.paper import discovery_numbers as found_numbers
from cgcnn.paper.recipes import better_config, paper_config
from cgcnn.paper.section import without_missing
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split
from cgcnn.training.runs import Run, run_key
from tests.drawings import bar_groups, drawn, legend_texts, title

#: Six judged crystals: two found, one missed, one false alarm, two left out.
JUDGED = pd.DataFrame(
    {
        "crystal": list("abcdef"),
        "composition": list("ABCDEF"),
        "target_eV_per_atom": [0.0, 0.2, 0.1, 0.3, 0.5, 0.9],
        "energy_eV_per_atom": [0.1, 0.15, 0.6, 0.2, 0.5, 0.9],
        "composition_eV_per_atom": [0.9, 0.1, 0.2, 0.3, 0.0, 0.5],
        "uncertainty_eV_per_atom": [0.01, 0.01, 0.3, 0.01, 0.01, 0.01],
        "lower_eV_per_atom": [0.0, 0.0, 0.3, 0.1, 0.4, 0.8],
        "upper_eV_per_atom": [0.15, 0.25, 0.9, 0.3, 0.6, 1.0],
        "range": ["inside", "inside", "outside", "inside", "unknown", "inside"],
        "is_stable": [True, True, True, False, False, False],
        "is_called": [True, True, False, True, False, False],
        "outcome": ["found", "found", "missed", "false alarm", "left out", "left out"],
        "place": range(6),
        "fold": [1, 2, 1, 2, 1, 2],
    }
)


@pytest.fixture(scope="module")
def threshold(few: Crystals) -> float:
    return float(np.quantile(few.targets, 0.3))


@pytest.fixture(autouse=True)
def _without_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the mean for the forests, which are tested elsewhere and take seconds."""
    monkeypatch.setattr(rivals, "predict", lambda _, crystals, split: rivals.constant(crystals, split))


def test_every_network_is_trained_by_its_recipe() -> None:
    assert discovery.network_config("perovskites", "better") == better_config("perovskites")
    assert discovery.network_config("perovskites", "paper") == paper_config("perovskites")
    with pytest.raises(DataError, match="network='worse'"):
        discovery.network_config("perovskites", "worse")


def test_the_runs_of_the_folds_are_those_of_the_folds(few: Crystals, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Crystals, Config]] = []

    def note(fold: Crystals, config: Config, *_: object) -> list[Config]:
        asked.append((fold, config))
        return [config]

    monkeypatch.setattr(discovery, "sweep", note)
    given = Config(n_train=100, n_validation=50, seed=3)
    assert len(discovery.fold_runs(few, given, 4)) == 4
    for fold, (crystals, config) in enumerate(asked, 1):
        assert config == Config(seed=3)
        assert run_key(crystals, config) == run_key(fold_of(few, fold, 4), Config(seed=3))
        assert len(make_split(crystals, config).test) == 75
    assert discovery.fold_runs(few, given, 0) == []


def test_outcomes_are_those_of_predictions_and_targets(run: Run, few: Crystals, threshold: float) -> None:
    judged = discovery.judge([run], few, threshold, "cpu")
    test = run.split.test
    assert judged["crystal"].tolist() == [few.ids[place] for place in test]
    predicted = predict_part(run, few, test, "cpu")
    assert judged["energy_eV_per_atom"].to_numpy() == pytest.approx(predicted, abs=1e-4)
    assert judged["is_stable"].tolist() == (few.targets[test] <= threshold).tolist()
    for row in judged.to_dict("records"):
        names = {(True, True): "found", (True, False): "missed", (False, True): "false alarm"}
        names[False, False] = "left out"
        assert row["outcome"] == names[row["is_stable"], row["energy_eV_per_atom"] <= threshold]
        assert row["composition"] == row["crystal"].replace("-", "")
    numbers = found_numbers.screening_numbers(judged, threshold, ENERGY)
    alone = found_numbers.numbers_by_seed([run, run], few, judged, threshold, "cpu")
    assert alone["by_seed"]["recall"] == [numbers["recall"]] * 2
    with pytest.raises(DataError, match="threshold=-99: none of the"):
        discovery.judge([run], few, -99, "cpu")


def test_a_target_that_equals_the_threshold_in_its_decimals_is_stable() -> None:
    assert screening.at_most(np.array([0.1 + 0.2, 0.3, 0.3001]), 0.3).tolist() == [True, True, False]


def test_the_numbers_of_six_crystals_are_those_that_one_counts() -> None:
    numbers = found_numbers.screening_numbers(JUDGED, 0.2, ENERGY)
    assert (numbers["n_crystals"], numbers["n_stable"], numbers["called"], numbers["found"]) == (6, 3, 3, 2)
    assert [numbers[name] for name in screening.MEASURES] == pytest.approx([2 / 3, 2 / 3, 4 / 3])
    assert numbers["composition"]["called"] == 3  # b, c and e, of which e is not stable
    assert numbers["composition"]["precision"] == pytest.approx(2 / 3)
    assert numbers["composition_at_as_many"]["found"] == 2
    assert "sites" not in numbers
    folds = found_numbers.numbers_by_fold(JUDGED, 0.2, ENERGY)
    assert folds["by_fold"]["found"] == [1, 1]
    assert folds["by_fold"]["recall"] == [0.5, 1]
    assert folds["recall"] == numbers["recall"]


def explained(few: Crystals, run: Run) -> pd.DataFrame:
    """Return the six crystals with their reasons, as if they were the first of the few crystals."""
    return discovery_misses.with_reasons(JUDGED, few, run.split, 0.2, ENERGY)


def test_reasons_are_computed_from_the_predictions(few: Crystals, run: Run) -> None:
    table = explained(few, run)
    # The mean error is (0.1 + 0.05 + 0.5 + 0.1) / 6 = 0.125.
    assert table["is_close"].tolist() == [False, True, True, True, False, False]
    assert table["is_covered"].tolist() == [False, True, False, True, False, False]
    assert table["is_disputed"].tolist() == [False, False, True, False, False, False]
    assert table["is_not_inside"].tolist() == [False, False, True, False, False, False]
    assert not table["is_mixed"].any()  # all of them are oxides
    assert "networks disagree; not inside of what was seen" in table["reasons"].tolist()[2]


def test_the_errors_of_an_element_leave_out_the_crystal_itself(few: Crystals, run: Run) -> None:
    table = explained(few, run)
    holders = [set(few.ids[place].split("-")[:2]) for place in range(6)]
    errors = [0.1, 0.05, 0.5, 0.1, 0, 0]
    for place, suspects in enumerate(table["suspects"]):
        large = set()
        for element in {*holders[place], "O"}:
            others = [errors[k] for k in range(6) if k != place and (element == "O" or element in holders[k])]
            if others and np.mean(others) > 1.5 * 0.125:
                large.add(element)
        assert large <= set(suspects.split(", "))


def test_a_twin_in_training_on_the_other_side_is_a_reason_and_one_in_the_test_part_is_not(embedded: Crystals) -> None:
    names = ["Sr-Ti-O3", "Ti-Sr-O3", "Ba-Ti-O3", "Ti-Ba-O3", "Al-Al-O3"]
    some = embedded.select(np.array([embedded.ids.index(name) for name in names]))
    some = dataclasses.replace(some, targets=np.array([0.0, 1.0, 0.0, 0.1, 0.0]))
    split = dataclasses.replace(make_split(some, Config()), train=np.array([1, 3]), test=np.array([0, 2, 4]))
    judged = JUDGED.iloc[:3].assign(place=split.test)
    table = discovery_misses.with_reasons(judged, some, split, 0.2, ENERGY)
    assert table["has_other_twin"].tolist() == [True, False, False]
    nothing = dataclasses.replace(split, train=np.array([3]))
    table = discovery_misses.with_reasons(judged, some, nothing, 0.2, ENERGY)
    assert not table["has_other_twin"].any()


def test_all_wrong_calls_are_listed_and_counted_and_no_right_one(few: Crystals, run: Run) -> None:
    table = explained(few, run)
    listed = discovery_misses.misses(table, ENERGY)
    assert listed["crystal"].tolist() == ["c", "d"]
    assert listed["outcome"].tolist() == ["missed", "false alarm"]
    shown = discovery_misses.misses_on_page(listed, ENERGY)
    first = listed.iloc[0]
    assert shown.columns.tolist() == ["crystal", "outcome", "calculated (eV/atom)", "predicted (eV/atom)", "reasons"]
    assert shown.loc[0, "crystal"] == f"{first['composition']} ({first['crystal']})"
    interval = f"{first['lower_eV_per_atom']:.3f} to {first['upper_eV_per_atom']:.3f}"
    assert shown.loc[0, "predicted (eV/atom)"] == f"{first['energy_eV_per_atom']:.3f} ({interval})"
    elements = f"; elements: {first['suspects']}" if first["suspects"] else ""
    assert shown.loc[0, "reasons"] == first["reasons"] + elements
    numbers = discovery_misses.miss_numbers(table)
    assert (numbers["n_missed"], numbers["n_false_alarms"], numbers["n_sure"]) == (1, 1, 1)
    assert numbers["shares"]["found"]["is_close"] == 0.5
    shares = discovery_misses.reason_shares(table)
    assert shares.T["interval covers the threshold"].tolist() == [0, 1, 0.5]
    assert "several anions" not in shares.index


def test_the_section_has_numbers_of_both_parts_and_texts_of_all(run: Run, few: Crystals, threshold: float) -> None:
    judged = {
        discovery.TEST: discovery_misses.explain([[run, run]], few, threshold, "cpu"),
        discovery.WHOLE_SET: discovery_misses.explain([[run], [run]], few, threshold, "cpu"),
    }
    numbers = found_numbers.of_parts(judged, [run, run], few, threshold, "cpu")
    numbers |= {"threshold": threshold, "seeds": [0, 1], "n_folds": 2}
    assert numbers["cross_validation"]["n_crystals"] == 2 * numbers["together"]["n_crystals"]
    assert numbers["by_seed"]["alone.recall"] == [numbers["together"]["recall"]] * 2
    texts = found_numbers.texts(numbers, ENERGY)
    assert "95 % interval" in texts["together_recall"]
    assert texts["suggestions_element_map_recall"] is None
    assert without_missing(numbers) == numbers
    table = found_numbers.summary(numbers)
    assert table.loc[(discovery.TEST, "chance, as many as the network"), "enrichment"] == pytest.approx(1)


def test_all_wrong_calls_are_near_the_threshold_and_crystals_far_above_it_are_not() -> None:
    # The mean error is 0.125, so that the window ends at 0.2 + 12 * 0.125 = 1.7.
    judged = JUDGED.assign(target_eV_per_atom=JUDGED["target_eV_per_atom"].mask(JUDGED["crystal"] == "f", 3.0))
    judged = judged.assign(energy_eV_per_atom=JUDGED["energy_eV_per_atom"].mask(JUDGED["crystal"] == "f", 3.0))
    near = discovery.near_threshold({discovery.TEST: judged}, 0.2, ENERGY)
    assert near["crystal"].tolist() == list("abcde")
    assert set(near["part"]) == {discovery.TEST}
    far = judged.assign(energy_eV_per_atom=judged["energy_eV_per_atom"].mask(judged["outcome"] == "missed", 5.0))
    assert set(discovery.near_threshold({discovery.TEST: far}, 0.2, ENERGY)["crystal"]) == set("abcdef")


def test_the_figures_show_the_curves_the_calls_and_the_shares(few: Crystals, run: Run) -> None:
    curves = discovery.curves({discovery.TEST: JUDGED}, ENERGY)
    figure = figures.found_curves(curves, {discovery.TEST: 3})
    above, below = figure.axes
    assert title(above) == "(a) test crystals"
    recall = [1 / 3, 2 / 3, 2 / 3, 2 / 3, 1, 1]
    assert drawn(above.lines[0]) == [[k, pytest.approx(found)] for k, found in enumerate(recall, 1)]
    assert drawn(above.lines[-1]) == [[3, pytest.approx(2 / 3)]]
    assert drawn(below.lines[-1]) == [[3, pytest.approx(4 / 3)]]
    assert legend_texts(figure) == ["network", "composition, random forest", "chance"]
    (axis,) = figures.calls(discovery.near_threshold({discovery.TEST: JUDGED}, 0.2, ENERGY), 0.2).axes
    assert [len(drawn(line)) for line in axis.lines[:4]] == [2, 2, 1, 1]
    # A missed crystal that is predicted far too high is inside of the window.
    far = JUDGED.assign(energy_eV_per_atom=JUDGED["energy_eV_per_atom"].mask(JUDGED["outcome"] == "missed", 5.0))
    (axis,) = figures.calls(discovery.near_threshold({discovery.TEST: far}, 0.2, ENERGY), 0.2).axes
    assert axis.get_ylim()[1] > 5
    shares = discovery_misses.reason_shares(explained(few, run))
    (axis,) = figures.reasons(shares).axes
    widths = [[bar.get_width() for bar in bars] for bars in bar_groups(axis)]
    assert widths == [pytest.approx(100 * shares[name]) for name in shares]
