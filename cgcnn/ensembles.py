"""Several runs as one: their mean prediction, how far they are apart, and the three levels of all of them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgcnn.crystals import Crystals
from cgcnn.representations import Representations, predict_part, represent
from cgcnn.runs import Run


def predict_ensemble(runs: Sequence[Run], crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> pd.DataFrame:
    """Return the mean of the members' predictions and their standard deviation, which is the ensemble's uncertainty.

    Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, without its variances of single members.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: A whole data set.
        chosen: (b,) indices of its crystals. Elements that a member has never seen are predicted from its random start.
        device: As for :func:`cgcnn.training.fit`.

    Returns:
        One row a chosen crystal: index ``crystal``, ``energy_eV_per_atom`` and ``uncertainty_eV_per_atom``.
    """
    predicted = np.array([predict_part(run, crystals, chosen, device) for run in runs])
    return pd.DataFrame(
        {"energy_eV_per_atom": predicted.mean(axis=0), "uncertainty_eV_per_atom": predicted.std(axis=0, ddof=1)},
        index=pd.Index(np.array(crystals.ids, dtype=object)[chosen], name="crystal"),
    )


def represent_ensemble(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> Representations:
    """Return the three levels of an ensemble.

    Vectors are the members' side by side, so that squared distances are the sums of theirs; local energies are the
    members' mean, and still add up to the energies (Eq. 5): both are linear.

    Args:
        runs: Two or more runs on the same data that differ by their seed.
        crystals: Any crystals of elements that all runs were trained on.
        device: As for :func:`cgcnn.training.fit`.

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
