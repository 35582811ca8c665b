"""Maps of any set of crystals: which environments they show, of which crystals, and what they refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import torch
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import environment_map, maps
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.analysis.representations import element_vectors, environment_vectors, represent
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.training.runs import Run


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Add in one order: several threads share a product of 200 vectors in another way than one of all vectors."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def drawn(run: Run, few: Crystals) -> EnvironmentMap:
    """Return the map of 200 environments of the few crystals."""
    return environment_map.draw(run, few, n_points=200, seed=1)


def test_half_of_the_environments_are_drawn_at_random_and_half_by_turns_over_the_elements() -> None:
    elements = np.repeat([8, 26, 79], [900, 99, 1])
    chosen = environment_map.choose(elements, 100, seed=0)
    assert len(set(chosen)) == 100
    assert (np.diff(chosen) > 0).all()
    counts = np.bincount(elements[chosen])
    assert counts[79] == 1  # the only one of its element
    # 24 or 25 of each frequent element come by turns, the others at random.
    n_iron_at_random = (elements[np.random.default_rng(0).permutation(1000)[:50]] == 26).sum()
    assert counts[26] - n_iron_at_random in (24, 25)
    assert counts.sum() == 100
    np.testing.assert_array_equal(environment_map.choose(elements, 100, seed=0), chosen)
    assert set(environment_map.choose(elements, 100, seed=1)) != set(chosen)
    np.testing.assert_array_equal(environment_map.choose(elements, 1000, seed=0), np.arange(1000))


def test_a_point_of_the_map_is_an_environment_with_its_vector_its_local_energy_and_its_first_neighbor(
    drawn: EnvironmentMap, run: Run, few: Crystals
) -> None:
    environments = represent(run, few, "cpu").environments
    assert drawn.n_all == len(environments)
    assert len(drawn.table) == len(drawn.vectors) == 200
    by_site = drawn.table[["crystal", "site"]].merge(environments, on=["crystal", "site"])
    np.testing.assert_array_equal(drawn.vectors, environment_vectors(by_site))
    for name in ("label", "element", "multiplicity", "local_energy_eV_per_atom"):
        np.testing.assert_array_equal(drawn.table[name], by_site[name], err_msg=name)
    assert drawn.value == "local_energy_eV_per_atom"
    places = {name: place for place, name in enumerate(few.ids)}
    for crystal, site, first in drawn.table[["crystal", "site", "first_neighbor"]].head(20).to_numpy():
        structure = few.structure(places[crystal])
        shells = structure.get_neighbors(structure[site], 4)
        near = min(neighbor.nn_distance for neighbor in shells)
        firsts = {neighbor.species_string for neighbor in shells if neighbor.nn_distance < near + 1e-3}
        assert first in firsts


def test_the_middle_of_a_map_is_the_origin_so_that_new_points_are_placed_beside_old_ones(drawn: EnvironmentMap) -> None:
    points = drawn.table[["x", "y"]]
    np.testing.assert_allclose(points.max() + points.min(), 0, atol=1e-9)
    placed = maps.place(drawn.chart, pd.DataFrame(drawn.vectors))
    moves = placed.to_numpy() - points.to_numpy()
    assert np.abs(np.median(moves, axis=0)).max() < 0.02 * np.ptp(points.to_numpy())


def test_the_same_seed_draws_the_same_map_and_its_description_says_what_it_shows(
    drawn: EnvironmentMap, run: Run, few: Crystals
) -> None:
    again = environment_map.draw(run, few, n_points=200, seed=1)
    pd.testing.assert_frame_equal(again.table, drawn.table)
    expected = f"200 of {drawn.n_all:,} distinct environments of {few.name}, run {run.key[:12]}"
    assert drawn.described == expected


def test_crystals_and_elements_have_maps_too(run: Run, few: Crystals) -> None:
    of_crystals = environment_map.draw(run, few, "crystals", n_points=50)
    levels = represent(run, few, "cpu")
    assert len(of_crystals.table) == 50
    assert of_crystals.n_all == len(few)
    chosen = of_crystals.table["crystal"].tolist()
    np.testing.assert_array_equal(of_crystals.vectors, levels.crystals.loc[chosen])
    np.testing.assert_array_equal(of_crystals.table[of_crystals.value], levels.energies.loc[chosen, of_crystals.value])
    formulas = dict(zip(few.ids, few.reduced_formulas(), strict=True))
    assert of_crystals.table["formula"].tolist() == [formulas[name] for name in chosen]
    of_elements = environment_map.draw(run, few, "elements")
    np.testing.assert_array_equal(of_elements.vectors, element_vectors(run).loc[of_elements.table["element"]])
    assert of_elements.value is None


def test_the_columns_of_a_map_are_named_by_what_the_run_predicts(run: Run, few: Crystals) -> None:
    of_gaps = dataclasses.replace(run, target_name="band gap", unit="eV")
    drawn = environment_map.draw(of_gaps, few, n_points=50)
    assert drawn.value == "local_band_gap_eV"
    assert "local_band_gap_eV" in drawn.table
    assert not drawn.table.columns.str.contains("per_atom").any()


def test_crystals_with_an_element_that_the_run_cannot_know_are_left_out(run: Run, few: Crystals) -> None:
    foreign = Structure(Lattice.cubic(4), ["Pu", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    structures = [few.structure(i) for i in range(30)]
    with_foreign = pack([*structures, foreign], [*few.ids[:30], "PuO"], np.zeros(31), "mine")
    drawn = environment_map.draw(run, with_foreign)
    assert set(drawn.table["crystal"]) == set(few.ids[:30])


def test_too_few_different_vectors_make_no_map(run: Run, few: Crystals) -> None:
    same = few.select([0])
    copies = pack([same.structure(0)] * 20, [f"copy {i}" for i in range(20)], np.zeros(20), "copies")
    with pytest.raises(DataError, match=r"copies: [3-5] different environments, too few for a map"):
        environment_map.draw(run, copies)
