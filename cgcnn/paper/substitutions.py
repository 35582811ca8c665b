"""New perovskites from known stable ones, by replacing one cation with an element that is near it on a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import screening
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.representations import element_vectors
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.splits import Split
from cgcnn.paper.discovery import CHANCE, NETWORK, TEST
from cgcnn.paper.perovskite_sites import PerovskiteSites, perovskite_sites
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.runs import Run

#: The methods by which a cation is replaced, in the order in which they are shown.
MAP, GROUP, SHUFFLED = "element map", "same group", "shuffled map"
METHODS = (MAP, GROUP, SHUFFLED)

# The nearest replacement decides the rank of a crystal; where two crystals have the same, the next nearest do.
_N_NEAREST = 4
# The number of shuffled maps whose mean is the control.
_N_SHUFFLES = 20


@dataclass(frozen=True)
class Replacements:
    """The pairs of a known stable perovskite and a candidate that differ in one cation alone.

    Attributes:
        known: (p,) The index of the known perovskite.
        candidate: (p,) The place of the candidate among the candidates.
        site: (p,) 0 where the cation on A is replaced, and 1 where that on B is.
        elements: (p, 2) The atomic numbers of the cation of the known perovskite and of the one that replaces it.
    """

    known: np.ndarray
    candidate: np.ndarray
    site: np.ndarray
    elements: np.ndarray


def replacements(sites: PerovskiteSites, known: np.ndarray, candidates: np.ndarray) -> Replacements:
    """Find the candidates that differ from known stable perovskites in one cation. Their energies are not needed.

    Args:
        sites: The elements of all perovskites by their site.
        known: (k,) The indices of the known stable perovskites.
        candidates: (c,) The indices of the perovskites that could be suggested.
    """
    same_anions = (sites.anions[known][:, None] == sites.anions[candidates]).all(axis=2)
    differs = sites.cations[known][:, None] != sites.cations[candidates]
    of_known, candidate = np.nonzero(same_anions & (differs.sum(axis=2) == 1))
    site = differs[of_known, candidate].argmax(axis=1)
    old, new = sites.cations[known[of_known], site], sites.cations[candidates[candidate], site]
    return Replacements(known[of_known], candidate, site, np.stack([old, new], axis=1).astype(np.int64))


def map_distances(vectors: pd.DataFrame) -> np.ndarray:
    """Return the distances of elements on a map.

    Args:
        vectors: The (k, width) vectors v(0), with the symbols as index.

    Returns:
        (119, 119) The Euclidean distances by atomic number; infinite for elements that the map lacks.
    """
    numbers = [int(np.flatnonzero(symbol == ELEMENT_SYMBOLS)[0]) for symbol in vectors.index]
    values = vectors.to_numpy(dtype=float)
    table = np.full((len(ELEMENT_SYMBOLS),) * 2, np.inf)
    table[np.ix_(numbers, numbers)] = np.linalg.norm(values[:, None] - values, axis=-1)
    return table


def group_distances(symbols: Sequence[str]) -> np.ndarray:
    """Return 0 for two elements of one group of the periodic table, and infinity for all others, as a map.

    Args:
        symbols: The symbols of the elements. Elements without a group are alone.
    """
    groups = element_table(list(symbols))["group"]
    of_number = np.full(len(ELEMENT_SYMBOLS), np.nan)
    for symbol, group in groups.items():
        of_number[np.flatnonzero(symbol == ELEMENT_SYMBOLS)[0]] = group
    return np.where(of_number[:, None] == of_number, 0.0, np.inf)


def ranks(found: Replacements, distances: np.ndarray, n_candidates: int) -> np.ndarray:
    """Rank candidates by the smallest step on a map that leads to them from a known stable perovskite.

    Args:
        found: The pairs that differ in one cation.
        distances: The distances of elements, from :func:`map_distances` or :func:`group_distances`.
        n_candidates: The number of candidates.

    Returns:
        (c,) The ranks, from 0. Candidates whose four smallest steps are equal have one rank. It is infinite for those
        to which no step leads.
    """
    steps = distances[found.elements[:, 0], found.elements[:, 1]]
    order = np.lexsort([steps, found.candidate])
    counts = np.bincount(found.candidate, minlength=n_candidates)
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    nearest = np.full((n_candidates, _N_NEAREST), np.inf)
    is_kept = place < _N_NEAREST
    nearest[found.candidate[order][is_kept], place[is_kept]] = steps[order][is_kept]
    _, rank = np.unique(nearest, axis=0, return_inverse=True)  # sorted by the first column, then by the next
    return np.where(np.isfinite(nearest[:, 0]), rank.ravel().astype(float), np.inf)


@dataclass(frozen=True)
class Suggestions:
    """What is suggested from the known crystals of one run's split, among its test crystals.

    Attributes:
        candidates: (c,) The indices of the test crystals.
        scores: The (c,) ranks of the element map and of the same group.
        shuffled: The (c,) ranks of each shuffled map.
    """

    candidates: np.ndarray
    scores: Mapping[str, np.ndarray]
    shuffled: tuple[np.ndarray, ...]

    @property
    def number(self) -> int:
        """How many test crystals the same group suggests, at which all methods are compared."""
        return int(np.isfinite(self.scores[GROUP]).sum())


def known_stable(crystals: Crystals, split: Split, threshold: float) -> np.ndarray:
    """Return the indices of the stable crystals that are not test crystals, whose energies count as known.

    Args:
        crystals: The whole data set.
        split: The split of the run.
        threshold: The highest target of a stable crystal.
    """
    known = np.sort(np.concatenate([split.train, split.validation]))
    return np.asarray(known[screening.at_most(crystals.targets[known], threshold)])


def suggest(run: Run, crystals: Crystals, threshold: float) -> Suggestions:
    """Rank the test crystals of a run by its element vectors v(0) alone, by the periodic table, and by shuffled maps.

    Only the energies of training and validation crystals are read. The element vectors come from the same training.

    Args:
        run: A run on perovskites.
        crystals: Its whole data set.
        threshold: The highest target of a stable crystal.
    """
    test, sites = run.split.test, perovskite_sites(crystals)
    found = replacements(sites, known_stable(crystals, run.split, threshold), test)
    cations = ELEMENT_SYMBOLS[np.unique(sites.cations)].tolist()
    vectors = element_vectors(run)
    vectors = vectors.loc[vectors.index.isin(cations)]
    scores = {
        MAP: ranks(found, map_distances(vectors), len(test)),
        GROUP: ranks(found, group_distances(cations), len(test)),
    }
    rng = np.random.default_rng(run.config.seed)
    orders = [rng.permutation(len(vectors)) for _ in range(_N_SHUFFLES)]
    mixed = [vectors.iloc[order].set_axis(vectors.index) for order in orders]
    return Suggestions(test, scores, tuple(ranks(found, map_distances(each), len(test)) for each in mixed))


def suggestion_numbers(suggested: Sequence[Suggestions], crystals: Crystals, threshold: float) -> dict[str, Any]:
    """Return what the suggestions of each method are worth, at as many as the same group gives.

    Args:
        suggested: The suggestions of each run.
        crystals: The whole data set of the runs, whose targets judge the suggestions.
        threshold: The highest target of a stable crystal.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them, for each method the measures of
        :func:`cgcnn.analysis.screening.measures`, by its name with lines for spaces, such as ``element_map``. Those of
        the shuffled map are means over the shuffles.
    """
    of_runs = []
    for each in suggested:
        is_stable = screening.at_most(crystals.targets[each.candidates], threshold)
        of_methods = {name: screening.of_first(is_stable, ranked, each.number) for name, ranked in each.scores.items()}
        shuffles = [screening.of_first(is_stable, ranked, each.number) for ranked in each.shuffled]
        of_methods[SHUFFLED] = over_seeds(shuffles)
        of_methods[SHUFFLED].pop("by_seed")
        of_runs.append({name.replace(" ", "_"): of_methods[name] for name in METHODS})
    return over_seeds(of_runs)


def suggestion_curves(
    suggested: Sequence[Suggestions], crystals: Crystals, threshold: float, beside: pd.DataFrame
) -> pd.DataFrame:
    """Return how many stable crystals are among the first suggestions of each method, mean over the runs.

    Args:
        suggested: The suggestions of each run, all on the same test crystals.
        crystals: The whole data set of the runs.
        threshold: The highest target of a stable crystal.
        beside: The table of :func:`cgcnn.paper.discovery.curves`, with the same test crystals as a part.

    Returns:
        Rows of :func:`cgcnn.analysis.screening.curve` for the network, for chance and for each method, with its name
        in the column ``method``. The curve of the same group ends where its suggestions end.
    """
    is_shown = (beside["part"] == TEST) & beside["method"].isin([NETWORK, CHANCE])
    tables = [beside[is_shown].drop(columns="part")]
    number = suggested[0].number
    shown = np.union1d(screening.numbers_on_curve(len(suggested[0].candidates)), [number])
    for name in METHODS:
        curves = []
        for each in suggested:
            is_stable = screening.at_most(crystals.targets[each.candidates], threshold)
            rankings = each.shuffled if name == SHUFFLED else (each.scores[name],)
            curves += [screening.curve(is_stable, ranked) for ranked in rankings]
        mean = pd.concat(curves).groupby("looked_at").mean().reset_index()
        mean = mean[: number if name == GROUP else None]
        tables.append(mean[mean["looked_at"].isin(shown)].assign(method=name))
    return pd.concat(tables, ignore_index=True)


def first_suggestions(run: Run, crystals: Crystals, threshold: float, number: int = 10) -> pd.DataFrame:
    """Return the first suggestions of the element map of one run, with the known perovskite that each comes from.

    Args:
        run: A run on perovskites.
        crystals: Its whole data set.
        threshold: The highest target of a stable crystal.
        number: How many suggestions are returned.

    Returns:
        One row per suggestion: ``suggestion`` and ``from`` (compositions), ``site`` (A or B), ``replaced`` and ``by``
        (elements), ``same_group`` (whether they are of one group), the calculated energy, such as
        ``target_eV_per_atom``, and ``is_stable``.
    """
    test, sites = run.split.test, perovskite_sites(crystals)
    found = replacements(sites, known_stable(crystals, run.split, threshold), test)
    vectors = element_vectors(run)
    distances = map_distances(vectors)
    ranked = ranks(found, distances, len(test))
    groups, formulas = group_distances(vectors.index.tolist()), sites.formulas()
    rows = []
    for candidate in np.argsort(ranked, kind="stable")[: min(number, int(np.isfinite(ranked).sum()))]:
        pairs = np.flatnonzero(found.candidate == candidate)
        pair = pairs[distances[tuple(found.elements[pairs].T)].argmin()]
        old, new = found.elements[pair].tolist()
        rows.append(
            {
                "suggestion": formulas[test[candidate]],
                "from": formulas[found.known[pair]],
                "site": "AB"[found.site[pair]],
                "replaced": ELEMENT_SYMBOLS[old],
                "by": ELEMENT_SYMBOLS[new],
                "same_group": bool(groups[old, new] == 0),
                run.quantity.with_unit("target"): crystals.targets[test[candidate]],
                "is_stable": bool(screening.at_most(crystals.targets[test[candidate]], threshold)),
            }
        )
    return pd.DataFrame(rows)
