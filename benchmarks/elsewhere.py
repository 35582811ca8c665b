"""Crystals of the Materials Project's snapshot of 2018 that are not in the paper's list of 46,744.

They are a part of the data set ``materials_project-megnet``: later structures, and the energies of 2018.
"""

from __future__ import annotations

import numpy as np

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.mp_energies import IDS_FILE, read_ids
from cgcnn.files.downloads import fetch

#: How many of the shuffled crystals were looked at while the words were designed.
N_LOOKED_AT = 1500


def crystals_outside() -> Crystals:
    """Return all crystals that are not in the paper's list, sorted by their ids."""
    listed, crystals = read_ids(fetch(IDS_FILE)), datasets.load("materials_project-megnet")
    return crystals.select([index for index, crystal in enumerate(crystals.ids) if crystal not in listed])


def crystals_elsewhere() -> Crystals:
    """Return those of :func:`crystals_outside` that were not looked at before, in random order."""
    crystals = crystals_outside()
    return crystals.select(np.random.default_rng(0).permutation(len(crystals))[N_LOOKED_AT:])
