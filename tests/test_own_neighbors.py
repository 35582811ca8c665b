"""Whatever a run computes comes from graphs with the run's own number of neighbors, tolerance and angles."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import environment_map, prediction
from cgcnn.analysis.locate import locate
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.runs import Run

FEW_NEIGHBORS = {"n_neighbors": 4}
WIDE_TIES = {"tolerance": 0.1}
WITH_ANGLES = {"angles": True}


def energies(run: Run, crystals: Crystals, n_neighbors: int, tolerance: float, angles: bool) -> np.ndarray:
    """Return what the network gives for graphs with a number of neighbors, a tolerance, and angles or none."""
    graphs = crystal_graphs.build(crystals, n_neighbors, tolerance, angles)
    return predict_batches(run.network, Batcher(graphs), np.arange(len(crystals))).double().numpy()


@pytest.fixture(
    scope="module", params=[FEW_NEIGHBORS, WIDE_TIES, WITH_ANGLES], ids=["neighbors", "tolerance", "angles"]
)
def other(run: Run, request: pytest.FixtureRequest) -> Run:
    """Return a run with another number of neighbors per site, or another tolerance, than the paper's, or with angles.

    A network with angles refuses graphs without them.
    """
    config = run.config.replace(**request.param)
    network = CrystalGraphNetwork(config.n_convolutions, config.width, angles=True) if config.angles else run.network
    return dataclasses.replace(run, config=config, network=network)


@pytest.fixture(scope="module")
def expected(other: Run, few: Crystals) -> np.ndarray:
    """Return the energies of the few crystals by this run, which are not those of the paper's graphs."""
    found = energies(other, few, *other.config.of_graphs)
    if not other.config.angles:
        assert np.abs(found - energies(other, few, 12, 1e-3, False)).max() > 0.01
    return found


def test_predictions_come_from_the_run_s_own_graphs(other: Run, few: Crystals, expected: np.ndarray) -> None:
    np.testing.assert_allclose(prediction.predict(other, few), expected, atol=1e-5)
    chosen = np.array([7, 290, 3])
    np.testing.assert_allclose(prediction.predict_part(other, few, chosen), expected[chosen], atol=1e-5)


def test_errors_come_from_the_run_s_own_graphs(other: Run, few: Crystals, expected: np.ndarray) -> None:
    test = other.split.test
    mae = np.abs(expected[test] - few.targets[test]).mean()
    assert prediction.mean_absolute_error(other, few, "test") == pytest.approx(mae, abs=1e-5)


def test_levels_come_from_the_run_s_own_graphs(other: Run, few: Crystals, expected: np.ndarray) -> None:
    np.testing.assert_allclose(represent(other, few).energies["energy_eV_per_atom"], expected, atol=1e-5)


def test_each_member_of_an_ensemble_has_its_own_graphs(
    run: Run, other: Run, few: Crystals, expected: np.ndarray
) -> None:
    some = np.array([0, 150, 299])
    table = predict_with_range([run, other], few.select(some))
    both = [energies(run, few.select(some), 12, 1e-3, False), expected[some]]
    np.testing.assert_allclose(table["energy_eV_per_atom"], np.mean(both, axis=0), atol=1e-5)


@pytest.fixture(scope="module")
def layered() -> Crystals:
    """Return eight crystals of three layers of O and one of a metal, 3 angstrom apart.

    The four nearest neighbors of a site are in its own layer, so that all O are alike. With twelve neighbors, one O in
    three has no metal near it.
    """
    places = [[0.0, 0, 0], [0.25, 0, 0], [0.5, 0, 0], [0.75, 0, 0]]
    metals = ["Ti", "Sr", "Al", "Fe", "Na", "Zr", "Ba", "La"]
    cells = [Structure(Lattice.orthorhombic(12, 2.5, 2.5), [metal, "O", "O", "O"], places) for metal in metals]
    return pack(cells, metals, [0.0] * len(metals), "layered")


def test_a_map_and_what_is_placed_on_it_have_the_environments_of_the_run_s_own_graphs(
    run: Run, layered: Crystals
) -> None:
    narrow = dataclasses.replace(run, config=run.config.replace(**FEW_NEIGHBORS))
    numbers = np.asarray([crystal_graphs.build(layered, n).n_nodes for n in (4, 12)])
    assert numbers.tolist() == [16, 24]
    # O that has no metal near it is the same in all crystals. Two crystals are stretched, so that ten vectors differ.
    stretched = dataclasses.replace(
        layered, name="stretched", lattices=layered.lattices * np.array([1, 1, 1, 1, 1, 1, 1.02, 1.04])[:, None, None]
    )
    drawn = environment_map.draw(narrow, stretched)
    assert (len(drawn.table), drawn.n_all) == (16, 16)
    assert drawn.table["multiplicity"].tolist() == [1, 3] * 8
    located = locate([narrow], drawn, stretched)
    assert located.sites["multiplicity"].tolist() == [1, 3] * 8
    assert (located.sites["distance"] == 0).all()
