"""What ingredients buy: each alone, against none, on validation data; and the switch between the two networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cgcnn import ingredients as module
from cgcnn.__main__ import main
from cgcnn.config import NETWORKS, Config
from cgcnn.crystals import Crystals
from cgcnn.results import save_table
from cgcnn.runs import Run, find_run, load_run, publish, run_key
from cgcnn.training import fit


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
        assert load_run(path).validation_mae == pytest.approx(error)
    assert tried["over_none"].tolist() == pytest.approx((errors / errors[0]).tolist())


def test_ingredients_in_the_table_of_an_earlier_run_are_not_trained_again(
    tried: pd.DataFrame, few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_table(tried, tmp_path / "ingredients.csv")
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it trained"))
    again = module.try_ingredients(few, quick.replace(epochs=2), {"wider": {"width": 32}}, tmp_path / "ingredients.csv")
    pd.testing.assert_frame_equal(again, tried[:2], rtol=1e-5)


def test_the_papers_network_is_the_default_and_the_better_one_is_known_by_its_parameters() -> None:
    assert Config().network == "paper"
    assert Config(**NETWORKS["better"]).network == "better"
    assert Config(**NETWORKS["better"], width=128).network == "better"


def test_2_and_2_0_are_one_run(few: Crystals) -> None:
    assert run_key(few, Config(distance_power=2)) == run_key(few, Config(distance_power=2.0))
    assert run_key(few, Config(distance_power=2)) != run_key(few, Config())


def test_a_published_run_of_the_better_network_has_a_name_of_its_own(
    few: Crystals, quick: Config, run: Run, tmp_path: Path
) -> None:
    better = fit(few, quick.replace(epochs=1, **NETWORKS["better"]))
    paper, other = publish(run, tmp_path), publish(better, tmp_path)
    assert paper == tmp_path / f"{run.dataset}.safetensors"
    assert other == tmp_path / run.dataset / f"better-random-{len(run.split.train)}-seed0.safetensors"
    assert load_run(other).network.distance_power == NETWORKS["better"]["distance_power"]


def test_the_command_line_switches_the_network_and_lets_what_is_given_beside_it_win(tmp_path: Path) -> None:
    output = tmp_path / "run.safetensors"
    given = ["--epochs", "1", "--training-size", "50", "--width", "16", "--output", str(output)]
    assert main(["train", "boron-embedded", "--network", "better", *given]) == 0
    config = load_run(output).config
    assert config == Config(epochs=1, training_size=50, width=16, **NETWORKS["better"])
    assert main(["train", "boron-embedded", *given]) == 0
    assert load_run(output).config == Config(epochs=1, training_size=50, width=16)
