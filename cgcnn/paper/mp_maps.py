"""Maps of the coordination environments around an anion by each run (Fig. 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from cgcnn.analysis import maps
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import Crystals
from cgcnn.paper.mp_coordination import chemistry_classes
from cgcnn.paper.mp_environments import Environments

# The columns of the table of environments that belong on no map.
_NOT_SHOWN = ["bonded_neighbor", "in_element"]


@dataclass(frozen=True)
class AnionMap:
    """The map of drawn environments around an anion by one run.

    Attributes:
        table: One row per environment: ``crystal``, ``site``, ``element``, ``multiplicity``, ``first_neighbor``, the
            local value, ``x`` and ``y`` on the map, ``class`` (the chemical class of the center) and the columns of
            :func:`cgcnn.analysis.site_geometry.describe_sites`.
        vectors: The (n, width) vectors v(K) of the same environments.
        trustworthiness: The trustworthiness of the map, as in :class:`cgcnn.analysis.maps.Map`.
        seed: The seed of the run, with which the map was drawn.
    """

    table: pd.DataFrame
    vectors: pd.DataFrame
    trustworthiness: float
    seed: int

    @property
    def points(self) -> np.ndarray:
        """The (n, 2) places of the environments on the map."""
        return self.table[["x", "y"]].to_numpy()


def map_anions(crystals: Crystals, environments: Environments, seeds: Sequence[int]) -> dict[str, list[AnionMap]]:
    """Draw a map of the same environments by each run, around each anion.

    Args:
        crystals: The data set.
        environments: The environments, those that are mapped, and their vectors by each run.
        seeds: The seed of each run, which is also the seed of its map.

    Returns:
        The maps of each anion, in the order of the runs. The geometry of a site is the same on all of them.
    """
    drawn: dict[str, list[AnionMap]] = {}
    for anion, places in environments.drawn.items():
        sites = environments.sites.drop(columns=_NOT_SHOWN).iloc[places].reset_index(drop=True)
        after = {"class": chemistry_classes(sites["element"])} | dict(describe_sites(crystals, sites))
        local_column = environments.quantity.column("local")
        drawn[anion] = []
        for vectors, local, seed in zip(environments.vectors[anion], environments.local, seeds, strict=True):
            chart = maps.draw_map(vectors, seed, torch.get_num_threads())
            table = sites.assign(**{local_column: local[places]}).join(chart.points).assign(**after)
            drawn[anion].append(AnionMap(table, vectors, chart.trustworthiness, seed))
    return drawn
