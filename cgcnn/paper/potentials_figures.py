"""The figures that set universal potentials beside this book's networks, and the tables that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cgcnn.analysis.elements import element_table
from cgcnn.figures.elements import element_map_panels
from cgcnn.figures.style import COLORS, PAGE, styled
from cgcnn.paper.element_probes import oriented_plane
from cgcnn.paper.networks import OUR_NETWORKS
from cgcnn.paper.potentials_probes import Known
from cgcnn.paper.potentials_reading import Reading
from cgcnn.paper.potentials_table import OURS, SHOWN_AS

_SETS = {"perovskites": "perovskites", "boron": "boron", "materials_project": "Materials Project"}
# The share of the points, in percent, that may lie beyond each end of an axis.
_MOST_OUTSIDE = 0.5
_COLORS = (COLORS["blue"], COLORS["vermilion"], COLORS["green"])


def element_planes(readings: Mapping[str, Sequence[Reading]], known: Known) -> pd.DataFrame:
    """Return the vectors of the perovskites' metals on their first two principal components, by network.

    Args:
        readings: The readings of each network. The first of each is projected, and the untrained potential is left
            out, whose vectors are random numbers too.
        known: What is known of the metals.

    Returns:
        One row per network and metal: ``network`` (its name on the page), ``element``, ``pc1``, ``pc2``, ``share_pc1``
        and ``share_pc2`` (the shares of the variance of the network's vectors along the two), ``series``, ``group`` and
        ``covalent_radius_pm``.
    """
    properties = element_table(known.labels.index.tolist())
    named = properties[["series", "group", "covalent_radius_pm"]]
    planes = []
    for name, some in readings.items():
        if name != "chgnet-untrained":
            plane = oriented_plane(some[0].elements["perovskites"].loc[properties.index], properties)
            first, second = plane.explained
            points = plane.points.assign(share_pc1=first, share_pc2=second).join(named)
            planes.append(points.rename_axis("element").reset_index().assign(network=SHOWN_AS[name]))
    return pd.concat(planes, ignore_index=True).set_index("network").reset_index()


def draw_planes(planes: pd.DataFrame) -> Figure:
    """Draw the planes of :func:`element_planes`, colored by the family of the element.

    Args:
        planes: The table of the planes.
    """
    tables = {str(title): plane.set_index("element") for title, plane in planes.groupby("network", sort=False)}
    explained = {title: (plane["share_pc1"].iloc[0], plane["share_pc2"].iloc[0]) for title, plane in tables.items()}
    return element_map_panels(tables, explained)


def site_energies(readings: Mapping[str, Sequence[Reading]], known: Known, others: Sequence[str]) -> pd.DataFrame:
    """Return the energies of the test sites by the paper's network and by others.

    Args:
        readings: The readings of each network. Energies are the means over its seeds.
        known: The elements of the test sites.
        others: The names of other networks and of potentials.

    Returns:
        One row per test site: ``set``, ``element``, and the energy by each network, such as ``paper_eV``. That of a
        potential is relative to the most stable crystals of the elements.
    """
    tables = []
    for name in _SETS:
        table = pd.DataFrame({"element": known.test_elements[name]})
        for network in (OURS, *others):
            energies = np.mean([each.test[name] for each in readings[network]], axis=0)
            references = readings[network][0].to_formation.loc[known.test_elements[name]]
            table[f"{network}_eV"] = energies + references.to_numpy()
        tables.append(table.assign(set=name))
    return pd.concat(tables, ignore_index=True).set_index("set").reset_index()


@styled
def draw_site_energies(energies: pd.DataFrame, compared: Mapping[str, Mapping]) -> Figure:
    """Draw the site energies of others against the local energies of the paper's network on the test sites.

    Args:
        energies: The table of :func:`site_energies`. Each other network and each potential has a row of panels.
        compared: The numbers of :func:`cgcnn.paper.potentials_table.compare`, for the correlations in the titles.
    """
    others = [column.removesuffix("_eV") for column in energies.columns if column.endswith("_eV")][1:]
    figure = Figure(figsize=(PAGE, 0.4 + 2.3 * len(others)), layout="constrained")
    axes = figure.subplots(len(others), len(_SETS), squeeze=False)
    letters = iter("abcdefghi")
    for row, other in zip(axes, others, strict=True):
        for axis, (name, title), color in zip(row, _SETS.items(), _COLORS, strict=True):
            both = energies.loc[energies["set"] == name, [f"{OURS}_eV", f"{other}_eV"]].to_numpy()
            ours, theirs = both[np.isfinite(both).all(axis=1)].T
            axis.plot(ours, theirs, ".", color=color, markersize=2, alpha=0.4, mew=0)
            axis.set(title=f"({next(letters)}) {title}: {compared[other][f'formation_{name}']:.2f}")
            for limits, values in ((axis.set_xlim, ours), (axis.set_ylim, theirs)):
                low, high = np.percentile(values, [_MOST_OUTSIDE, 100 - _MOST_OUTSIDE])
                margin = 0.05 * (high - low)
                limits(low - margin, high + margin)
        kind = "local energy" if other in OUR_NETWORKS else "site energy"
        row[0].set_ylabel(f"{SHOWN_AS[other]}:\n{kind} (eV)")
    for axis in axes[-1]:
        axis.set_xlabel(f"{SHOWN_AS[OURS]}:\nlocal energy (eV)")
    return figure
