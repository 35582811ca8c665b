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
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.machine.devices import resolve_device
from cgcnn.network.evaluation import predict_batches
from cgcnn.training.runs import Run


def predict(run: Run, crystals: Crystals, device: str = "auto", merge: bool = True) -> np.ndarray:
    """Return the (n,) predicted energies of crystals in the run's unit.

    Args:
        run: A finished run.
        crystals: Any crystals whose elements all occur in the training set of the run.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
        merge: Whether equal sites and bonds are merged, as in :func:`cgcnn.graphs.crystal_graphs.build`.

    Raises:
        DataError: A crystal has an element that the run has never seen.
    """
    refuse_unseen_elements(run, crystals)
    graphs = crystal_graphs.build(crystals, run.config.n_neighbors, run.config.tolerance, merge)
    return _predict(run, graphs, np.arange(len(graphs)), device)


def predict_part(run: Run, crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> np.ndarray:
    """Return the (b,) predicted energies of some crystals of a data set in the run's unit.

    The graphs of the whole data set come from the cache, and are built and kept there if necessary. An element that the
    run has never seen has the vector of the run's random start.

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: The (b,) indices of the crystals.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
    """
    graphs = crystal_graphs.load_or_build(crystals, run.config.n_neighbors, run.config.tolerance)
    return _predict(run, graphs, chosen, device)


def mean_absolute_error(
    run: Run, crystals: Crystals, part: Literal["train", "validation", "test"], device: str = "auto"
) -> float:
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
    if crystals.digest != run.data_digest:
        raise DataError(
            f"{crystals.name}: not the data that the run was trained on ({run.dataset}, digest {run.data_digest[:12]})",
            "load that data set",
        )
    chosen = getattr(run.split, part)
    return float(np.abs(predict_part(run, crystals, chosen, device) - crystals.targets[chosen]).mean())


def _predict(run: Run, graphs: CrystalGraphs, chosen: np.ndarray, device: str) -> np.ndarray:
    where = resolve_device(device)
    energies = predict_batches(run.network.to(where), Batcher(graphs, where), chosen)
    predicted: np.ndarray = energies.double().numpy()
    return predicted


def refuse_unseen_elements(run: Run, crystals: Crystals) -> None:
    """Refuse crystals with an element that is not in the training set, whose vector is still the random start.

    Args:
        run: A finished run.
        crystals: The crystals to be predicted.

    Raises:
        DataError: A crystal has an element that no training crystal has.
    """
    unseen = np.flatnonzero(~np.isin(crystals.atomic_numbers, run.elements))
    if len(unseen):
        crystal = int(np.searchsorted(crystals.site_offsets, unseen[0], side="right")) - 1
        symbol = ELEMENT_SYMBOLS[crystals.atomic_numbers[unseen[0]]]
        raise DataError(
            f"{crystals.ids[crystal]}: the network never saw {symbol}",
            f"its energy would be a guess, so it is refused: train on a data set that holds {symbol}",
        )


def predictable(run: Run, crystals: Crystals, chosen: np.ndarray) -> np.ndarray:
    """Return those of some crystals whose elements all occur in the training set of a run.

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: The (b,) indices of the crystals to choose from.

    Returns:
        The indices of these crystals, in the order of ``chosen``.
    """
    is_seen = np.logical_and.reduceat(np.isin(crystals.atomic_numbers, run.elements), crystals.site_offsets[:-1])
    kept: np.ndarray = chosen[is_seen[chosen]]
    return kept


def error_table(runs: Sequence[Run], crystals: Crystals) -> pd.DataFrame:
    """Return the validation and test errors of runs.

    Args:
        runs: Finished runs on the data set.
        crystals: The whole data set.

    Returns:
        One row per run: ``training_size``, ``seed``, ``split``, ``epochs`` (the number of epochs that were run),
        ``validation_mae_eV_per_atom`` and ``test_mae_eV_per_atom``.
    """
    return pd.DataFrame(
        {
            "training_size": len(run.split.train),
            "seed": run.config.seed,
            "split": run.config.split,
            "epochs": int(run.history["epoch"].max()),
            "validation_mae_eV_per_atom": run.validation_mae,
            "test_mae_eV_per_atom": mean_absolute_error(run, crystals, "test"),
        }
        for run in runs
    )


def history_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the course of training of several runs.

    Args:
        runs: Finished runs.

    Returns:
        One row per validation of each run: ``epoch``, ``learning_rate``, ``training_loss`` (normalized),
        ``validation_mae_eV_per_atom`` and ``seed``.
    """
    histories = [run.history.assign(seed=run.config.seed) for run in runs]
    return pd.concat(histories, ignore_index=True).rename(columns={"validation_mae": "validation_mae_eV_per_atom"})


def parity_table(run: Run, crystals: Crystals) -> pd.DataFrame:
    """Return the calculated and the predicted energies of a run's test crystals.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.

    Returns:
        One row per test crystal: ``target_eV_per_atom``, ``predicted_eV_per_atom`` and ``crystal`` (id).
    """
    test = crystals.select(run.split.test)
    return pd.DataFrame(
        {"target_eV_per_atom": test.targets, "predicted_eV_per_atom": predict(run, test), "crystal": test.ids}
    )
