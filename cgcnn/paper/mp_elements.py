"""The element vectors of the Materials Project: their plane, groups, and non-metals among themselves (Fig. S4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.element_probes import same_group_numbers
from cgcnn.paper.seed_numbers import over_seeds

# Noble gases are in hardly any crystal, and hydrogen is like no group.
_WITHOUT = ("H", "He", "Ne", "Ar", "Kr", "Xe")
_SHOWN = ("same_group_share", "same_group_chance", "same_group_ratio")


def element_plane(vectors: pd.DataFrame) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Project element vectors on their first two principal components (Fig. S4).

    Alkali metals lie right of the other elements on average, and non-metals above the metals.

    Args:
        vectors: The (n, width) element vectors of one run, with the symbols as index.

    Returns:
        One row per element, with ``pc1``, ``pc2`` and the columns of :func:`cgcnn.analysis.elements.element_table`, and
        the shares of the variance along the two components.
    """
    properties = element_table(vectors.index.tolist())
    alkali = properties.index[(properties["group"] == 1) & properties["is_metal"]]
    not_metals = properties.index[~properties["is_metal"]]
    plane = probes.principal_plane(vectors, right=alkali.tolist(), top=not_metals.tolist())
    return plane.points.join(properties).rename_axis("element"), plane.explained


def non_metals_apart(vectors: pd.DataFrame, without: Sequence[str] = ()) -> float:
    """Return the share of non-metals whose nearest element, among all elements, is a non-metal; NaN of none.

    Args:
        vectors: The (n, width) element vectors of one run, with the symbols as index.
        without: The symbols of non-metals that are not counted. They can still be the nearest element of another.
    """
    is_non_metal = ~element_table(vectors.index.tolist())["is_metal"]
    counted = is_non_metal & ~is_non_metal.index.isin(list(without))
    nearest = probes.nearest_rows(vectors)[counted]
    return float(nearest.isin(is_non_metal.index[is_non_metal]).mean())


def element_numbers(vectors: Sequence[pd.DataFrame], crystals: Crystals) -> dict[str, Any]:
    """Return the numbers that test the claims on Fig. S4 over the runs.

    Args:
        vectors: One table of element vectors per run.
        crystals: The data set.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them, ``same_group_share``, ``same_group_chance`` and
        ``same_group_ratio`` of :func:`cgcnn.paper.element_probes.same_group_numbers`, ``non_metals_apart``, the number
        of :func:`non_metals_apart`, and ``non_metals_apart_without``, the same without hydrogen and noble gases. For
        each non-metal, ``near_metal`` is the share of runs in which its nearest element is a metal, and
        ``crystals_with`` is the number of crystals that hold it.
    """
    properties = element_table(vectors[0].index.tolist())
    groups, is_metal = properties["group"], properties["is_metal"]
    of_seeds = []
    for each in vectors:
        together = same_group_numbers(each, groups)
        apart = {"non_metals_apart": non_metals_apart(each)}
        apart["non_metals_apart_without"] = non_metals_apart(each, _WITHOUT)
        of_seeds.append({name: together[name] for name in _SHOWN} | apart)
    nearest = pd.DataFrame([probes.nearest_rows(each)[~is_metal].map(is_metal) for each in vectors])
    starts = crystals.site_offsets[:-1]
    holding = {
        symbol: int(np.logical_or.reduceat(crystals.atomic_numbers == number, starts).sum())
        for symbol, number in properties.loc[~is_metal, "atomic_number"].items()
    }
    return {**over_seeds(of_seeds), "near_metal": nearest.mean().to_dict(), "crystals_with": holding}


def non_metals_near_metals(vectors: Sequence[pd.DataFrame], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the non-metals whose nearest element is a metal in one of the runs.

    Args:
        vectors: One table of element vectors per run.
        seeds: The seed of each run.

    Returns:
        One row per such non-metal, which is the index ``element``, sorted by atomic number: the ``nearest`` element by
        each seed (columns such as ``seed 0``), and ``metals``, the number of runs in which it is a metal.
    """
    properties = element_table(vectors[0].index.tolist())
    not_metals = properties.index[~properties["is_metal"]]
    nearest = pd.DataFrame(
        {f"seed {seed}": probes.nearest_rows(each)[not_metals] for seed, each in zip(seeds, vectors, strict=True)}
    )
    nearest["metals"] = nearest.isin(properties.index[properties["is_metal"]]).sum(axis=1)
    order = properties.loc[not_metals].sort_values("atomic_number").index
    return nearest.loc[order].query("metals > 0").rename_axis("element")


def energy_along_first(plane: pd.DataFrame, environments: pd.DataFrame, quantity: Quantity = ENERGY) -> float:
    """Return Spearman's rank correlation of the first component of elements and the local energy of their sites.

    Args:
        plane: The table of :func:`element_plane`.
        environments: One row per distinct environment: ``element`` and the local value, such as
            ``local_energy_eV_per_atom``.
        quantity: What the runs predict.

    Returns:
        The absolute correlation, since the sign of a component is free. The energy of an element is the mean over its
        distinct environments.
    """
    energies = environments.groupby("element")[quantity.column("local")].mean()
    return float(abs(plane["pc1"].corr(energies.reindex(plane.index), method="spearman")))
