"""Test the search: it begins with the given parameters, stays in its ranges, and finds its trials again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.tables import save_table
from cgcnn.training import search as module
from cgcnn.training.config import Config
from cgcnn.training.store import find_run, load_run


@pytest.fixture(scope="module")
def tried(few: Crystals, quick: Config) -> pd.DataFrame:
    """Return a search of three trials of two epochs."""
    return module.search(few, quick.replace(epochs=2), 3)


def test_the_given_parameters_are_the_first_trial(tried: pd.DataFrame) -> None:
    assert tried[["n_convolutions", "width", "learning_rate"]].iloc[0].tolist() == [2, 16, 0.01]


def test_every_trial_is_within_the_ranges_and_another(tried: pd.DataFrame) -> None:
    for name, (low, high) in module.RANGES.items():
        assert tried[name].between(low, high).all()
    assert tried["key"].nunique() == 3


def test_a_trial_is_judged_by_the_validation_error_of_its_run(tried: pd.DataFrame) -> None:
    for row in tried.itertuples():
        path = find_run(str(row.key))
        assert path is not None
        assert load_run(path).validation_mae == pytest.approx(row.validation_mae_eV_per_atom, rel=1e-5)


def test_a_search_that_is_run_again_finds_its_runs_and_goes_on(
    tried: pd.DataFrame, few: Crystals, quick: Config, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    again = module.search(few, quick.replace(epochs=2), 4)
    pd.testing.assert_frame_equal(again[:3], tried)
    assert caplog.text.count("found run") == 3


def test_a_search_from_the_table_of_an_earlier_one_trains_nothing(
    tried: pd.DataFrame, few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_table(tried, tmp_path / "trials.csv")
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it trained"))
    again = module.search(few, quick.replace(epochs=2), 3, tmp_path / "trials.csv")
    pd.testing.assert_frame_equal(again, tried)
