"""Whether local energies of a network that sees angles agree between seeds, and with those of the other networks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.prediction import predictable
from cgcnn.data.crystals import Crystals
from cgcnn.paper.levels import local_energies
from cgcnn.paper.networks import Runs


def agreements(runs: Runs, crystals: Mapping[str, Crystals], device: str = "auto") -> pd.DataFrame:
    """Measure how well the local energies of test crystals agree, between seeds and between networks.

    Args:
        runs: The runs of the networks of each set, by set and network. All runs on a set have the same split, and all
            networks of a set have the same seeds.
        crystals: The data set of each set.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per set and pair of networks: ``set``, ``network``, ``other`` (the same network for the agreement
        between its seeds), ``agreement`` (the mean of Spearman's rank correlation over pairs of seeds, or over the
        same seeds of two networks), ``lowest`` and ``n_pairs``. A network with one seed has no row of its own.
    """
    rows: list[tuple[str, str, str, list[tuple[pd.Series, pd.Series]]]] = []
    for name, data in crystals.items():
        known: dict[str, list[pd.Series]] = {}
        for (each, network), some in runs.items():
            if each == name:
                chosen = predictable(some[0], data, some[0].split.test)
                known[network] = [local_energies(run, data, chosen, device)[0] for run in some]
        for network, of_seeds in known.items():
            rows.append((name, network, network, list(combinations(of_seeds, 2))))
        for one, other in combinations(known, 2):
            rows.append((name, one, other, list(zip(known[one], known[other], strict=True))))
    found = []
    for name, one, other, pairs in rows:
        if pairs:
            of_pairs = [probes.rank_correlation(first, second) for first, second in pairs]
            of_pair = {"agreement": float(np.mean(of_pairs)), "lowest": min(of_pairs), "n_pairs": len(of_pairs)}
            found.append({"set": name, "network": one, "other": other, **of_pair})
    return pd.DataFrame(found)
