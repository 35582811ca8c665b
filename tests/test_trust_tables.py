"""The tables of the page on trust: each number of the record stands in its row, and what nobody caught is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cgcnn.paper import trust, trust_figures


@pytest.fixture
def record() -> dict[str, Any]:
    """Return the record of two campaigns, three changes of the code, and two bad files."""
    common = {"seconds": 1.0, "measured": "2020-01-02"}
    return {
        "faults": [
            {"fault": "a bit flipped", "tries": 1000, "wrong": 0, "promise": "It is refused.", **common},
            {"fault": "a kill", "tries": 500, "wrong": 2, "promise": "Nothing is lost.", **common},
        ],
        "mutations": {
            "applied": 3,
            "caught": 2,
            "list": [
                {"breaks": "z", "file": "cgcnn/graphs/b.py", "caught_by": "tests/test_b.py::test_one"},
                {"breaks": "y", "file": "cgcnn/data/a.py", "caught_by": "tests/test_a.py::test_two"},
                {"breaks": "x", "file": "cgcnn/graphs/b.py", "caught_by": None},
            ],
        },
        "coverage": 0.93,
        "coverage_by_wing": {"data": 0.91, "graphs": 0.975, "errors": 1.0},
        "kills": {"stages": {"training": 4, "writing the run": 1}, "steps_lost": 9, "trainings": 2, "tries": 5},
        "interrupts": {"stages": {"training": 3, "writing the run": 0}, "steps_lost": 0, "trainings": 1, "tries": 3},
        "corpus": [
            {"name": "empty", "kind": "POSCAR", "error": "no atoms"},
            {"name": "bomb", "kind": "CIF", "error": "larger than 256 MiB"},
        ],
    }


def test_every_fault_has_its_promise_and_its_numbers(record: dict[str, Any]) -> None:
    table = trust.fault_table(record)
    assert table.columns.tolist() == ["fault", "tries", "wrong", "promise", "measured"]
    assert list(table.loc[1]) == ["a kill", 500, 2, "Nothing is lost.", "2020-01-02"]


def test_kills_and_interrupts_are_told_apart_by_what_they_hit(record: dict[str, Any]) -> None:
    table = trust.stage_table(record)
    assert table.loc["writing the run"].to_dict() == {"killed": 1, "interrupted": 0}
    assert table.loc["steps trained again"].to_dict() == {"killed": 9, "interrupted": 0}


def test_a_change_that_no_test_notices_is_shown_as_such(record: dict[str, Any]) -> None:
    table = trust.mutation_table(record)
    assert table["breaks"].tolist() == ["y", "x", "z"]
    assert table["caught_by"].tolist() == ["test_a.py::test_two", "nobody", "test_b.py::test_one"]
    assert list(trust.mutations_by_wing(record).loc["graphs"]) == [2, 1]


def test_the_lines_of_a_wing_stand_beside_its_mutations(record: dict[str, Any]) -> None:
    table = trust.wing_table(record)
    assert table.index.tolist() == ["data", "graphs"]
    assert list(table.loc["graphs"]) == [2, 1, 97.5]


def test_the_numbers_are_counted_from_the_list_and_not_copied(record: dict[str, Any]) -> None:
    record["mutations"]["caught"] = 3
    numbers = trust.trust_numbers(record)
    assert numbers["mutations"] == {"applied": 3, "caught": 2}
    assert numbers["faults"][0] == {"fault": "a bit flipped", "tries": 1000, "wrong": 0}
    assert numbers["coverage"] == 0.93
    assert numbers["corpus"] == 2


def test_bad_files_are_sorted_by_their_kind(record: dict[str, Any]) -> None:
    assert trust.corpus_table(record)["error"].tolist() == ["larger than 256 MiB", "no atoms"]


def test_the_figure_says_of_each_fault_how_often_it_went_wrong_and_marks_those_that_did(record: dict[str, Any]) -> None:
    figure = trust_figures.campaigns(trust.fault_table(record), trust.mutations_by_wing(record))
    faults, wings = figure.axes
    assert [text.get_text().strip() for text in faults.texts] == ["0 wrong of 1,000", "2 wrong of 500"]
    held, broken = faults.lines
    assert np.asarray(held.get_xdata()).tolist() == [1000]
    assert np.asarray(broken.get_xdata()).tolist() == [500]
    assert [label.get_text() for label in faults.get_yticklabels()] == ["a bit flipped", "a kill"]
    assert [text.get_text().strip() for text in wings.texts] == ["1 of 1", "1 of 2"]
    applied, caught = wings.containers
    assert [bar.get_width() for bar in applied] == [1, 2]
    assert [bar.get_width() for bar in caught] == [1, 1]


def test_no_text_of_the_figure_leaves_its_panel(record: dict[str, Any]) -> None:
    figure = trust_figures.campaigns(trust.fault_table(record), trust.mutations_by_wing(record))
    FigureCanvasAgg(figure).draw()
    for axis in figure.axes:
        assert all(text.get_window_extent().x1 <= axis.get_window_extent().x1 for text in axis.texts)


def test_the_days_of_the_campaigns_are_told_in_words() -> None:
    faults = [
        {"fault": "a", "tries": 1, "wrong": 0, "promise": "b", "measured": day} for day in ("2020-03-04", "2020-02-01")
    ]
    told = trust.days({"faults": faults, "mutations_measured": "2020-05-06"})
    assert told == {"trust-day-faults": "4 March 2020", "trust-day-mutations": "6 May 2020"}
