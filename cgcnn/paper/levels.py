"""The comparison of the three levels of networks: whether all have the meaning that the paper gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.analysis.prediction import predict_part, predictable
from cgcnn.analysis.representations import element_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import NETWORKS, readable_name
from cgcnn.paper.element_categories import are_readable, categories, nonradioactive_metals, with_categories
from cgcnn.paper.element_probes import are_enough, same_group_numbers
from cgcnn.paper.networks import Runs
from cgcnn.training.runs import Run

# The set of whose elements the paper shows only the nonradioactive metals (its Fig. 3).
_METALS_ONLY = "perovskites"


def compare_levels(runs: Runs, crystals: Mapping[str, Crystals], device: str = "auto") -> pd.DataFrame:
    """Measure the three levels of networks by the same numbers.

    Args:
        runs: The runs of the same networks on each set. All runs on a set have the same split.
        crystals: The data set of each set.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per set and network: ``set``, ``network``, ``agreement`` (Spearman's rank correlation of the local
        energies of two networks' first runs on the test crystals, the same in both rows; missing for more than two
        networks, which :func:`cgcnn.paper.angles_levels.agreements` compares pair by pair), ``off_by`` (the largest
        difference of :func:`local_energies` for the first run, in its unit), and the two numbers of
        :func:`read_elements` (missing for a set of a single element).
    """
    rows = []
    for name, data in crystals.items():
        of_set = {network: some for (each, network), some in runs.items() if each == name}
        first = next(iter(of_set.values()))[0]
        chosen = predictable(first, data, first.split.test)
        known = {network: local_energies(some[0], data, chosen, device) for network, some in of_set.items()}
        both = [energies for energies, _ in known.values()]
        shared = {"agreement": probes.rank_correlation(both[0], both[1])} if len(both) == 2 else {}
        for network, some in of_set.items():
            row = {"set": name, "network": network, **shared, "off_by": known[network][1]}
            if len(first.elements) > 1:
                row |= read_elements([element_vectors(run) for run in some], name == _METALS_ONLY)
            rows.append(row)
    return pd.DataFrame(rows)


def local_energies(run: Run, crystals: Crystals, chosen: np.ndarray, device: str = "auto") -> tuple[pd.Series, float]:
    """Return local energies, and how far their means are from the predicted energies (Eqs. 4 and 5).

    Args:
        run: A finished run.
        crystals: A whole data set.
        chosen: The (b,) indices of crystals whose elements all occur in the training set of the run.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The local energies by ``crystal`` and ``site``, and the largest absolute difference, in the run's unit, between
        their mean over a crystal and its predicted energy. Only the rounding of single precision causes it. It is NaN
        where no crystals are chosen.
    """
    levels = represent(run, crystals.select(chosen), device)
    predicted = predict_part(run, crystals, chosen, device)
    off_by = np.abs(levels.energies[run.quantity.column()].to_numpy() - predicted).max() if len(chosen) else np.nan
    return levels.environments.set_index(["crystal", "site"])[run.quantity.column("local")], float(off_by)


def read_elements(vectors: Sequence[pd.DataFrame], metals_only: bool = False) -> dict[str, float]:
    """Return how well element vectors represent the periodic table, as means over several runs.

    Args:
        vectors: The element vectors of each run, by the same symbols.
        metals_only: Whether ``same_group`` counts the nonradioactive metals only.

    Returns:
        ``same_group``, the share of elements whose nearest neighbor is in the same group, and ``block``, the share of
        nonradioactive metals whose block a linear model predicts correctly while they are held out. Elements without a
        group are left out of both. A number for which there are too few elements is missing.
    """
    symbols = vectors[0].index.tolist()
    groups = element_table(nonradioactive_metals(symbols) if metals_only else symbols)["group"].dropna()
    metals = with_categories(nonradioactive_metals(groups.index.tolist()))
    blocks = categories(metals)[["block"]]
    read = {}
    if are_enough(groups.index):
        shares = [same_group_numbers(each, groups)["same_group_share"] for each in vectors]
        read["same_group"] = float(np.mean(shares))
    if are_readable(blocks):
        accuracies = [probes.linear_accuracy(each.loc[metals], blocks["block"]).mean() for each in vectors]
        read["block"] = float(np.mean(accuracies))
    return read


def levels_on_the_page(kept: pd.DataFrame, quantity: Quantity = ENERGY) -> Styler:
    """Return the table of :func:`compare_levels` with its columns named and its numbers rounded as a page shows them.

    Args:
        kept: The table of :func:`compare_levels`. A column that it lacks is left out.
        quantity: What the runs predict.
    """
    shown = {
        "agreement": ("local energies agree", "{:.3f}"),
        "off_by": (quantity.in_unit("sum rule off by"), "{:.0e}"),
        "same_group": ("nearest of the same group", "{:.2f}"),
        "block": ("block read", "{:.2f}"),
    }
    there = {column: texts for column, texts in shown.items() if column in kept}
    named = kept.assign(set=kept["set"].map(readable_name)) if "set" in kept else kept
    named = named.replace({"network": NETWORKS})
    labelled = named.rename(columns={column: label for column, (label, _) in there.items()})
    return labelled.style.hide(axis="index").format(dict(there.values()), na_rep="")
