"""Models without a graph: their features against numbers worked out by hand, and predictions that are cached."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import StandardScaler

from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.splits import Split
from cgcnn.paper import rivals


@pytest.fixture(scope="module")
def salts() -> Crystals:
    """Return MgO with one formula unit, CaF2 with one, and MgO with two in another cell."""
    oxide = Structure(Lattice.cubic(3), ["Mg", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    fluoride = Structure(Lattice.cubic(4), ["Ca", "F", "F"], [[0.0, 0, 0], [0.25, 0.25, 0.25], [0.75, 0.75, 0.75]])
    double = Structure(
        Lattice.orthorhombic(3, 3, 6),
        ["Mg", "Mg", "O", "O"],
        [[0.0, 0, 0], [0, 0, 0.5], [0.5, 0.5, 0.3], [0.5, 0.5, 0.8]],
    )
    return pack([oxide, fluoride, double], ["MgO", "CaF2", "Mg2O2"], [-3.0, -4.0, -2.9], "salts")


def test_composition_features_are_magpies_statistics(salts: Crystals) -> None:
    features = rivals.composition_features(salts)
    fluoride = features.loc["CaF2"]
    # Ca 20, F 9 and F 9.
    assert fluoride["mean atomic_number"] == pytest.approx(38 / 3)
    assert fluoride["deviation atomic_number"] == pytest.approx((20 - 38 / 3 + 2 * (38 / 3 - 9)) / 3)
    assert (fluoride["least atomic_number"], fluoride["greatest atomic_number"]) == (9, 20)
    assert fluoride["range atomic_number"] == 11
    assert fluoride["2-norm of shares"] == pytest.approx(np.hypot(1 / 3, 2 / 3))
    assert fluoride["elements"] == 2
    assert np.isfinite(features.to_numpy()).all()


def test_composition_features_do_not_see_where_the_atoms_are(salts: Crystals) -> None:
    features = rivals.composition_features(salts)
    np.testing.assert_allclose(features.loc["MgO"], features.loc["Mg2O2"])


def test_the_constant_is_the_mean_of_the_training_crystals_alone(salts: Crystals) -> None:
    split = Split(np.array([0, 1]), np.array([2]), np.array([2]))
    assert rivals.constant(salts, split).tolist() == [-3.5]


def test_soap_tells_structures_apart_and_not_the_cells_they_are_written_in() -> None:
    cubic = Structure(Lattice.cubic(2.0), ["B"], [[0, 0, 0]])
    loose = Structure(Lattice.cubic(2.4), ["B"], [[0, 0, 0]])
    crystals = pack([cubic, cubic * (1, 2, 1), loose], ["one", "two", "loose"], [0.0] * 3, "cubes")
    one, two, other = rivals.soap_vectors(crystals)
    np.testing.assert_allclose(one, two, atol=1e-6)
    assert one @ other < 0.999
    assert np.linalg.norm(one) == pytest.approx(1)


def test_the_sine_matrix_has_the_eigenvalues_of_one_written_out(salts: Crystals) -> None:
    # MgO has f_i - f_j = (1/2, 1/2, 1/2): sin^2 is 1 along each axis, and the distance is the length of (3, 3, 3).
    diagonal, off = (12**2.4 / 2, 8**2.4 / 2), 12 * 8 / np.sqrt(27)
    expected = np.linalg.eigvalsh([[diagonal[0], off], [off, diagonal[1]]])[::-1]
    eigenvalues = rivals.sine_matrix_eigenvalues(salts)
    np.testing.assert_allclose(eigenvalues[0], [*expected, 0, 0])
    assert eigenvalues.shape == (3, 4)


def test_a_kernel_ridge_on_the_sine_matrix_learns_ideal_perovskites(few: Crystals) -> None:
    places = np.arange(150)  # the ideal ones
    split = Split(places[:100], places[100:120], places[120:])
    predicted = rivals.sine_matrix_kernel_ridge(few, split)
    error = np.abs(predicted - few.targets[split.test]).mean()
    assert error < 0.9 * np.abs(rivals.constant(few, split) - few.targets[split.test]).mean()


def with_targets(crystals: Crystals, places: np.ndarray, value: float) -> Crystals:
    """Return the crystals with one value as the target of some of them."""
    targets = np.array(crystals.targets)
    targets[places] = value
    return dataclasses.replace(crystals, targets=targets)


@pytest.mark.parametrize(
    ("rival", "parts"),
    [
        (rivals.constant, ["validation", "test"]),
        (rivals.composition_forest, ["validation", "test"]),
        (rivals.sine_matrix_kernel_ridge, ["test"]),  # the validation crystals choose its kernel
    ],
)
def test_a_rival_s_predictions_do_not_depend_on_targets_that_it_must_not_know(
    rival: Callable[[Crystals, Split], np.ndarray], parts: list[str], few: Crystals
) -> None:
    places = np.arange(60)
    split = Split(places[:30], places[30:45], places[45:])
    expected = rival(few, split)
    for part in parts:
        # Far values, by which a leak would choose or fit anything else.
        np.testing.assert_allclose(rival(with_targets(few, getattr(split, part), 50.0), split), expected, rtol=1e-12)


def test_what_a_rival_says_of_a_crystal_does_not_depend_on_the_other_test_crystals(few: Crystals) -> None:
    places = np.arange(60)
    split = Split(places[:30], places[30:45], places[45:])
    squeezed = np.array(few.lattices)
    squeezed[places[50:]] *= 0.1  # their matrices have large eigenvalues
    strange = dataclasses.replace(few, lattices=squeezed)
    for rival in (rivals.composition_forest, rivals.sine_matrix_kernel_ridge):
        np.testing.assert_allclose(rival(strange, split)[:5], rival(few, split)[:5])


def test_the_kernel_is_the_one_with_the_lowest_error_on_the_validation_crystals(few: Crystals) -> None:
    places = np.arange(60)
    split = Split(places[:30], places[30:45], places[45:])
    # Where the validation crystals are the training crystals, the narrowest kernel and the smallest penalty are best.
    narrow = Split(split.train, split.train, split.test)
    eigenvalues = rivals.sine_matrix_eigenvalues(few)
    vectors = StandardScaler().fit(eigenvalues[split.train]).transform(eigenvalues)
    mean, deviation = few.targets[split.train].mean(), few.targets[split.train].std()
    model = KernelRidge(kernel="laplacian", gamma=1.0, alpha=1e-6)
    model.fit(vectors[split.train], (few.targets[split.train] - mean) / deviation)
    expected = model.predict(vectors[split.test]) * deviation + mean
    np.testing.assert_allclose(rivals.sine_matrix_kernel_ridge(few, narrow), expected)


def test_predictions_are_found_again_and_those_of_another_split_are_not(
    few: Crystals, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    places = np.arange(len(few))
    split = Split(places[:200], places[200:250], places[250:])
    first = rivals.predict("composition, random forest", few, split)
    assert np.abs(first - few.targets[split.test]).mean() < 0.8 * np.abs(few.targets - few.targets.mean()).mean()
    monkeypatch.setitem(rivals.BASELINES, "composition, random forest", lambda *_: np.zeros(50))
    assert np.array_equal(rivals.predict("composition, random forest", few, split), first)
    other = Split(split.train[::-1], split.validation, split.test)
    assert not rivals.predict("composition, random forest", few, other).any()
