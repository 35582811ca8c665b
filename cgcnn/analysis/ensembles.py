"""Ensembles of runs: their mean prediction, its uncertainty, and the three levels of all runs together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict_part
from cgcnn.analysis.representations import Representations, represent
from cgcnn.data.crystals import Crystals
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
    return combine(predicted, np.array(crystals.ids, dtype=object)[chosen])


def predict_test(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> pd.DataFrame:
    """Return the predictions of an ensemble for the test crystals of its split, with their errors.

    Args:
        runs: Two or more runs on the same split that differ by their seed.
        crystals: The whole data set of the runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The table of :func:`combine`, with one row per test crystal, and the further column ``error_eV_per_atom``, the
        prediction minus the target.
    """
    test = runs[0].split.test
    predicted = predict_ensemble(runs, crystals, test, device)
    return predicted.assign(error_eV_per_atom=predicted["energy_eV_per_atom"] - crystals.targets[test])


def worth_of_uncertainty(predicted: pd.DataFrame) -> pd.DataFrame:
    """Return how well the uncertainties of an ensemble predict the errors of its predictions.

    Args:
        predicted: One row per crystal: ``set``, ``uncertainty_eV_per_atom`` and ``error_eV_per_atom``.

    Returns:
        One row per set: ``rank_correlation`` (Spearman's, of absolute error and uncertainty), ``mae_eV_per_atom`` (the
        mean absolute error of all crystals), and ``surer_half_mae_eV_per_atom`` (that of the crystals whose uncertainty
        is at most the median).
    """
    rows = {}
    for name, of_set in predicted.groupby("set"):
        error, uncertainty = of_set["error_eV_per_atom"].abs(), of_set["uncertainty_eV_per_atom"]
        rows[name] = {
            "rank_correlation": error.corr(uncertainty, method="spearman"),
            "mae_eV_per_atom": error.mean(),
            "surer_half_mae_eV_per_atom": error[uncertainty <= uncertainty.median()].mean(),
        }
    return pd.DataFrame(rows).T


def combine(predicted: Sequence[np.ndarray], ids: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """Return the mean of several runs' predictions and their standard deviation, which is the ensemble's uncertainty.

    Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, without its variances of single members.

    Args:
        predicted: The (n,) predictions of each run.
        ids: The ids of the n crystals.

    Returns:
        One row per crystal: index ``crystal``, ``energy_eV_per_atom`` and ``uncertainty_eV_per_atom`` (NaN for a single
        run).
    """
    table = pd.DataFrame(np.transpose(predicted), index=pd.Index(ids, name="crystal"))
    return pd.DataFrame(
        {"energy_eV_per_atom": table.mean(axis=1), "uncertainty_eV_per_atom": table.std(axis=1, ddof=1)}
    )


def represent_ensemble(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> Representations:
    """Return the three levels of an ensemble.

    The vectors of the runs are joined side by side, so that a squared distance is the sum of the squared distances in
    all runs. Local energies are averaged over the runs. Their mean over a crystal is still the energy of the crystal
    (Eq. 5), because both averages are linear.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: Any crystals whose elements all occur in the training sets of all runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: A crystal has an element that a run has never seen.
    """
    members = [represent(run, crystals, device) for run in runs]
    first = members[0].environments
    names = [name for name in first if not str(name).startswith("v")]
    environments = first[names].copy()
    local = np.array([member.environments["local_energy_eV_per_atom"] for member in members])
    environments["local_energy_eV_per_atom"] = local.mean(axis=0)
    environments["local_uncertainty_eV_per_atom"] = local.std(axis=0, ddof=1)
    vectors = _side_by_side([member.environments.drop(columns=names) for member in members])
    energies = np.mean([member.energies["energy_eV_per_atom"] for member in members], axis=0)
    return Representations(
        elements=_side_by_side([member.elements for member in members]),
        environments=pd.concat([environments, vectors], axis=1),
        energies=pd.DataFrame({"energy_eV_per_atom": energies}, index=members[0].energies.index),
    )


def _side_by_side(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    joined = pd.concat(tables, axis=1)
    return joined.set_axis([f"v{k}" for k in range(joined.shape[1])], axis=1)
