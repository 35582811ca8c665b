"""How the sections train on each data set: one table of sizes, epochs, patience and the parameters that are varied."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cgcnn.data.crystals import Crystals
from cgcnn.data.datasets import names
from cgcnn.errors import DataError
from cgcnn.training.config import NETWORKS, Config

#: The paper's three sets, by their names on the pages.
Set = Literal["perovskites", "boron", "materials_project"]
#: The data set that stands for each of them: in the run from the embedded data, in the run at the paper's scale, and in
#: the same run on nearly all of the paper's Materials Project, whose file this project could not reach.
DATASETS: Mapping[str, Mapping[Set, str]] = {
    "embedded": {
        "perovskites": "perovskites-embedded",
        "boron": "boron-embedded",
        "materials_project": "materials_project-embedded",
    },
    "paper": {"perovskites": "perovskites", "boron": "boron", "materials_project": "materials_project"},
    "full": {"perovskites": "perovskites", "boron": "boron", "materials_project": "materials_project-2018"},
}
#: The set that a section is about, for the sections that are about one of the three.
SECTION_SETS: Mapping[str, Set] = {
    "perovskite_elements": "perovskites",
    "discovery": "perovskites",
    "boron_environments": "boron",
    "mp_coordination": "materials_project",
}
#: The paper's hyperparameters, the same for all three sets (its supplementary Table I).
PAPER_CHOICE: Mapping[str, Any] = {"n_convolutions": 4, "width": 64, "learning_rate": 0.005}

# A set with fewer different compositions is not split by composition.
_FEWEST_COMPOSITIONS = 10
# The fewest training crystals from which element vectors of a set that is none of the paper's are shown.
_FEWEST_CRYSTALS = 16

_Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """How networks are trained on one data set.

    Every mapping holds parameters of :class:`cgcnn.training.config.Config`.

    Attributes:
        training: The parameters of the paper's network that differ from the defaults.
        better_network: The name of the better network on this data set.
        better: The training parameters of the better network that differ from ``training``.
        angles_network: The name of the network that sees angles on this data set.
        angles: The training parameters of the network that sees angles that differ from ``training``.
        angles_trial: The parameters of a trial of a single change to it that differ from ``angles``.
        angles_changes: The single changes to it that are tried, by their names on the page.
        trial: The parameters of a trial of a single ingredient that differ from ``training``.
        ingredients: The single changes that are tried, by their names on the page.
        search: The parameters of a trial of the search for hyperparameters that differ from ``training``.
        element_sizes: The numbers of training crystals for which the element vectors are shown (Fig. S1), besides the
            number of all training crystals.
        rivals: The names of the models without a graph that are fitted to the same crystals.
    """

    training: _Parameters = field(default_factory=dict)
    better_network: str = "better"
    better: _Parameters = field(default_factory=dict)
    angles_network: str = "angles"
    angles: _Parameters = field(default_factory=dict)
    angles_trial: _Parameters = field(default_factory=dict)
    angles_changes: Mapping[str, _Parameters] = field(default_factory=dict)
    trial: _Parameters = field(default_factory=dict)
    ingredients: Mapping[str, _Parameters] = field(default_factory=dict)
    search: _Parameters = field(default_factory=dict)
    element_sizes: tuple[int, ...] = ()
    rivals: tuple[str, ...] = ("mean",)


_WEIGHTS = {"distance weights": {"distance_power": 2.0}}
_NEIGHBORS = {"24 neighbors": {"n_neighbors": 24}}
_BOTH = {"both": {"distance_power": 2.0, "n_neighbors": 24}}
_LOSS = {"loss nearer to absolute": {"loss_width": 0.02}}
_SMALLER_BATCHES = {"batches of 64": {"batch_size": 64}}
_LARGER_BATCHES = {"batches of 256": {"batch_size": 256}}

#: How a data set is trained on that is none of the paper's, such as a folder of one's own crystals: by the defaults, as
#: the command line does, so that either finds the runs of the other.
OWN_RECIPE = Recipe(
    ingredients={**_WEIGHTS, **_NEIGHBORS, **_BOTH, **_LOSS},
    search={"epochs": 40},
    rivals=("mean", "composition, random forest"),
)

# Single changes to the network that sees angles.
_NO_ANGLES = {"without angles": {"angles": False}}
_ANGLES_24 = {"24 neighbors": {"n_neighbors": 24}}
_ANGLES_NARROW = {"vectors of length 64": {"width": 64}}
_ANGLES_WIDE = {"vectors of length 128": {"width": 128}}
_LESS_DECAY = {"a tenth of the weight decay": {"weight_decay": 0.001}}
_TWICE_THE_RATE = {"twice the learning rate": {"learning_rate": 0.01}}
_TWICE_120 = {"twice the epochs": {"epochs": 240, "patience": 240}}
_EMBEDDED_CHANGES = {"none": {}, **_NO_ANGLES}

_PEROVSKITE_TRAINING = {"epochs": 120, "minimum_steps": 3000}
_PEROVSKITE_RIVALS = ("mean", "composition, random forest", "sine matrix, kernel ridge")
_BORON_RIVALS = ("mean", "SOAP, kernel ridge")
_MATERIALS_PROJECT_RIVALS = ("mean", "composition, random forest")

_MATERIALS_PROJECT = Recipe(
    training={"epochs": 120, "minimum_steps": 3000, "patience": 120},
    better={"epochs": 150, "patience": 150},
    angles_network="angles-128",
    angles={"learning_rate": 0.005, "epochs": 300, "patience": 300},
    angles_trial={"training_size": 5471, "epochs": 60},
    angles_changes={"none": {}, **_NO_ANGLES, **_ANGLES_NARROW, **_ANGLES_24, **_LESS_DECAY, **_TWICE_THE_RATE},
    trial={"training_size": 5471, "epochs": 60},
    ingredients={**_WEIGHTS, **_NEIGHBORS, **_SMALLER_BATCHES, "twice the epochs": {"epochs": 120}},
    search={"training_size": 2735, "epochs": 30, "minimum_steps": 0},
    rivals=_MATERIALS_PROJECT_RIVALS,
)

#: The recipe of each data set. Those of the embedded data are smaller, so that all sections run in minutes.
RECIPES: Mapping[str, Recipe] = {
    "perovskites": Recipe(
        training={"n_train": 15_000, "n_validation": 1890, **_PEROVSKITE_TRAINING},
        better={"batch_size": 256, "epochs": 240},
        angles_network="angles-128",
        angles={"batch_size": 256, "epochs": 240},
        angles_trial={"training_size": 3750, "epochs": 120, "patience": 120},
        angles_changes={"none": {}, **_NO_ANGLES, **_ANGLES_NARROW, **_LESS_DECAY, **_TWICE_120},
        ingredients={
            **_WEIGHTS,
            **_NEIGHBORS,
            **_SMALLER_BATCHES,
            **_LARGER_BATCHES,
            **_LOSS,
            "twice the epochs": {"epochs": 240},
        },
        search={"training_size": 3750, "epochs": 40, "minimum_steps": 0},
        element_sizes=(234, 937, 3750),
        rivals=_PEROVSKITE_RIVALS,
    ),
    "perovskites-by-cation-pair": Recipe(training=_PEROVSKITE_TRAINING, rivals=_PEROVSKITE_RIVALS),
    "perovskites-held-out-elements": Recipe(training=_PEROVSKITE_TRAINING, rivals=_PEROVSKITE_RIVALS),
    "perovskites-embedded": Recipe(
        training={"n_train": 2000, "n_validation": 350, "epochs": 40},
        better={"batch_size": 256, "epochs": 80},
        angles={"batch_size": 256, "epochs": 40},
        angles_trial={"epochs": 10},
        angles_changes=_EMBEDDED_CHANGES,
        trial={"epochs": 20},
        ingredients={**_WEIGHTS, **_NEIGHBORS, **_BOTH, "twice the epochs": {"epochs": 40}},
        search={"training_size": 500, "epochs": 10},
        element_sizes=(31, 125, 500),
        rivals=_PEROVSKITE_RIVALS,
    ),
    "boron": Recipe(
        training={"n_train": 3038, "n_validation": 1000, "epochs": 300, "minimum_steps": 3000, "patience": 300},
        better_network="better-24",
        angles_trial={"epochs": 60, "patience": 60},
        angles_changes={"none": {}, **_NO_ANGLES, **_ANGLES_WIDE, **_ANGLES_24, **_LESS_DECAY},
        ingredients={**_WEIGHTS, **_NEIGHBORS, **_BOTH, **_LOSS},
        search={"training_size": 759, "epochs": 50, "minimum_steps": 0},
        rivals=_BORON_RIVALS,
    ),
    # It brings its own split, whose sizes are those of boron's.
    "boron-by-family": Recipe(
        training={"epochs": 300, "minimum_steps": 3000, "patience": 300},
        better_network="better-24",
        rivals=_BORON_RIVALS,
    ),
    "boron-embedded": Recipe(
        training={"n_train": 1000, "n_validation": 300, "epochs": 60, "patience": 60},
        better_network="better-24",
        angles_trial={"epochs": 15},
        angles_changes=_EMBEDDED_CHANGES,
        trial={"epochs": 30},
        ingredients={**_WEIGHTS, **_NEIGHBORS, **_BOTH, "twice the epochs": {"epochs": 60}},
        search={"training_size": 250, "epochs": 10},
        rivals=_BORON_RIVALS,
    ),
    "materials_project": _MATERIALS_PROJECT,
    "materials_project-2018": _MATERIALS_PROJECT,  # more crystals of the same list
    # Twice the crystals for half the epochs: as many steps.
    "materials_project-megnet": dataclasses.replace(
        _MATERIALS_PROJECT, angles={"learning_rate": 0.005, "epochs": 150, "patience": 150}, angles_changes={}
    ),
    "materials_project-embedded": Recipe(
        training={"epochs": 40, "patience": 40},
        better={"epochs": 80, "patience": 80},
        angles_trial={"epochs": 10},
        angles_changes=_EMBEDDED_CHANGES,
        trial={"epochs": 20},
        ingredients={**_WEIGHTS, **_NEIGHBORS, **_BOTH, "twice the epochs": {"epochs": 40}},
        search={"training_size": 500, "epochs": 10},
        rivals=_MATERIALS_PROJECT_RIVALS,
    ),
}


def can_be_split_by_composition(crystals: Crystals) -> bool:
    """Return whether a set has no split of its own, and compositions enough to be split by them.

    Args:
        crystals: The data set.
    """
    return crystals.parts is None and len(set(crystals.reduced_formulas())) >= _FEWEST_COMPOSITIONS


def datasets_at(scale: str, dataset: str = "") -> Mapping[str, str]:
    """Return the data set that stands for each of the paper's three, or one data set instead of them.

    Args:
        scale: ``embedded`` for the data that come with the repository, ``paper`` for the public files, ``full`` for
            these with the file of the Materials Project's snapshot of 2018.
        dataset: The name of a data set, or a folder, that replaces the three; empty for the three.

    Returns:
        The data sets by their names on the page: those of :data:`Set`, or the name of the folder.

    Raises:
        DataError: There is no such scale.
    """
    if dataset:
        return {set_name(dataset): dataset}
    if scale not in DATASETS:
        raise DataError(f"scale={scale!r}: no such scale", f"give one of {', '.join(DATASETS)}")
    return {str(name): each for name, each in DATASETS[scale].items()}


def set_name(dataset: str) -> str:
    """Return the name of a data set on the page: the set that it stands for, or the name of the folder."""
    for sets in DATASETS.values():
        for name, each in sets.items():
            if each == dataset:
                return name
    return Path(dataset).expanduser().resolve().name


def is_of_the_paper(section: str, datasets: Collection[str]) -> bool:
    """Return whether a section runs on the data that its text and its claims are about.

    Args:
        section: The name of the section, such as ``mp_coordination``.
        datasets: The names of its data sets, or folders. ``boron-shaken`` and ``boron-by-family`` are sets of boron. A
            section that is about all three sets needs all three.
    """
    if not all(each in names() for each in datasets):
        return False
    sets = {each.split("-")[0] for each in datasets}
    return sets <= {SECTION_SETS[section]} if section in SECTION_SETS else sets in (set(), set(DATASETS["paper"]))


def recipe(dataset: str) -> Recipe:
    """Return the recipe of a data set, which is :data:`OWN_RECIPE` for a folder."""
    return RECIPES.get(dataset, OWN_RECIPE)


def element_sizes(dataset: str, n_train: int) -> tuple[int, ...]:
    """Return the numbers of training crystals for which element vectors are shown, besides that of all of them.

    Args:
        dataset: The name of a data set, or a folder.
        n_train: The number of all training crystals.

    Returns:
        The sizes of the recipe of one of the paper's sets. For any other set an eighth, a quarter and a half of the
        training crystals, or no sizes where the smallest would have fewer than 16 crystals.
    """
    if dataset in RECIPES:
        return RECIPES[dataset].element_sizes
    return tuple(n_train // share for share in (8, 4, 2)) if n_train // 8 >= _FEWEST_CRYSTALS else ()


def paper_config(dataset: str, network: str = "paper", **changes: object) -> Config:
    """Return the parameters of the section's runs on a data set.

    Args:
        dataset: The name of a data set, or a folder.
        network: A name of :data:`cgcnn.training.config.NETWORKS`.
        changes: Parameters that replace those of the recipe. A parameter that is None keeps the value of the recipe.

    Raises:
        DataError: No network has this name, or a parameter is out of its range.
    """
    if network not in NETWORKS:
        raise DataError(f"network={network!r}: no such network", f"give one of {', '.join(NETWORKS)}")
    given = {name: value for name, value in changes.items() if value is not None}
    return Config(**{**recipe(dataset).training, **NETWORKS[network], **given})


def better_config(dataset: str) -> Config:
    """Return the parameters of the better network's runs on a data set."""
    known = recipe(dataset)
    return paper_config(dataset, known.better_network, **known.better)


def angles_config(dataset: str) -> Config:
    """Return the parameters of the runs of the network that sees angles on a data set."""
    known = recipe(dataset)
    return paper_config(dataset, known.angles_network, **known.angles)


def angles_choices(dataset: str) -> dict[str, Config]:
    """Return the parameters of the trials of single changes to the network that sees angles, by their names.

    Args:
        dataset: The name of a data set, or a folder.
    """
    known = recipe(dataset)
    tried = angles_config(dataset).replace(**known.angles_trial)
    return {name: tried.replace(**changes) for name, changes in known.angles_changes.items()}


def trial_config(dataset: str) -> Config:
    """Return the parameters to which each single ingredient is added."""
    return paper_config(dataset, **recipe(dataset).trial)


def search_config(dataset: str) -> Config:
    """Return the parameters of the search's first trial: the paper's hyperparameters (its supplementary Table I)."""
    return paper_config(dataset, **recipe(dataset).search, **PAPER_CHOICE)
