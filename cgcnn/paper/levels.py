"""Whether the three levels of a network still mean what they mean in the paper: the questions put to two networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.prediction import predict_part, predictable
from cgcnn.analysis.representations import element_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.paper.element_categories import categories, nonradioactive_metals
from cgcnn.paper.element_probes import same_group_numbers
from cgcnn.paper.networks import Runs
from cgcnn.training.runs import Run

# Of the perovskites' elements the paper shows the nonradioactive metals only (its Fig. 3).
_METALS_ONLY = "perovskites"


def compare_levels(runs: Runs, crystals: Mapping[str, Crystals], device: str = "auto") -> pd.DataFrame:
    """Put the same questions to two networks.

    Args:
        runs: The runs of the same two networks on each set; all have the same split.
        crystals: The data set of each set.
        device: As for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per set and network: ``set``, ``network``, ``agreement`` (of the local energies of the two networks'
        first runs on the test crystals, Spearman's rank correlation, the same in both rows), ``off_by`` (how far the
        first run's local energies are from adding up, in eV/atom), and the two of :func:`read_elements` (missing where
        the set has one element).
    """
    rows = []
    for name, data in crystals.items():
        of_set = {network: some for (each, network), some in runs.items() if each == name}
        first = next(iter(of_set.values()))[0]
        chosen = predictable(first, data, first.split.test)
        known = {network: local_energies(some[0], data, chosen, device) for network, some in of_set.items()}
        agreement = probes.rank_correlation(*(energies for energies, _ in known.values()))
        for network, some in of_set.items():
            row = {"set": name, "network": network, "agreement": agreement, "off_by": known[network][1]}
            if len(first.elements) > 1:
                row |= read_elements([element_vectors(run) for run in some], name == _METALS_ONLY)
            rows.append(row)
    return pd.DataFrame(rows)


def local_energies(run: Run, crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> tuple[pd.Series, float]:
    """Return local energies, and how far they are from adding up to the predicted energies (Eqs. 4 and 5).

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: (b,) indices of its crystals, of elements that the run was trained on.
        device: As for :func:`cgcnn.training.fit.fit`.

    Returns:
        The local energies in eV by ``crystal`` and ``site``, and the largest absolute difference, in eV/atom, between
        their mean over a crystal and its predicted energy: the rounding of single precision.
    """
    levels = represent(run, crystals.select(chosen), device)
    predicted = predict_part(run, crystals, chosen, device)
    off_by = float(np.abs(levels.energies["energy_eV_per_atom"].to_numpy() - predicted).max())
    return levels.environments.set_index(["crystal", "site"])["local_energy_eV_per_atom"], off_by


def read_elements(vectors: Sequence[pd.DataFrame], metals_only: bool = False) -> dict[str, float]:
    """Return what the vectors of elements know of the periodic table, the mean over several runs.

    Args:
        vectors: The element vectors of each run, by the same symbols.
        metals_only: Ask for the groups of the nonradioactive metals only.

    Returns:
        ``same_group``, the share of elements whose nearest neighbor is of their group, and ``block``, the share of
        nonradioactive metals whose block a linear model reads off while they are held out. Elements without a group
        are left out of both.
    """
    symbols = vectors[0].index.tolist()
    groups = element_table(nonradioactive_metals(symbols) if metals_only else symbols)["group"].dropna()
    metals = nonradioactive_metals(groups.index.tolist())
    blocks = categories(metals)["block"]
    accuracies = [probes.linear_accuracy(each.loc[metals], blocks).mean() for each in vectors]
    return {
        "same_group": same_group_numbers(vectors, groups)["same_group_share"],
        "block": float(np.mean(accuracies)),
    }
