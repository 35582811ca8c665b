"""Ensembles of runs: their mean prediction, its uncertainty, and the three levels of all runs together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict_part
from cgcnn.analysis.representations import Representations, environment_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.errors import DataError
from cgcnn.training.runs import Run
from cgcnn.training.store import load_run


def load_ensemble(paths: Sequence[str | Path]) -> list[Run]:
    """Read the runs of an ensemble.

    Args:
        paths: The files of the runs.

    Raises:
        DataError: A file is not a run, or two runs were trained on different data.
    """
    runs = [load_run(path) for path in paths]
    for path, run in zip(paths, runs, strict=True):
        if run.data_digest != runs[0].data_digest:
            raise DataError(
                f"{path}: trained on {run.dataset}, and {paths[0]} on {runs[0].dataset}", "name runs on the same data"
            )
    return runs


def predict_ensemble(runs: Sequence[Run], crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> pd.DataFrame:
    """Return the prediction of an ensemble for some crystals of its data set.

    An element that a run has never seen has the vector of that run's random start.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: The whole data set.
        chosen: The (b,) indices of the crystals.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The table of :func:`combine`, with one row per crystal.
    """
    predicted = [predict_part(run, crystals, chosen, device) for run in runs]
    return combine(predicted, np.array(crystals.ids, dtype=object)[chosen], runs[0].quantity)


def predict_test(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> pd.DataFrame:
    """Return the predictions of an ensemble for the test crystals of its split, with their errors.

    Args:
        runs: Two or more runs on the same split that differ by their seed.
        crystals: The whole data set of the runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The table of :func:`combine`, with one row per test crystal, and the further column of the prediction minus the
        target, such as ``error_eV_per_atom``.
    """
    test, quantity = runs[0].split.test, runs[0].quantity
    predicted = predict_ensemble(runs, crystals, test, device)
    return predicted.assign(**{quantity.with_unit("error"): predicted[quantity.column()] - crystals.targets[test]})


def worth_of_uncertainty(predicted: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return how well the uncertainties of an ensemble predict the errors of its predictions.

    Args:
        predicted: One row per crystal: ``set``, and its uncertainty and error, such as ``uncertainty_eV_per_atom`` and
            ``error_eV_per_atom``.
        quantity: What the runs predict.

    Returns:
        One row per set: ``rank_correlation`` (Spearman's, of absolute error and uncertainty), the mean absolute error
        of all crystals, such as ``mae_eV_per_atom``, and that of the crystals whose uncertainty is at most the median,
        such as ``surer_half_mae_eV_per_atom``.
    """
    rows = {}
    for name, of_set in predicted.groupby("set", sort=False):
        error, uncertainty = of_set[quantity.with_unit("error")].abs(), of_set[quantity.with_unit("uncertainty")]
        rows[name] = {
            "rank_correlation": error.corr(uncertainty, method="spearman"),
            quantity.with_unit("mae"): error.mean(),
            quantity.with_unit("surer_half_mae"): error[uncertainty <= uncertainty.median()].mean(),
        }
    return pd.DataFrame(rows).T


def combine(predicted: Sequence[np.ndarray], ids: Sequence[str] | np.ndarray, quantity: Quantity) -> pd.DataFrame:
    """Return the mean of several runs' predictions and their standard deviation, which is the ensemble's uncertainty.

    Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, without its variances of single members.

    Args:
        predicted: The (n,) predictions of each run.
        ids: The ids of the n crystals.
        quantity: What the runs predict.

    Returns:
        One row per crystal: index ``crystal``, the mean and the standard deviation, such as ``energy_eV_per_atom`` and
        ``uncertainty_eV_per_atom``. The standard deviation of a single run is NaN.
    """
    table = pd.DataFrame(np.transpose(predicted), index=pd.Index(ids, name="crystal"))
    return pd.DataFrame(
        {quantity.column(): table.mean(axis=1), quantity.with_unit("uncertainty"): table.std(axis=1, ddof=1)}
    )


def represent_ensemble(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> Representations:
    """Return the three levels of an ensemble.

    The vectors of the runs are joined side by side, so that a squared distance is the sum of the squared distances in
    all runs. Local energies are averaged over the runs. Their mean over a crystal is still the energy of the crystal
    (Eq. 5), because both averages are linear. The standard deviation of a local energy over the runs stands beside it,
    such as ``local_uncertainty_eV_per_atom``.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: Any crystals whose elements all occur in the training sets of all runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: A crystal has an element that no training crystal of a run has.
    """
    members = [represent(run, crystals, device) for run in runs]
    quantity, first = runs[0].quantity, members[0].environments
    environments = first.drop(columns=environment_vectors(first).columns)
    local = np.array([member.environments[quantity.column("local")] for member in members])
    environments[quantity.column("local")] = local.mean(axis=0)
    environments[quantity.with_unit("local_uncertainty")] = local.std(axis=0, ddof=1)
    vectors = _side_by_side([environment_vectors(member.environments) for member in members])
    energies = np.mean([member.energies[quantity.column()] for member in members], axis=0)
    return Representations(
        elements=_side_by_side([member.elements for member in members]),
        environments=pd.concat([environments, vectors], axis=1),
        crystals=_side_by_side([member.crystals for member in members]),
        energies=pd.DataFrame({quantity.column(): energies}, index=members[0].energies.index),
    )


def _side_by_side(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    joined = pd.concat(tables, axis=1)
    return joined.set_axis([f"v{k}" for k in range(joined.shape[1])], axis=1)
