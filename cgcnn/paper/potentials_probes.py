"""The probes of Figs. 3(c), 4, 5 and S4, put to networks and universal potentials alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from cgcnn.analysis import maps, probes
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.paper.boron_map import densities
from cgcnn.paper.boron_regions import name_regions
from cgcnn.paper.element_accuracies import REPEATS
from cgcnn.paper.element_categories import PROPERTIES, categories, nonradioactive_metals, with_categories
from cgcnn.paper.element_probes import same_group_numbers
from cgcnn.paper.mp_clusters import class_by_nearest
from cgcnn.paper.mp_coordination import chemistry_classes
from cgcnn.paper.potentials_reading import SET_OF, Reading
from cgcnn.paper.potentials_sites import TEST

# The sets whose elements are probed.
_METALS, _ALL_ELEMENTS = "perovskites", "materials_project"
# An element with fewer test sites than this has no rank correlation of its own.
_FEWEST_SITES = 20
# The number of nearest vectors with whose regions that of a site is compared.
_N_NEAREST = 10


@dataclass(frozen=True)
class Known:
    """What is known of the elements and the sites without a network.

    Attributes:
        labels: The categories of the nonradioactive metals of the perovskites, by symbol.
        groups: The group of each element of the Materials Project's set that has one, by symbol.
        sites: One row per drawn site, by part: ``element``, ``n_neighbors``, and ``region`` and ``density`` of boron.
        test_elements: The symbol of each test site, by set.
        targets: The calculated energy of each test crystal in eV per atom, by set.
        compositions: The (crystals, elements) shares of the elements in the test crystals, by set.
    """

    labels: pd.DataFrame
    groups: pd.Series
    sites: Mapping[str, pd.DataFrame]
    test_elements: Mapping[str, np.ndarray]
    targets: Mapping[str, np.ndarray]
    compositions: Mapping[str, pd.DataFrame]


def what_is_known(
    crystals: Mapping[str, Crystals], sites: Mapping[str, pd.DataFrame], readings: Sequence[Reading]
) -> Known:
    """Gather what the probes compare vectors and energies with.

    Args:
        crystals: The crystals of each set.
        sites: The sites of each set.
        readings: One reading of each network, which say which elements all of them know.
    """
    shared = {name: _shared([each.elements[name] for each in readings]) for name in (_METALS, _ALL_ELEMENTS)}
    drawn, test_elements, targets, compositions = {}, {}, {}, {}
    for name, chosen in sites.items():
        data = crystals[name]
        place = {crystal: index for index, crystal in enumerate(data.ids)}
        starts = data.site_offsets[:-1]
        rows = [int(starts[place[each]]) + site for each, site in zip(chosen["crystal"], chosen["site"], strict=True)]
        elements = ELEMENT_SYMBOLS[data.atomic_numbers[rows]]
        for part in SET_OF:
            of_part = (chosen["part"] == part).to_numpy()
            if of_part.any():
                drawn[part] = _describe(data, chosen[of_part].reset_index(drop=True), elements[of_part])
        is_test = (chosen["part"] == TEST).to_numpy()
        ids = [place[each] for each in chosen.loc[is_test, "crystal"].unique()]
        test_elements[name], targets[name] = elements[is_test], data.targets[ids]
        compositions[name] = _compositions(data, ids)
    labels = categories(with_categories(nonradioactive_metals(shared[_METALS])))
    groups = element_table(shared[_ALL_ELEMENTS])["group"].dropna()
    return Known(labels, groups, drawn, test_elements, targets, compositions)


def element_numbers(reading: Reading, known: Known) -> dict[str, float]:
    """Return how well element vectors represent the periodic table.

    Args:
        reading: What a network says.
        known: What is known of the elements.

    Returns:
        Of the perovskites' metals (Fig. 3): ``same_group_metals``, the share whose nearest vector is one of the same
        group, and for each of :data:`cgcnn.paper.element_categories.PROPERTIES` the accuracy of logistic regression by
        the folds of Fig. 3(c). Of the elements of the Materials Project's set (Fig. S4): ``same_group_elements``.
    """
    metals = reading.elements[_METALS].loc[known.labels.index]
    groups = known.labels["group"]
    return {
        "same_group_metals": same_group_numbers(metals, groups)["same_group_share"],
        **{name: float(probes.linear_accuracy(metals, known.labels[name], REPEATS).mean()) for name in PROPERTIES},
        "same_group_elements": same_group_numbers(reading.elements[_ALL_ELEMENTS], known.groups)["same_group_share"],
    }


def site_numbers(reading: Reading, known: Known) -> dict[str, float]:
    """Return what the nearest vectors of a site say of it.

    Args:
        reading: What a network says.
        known: What is known of the sites.

    Returns:
        ``class_O`` and ``class_S``, the share of environments of whose ten nearest vectors most are of its own chemical
        class; ``neighbors_B``, ``neighbors_O`` and ``neighbors_S``, the coefficient of determination R² of the
        coordination number predicted from the ten nearest vectors; and of boron ``region``, the share of the ten
        nearest vectors that are of its own region, less that by chance and relative to the most that it can be above
        chance, ``density``, the R² of the density of the crystal, and ``local_energy``, the R² of the network's own
        site energy.
    """
    numbers = {}
    for part, table in known.sites.items():
        vectors = pd.DataFrame(reading.vectors[part])
        numbers[f"neighbors_{part}"] = maps.smoothness(vectors, table["n_neighbors"])
        if part == "B":
            numbers["region"] = _same_region(vectors, table["region"])
            numbers["density"] = maps.smoothness(vectors, table["density"])
            numbers["local_energy"] = maps.smoothness(vectors, pd.Series(reading.drawn[part]))
        else:
            numbers[f"class_{part}"] = class_by_nearest(vectors.to_numpy(), chemistry_classes(table["element"]))
    return numbers


def energy_numbers(reading: Reading, known: Known) -> dict[str, float]:
    """Return how well a network orders the test crystals of each set by their calculated energies.

    Args:
        reading: What a network says.
        known: The calculated energies.

    Returns:
        ``crystals_<set>``, Spearman's rank correlation of energies relative to the elements with the calculated ones,
        and ``boron_mae_eV_per_atom``, the mean absolute error of boron's energies after the median difference is taken
        away, since the zero of a potential is another one.
    """
    numbers = {}
    for name, target in known.targets.items():
        energies = reading.crystals[name] + _of_composition(reading.to_formation, known.compositions[name])
        numbers[f"crystals_{name}"] = _rank_correlation(energies, target)
        if name == "boron":
            difference = energies - target
            numbers["boron_mae_eV_per_atom"] = float(np.abs(difference - np.median(difference)).mean())
    return numbers


def agreement_numbers(reading: Reading, ours: Reading, known: Known) -> dict[str, float]:
    """Return how well the site energies of two networks agree on the test sites of each set (Spearman).

    A site energy of a potential holds an energy that was fitted for its element, and its zero is free atoms. So there
    are several ways to compare it with a local energy, which is relative to the elements.

    Args:
        reading: What a network or a potential says.
        ours: What a network of this book says.
        known: The elements of the sites.

    Returns:
        By set, ``whole_<set>`` for the whole energy, ``fitted_<set>`` without the fitted energy of the element,
        ``formation_<set>`` relative to the element's own most stable crystal by the same potential, and
        ``within_<set>``, the mean over the elements of the rank correlations among sites of one element, weighted by
        their sites. The last depends on no reference. Elements with fewer than twenty sites are left out of it.
    """
    numbers = {}
    for name, elements in known.test_elements.items():
        energies, own = reading.test[name], ours.test[name]
        fitted = pd.Series(0.0, ELEMENT_SYMBOLS[1:]) if reading.fitted is None else reading.fitted
        numbers[f"whole_{name}"] = _rank_correlation(energies + fitted.loc[elements].to_numpy(), own)
        numbers[f"fitted_{name}"] = _rank_correlation(energies, own)
        numbers[f"formation_{name}"] = _rank_correlation(energies + reading.to_formation.loc[elements].to_numpy(), own)
        numbers[f"within_{name}"] = _within_elements(energies, own, elements)
    return numbers


def _shared(vectors: Sequence[pd.DataFrame]) -> list[str]:
    """Return the symbols that all tables have, in the order of the first."""
    return [str(symbol) for symbol in vectors[0].index if all(symbol in each.index for each in vectors)]


def _describe(crystals: Crystals, chosen: pd.DataFrame, elements: np.ndarray) -> pd.DataFrame:
    described = describe_sites(crystals, chosen)[["n_neighbors"]].assign(element=elements)
    if set(elements) == {"B"}:
        described["region"] = name_regions(crystals, chosen)["region"]
        described["density"] = densities(crystals).loc[chosen["crystal"]].to_numpy()
    return described


def _compositions(crystals: Crystals, places: Sequence[int]) -> pd.DataFrame:
    """Return the (crystals, elements) shares of the elements in some crystals."""
    shares = np.zeros((len(places), len(ELEMENT_SYMBOLS)))
    for row, place in enumerate(places):
        numbers, counts = np.unique(crystals.atomic_numbers[crystals.sites(place)], return_counts=True)
        shares[row, numbers] = counts / counts.sum()
    return pd.DataFrame(shares[:, 1:], columns=ELEMENT_SYMBOLS[1:])


def _of_composition(references: pd.Series, shares: pd.DataFrame) -> np.ndarray:
    """Return the mean reference of each crystal; NaN where one of its elements has none."""
    present = [symbol for symbol in shares if (shares[symbol] > 0).any()]
    known = references.reindex(present)
    means: np.ndarray = shares[present].to_numpy() @ known.fillna(0.0).to_numpy()
    means[(shares[present].to_numpy()[:, known.isna().to_numpy()] > 0).any(axis=1)] = np.nan
    return means


def _same_region(vectors: pd.DataFrame, regions: pd.Series) -> float:
    """Return the mean share of the ten nearest vectors in the own region, above chance and relative to the most."""
    nearest = maps.nearest_labels(vectors, vectors, regions, _N_NEAREST + 1).iloc[:, 1:]
    same = float(nearest.eq(regions, axis=0).to_numpy().mean())
    chance = float((regions.value_counts(normalize=True) ** 2).sum())
    return (same - chance) / (1 - chance)


def _within_elements(energies: np.ndarray, own: np.ndarray, elements: np.ndarray) -> float:
    found, weights = [], []
    for symbol in np.unique(elements):
        rows = elements == symbol
        correlation = _rank_correlation(energies[rows], own[rows]) if rows.sum() >= _FEWEST_SITES else np.nan
        if np.isfinite(correlation):
            found.append(correlation)
            weights.append(int(rows.sum()))
    return float(np.average(found, weights=weights)) if found else float("nan")


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's rank correlation over the places where both are finite; NaN where one does not vary."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 3 or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return float("nan")
    return float(spearmanr(one[both], other[both]).statistic)
