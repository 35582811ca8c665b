"""A parameter of a run is a number of its type within its bounds, as all runs and recipes of the book are."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import maps
from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import split_sizes
from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory
from cgcnn.paper.recipes import RECIPES, better_config, paper_config, search_config, trial_config
from cgcnn.training.config import NETWORKS, Config
from cgcnn.training.fit import make_split
from cgcnn.training.parameter_bounds import BOUNDS
from cgcnn.training.runs import read_notes, run_key

NUMBERS = [
    each.name
    for each in dataclasses.fields(Config)
    if not isinstance(each.default, str | bool) and each.name != "start"
]


def test_every_parameter_that_is_a_number_has_bounds_around_its_default() -> None:
    assert sorted(BOUNDS) == sorted(NUMBERS)
    for name, (lowest, highest) in BOUNDS.items():
        default = getattr(Config(), name)
        assert default is None or lowest <= default <= highest


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [True, np.bool_(True), "12", float("nan"), float("inf"), 1e400, 10**12, -2, -0.5, [1], {}, 1j, b"1", 10**400],
)
def test_what_is_no_number_of_a_parameter_is_refused_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(DataError, match=rf"^{name}=") as refused:
        Config(**{name: value})
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n_neighbors", 10**9, "n_neighbors=1000000000: must be 200 or below"),
        ("tolerance", float("nan"), "tolerance=nan: not a number; give a number from 1e-06 to 0.1"),
        ("epochs", 12.0, "epochs=12.0: not a whole number"),
        ("training_size", 0, "training_size=0: must be above 0"),
        ("training_size", -2, "training_size=-2: must be above 0"),
        ("averaging", 1.0, "averaging=1.0: must be 0.999999 or below"),
        ("width", 4096, "width=4096: must be 1024 or below"),
        ("width", None, "width=None: not a whole number"),
        ("start", 7, "start=7: not the key of a run"),
        ("split", ["random"], "no such split"),
        ("angles", 1, "angles=1: neither true nor false; give True or False"),
    ],
)
def test_the_message_has_the_value_and_the_bound(name: str, value: Any, said: str) -> None:
    with pytest.raises(DataError) as refused:
        Config(**{name: value})
    assert said in str(refused.value)


def test_numbers_of_numpy_are_numbers_and_give_the_key_of_python_s(few: Crystals) -> None:
    of_numpy = Config(seed=np.int64(3), n_neighbors=np.uint8(24), distance_power=np.float64(2.0))  # type: ignore[arg-type]
    assert of_numpy == Config(seed=3, n_neighbors=24, distance_power=2.0)
    assert run_key(few, of_numpy) == run_key(few, Config(seed=3, n_neighbors=24, distance_power=2))


def test_the_published_runs_the_networks_and_the_recipes_are_within_the_bounds() -> None:
    files = [path for path in models_directory().glob("*/*.safetensors") if not path.stem.startswith("map-")]
    configs = [Config(**read_notes(path)["config"]) for path in files]
    assert len(configs) >= 60
    for dataset, recipe in RECIPES.items():
        configs += [make(dataset) for make in (paper_config, better_config, trial_config, search_config)]
        configs += [trial_config(dataset).replace(**changes) for changes in recipe.ingredients.values()]
    configs += [Config(**changes) for changes in NETWORKS.values()]
    assert all(isinstance(config, Config) for config in configs)


def test_more_crystals_than_there_are_are_refused_with_all_numbers(few: Crystals) -> None:
    with pytest.raises(DataError, match="cannot split 300 crystals into 280 for training, 30 for validation"):
        split_sizes(300, 280, 30)
    with pytest.raises(DataError, match="training_size=181: only 180 training crystals"):
        make_split(few, Config(training_size=181))


@pytest.mark.parametrize("n_neighbors", [0, -2, 10, 10**12, True, 2.0])
def test_numbers_of_neighbors_on_a_map_are_at_most_those_of_its_other_points(n_neighbors: Any) -> None:
    points = pd.DataFrame(np.random.default_rng(0).random((10, 2)), columns=["x", "y"])
    values = pd.Series(np.arange(10.0))
    with pytest.raises(DataError, match="n_neighbors="):
        maps.smoothness(points, values, n_neighbors)
    if n_neighbors != 10:
        with pytest.raises(DataError, match="n_neighbors="):
            maps.nearest_labels(points, points, values, n_neighbors)


def test_a_map_needs_four_vectors_and_a_seed_of_32_bits() -> None:
    with pytest.raises(DataError, match="number of vectors=3: must be 4 or above"):
        maps.draw_map(pd.DataFrame(np.eye(3)))
    with pytest.raises(DataError, match="seed=4294967296: must be 4294967295 or below"):
        maps.draw_map(pd.DataFrame(np.eye(5)), seed=2**32)
