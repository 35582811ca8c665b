"""Pairs of crystals with the same distances have one energy without angles, and two energies with them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.prediction import predict
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.neighbors import nearest_neighbors
from cgcnn.paper.angle_examples import compare_examples, examples
from cgcnn.training.runs import Run
from tests.test_model import network


def runs(run: Run, angles: bool, elements: tuple[int, ...] = (6, 29)) -> list[Run]:
    """Return two runs with random networks that know some elements."""
    config = run.config.replace(angles=angles)
    return [
        dataclasses.replace(
            run, config=config, network=network(seed=seed, angles=angles), elements=np.array(elements), seen=None
        )
        for seed in (0, 1)
    ]


@pytest.fixture(scope="module")
def table(run: Run) -> pd.DataFrame:
    """The table of two random networks of each kind."""
    return compare_examples(runs(run, False), runs(run, True), "cpu").set_index(["first", "second"])


def of_graphene(table: pd.DataFrame, column: str) -> float:
    """Return a number of the pair of diamond and graphene."""
    return float(table[column].to_dict()["diamond", "graphene"])


def test_the_examples_have_the_bonds_of_their_names() -> None:
    crystals = examples()
    edges = nearest_neighbors(crystals, 12, 1e-3)
    lengths = {"diamond": (4, 1.545), "lonsdaleite": (4, 1.545), "graphene": (3, 1.421)}
    for crystal, name in enumerate(crystals.ids):
        of_site = edges.distances[edges.centers == crystals.site_offsets[crystal]]
        n_bonds, length = lengths.get(name, (12, 2.556))
        assert np.count_nonzero(np.abs(of_site - length) < 1e-6) == n_bonds, name
        assert of_site.min() == pytest.approx(length, abs=1e-6)
    # Cells per volume: the densities of diamond and of copper, in atoms per cubic angstrom.
    volumes = np.abs(np.linalg.det(np.asarray(crystals.lattices))) / crystals.n_sites
    by_name = dict(zip(crystals.ids, volumes, strict=True))
    assert by_name["diamond"] == pytest.approx(3.567**3 / 8, rel=2e-3)
    assert by_name["lonsdaleite"] == pytest.approx(by_name["diamond"])
    assert by_name["Cu, hexagonal close packing"] == pytest.approx(3.615**3 / 4, rel=2e-3)


def test_pairs_of_equal_distances_differ_by_angles_alone(table: pd.DataFrame) -> None:
    same = table.drop(index=("diamond", "graphene"))
    assert len(same) == 3
    assert (same["without_eV_per_atom"].abs() < 1e-5).all()
    assert (same["with_eV_per_atom"].abs() > 1e-3).all()
    assert (same["with_std_eV_per_atom"] > 1e-3).all()
    assert all(abs(of_graphene(table, name)) > 1e-3 for name in ("without_eV_per_atom", "with_eV_per_atom"))


def test_distinct_sites_are_those_of_the_stackings(table: pd.DataFrame) -> None:
    assert table["sites_of_first"].tolist() == [1, 1, 1, 1]
    assert table["sites_of_second"].tolist() == [1, 1, 1, 2]
    assert np.diff(build(examples()).node_offsets).tolist() == [1] * 6


def test_a_difference_is_the_second_energy_less_the_first_and_its_spread_that_of_the_seeds(
    run: Run, table: pd.DataFrame
) -> None:
    crystals = examples()
    places = [crystals.ids.index(name) for name in ("diamond", "graphene")]
    differences = [float(np.diff(predict(each, crystals, "cpu")[places])[0]) for each in runs(run, True)]
    assert of_graphene(table, "with_eV_per_atom") == pytest.approx(np.mean(differences))
    assert of_graphene(table, "with_std_eV_per_atom") == pytest.approx(np.std(differences, ddof=1))


def test_pairs_with_an_element_that_a_run_does_not_know_are_left_out(run: Run) -> None:
    found = compare_examples(runs(run, False), runs(run, True, elements=(29,)), "cpu")
    assert found["first"].tolist() == ["Cu, cubic close packing"] * 2
    assert compare_examples(runs(run, False, elements=(8,)), runs(run, True), "cpu").empty
