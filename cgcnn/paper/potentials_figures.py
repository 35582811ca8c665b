"""The figures that set universal potentials beside this book's networks: element vectors, and site energies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
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


def element_planes(readings: Mapping[str, Sequence[Reading]], known: Known) -> Figure:
    """Draw the vectors of the perovskites' metals in their two principal components, by network, colored by group.

    Args:
        readings: The readings of each network. The first of each is drawn, and the untrained potential is left out,
            whose vectors are random numbers too.
        known: What is known of the metals.
    """
    properties = element_table(known.labels.index.tolist())
    drawn = {name: some[0] for name, some in readings.items() if name != "chgnet-untrained"}
    planes = {
        SHOWN_AS[name]: oriented_plane(each.elements["perovskites"].loc[properties.index], properties)
        for name, each in drawn.items()
    }
    tables = {title: plane.points.join(properties) for title, plane in planes.items()}
    return element_map_panels(tables, {title: plane.explained for title, plane in planes.items()})


@styled
def site_energies(
    readings: Mapping[str, Sequence[Reading]], known: Known, others: Sequence[str], compared: Mapping[str, Mapping]
) -> Figure:
    """Draw the site energies of others against the local energies of the paper's network on the test sites.

    Args:
        readings: The readings of each network. Energies are the means over its seeds.
        known: The elements of the test sites.
        others: The names of other networks and of potentials, one row of panels each.
        compared: The numbers of :func:`cgcnn.paper.potentials_table.compare`, for the correlations in the titles.
    """
    figure = Figure(figsize=(PAGE, 0.4 + 2.3 * len(others)), layout="constrained")
    axes = figure.subplots(len(others), len(_SETS), squeeze=False)
    letters = iter("abcdefghi")
    for row, other in zip(axes, others, strict=True):
        references = readings[other][0].to_formation
        for axis, (name, title), color in zip(row, _SETS.items(), _COLORS, strict=True):
            ours, energies = (np.mean([each.test[name] for each in readings[of]], axis=0) for of in (OURS, other))
            energies += references.loc[known.test_elements[name]].to_numpy()
            finite = np.isfinite(energies)
            axis.plot(ours[finite], energies[finite], ".", color=color, markersize=2, alpha=0.4, mew=0)
            axis.set(title=f"({next(letters)}) {title}: {compared[other][f'formation_{name}']:.2f}")
            for limits, values in ((axis.set_xlim, ours[finite]), (axis.set_ylim, energies[finite])):
                low, high = np.percentile(values, [_MOST_OUTSIDE, 100 - _MOST_OUTSIDE])
                margin = 0.05 * (high - low)
                limits(low - margin, high + margin)
        kind = "local energy" if other in OUR_NETWORKS else "site energy"
        row[0].set_ylabel(f"{SHOWN_AS[other]}:\n{kind} (eV)")
    for axis in axes[-1]:
        axis.set_xlabel(f"{SHOWN_AS[OURS]}:\nlocal energy (eV)")
    return figure
