"""Predictions: the crystals that a run can predict, its errors beside that of the mean, and the tables of both."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import (
    error_table,
    mean_absolute_error,
    mean_predictor_error,
    parity_table,
    predict,
    seen,
)
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.runs import Run


def salts(*elements: tuple[str, str]) -> Crystals:
    """Return crystals of two elements each with the structure of rock salt, named after their elements."""
    places = [[0.0, 0, 0], [0.5, 0.5, 0.5]]
    structures = [Structure.from_spacegroup("Fm-3m", Lattice.cubic(6), pair, places) for pair in elements]
    return pack(structures, ["".join(pair) for pair in elements], [0.0] * len(elements), "salts")


def with_element(crystals: Crystals, crystal: int, number: int) -> Crystals:
    """Return the crystals with all sites of one of them changed to one element."""
    numbers = np.array(crystals.atomic_numbers)
    numbers[crystals.sites(crystal)] = number
    return dataclasses.replace(crystals, atomic_numbers=numbers)


def test_a_crystal_with_an_unseen_element_costs_itself_alone(run: Run) -> None:
    crystals = salts(("Ti", "O"), ("U", "O"), ("Sr", "O"), ("Np", "U"))
    indices, errors = seen(run, crystals)
    assert indices.tolist() == [0, 2]
    assert [str(error).split(":")[0] for error in errors] == ["UO", "NpU"]
    assert "holds U or Np;" in errors[1].problem
    assert len(predict(run, crystals.select(indices))) == len(represent(run, crystals.select(indices)).energies) == 2


def test_a_prediction_of_an_unseen_element_is_refused_by_crystal_and_symbol(run: Run) -> None:
    crystals = salts(("Ti", "O"), ("U", "O"))
    wanted = rf"^UO: no training crystal of {run.dataset} holds U; no crystal of its data holds U; .* with U among"
    with pytest.raises(DataError, match=wanted):
        predict(run, crystals)
    with pytest.raises(DataError, match=wanted):
        represent(run, crystals)


@pytest.mark.parametrize(
    ("elsewhere", "said"),
    [
        ({"validation": (93,), "test": ()}, "; Np stood in the validation part;"),
        ({"validation": (92, 93), "test": (93,)}, "; Np stood in the validation and the test part;"),
        ({"validation": (92,), "test": (94,)}, "; no crystal of its data holds Np;"),
        (None, "holds Np; a prediction"),
    ],
)
def test_a_refusal_says_in_which_part_of_the_data_the_element_stood(
    elsewhere: dict[str, tuple[int, ...]] | None, said: str, run: Run
) -> None:
    (error,) = seen(dataclasses.replace(run, elements_elsewhere=elsewhere), salts(("Np", "O")))[1]
    assert said in str(error)


def test_a_refusal_names_the_elements_that_stood_in_one_part_together(run: Run) -> None:
    together = dataclasses.replace(run, elements_elsewhere={"validation": (92, 93), "test": ()})
    apart = dataclasses.replace(run, elements_elsewhere={"validation": (92,), "test": ()})
    both, one = (str(seen(each, salts(("Np", "U")))[1][0]) for each in (together, apart))
    assert "; U and Np stood in the validation part; a" in both
    assert "; U stood in the validation part; no crystal of its data holds Np; a" in one


def test_an_element_that_stood_in_the_test_part_alone_is_refused_as_such(few: Crystals, quick: Config) -> None:
    config = quick.replace(epochs=1)
    rare = int(make_split(few, config).test[0])
    changed = with_element(few, rare, 93)
    run = fit(changed, config, device="cpu")
    indices, errors = seen(run, changed)
    assert indices.tolist() == [crystal for crystal in range(len(few)) if crystal != rare]
    (error,) = errors
    assert error.problem.startswith(
        f"{few.ids[rare]}: no training crystal of {few.name} holds Np; Np stood in the test"
    )


def test_all_crystals_of_seen_elements_can_be_predicted(few: Crystals, run: Run) -> None:
    indices, errors = seen(run, few.select(run.split.train))
    assert indices.tolist() == list(range(len(run.split.train)))
    assert errors == []


def test_the_error_of_the_mean_is_that_of_the_training_mean_on_the_other_part(few: Crystals, run: Run) -> None:
    mean = few.targets[run.split.train].mean()
    for part in ("validation", "test"):
        expected = np.mean([abs(few.targets[crystal] - mean) for crystal in getattr(run.split, part)])
        assert mean_predictor_error(run, few, part) == pytest.approx(expected)
    table = error_table([run], few)
    assert table["mean_predictor_mae_eV_per_atom"].tolist() == [mean_predictor_error(run, few, "test")]
    assert table["test_mae_eV_per_atom"].tolist() == [mean_absolute_error(run, few, "test")]


def test_every_crystal_counts_once_in_an_error_however_large_its_cell_is(few: Crystals, run: Run) -> None:
    some = few.select(range(20))
    doubled = [some.structure(place) * (1 + place % 2, 1, 1) for place in range(20)]
    errors = []
    for crystals in (some, pack(doubled, some.ids, some.targets, "doubled", some.target_name, some.unit)):
        split = Split(np.arange(10), np.arange(10, 14), np.arange(14, 20))
        of_these = dataclasses.replace(run, split=split, data_digest=crystals.digest)
        errors.append([mean_absolute_error(of_these, crystals, part) for part in ("train", "validation", "test")])
    np.testing.assert_allclose(errors[1], errors[0], atol=1e-5)
    assert len({round(error, 4) for error in errors[0]}) == 3  # no part has the error of another


def test_the_table_of_errors_has_the_validation_error_that_the_run_reached(few: Crystals, run: Run) -> None:
    (row,) = error_table([run], few).to_dict("records")
    assert row["validation_mae_eV_per_atom"] == run.history["validation_mae"].min()
    assert row["validation_mae_eV_per_atom"] == pytest.approx(mean_absolute_error(run, few, "validation"), abs=1e-5)
    assert (row["training_size"], row["epochs"]) == (180, 12)


def test_errors_on_other_data_are_refused(few: Crystals, run: Run) -> None:
    for error in (mean_absolute_error, mean_predictor_error):
        with pytest.raises(DataError, match="not the data that the run was trained on"):
            error(run, few.select([0, 1]), "test")


def test_the_table_of_predictions_holds_test_crystals_with_unseen_elements(few: Crystals, quick: Config) -> None:
    config = quick.replace(epochs=1)
    rare = int(make_split(few, config).test[0])
    changed = with_element(few, rare, 93)
    run = fit(changed, config, device="cpu")
    table = parity_table(run, changed)
    assert few.ids[rare] in table["crystal"].tolist()
    errors = (table["predicted_eV_per_atom"] - table["target_eV_per_atom"]).abs()
    assert errors.mean() == pytest.approx(mean_absolute_error(run, changed, "test"))
    targets = dict(zip(changed.ids, changed.targets, strict=True))
    assert table["target_eV_per_atom"].tolist() == [targets[crystal] for crystal in table["crystal"]]
