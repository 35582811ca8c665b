"""A section of the book: its statement on the data, the files of its tables, and the messages that its page shows."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.prediction import mean_absolute_error
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.data.splits import Split
from cgcnn.files.tables import records, save_numbers
from cgcnn.machine.progress import show_progress
from cgcnn.paper.section import (
    Section,
    close_section,
    difference_text,
    error_text,
    error_texts,
    glue_values,
    open_section,
    parts_for_text,
    run_errors,
    run_numbers,
)
from cgcnn.training.runs import Run


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Remove the handler that a section adds, and reset the levels that it sets, after each test."""
    loggers = [logging.getLogger(name) for name in ("cgcnn", "cgcnn.training")]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    yield
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


def test_a_section_on_one_data_set_names_its_license_and_one_on_several_lists_them(tmp_path: Path) -> None:
    one = open_section("one", ["boron-embedded"], tmp_path)
    assert "License of the data:" in one.statement
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


def test_a_page_shows_how_a_training_goes_on_and_not_how_graphs_are_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_section("one", [], tmp_path)
    for name in ("cgcnn.training.loop", "cgcnn.machine.parallel"):
        with show_progress(logging.getLogger(name), name, "step", 2, at_once=True) as advance:
            advance(2, "")
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "cgcnn.training.loop: step 0 of 2"
    assert "cgcnn.machine.parallel" not in shown.out + shown.err


def test_a_section_without_claims_writes_its_numbers_and_shows_no_claim(tmp_path: Path) -> None:
    section = open_section("better_network", [], tmp_path)
    shown = close_section(section, {"error": np.float64(0.5)})
    assert json.loads((tmp_path / "better_network.json").read_text()) == {"error": 0.5}
    assert len(shown.index) == 0
    assert not (tmp_path / "better_network").exists()


def own(tmp_path: Path) -> Section:
    """Return a section on a folder, as :func:`open_section` opens it."""
    folder = dataclasses.replace(datasets.describe("boron-embedded"), name="oxides", embedded_files={})
    return Section("mp_coordination", (folder,), tmp_path, None)


def test_on_one_s_own_data_no_claim_is_judged_and_what_is_missing_is_none(tmp_path: Path) -> None:
    shown = close_section(own(tmp_path), {"seeds": [0, 1], "span": {"O": float("nan"), "S": np.float64(2)}})
    assert "not judged: your own data" in shown.to_html()
    written = json.loads((tmp_path / "mp_coordination.json").read_text())
    assert written == {"seeds": [0, 1], "span": {"O": None, "S": 2}, "own_data": True}
    assert not (tmp_path / "mp_coordination").exists()


def test_a_set_that_the_section_is_not_about_is_as_one_s_own(tmp_path: Path) -> None:
    assert open_section("mp_coordination", ["materials_project-embedded"], tmp_path).of_the_paper
    assert not open_section("mp_coordination", ["boron-embedded"], tmp_path).of_the_paper
    assert open_section("claims", [], tmp_path).of_the_paper
    assert not own(tmp_path).of_the_paper


def test_with_one_seed_a_standard_deviation_is_none_and_with_several_it_must_be_finite(tmp_path: Path) -> None:
    section = open_section("better_network", [], tmp_path)
    close_section(section, {"seeds": [3], "test_mae_std": np.nan})
    assert json.loads((tmp_path / "better_network.json").read_text()) == {"seeds": [3], "test_mae_std": None}
    with pytest.raises(ValueError, match="JSON compliant"):
        close_section(section, {"seeds": [3, 4], "test_mae_std": np.nan})


def test_a_section_says_what_it_leaves_out_and_nothing_on_the_paper_s_data(tmp_path: Path) -> None:
    steps = {"a map around oxygen": False, "the pairs": True, "the cages": False}
    said = own(tmp_path).left_out(steps)
    assert said.startswith("These are not the paper's data.")
    assert said.endswith("do not suffice: a map around oxygen; the cages.")
    assert open_section("claims", [], tmp_path).left_out({"the pairs": True}) == ""


def test_the_error_is_said_with_its_unit_and_with_a_deviation_where_there_are_several_seeds() -> None:
    numbers = {"seeds": [0, 1], "test_mae": 0.02844, "test_mae_std": 0.00031}
    assert error_text(numbers, ENERGY) == "0.0284 ± 0.0003 eV/atom"
    assert error_text({**numbers, "seeds": [0]}, Quantity("target", ""), digits=2) == "0.03"
    assert error_text({**numbers, "seeds": [0]}, Quantity("volume", "Å^3/atom")) == "0.0284 Å³/atom"


def test_errors_are_said_with_their_unit_and_missing_ones_are_none() -> None:
    texts = error_texts({"a": 0.02841, "b": None}, {"one": "a", "other": "b", "third": "c"}, ENERGY)
    assert texts == {"one": "0.0284 eV/atom", "other": None, "third": None}


def test_the_difference_of_seeds_has_the_unit_of_sites_and_is_none_for_one_seed() -> None:
    assert difference_text(pd.Series([0.3, 0.4]), ENERGY) == "0.35 eV"
    assert difference_text(pd.Series([12.0]), Quantity("band gap", "eV"), 1) == "12.0 eV"
    assert difference_text(pd.Series(dtype=float), ENERGY) is None


def test_a_missing_value_is_not_kept_for_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    kept: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("myst_nb.glue", lambda name, value, display: kept.update({name: value}))  # noqa: ARG005  # as glue
        glue_values({"a": np.float64(1.5), "b": None, "c": float("nan"), "d": "text"})
    assert kept == {"a": 1.5, "d": "text"}
    assert capsys.readouterr().out == ""


def test_a_section_names_a_folder_and_takes_what_its_targets_are(tmp_path: Path) -> None:
    folder = tmp_path / "gaps"
    folder.mkdir()
    (folder / "id_prop.csv").write_text("a,1.5\n")
    section = open_section("your_crystals", [str(folder)], tmp_path, target="band gap", unit="eV")
    assert section.statement.startswith("**Crystals of the folder gaps.**")
    assert "band gap (eV)" in section.statement
    assert not section.of_the_paper


def test_missing_values_of_a_table_are_none_and_numbers_keep_all_digits(tmp_path: Path) -> None:
    rows = records(pd.DataFrame({"set": ["a", "b"], "mae": [1 / 3, np.nan], "members": [1, 3]}))
    assert rows == [{"set": "a", "mae": 1 / 3, "members": 1}, {"set": "b", "mae": None, "members": 3}]
    save_numbers({"rows": rows}, tmp_path / "numbers.json")
    assert json.loads((tmp_path / "numbers.json").read_text())["rows"] == rows


def test_the_tables_of_a_folder_show_the_error_of_the_mean_and_those_of_a_named_set_do_not(
    few: Crystals, run: Run
) -> None:
    of_named = run_errors([run], few)
    of_folder = run_errors([run], dataclasses.replace(few, folder="/somewhere/few"))
    assert of_named.columns.tolist()[-2:] == ["validation_mae_eV_per_atom", "test_mae_eV_per_atom"]
    pd.testing.assert_frame_equal(of_folder.iloc[:, :-1], of_named)
    assert of_folder.columns[-1] == "mean_predictor_mae_eV_per_atom"


def test_the_numbers_of_runs_are_in_the_unit_of_the_runs(few: Crystals, run: Run) -> None:
    gaps = dataclasses.replace(run, target_name="band gap", unit="eV")
    numbers = run_numbers(few, [gaps], run_errors([gaps], few))
    assert numbers["unit"] == "eV"
    assert numbers["test_mae"] == mean_absolute_error(run, few, "test")
    assert numbers["validation_mae"] == run.validation_mae
    parts = Split(np.arange(3), np.arange(3, 8), np.arange(8, 10))
    sizes = run_numbers(few, [dataclasses.replace(gaps, split=parts)], run_errors([gaps], few))
    names = ("n_crystals", "n_train", "n_validation", "n_test", "seeds", "dataset")
    assert [sizes[name] for name in names] == [300, 3, 5, 2, [0], few.name]


def test_numbers_over_seeds_are_their_mean_and_their_deviation(few: Crystals, run: Run) -> None:
    errors = pd.DataFrame({"test_mae_eV_per_atom": [0.1, 0.2, 0.6], "validation_mae_eV_per_atom": [0.3, 0.3, 0.9]})
    errors["train_mae_eV_per_atom"] = [0.1, 0.1, 0.4]
    numbers = run_numbers(few, [run] * 3, errors)
    assert numbers["test_mae"] == pytest.approx(0.3)
    assert numbers["test_mae_std"] == pytest.approx(0.07**0.5)
    assert numbers["test_mae_by_seed"] == [0.1, 0.2, 0.6]
    assert numbers["validation_mae"] == pytest.approx(0.5)
    assert numbers["train_mae"] == pytest.approx(0.2)
    assert numbers["train_mae_std"] == pytest.approx(0.03**0.5)
    assert numbers["by_seed"]["train_mae"] == [0.1, 0.1, 0.4]


def test_parts_of_numbers_have_names_without_dots_for_the_text() -> None:
    numbers = {"places": {"Al": 21, "Si": 4, "lower": {"B": 3}}, "n": 80}
    assert parts_for_text(numbers, ["places", "missing"]) == {"places_Al": 21, "places_Si": 4}
