"""The search: it begins with what it must beat, stays in its ranges, and finds its runs again."""

from __future__ import annotations

import pytest

from cgcnn import search as module
from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.runs import Run


@pytest.fixture(scope="module")
def tried(few: Crystals, quick: Config) -> list[Run]:
    """Three trials of two epochs."""
    return module.search(few, quick.replace(epochs=2), 3)


def test_the_given_parameters_are_the_first_trial(tried: list[Run], quick: Config) -> None:
    first = tried[0].config
    assert (first.n_convolutions, first.width, first.learning_rate) == (2, 16, 0.01)


def test_every_trial_is_within_the_ranges(tried: list[Run]) -> None:
    table = module.trial_table(tried)
    for name, (low, high) in module.RANGES.items():
        assert table[name].between(low, high).all()
    assert len(table[list(module.RANGES)].drop_duplicates()) == 3


def test_a_search_that_is_run_again_finds_its_runs_and_goes_on(
    tried: list[Run], few: Crystals, quick: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    again = module.search(few, quick.replace(epochs=2), 4)
    assert [run.key for run in again[:3]] == [run.key for run in tried]
    assert capsys.readouterr().out.count("found run") == 3


def test_the_table_holds_validation_errors_and_no_test_errors(tried: list[Run]) -> None:
    table = module.trial_table(tried)
    assert table["validation_mae_eV_per_atom"].tolist() == [run.validation_mae for run in tried]
    assert not [name for name in table if "test" in name]
