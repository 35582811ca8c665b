"""The published maps of the three data sets, with the class of each environment."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from cgcnn.analysis import environment_map
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskites import ANIONS
from cgcnn.paper.boron_regions import name_regions
from cgcnn.paper.mp_coordination import chemistry_classes
from cgcnn.training.store import load_run

#: The sets whose maps are published.
SETS = ("perovskites", "boron", "materials_project")
_SITES_PER_CELL = 5


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
        return _perovskite_sites(crystals, sites)
    if name == "boron":
        return name_regions(crystals, sites)["region"]
    return chemistry_classes(sites["element"])


def _perovskite_sites(crystals: Crystals, sites: pd.DataFrame) -> pd.Series:
    """Return the kinds of sites of perovskites, of which each has two cations and three anions.

    In the public cells, the coordinate along the first axis is off by up to a quarter of the edge, and the other two
    are exact. One of the cations has an anion on its line along the first axis. This cation is on the B site.
    """
    is_anion = np.isin(crystals.atomic_numbers, ANIONS).reshape(-1, _SITES_PER_CELL)
    lines = np.round(2 * crystals.fractional_coordinates[:, 1:]).astype(int).reshape(-1, _SITES_PER_CELL, 2) % 2
    on_one_line = (lines[:, :, None] == lines[:, None]).all(axis=-1)
    has_anion = (on_one_line & is_anion[:, None]).any(axis=-1)
    kinds = np.where(is_anion, "anion", np.where(has_anion, "B site", "A site"))
    places = {crystal: place for place, crystal in enumerate(crystals.ids)}
    return pd.Series(kinds[sites["crystal"].map(places), sites["site"]], sites.index, dtype=object)
