"""The published maps of the three data sets, with the class of each environment."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from cgcnn.analysis import environment_map
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.paper.boron_regions import name_regions
from cgcnn.paper.mp_coordination import chemistry_classes
from cgcnn.training.store import load_run

#: The sets whose maps are published.
SETS = ("perovskites", "boron", "materials_project")
# The sites of the cubic perovskites in the order of their cells.
_PEROVSKITE_SITES = np.array(["B site", "A site", "anion", "anion", "anion"], dtype=object)


def draw_published(name: str, device: str = "auto") -> EnvironmentMap:
    """Draw the map of a data set by its published run, with the classes of :func:`classes`.

    ``cgcnn map NAME`` draws the same points without the classes.

    Args:
        name: One of :data:`SETS`.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.
    """
    crystals = datasets.load(name)
    drawn = environment_map.draw(load_run(name), crystals, device=device)
    return dataclasses.replace(drawn, table=drawn.table.assign(**{"class": classes(name, crystals, drawn.table)}))


def classes(name: str, crystals: Crystals, sites: pd.DataFrame) -> pd.Series:
    """Return the class of sites, which is known for each set from elsewhere than from the network.

    Args:
        name: One of :data:`SETS`.
        crystals: The data set.
        sites: One row per site: ``crystal``, ``site`` and ``element``.

    Returns:
        By the index of the sites: for perovskites the kind of the site (A site, B site or anion), for boron the region
        (:func:`cgcnn.paper.boron_regions.name_regions`), and for the Materials Project the chemical class of the center
        (:func:`cgcnn.paper.mp_coordination.chemistry_classes`).
    """
    if name == "perovskites":
        return pd.Series(_PEROVSKITE_SITES[sites["site"]], sites.index)
    if name == "boron":
        return name_regions(crystals, sites)["region"]
    return chemistry_classes(sites["element"])
