"""A section of the book: its statement on the data, the files of its tables, and the messages that its page shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.files.tables import records, save_numbers
from cgcnn.paper.section import close_section, open_section


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Remove the handler that a section adds, after each test."""
    logger = logging.getLogger("cgcnn.training")
    before = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = before[0]
    logger.setLevel(before[1])


def test_a_section_on_one_data_set_names_its_licence_and_one_on_several_lists_them(tmp_path: Path) -> None:
    one = open_section("one", ["boron-embedded"], tmp_path)
    assert "Licence of the data:" in one.statement
    several = open_section("several", ["boron-embedded", "perovskites-embedded"], tmp_path)
    assert [line[:4] for line in several.statement.splitlines()] == ["* **", "* **"]


def test_tables_of_trials_stand_beside_the_published_runs_or_else_beside_the_tables(tmp_path: Path) -> None:
    published = open_section("table_1", [], tmp_path / "results", tmp_path / "models")
    assert published.table_of_trials("boron", "search") == tmp_path / "models" / "boron" / "search.csv"
    scratch = open_section("table_1", [], tmp_path / "results")
    assert scratch.table_of_trials("boron", "search") == tmp_path / "results" / "table_1" / "boron" / "search.csv"


def test_a_section_that_is_opened_twice_prints_a_found_run_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        open_section("one", [], tmp_path)
    logging.getLogger("cgcnn.training.fit").info("found run abc")
    assert capsys.readouterr().out == "found run abc\n"


def test_a_section_without_claims_writes_its_numbers_and_shows_no_claim(tmp_path: Path) -> None:
    section = open_section("better_network", [], tmp_path)
    shown = close_section(section, {"error": np.float64(0.5)})
    assert json.loads((tmp_path / "better_network.json").read_text()) == {"error": 0.5}
    assert len(shown.index) == 0
    assert not (tmp_path / "better_network").exists()


def test_missing_values_of_a_table_are_none_and_numbers_keep_all_digits(tmp_path: Path) -> None:
    rows = records(pd.DataFrame({"set": ["a", "b"], "mae": [1 / 3, np.nan], "members": [1, 3]}))
    assert rows == [{"set": "a", "mae": 1 / 3, "members": 1}, {"set": "b", "mae": None, "members": 3}]
    save_numbers({"rows": rows}, tmp_path / "numbers.json")
    assert json.loads((tmp_path / "numbers.json").read_text())["rows"] == rows
