"""The table of recipes names data sets that exist, and gives the parameters of the published runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory
from cgcnn.paper.recipes import (
    DATASETS,
    RECIPES,
    angles_config,
    better_config,
    can_be_split_by_composition,
    datasets_at,
    element_sizes,
    is_of_the_paper,
    paper_config,
    search_config,
    trial_config,
)
from cgcnn.paper.rivals import BASELINES
from cgcnn.training.config import Config
from cgcnn.training.store import load_run


def test_every_recipe_is_of_a_data_set_and_every_data_set_of_a_scale_has_one() -> None:
    assert set(RECIPES) <= set(datasets.names())
    of_scales = {name for scale in DATASETS.values() for name in scale.values()}
    assert of_scales <= set(RECIPES)
    assert {name.split("-")[0] for name in RECIPES} == set(DATASETS["paper"])
    for recipe in RECIPES.values():
        assert set(recipe.rivals) <= set(BASELINES)


@pytest.mark.parametrize("dataset", ["perovskites", "boron", "materials_project"])
def test_the_published_runs_have_the_parameters_of_their_recipes(dataset: str) -> None:
    assert load_run(dataset).config == paper_config(dataset)
    for seed in range(3):
        (path,) = (models_directory() / dataset).glob(f"better*-seed{seed}-*.safetensors")
        assert load_run(path).config == better_config(dataset).replace(seed=seed)


@pytest.mark.parametrize("dataset", ["perovskites", "boron"])
def test_the_published_runs_that_see_angles_are_five_seeds_of_their_recipe(dataset: str) -> None:
    runs = [load_run(path) for path in (models_directory() / dataset).glob("angles-*.safetensors")]
    configs = sorted((run.config for run in runs), key=lambda config: config.seed)
    assert configs == [angles_config(dataset).replace(seed=seed) for seed in range(5)]


def test_the_full_run_differs_from_the_published_one_in_the_set_of_the_materials_project_alone() -> None:
    changed = {name for name, dataset in DATASETS["full"].items() if dataset != DATASETS["paper"][name]}
    assert changed == {"materials_project"}
    assert RECIPES[DATASETS["full"]["materials_project"]] == RECIPES["materials_project"]
    assert is_of_the_paper("table_1", list(DATASETS["full"].values()))


def test_what_is_given_has_precedence_over_the_recipe_and_none_leaves_it() -> None:
    assert paper_config("boron", epochs=7, n_train=None) == paper_config("boron").replace(epochs=7)
    assert paper_config("boron", "better-24") == better_config("boron")
    assert paper_config("a/folder") == Config()


def test_a_set_with_its_own_split_is_trained_like_the_set_that_it_comes_from() -> None:
    as_boron = paper_config("boron").replace(n_train=None, n_validation=None)
    assert paper_config("boron-by-family") == as_boron


def test_a_folder_stands_alone_under_its_own_name_and_is_none_of_the_paper_s_sets() -> None:
    assert datasets_at("paper", "some/folder/oxides/") == {"oxides": "some/folder/oxides/"}
    assert datasets_at("paper", "boron-embedded") == {"boron": "boron-embedded"}
    assert datasets_at("paper") == DATASETS["paper"]
    assert is_of_the_paper("boron_environments", ["boron-embedded"])
    assert is_of_the_paper("boron_environments", ["boron-shaken"])
    assert is_of_the_paper("boron_environments", ["boron", "boron-by-family"])
    assert not is_of_the_paper("boron_environments", ["perovskites"])
    assert is_of_the_paper("table_1", ["boron", "perovskites-embedded", "materials_project"])
    assert not is_of_the_paper("table_1", ["boron"])
    assert not is_of_the_paper("table_1", ["boron", "perovskites", "./materials_project"])
    assert is_of_the_paper("claims", [])


def test_element_vectors_are_shown_for_the_sizes_of_the_recipe_or_for_halves_of_a_folder() -> None:
    assert element_sizes("perovskites", 15_000) == (234, 937, 3750)
    assert element_sizes("a/folder", 800) == (100, 200, 400)
    assert element_sizes("a/folder", 100) == ()


def test_a_search_begins_with_the_paper_s_choice() -> None:
    first = search_config("materials_project")
    assert (first.n_convolutions, first.width, first.learning_rate) == (4, 64, 0.005)
    assert first.training_size == 2735
    assert trial_config("materials_project").training_size == 5471


@pytest.mark.parametrize("dataset", ["perovskites-by-cation-pair", "perovskites-held-out-elements"])
def test_perovskites_with_a_split_of_their_own_are_trained_on_as_the_others_are(dataset: str) -> None:
    assert paper_config(dataset) == paper_config("perovskites").replace(n_train=None, n_validation=None)
    assert is_of_the_paper("perovskite_elements", [dataset])


def test_an_unknown_network_or_scale_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"network='worse': no such network; give one of paper, better"):
        paper_config("boron", "worse")
    with pytest.raises(DataError, match=r"scale='huge': no such scale; give one of embedded, paper"):
        datasets_at("huge")


def test_a_set_is_split_by_composition_if_it_has_no_split_of_its_own_and_enough_compositions(few: Crystals) -> None:
    assert can_be_split_by_composition(few)
    assert not can_be_split_by_composition(few.select([0] * 30))
    assert not can_be_split_by_composition(dataclasses.replace(few, parts=np.arange(len(few), dtype=np.uint8) % 3))
