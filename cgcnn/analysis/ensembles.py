"""Several runs as one: their mean prediction, how far they are apart, and the three levels of all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict_part
from cgcnn.analysis.representations import Representations, represent
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.training.runs import Run, load_run


def load_ensemble(paths: Sequence[str | Path]) -> list[Run]:
    """Read runs that are to be one.

    Raises:
        DataError: A file is no run, or two runs were trained on different data.
    """
    runs = [load_run(path) for path in paths]
    for path, run in zip(paths, runs, strict=True):
        if run.data_digest != runs[0].data_digest:
            raise DataError(
                f"{path}: trained on {run.dataset}, and {paths[0]} on {runs[0].dataset}", "name runs on the same data"
            )
    return runs


def predict_ensemble(runs: Sequence[Run], crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> pd.DataFrame:
    """Return what several runs together predict for some crystals of their data set, as :func:`combine` does.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: The whole data set.
        chosen: (b,) indices of its crystals. Elements that a member has never seen are predicted from its random start.
        device: As for :func:`cgcnn.training.fit.fit`.
    """
    predicted = [predict_part(run, crystals, chosen, device) for run in runs]
    return combine(predicted, np.array(crystals.ids, dtype=object)[chosen])


def combine(predicted: Sequence[np.ndarray], ids: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """Return the mean of several runs' predictions and their standard deviation, which is the ensemble's uncertainty.

    Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, without its variances of single members.

    Args:
        predicted: (n,) predictions of each run.
        ids: The n crystals.

    Returns:
        One row a crystal: index ``crystal``, ``energy_eV_per_atom`` and ``uncertainty_eV_per_atom`` (NaN of one run).
    """
    table = pd.DataFrame(np.transpose(predicted), index=pd.Index(ids, name="crystal"))
    return pd.DataFrame(
        {"energy_eV_per_atom": table.mean(axis=1), "uncertainty_eV_per_atom": table.std(axis=1, ddof=1)}
    )


def represent_ensemble(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> Representations:
    """Return the three levels of an ensemble.

    Vectors are the members' side by side, so that squared distances are the sums of theirs; local energies are the
    members' mean, and still add up to the energies (Eq. 5): both are linear.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: Any crystals of elements that all runs were trained on.
        device: As for :func:`cgcnn.training.fit.fit`.

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
