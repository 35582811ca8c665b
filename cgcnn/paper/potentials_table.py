"""The table that sets universal potentials beside this book's networks, and its numbers of every seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.networks import OUR_NETWORKS
from cgcnn.paper.potentials import TITLES
from cgcnn.paper.potentials_probes import Known, agreement_numbers, element_numbers, energy_numbers, site_numbers
from cgcnn.paper.potentials_reading import Reading
from cgcnn.paper.potentials_sites import TEST
from cgcnn.paper.recipes import paper_config
from cgcnn.paper.seed_numbers import BY_SEED, over_seeds
from cgcnn.training.fit import make_split

#: The network of this book with which all others are compared.
OURS = "paper"
#: The control: normal random numbers in place of vectors and energies.
RANDOM = "random"
#: The names on the page of this book's networks, of the potentials and of the control.
SHOWN_AS = {name: each.title for name, each in OUR_NETWORKS.items()} | TITLES | {RANDOM: "random numbers"}

_MAE = "boron_mae_eV_per_atom"
# The rows of the table: the level, the measure, and the number's name.
_SHOWN = (
    ("elements: nearest of the same group", "metals", "same_group_metals"),
    ("elements: nearest of the same group", "all", "same_group_elements"),
    *(("metals: read by a linear model", name, name) for name in PROPERTIES),
    ("nearest sites: class of center", "O", "class_O"),
    ("nearest sites: class of center", "S", "class_S"),
    ("nearest sites: neighbors (R\N{SUPERSCRIPT TWO})", "O", "neighbors_O"),
    ("nearest sites: neighbors (R\N{SUPERSCRIPT TWO})", "S", "neighbors_S"),
    ("nearest sites: neighbors (R\N{SUPERSCRIPT TWO})", "boron", "neighbors_B"),
    ("nearest sites of boron", "region", "region"),
    ("nearest sites of boron", "density (R\N{SUPERSCRIPT TWO})", "density"),
    ("nearest sites of boron", "own energy (R\N{SUPERSCRIPT TWO})", "local_energy"),
    ("site energies: rank correlation with the paper's network", "perovskites", "formation_perovskites"),
    ("site energies: rank correlation with the paper's network", "boron", "formation_boron"),
    ("site energies: rank correlation with the paper's network", "Materials Project", "formation_materials_project"),
    ("the same within one element", "perovskites", "within_perovskites"),
    ("the same within one element", "Materials Project", "within_materials_project"),
    ("crystals: rank correlation with calculation", "perovskites", "crystals_perovskites"),
    ("crystals: rank correlation with calculation", "boron", "crystals_boron"),
    ("crystals: rank correlation with calculation", "Materials Project", "crystals_materials_project"),
)


def compare(readings: Mapping[str, Sequence[Reading]], known: Known) -> dict[str, dict[str, Any]]:
    """Put all probes to networks and potentials.

    Args:
        readings: The readings of each network by its name, one per seed; one for a potential. One of the networks is
            :data:`OURS`.
        known: What is known of the elements and sites.

    Returns:
        By the name of the network, its numbers as :func:`cgcnn.paper.seed_numbers.over_seeds` gives them. The numbers
        of agreement are over the seeds of :data:`OURS`: a potential is compared with each seed, another network of this
        book with the seed of its own place, and :data:`OURS` with its next seed. With one seed it has none.
    """
    ours = list(readings[OURS])
    compared = {}
    for name, some in readings.items():
        of_seeds = [
            element_numbers(each, known) | site_numbers(each, known) | energy_numbers(each, known) for each in some
        ]
        numbers = over_seeds(of_seeds)
        partners = _partners(name, some, ours)
        if partners:
            agreement = over_seeds([agreement_numbers(one, other, known) for one, other in partners])
            numbers = {**numbers, **agreement, BY_SEED: {**numbers[BY_SEED], **agreement[BY_SEED]}}
        compared[name] = _plain(numbers)
    return compared


def table(compared: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the numbers of :func:`compare` as the page shows them: one row per measure, and one column per network.

    Args:
        compared: The numbers of each network. One that is missing or None is left empty.
    """
    index = pd.MultiIndex.from_tuples([(level, measure) for level, measure, _ in _SHOWN], names=["", " "])
    columns = {
        SHOWN_AS[name]: [_number(numbers.get(shown)) for _, _, shown in _SHOWN] for name, numbers in compared.items()
    }
    return pd.DataFrame(columns, index)


def flat(shown: pd.DataFrame) -> pd.DataFrame:
    """Return the table of :func:`table` with its two names of a row as the columns ``level`` and ``measure``.

    Args:
        shown: The table.
    """
    return shown.rename_axis(["level", "measure"]).reset_index()


def result_numbers(compared: Mapping[str, Mapping[str, Any]], seeds: Sequence[int]) -> dict[str, Any]:
    """Return the numbers of :func:`compare` as the section writes them.

    Args:
        compared: The numbers of each network.
        seeds: The seeds of this book's networks.

    Returns:
        ``seeds``, the means by network under ``networks``, and under ``by_seed`` the number of each seed by names such
        as ``networks.paper.block``. A number that is not finite is None.
    """
    means = {name: {key: value for key, value in of.items() if key != BY_SEED} for name, of in compared.items()}
    by_seed = {
        f"networks.{name}.{key}": values
        for name, of in compared.items()
        for key, values in of[BY_SEED].items()
        if len(values) > 1
    }
    return {"seeds": list(seeds), "networks": means, BY_SEED: by_seed}


def texts(compared: Mapping[str, Mapping[str, Any]], quantity: Quantity = ENERGY) -> dict[str, float | str]:
    """Return the means of :func:`compare` for the text of the page.

    Args:
        compared: The numbers of each network.
        quantity: What this book's networks predict.

    Returns:
        The means by names such as ``chgnet_block``, and the errors of boron with their unit, such as ``chgnet_mae``.
    """
    values: dict[str, float | str] = {}
    for name, numbers in compared.items():
        network = name.replace("-", "_")
        values |= {f"{network}_{key}": mean for key, mean in numbers.items() if key != BY_SEED and mean is not None}
        if numbers.get(_MAE) is not None:
            values[f"{network}_mae"] = quantity.value(numbers[_MAE], 3)
    return values


def sizes(
    datasets: Mapping[str, str], crystals: Mapping[str, Crystals], sites: Mapping[str, pd.DataFrame]
) -> dict[str, int]:
    """Return the numbers of crystals that the text of the page names.

    Args:
        datasets: The data set of each set.
        crystals: The crystals of each set.
        sites: The sites of each set.

    Returns:
        ``n_<set>``, the number of training crystals of each set, and ``n_test``, the largest number of test crystals.
    """
    train = {f"n_{name}": len(make_split(crystals[name], paper_config(each)).train) for name, each in datasets.items()}
    return {**train, "n_test": max(each.loc[each["part"] == TEST, "crystal"].nunique() for each in sites.values())}


def lengths(readings: Mapping[str, Sequence[Reading]]) -> dict[str, int]:
    """Return the lengths of the vectors that the text of the page names.

    Args:
        readings: The readings of each network.

    Returns:
        ``length_<network>_<set>``, that of the element vectors of each set, and ``length_<network>_sites``, that of the
        vectors of the drawn sites of boron.
    """
    found: dict[str, int] = {}
    for name, (first, *_) in readings.items():
        network = name.replace("-", "_")
        found |= {f"length_{network}_{each}": vectors.shape[1] for each, vectors in first.elements.items()}
        found[f"length_{network}_sites"] = first.vectors["B"].shape[1]
    return found


def _partners(name: str, some: Sequence[Reading], ours: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    if name == OURS:
        return list(zip(ours, [*ours[1:], ours[0]], strict=True)) if len(ours) > 1 else []
    if len(some) == 1:
        return [(some[0], each) for each in ours]
    return list(zip(some, ours, strict=True))


def _plain(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers with None for each mean that is not finite, and without its list."""
    means = {key: value for key, value in numbers.items() if key != BY_SEED}
    finite = {key: value if value is not None and np.isfinite(value) else None for key, value in means.items()}
    return {**finite, BY_SEED: {key: values for key, values in numbers[BY_SEED].items() if finite[key] is not None}}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
