"""Split the public boron set so that structures of one relaxation family are in one part only."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cgcnn.data.boron import PUBLIC_FILES, read_public
from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.near_copies import near_copies
from cgcnn.data.splits import composition_split

#: The numbers of training and validation crystals, which are those of the random split of ``boron``.
SIZES = (3038, 1000)
_SEED = 0


def read_by_family(files: list[Path]) -> Crystals:
    """Read the public set without perturbed copies, with a split by relaxation family.

    Args:
        files: The local paths of :data:`cgcnn.data.boron.PUBLIC_FILES`.

    Returns:
        The 5,050 crystals of ``boron`` in the same order, with ``parts``: 3,038, 1,000 and 1,012 crystals.

    Raises:
        DataError: A record cannot be read, or the files hold another number of crystals.
    """
    crystals = read_public(files)
    return dataclasses.replace(crystals, name="boron-by-family", parts=parts_by_family(crystals, *SIZES))


def parts_by_family(crystals: Crystals, n_train: int, n_validation: int) -> np.ndarray:
    """Return the part of each crystal, (n,) uint8, as ``Crystals.parts`` has it.

    The families are taken in a fixed random order. Each goes as a whole into the first part that has room for it.

    Args:
        crystals: n crystals of boron.
        n_train: The largest number of training crystals.
        n_validation: The largest number of validation crystals.
    """
    split = composition_split(families(crystals), n_train, n_validation, seed=_SEED)
    parts = np.zeros(len(crystals), np.uint8)
    parts[split.validation], parts[split.test] = 1, 2
    return parts


def families(crystals: Crystals) -> np.ndarray:
    """Return the relaxation family of each crystal, (n,) int64.

    The names of the records tell no families apart: each structure has the name of a search of its own, and only the
    perturbed copies, which this set leaves out, share a name with the structure that they were made of. But
    independent searches often end in the same minimum. So a family is a set of near-copies
    (:func:`cgcnn.data.near_copies.near_copies`) and of near-copies of these, and so on.

    Args:
        crystals: n crystals of boron.
    """
    pairs = near_copies(crystals)
    near = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(crystals), len(crystals)))
    return connected_components(near, directed=False)[1].astype(np.int64)


#: The data set of this file.
DATASETS = (
    Dataset(
        name="boron-by-family",
        title="5,050 structures of boron by random search, split by relaxation family (EDDPotentials.jl)",
        statement=(
            "Trained on structures of elemental boron by random search, with DFT (PBE) energies. Structures that are "
            "nearly the same are all in training, all in validation or all in testing."
        ),
        license="MIT; cite B. Zhu, EDDPotentials.jl",
        references=("https://github.com/zhubonan/EDDPotentials.jl",),
        public_files=PUBLIC_FILES,
        embedded_files={},
        read=read_by_family,
    ),
)
