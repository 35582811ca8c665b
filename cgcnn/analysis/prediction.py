"""Predictions of runs and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.devices import resolve_device
from cgcnn.network.evaluation import predict_batches
from cgcnn.training.runs import Run

#: A part of a run's split.
Part = Literal["train", "validation", "test"]


def predict(run: Run, crystals: Crystals, device: str = "auto", merge: bool = True) -> np.ndarray:
    """Return the (n,) predictions of a run for crystals, in the run's unit.

    Args:
        run: A finished run.
        crystals: Any crystals whose elements all occur in the training set of the run.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
        merge: Whether equal sites and bonds are merged, as in :func:`cgcnn.graphs.crystal_graphs.build`.

    Raises:
        DataError: A crystal has an element that no training crystal has. :func:`seen` tells such crystals from the
            others.
    """
    refuse_unseen_elements(run, crystals)
    graphs = crystal_graphs.build(crystals, *run.config.of_graphs, merge)
    return _predict(run, graphs, np.arange(len(graphs)), device)


def predict_part(run: Run, crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> np.ndarray:
    """Return the (b,) predictions of a run for some crystals of a data set, in the run's unit.

    The graphs of the whole data set come from the cache, and are built and kept there if necessary. An element that the
    run has never seen has the vector of the run's random start.

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: The (b,) indices of the crystals.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
    """
    graphs = crystal_graphs.load_or_build(crystals, *run.config.of_graphs)
    return _predict(run, graphs, chosen, device)


def mean_absolute_error(run: Run, crystals: Crystals, part: Part, device: str = "auto") -> float:
    """Return the mean absolute error of a run on a part of its data set, in its unit.

    A crystal with an element that is not in the training set counts as any other. Without such crystals, which are the
    hardest, the error would look too low.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        part: The part of the run's own split. No choice of parameters may rest on the error of the test part.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: The crystals are not the data set of the run.
    """
    _refuse_other_data(run, crystals)
    chosen = getattr(run.split, part)
    return float(np.abs(predict_part(run, crystals, chosen, device) - crystals.targets[chosen]).mean())


def mean_predictor_error(run: Run, crystals: Crystals, part: Part) -> float:
    """Return the mean absolute error of predicting the mean target of a run's training crystals for every crystal.

    An error of the run means little where it is not well below this one.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        part: The part of the run's own split on which the error is measured.

    Raises:
        DataError: The crystals are not the data set of the run.
    """
    _refuse_other_data(run, crystals)
    mean = crystals.targets[run.split.train].mean()
    return float(np.abs(crystals.targets[getattr(run.split, part)] - mean).mean())


def _refuse_other_data(run: Run, crystals: Crystals) -> None:
    if crystals.digest != run.data_digest:
        raise DataError(
            f"{crystals.name}: not the data that the run was trained on ({run.dataset}, digest {run.data_digest[:12]})",
            "load that data set",
        )


def _predict(run: Run, graphs: CrystalGraphs, chosen: np.ndarray, device: str) -> np.ndarray:
    where = resolve_device(device)
    energies = predict_batches(run.network.to(where), Batcher(graphs, where), chosen)
    predicted: np.ndarray = energies.double().numpy()
    return predicted


def seen(run: Run, crystals: Crystals) -> tuple[np.ndarray, list[DataError]]:
    """Tell the crystals that a run can predict from those with an element that no training crystal has.

    The vector of such an element is still the random start, so that a prediction would be a guess.

    Args:
        run: A finished run.
        crystals: The n crystals to be predicted.

    Returns:
        The indices of the crystals that can be predicted, ascending; and one error for each of the others, in their
        order. It names the crystal and the elements, and says in which part of the run's data they stood.
    """
    is_known = _has_seen_elements_alone(run, crystals)
    errors = []
    for crystal in np.flatnonzero(~is_known):
        elements = np.setdiff1d(crystals.atomic_numbers[crystals.sites(int(crystal))], run.elements)
        errors.append(_unseen(run, crystals.ids[crystal], elements.tolist()))
    return np.flatnonzero(is_known), errors


def refuse_unseen_elements(run: Run, crystals: Crystals) -> None:
    """Refuse crystals with an element that no training crystal has, whose vector is still the random start.

    Args:
        run: A finished run.
        crystals: The crystals to be predicted.

    Raises:
        DataError: A crystal has an element that no training crystal has; the error is the first of :func:`seen`.
    """
    _, errors = seen(run, crystals)
    if errors:
        raise errors[0]


def _unseen(run: Run, crystal: str, elements: Sequence[int]) -> DataError:
    """Return the error of a crystal with elements that no training crystal has."""
    symbols = ELEMENT_SYMBOLS[list(elements)].tolist()
    said = [f"{crystal}: no training crystal of {run.dataset} holds {' or '.join(symbols)}"]
    # A run of an older file does not say where else its elements stood.
    if run.elements_elsewhere is not None:
        stood: dict[str, list[str]] = {}
        for symbol, number in zip(symbols, elements, strict=True):
            parts = [part for part, numbers in run.elements_elsewhere.items() if number in numbers]
            stood.setdefault(" and the ".join(parts), []).append(symbol)
        nowhere = stood.pop("", [])
        said += [f"{' and '.join(found)} stood in the {part} part" for part, found in stood.items()]
        said += [f"no crystal of its data holds {' or '.join(nowhere)}"] if nowhere else []
    way_out = f"a prediction would be a guess: train with {' and '.join(symbols)} among the training crystals"
    return DataError("; ".join(said), way_out)


def predictable(run: Run, crystals: Crystals, chosen: np.ndarray) -> np.ndarray:
    """Return those of some crystals whose elements all occur in the training set of a run.

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: The (b,) indices of the crystals to choose from.

    Returns:
        The indices of these crystals, in the order of ``chosen``.
    """
    kept: np.ndarray = chosen[_has_seen_elements_alone(run, crystals)[chosen]]
    return kept


def _has_seen_elements_alone(run: Run, crystals: Crystals) -> np.ndarray:
    """Return of each crystal whether all its elements occur in the training set of a run, (n,) bool."""
    is_seen = np.isin(crystals.atomic_numbers, run.elements)
    alone: np.ndarray = np.logical_and.reduceat(is_seen, crystals.site_offsets[:-1])
    return alone


def error_table(runs: Sequence[Run], crystals: Crystals) -> pd.DataFrame:
    """Return the training, validation and test errors of runs, with the test error of the mean beside them.

    Args:
        runs: Finished runs on the data set.
        crystals: The whole data set.

    Returns:
        One row per run: ``training_size``, ``seed``, ``split``, ``epochs`` (the number of epochs that were run), the
        mean absolute errors on the three parts, such as ``train_mae_eV_per_atom``, ``validation_mae_eV_per_atom`` and
        ``test_mae_eV_per_atom``, and the error of :func:`mean_predictor_error` on the test part, such as
        ``mean_predictor_mae_eV_per_atom``.
    """
    named = runs[0].quantity.with_unit
    return pd.DataFrame(
        {
            "training_size": len(run.split.train),
            "seed": run.config.seed,
            "split": run.config.split,
            "epochs": int(run.history["epoch"].max()),
            named("train_mae"): mean_absolute_error(run, crystals, "train"),
            named("validation_mae"): run.validation_mae,
            named("test_mae"): mean_absolute_error(run, crystals, "test"),
            named("mean_predictor_mae"): mean_predictor_error(run, crystals, "test"),
        }
        for run in runs
    )


def history_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the course of training of several runs.

    Args:
        runs: Finished runs on the same data set.

    Returns:
        One row per validation of each run: ``epoch``, ``learning_rate``, ``training_loss`` (normalized), the mean
        absolute error on the validation part, such as ``validation_mae_eV_per_atom``, and ``seed``.
    """
    histories = [run.history.assign(seed=run.config.seed) for run in runs]
    error = runs[0].quantity.with_unit("validation_mae")
    return pd.concat(histories, ignore_index=True).rename(columns={"validation_mae": error})


def parity_table(run: Run, crystals: Crystals) -> pd.DataFrame:
    """Return the targets and the predictions of a run's test crystals.

    A crystal with an element that is not in the training set counts as any other, as in :func:`mean_absolute_error`.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.

    Returns:
        One row per test crystal: the target and the prediction, such as ``target_eV_per_atom`` and
        ``predicted_eV_per_atom``, and ``crystal`` (id).
    """
    test, named = run.split.test, run.quantity.with_unit
    return pd.DataFrame(
        {
            named("target"): crystals.targets[test],
            named("predicted"): predict_part(run, crystals, test),
            "crystal": np.array(crystals.ids, dtype=object)[test],
        }
    )
