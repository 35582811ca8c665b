"""The paper's hyperparameters are compared with the best trial of a search, on its seed and on all seeds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.tables import save_table
from cgcnn.paper import hyperparameters
from cgcnn.training import repeats as module
from cgcnn.training.config import Config
from cgcnn.training.runs import run_key
from cgcnn.training.store import find_run, load_run

CHOICE, BEST = "the paper's choice", "best trial"


def test_the_papers_choice_is_the_first_trial_and_is_compared_with_the_best() -> None:
    trials = pd.DataFrame(
        {
            "set": ["a", "a", "a", "b", "b"],
            "width": [64, 32, 96, 64, 48],
            "validation_mae_eV_per_atom": [0.3, 0.2, 0.4, 0.1, 0.5],
        }
    )
    best = hyperparameters.best_trials(trials)
    assert best["width"].to_dict() == {"a": 32, "b": 64}
    assert best["ratio"].to_dict() == pytest.approx({"a": 1.5, "b": 1})


@pytest.fixture
def repeated() -> pd.DataFrame:
    """Return the errors of both choices with two seeds, whose rows are in no order."""
    rows = [("b", CHOICE, 0, 3.0), ("a", BEST, 1, 0.5), ("b", BEST, 0, 3.0), ("a", CHOICE, 0, 1.2), ("a", BEST, 0, 1.0)]
    rows += [("a", CHOICE, 1, 1.0)]
    return pd.DataFrame(rows, columns=["set", "choice", "seed", "validation_mae_eV_per_atom"])


def test_each_seed_s_error_of_the_papers_choice_is_divided_by_that_of_the_best_trial(repeated: pd.DataFrame) -> None:
    found = hyperparameters.paper_choice_over_best(repeated)
    assert found["paper_choice_over_best"] == pytest.approx({"a": 1.6, "b": 1})
    assert sorted(found["by_seed"]["paper_choice_over_best.a"]) == pytest.approx([1.2, 2])
    table = hyperparameters.repeated_table(repeated).to_dict(orient="index")
    expected = {CHOICE: 1.1, BEST: 0.75, "ratio": 1.6, "standard deviation": 0.32**0.5, "seeds": 2}
    assert table["a"] == pytest.approx(expected)
    assert (table["b"]["ratio"], table["b"]["seeds"]) == (1, 1)


def test_the_best_trial_is_repeated_with_its_own_hyperparameters_and_the_first_with_the_papers() -> None:
    config = Config(n_convolutions=4, width=64, learning_rate=0.005, epochs=7)
    best = pd.Series({"n_convolutions": 3.0, "width": 96.0, "learning_rate": 0.0078, "trial": 1.0, "key": "k"})
    chosen = hyperparameters.choices(config, best)
    assert chosen[CHOICE] == config
    assert chosen[BEST] == config.replace(n_convolutions=3, width=96, learning_rate=0.0078)


def test_a_choice_is_trained_once_with_each_seed_and_not_again_from_the_table(
    few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {CHOICE: quick.replace(epochs=1), BEST: quick.replace(epochs=1, width=32)}
    tried = module.repeat(few, choices, [0, 5], [tmp_path / "missing.csv"])
    assert tried[["choice", "seed"]].values.tolist() == [[CHOICE, 0], [CHOICE, 5], [BEST, 0], [BEST, 5]]
    assert tried["key"].tolist() == [
        run_key(few, choices[str(row.choice)].replace(seed=row.seed)) for row in tried.itertuples()
    ]
    for row in tried.itertuples():
        path = find_run(str(row.key))
        assert path is not None
        assert load_run(path).validation_mae == pytest.approx(row.validation_mae_eV_per_atom, rel=1e-5)
    save_table(tried[:1], tmp_path / "search.csv")
    save_table(tried[1:], tmp_path / "seeds.csv")
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it trained"))
    again = module.repeat(few, choices, [0, 5], [tmp_path / "search.csv", tmp_path / "seeds.csv"])
    pd.testing.assert_frame_equal(again, tried)
