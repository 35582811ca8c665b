"""Test the gain of each ingredient on validation data, and the names of networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from cgcnn.files.tables import save_table
from cgcnn.training import ingredients as module
from cgcnn.training.config import NETWORKS, Config
from cgcnn.training.runs import run_key
from cgcnn.training.store import find_run, load_run


@pytest.fixture(scope="module")
def tried(few: Crystals, quick: Config) -> pd.DataFrame:
    return module.try_ingredients(few, quick.replace(epochs=2), {"wider": {"width": 32}, "more": {"n_neighbors": 16}})


def test_every_ingredient_is_tried_alone_after_none_of_them(tried: pd.DataFrame) -> None:
    assert tried["ingredient"].tolist() == ["none", "wider", "more"]
    paths = [find_run(key) for key in tried["key"]]
    configs = [load_run(path).config for path in paths if path is not None]
    assert [(c.width, c.n_neighbors) for c in configs] == [(16, 12), (32, 12), (16, 16)]


def test_an_ingredient_is_judged_by_the_validation_error_of_its_run(tried: pd.DataFrame) -> None:
    errors = tried["validation_mae_eV_per_atom"]
    for key, error in zip(tried["key"], errors, strict=True):
        path = find_run(key)
        assert path is not None
        assert load_run(path).validation_mae == pytest.approx(error, rel=1e-5)
    assert tried["over_none"].tolist() == pytest.approx((errors / errors[0]).tolist())


def test_ingredients_in_the_table_of_an_earlier_run_are_not_trained_again(
    tried: pd.DataFrame, few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_table(tried, tmp_path / "ingredients.csv")
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it trained"))
    again = module.try_ingredients(few, quick.replace(epochs=2), {"wider": {"width": 32}}, tmp_path / "ingredients.csv")
    pd.testing.assert_frame_equal(again, tried[:2], check_exact=True)


def test_the_papers_network_is_the_default_and_the_better_one_is_known_by_its_parameters() -> None:
    assert Config().network == "paper"
    assert Config(**NETWORKS["better"]).network == "better"
    assert Config(**NETWORKS["better-24"]).network == "better-24"
    assert Config(epochs=1, learning_rate=0.1, seed=7).network == "paper"
    for changes in ({"n_neighbors": 24}, {"width": 128}, {"distance_power": 1.0}, {"tolerance": 0.01}):
        assert Config(**changes).network == "custom"


def test_2_and_2_0_are_one_run(few: Crystals) -> None:
    assert run_key(few, Config(distance_power=2)) == run_key(few, Config(distance_power=2.0))
    assert run_key(few, Config(distance_power=2)) != run_key(few, Config())


def test_the_command_line_switches_the_network_and_lets_what_is_given_beside_it_win(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run.safetensors"
    given = ["--epochs", "1", "--training-size", "50", "--width", "16", "--output", str(output)]
    assert main(["train", "boron-embedded", "--network", "better", *given]) == 0
    better = Config(epochs=1, training_size=50, width=16, **NETWORKS["better"])
    assert load_run(output).config == better
    assert main(["train", "boron-embedded", *given]) == 2
    assert "ask to replace it" in capsys.readouterr().err
    assert load_run(output).config == better
    assert main(["train", "boron-embedded", *given, "--replace"]) == 0
    assert load_run(output).config == Config(epochs=1, training_size=50, width=16)
