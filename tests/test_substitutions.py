"""Suggestions by replaced elements: from known stable crystals alone, in the order of the map, judged afterwards."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.paper import substitutions
from cgcnn.paper.perovskite_sites import PerovskiteSites, are_perovskites, perovskite_sites
from cgcnn.training.runs import Run

# SrTiO3, BaTiO3, SrZrO3, BaZrO3, TiSrO3 and BaTiO2N.
SITES = PerovskiteSites(
    np.array([[38, 22], [56, 22], [38, 40], [56, 40], [22, 38], [56, 22]]), np.array([[8, 8, 8]] * 5 + [[7, 8, 8]])
)
#: Sr and Ba are near each other, and Ti and Zr farther apart.
VECTORS = pd.DataFrame({"v0": [0.0, 1.0, 10.0, 13.0]}, index=["Sr", "Ba", "Ti", "Zr"])


def test_a_replacement_changes_one_cation_and_no_anion() -> None:
    found = substitutions.replacements(SITES, np.array([0]), np.arange(1, 6))
    assert found.candidate.tolist() == [0, 1]  # BaTiO3 and SrZrO3; two cations differ in BaZrO3 and in TiSrO3
    assert found.site.tolist() == [0, 1]
    assert found.elements.tolist() == [[38, 56], [22, 40]]
    assert found.known.tolist() == [0, 0]


def test_the_smallest_step_on_the_map_is_suggested_first_and_what_no_step_reaches_last() -> None:
    found = substitutions.replacements(SITES, np.array([0]), np.arange(1, 6))
    distances = substitutions.map_distances(VECTORS)
    assert distances[38, 56] == 1
    assert distances[22, 40] == 3
    assert np.isinf(distances[8, 38])
    assert substitutions.ranks(found, distances, 5).tolist() == [0, 1, np.inf, np.inf, np.inf]


def test_a_second_step_decides_between_equal_first_ones() -> None:
    # From SrTiO3 and BaZrO3: BaTiO3 by steps of 1 and 3, SrZrO3 by steps of 3 and 1, so they are equal.
    both = substitutions.replacements(SITES, np.array([0, 3]), np.array([1, 2]))
    assert substitutions.ranks(both, substitutions.map_distances(VECTORS), 2).tolist() == [0, 0]
    # Without the step from BaZrO3 to BaTiO3, it has one step of 1 alone, and comes after SrZrO3.
    is_kept = ~((both.known == 3) & (both.candidate == 0))
    fewer = substitutions.Replacements(*(each[is_kept] for each in dataclasses.astuple(both)))
    assert substitutions.ranks(fewer, substitutions.map_distances(VECTORS), 2).tolist() == [1, 0]


def test_elements_of_one_group_replace_each_other_and_no_others() -> None:
    distances = substitutions.group_distances(["Sr", "Ba", "Ti", "Zr", "K"])
    assert (distances[38, 56], distances[22, 40]) == (0, 0)
    assert np.isinf([distances[38, 22], distances[19, 38], distances[92, 38]]).all()


def test_no_energy_of_a_test_crystal_enters_a_suggestion(few: Crystals, run: Run) -> None:
    threshold = float(np.quantile(few.targets, 0.2))
    before = substitutions.suggest(run, few, threshold)
    targets = few.targets.copy()
    targets[run.split.test] = np.nan
    after = substitutions.suggest(run, dataclasses.replace(few, targets=targets), threshold)
    for method in (substitutions.MAP, substitutions.GROUP):
        assert np.array_equal(before.scores[method], after.scores[method])
        assert np.isfinite(before.scores[method]).any()
    assert all(np.array_equal(*pair) for pair in zip(before.shuffled, after.shuffled, strict=True))
    # The energies of the others do enter.
    targets = few.targets.copy()
    targets[np.setdiff1d(np.arange(len(few)), run.split.test)] = threshold + 1
    nothing = substitutions.suggest(run, dataclasses.replace(few, targets=targets), threshold)
    assert np.isinf(nothing.scores[substitutions.MAP]).all()


def test_the_known_crystals_are_stable_and_none_is_a_test_crystal(few: Crystals, run: Run) -> None:
    threshold = float(np.median(few.targets))
    known = substitutions.known_stable(few, run.split, threshold)
    assert len(known) > 20
    assert not np.intersect1d(known, run.split.test).size
    assert few.targets[known].max() <= threshold


def test_suggestions_are_compared_at_the_number_that_the_same_group_gives(few: Crystals, run: Run) -> None:
    threshold = float(np.quantile(few.targets, 0.2))
    suggested = [substitutions.suggest(run, few, threshold)] * 2
    numbers = substitutions.suggestion_numbers(suggested, few, threshold)
    number = suggested[0].number
    assert 0 < number < len(run.split.test)
    assert [numbers[name]["called"] for name in ("element_map", "same_group", "shuffled_map")] == [number] * 3
    is_suggested = np.isfinite(suggested[0].scores[substitutions.GROUP])
    stable = few.targets[run.split.test[is_suggested]] <= threshold
    assert numbers["same_group"]["found"] == pytest.approx(stable.sum())
    assert len(numbers["by_seed"]["element_map.recall"]) == 2
    beside = pd.DataFrame({"part": ["test crystals"], "method": ["network"], "looked_at": [1]})
    curves = substitutions.suggestion_curves(suggested, few, threshold, beside).groupby("method")
    n_test = len(run.split.test)
    lengths = {"element map": n_test, "same group": number, "shuffled map": n_test, "network": 1}
    assert curves["looked_at"].max().to_dict() == lengths
    assert all(number in curves.get_group(name)["looked_at"].tolist() for name in substitutions.METHODS)


def test_the_first_suggestions_name_where_they_come_from(few: Crystals, run: Run) -> None:
    threshold = float(np.quantile(few.targets, 0.2))
    listed = substitutions.first_suggestions(run, few, threshold, 5)
    formulas = perovskite_sites(few).formulas().tolist()
    known = {formulas[place] for place in substitutions.known_stable(few, run.split, threshold)}
    assert len(listed) == 5
    for row in listed.to_dict("records"):
        assert row["from"] in known
        assert row["suggestion"] in {formulas[place] for place in run.split.test}
        assert row["is_stable"] == (row["target_eV_per_atom"] <= threshold)
        old = row["from"].replace("O3", "")
        new = row["suggestion"].replace("O3", "")
        place = old.index(row["replaced"]) if row["site"] == "A" else old.rindex(row["replaced"])
        assert old[:place] + row["by"] + old[place + len(row["replaced"]) :] == new


def test_a_and_b_are_told_apart_by_their_anions_and_the_ids_say_the_same(embedded: Crystals) -> None:
    sites = perovskite_sites(embedded)
    assert are_perovskites(embedded)
    assert sites.formulas().tolist() == [name.replace("-", "") for name in embedded.ids]
    assert len(np.unique(sites.codes())) == len(embedded)
    assert sorted(sites.codes(swapped=True)) == sorted(sites.codes())
    assert set(sites.n_anions.tolist()) == {1}
    assert SITES.n_anions.tolist() == [1, 1, 1, 1, 1, 2]
    assert SITES.formulas().tolist() == ["SrTiO3", "BaTiO3", "SrZrO3", "BaZrO3", "TiSrO3", "BaTiNO2"]


def test_public_cells_with_moved_atoms_have_each_pair_of_a_and_b_once(public: Crystals) -> None:
    sites = perovskite_sites(public)
    assert len(np.unique(sites.codes())) == len(public)
    formulas = sites.formulas()
    energies = {name: public.targets[formulas == name].tolist() for name in ("SrTiO3", "TiSrO3", "LaAlO3", "KTaO3")}
    # The stable ones have the large cation on A.
    assert energies == {"SrTiO3": [-0.24], "TiSrO3": [1.5], "LaAlO3": [-0.1], "KTaO3": [-0.64]}
