"""The sites at which universal potentials are compared with this book's networks: those of Figs. 4 and 5, and tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import project_root
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.paper import mp_environments
from cgcnn.paper.boron_map import choose_environments
from cgcnn.paper.boron_regions import name_regions
from cgcnn.paper.boron_tables import have_regions
from cgcnn.paper.recipes import paper_config
from cgcnn.training.fit import make_split

#: The part of the sites that are all distinct sites of some test crystals.
TEST = "test"
#: The parts of the sites whose vectors are compared: environments of boron, and those around oxygen and sulfur.
DRAWN = ("B", "O", "S")
# The numbers of drawn environments around each center or anion, and of test crystals, in the run at the paper's scale
# (the numbers of Figs. 4 and 5) and in that from the embedded data.
_WANTED = {"B": 1000, "O": 1000, "S": 803, TEST: 200}
_WANTED_EMBEDDED = {"B": 100, "O": 100, "S": 100, TEST: 100}
_SEED = 0


def measured_folder() -> Path:
    """Return the folder of what was measured once, by ``make potentials``: the sites, and a file per potential."""
    return project_root() / "benchmarks" / "potentials"


def choose_sites(dataset: str, crystals: Crystals) -> pd.DataFrame:
    """Choose the sites of a data set at which potentials are read.

    Args:
        dataset: The name of a set of :data:`cgcnn.paper.recipes.DATASETS`.
        crystals: The whole set.

    Returns:
        One row per site: ``part`` (of :data:`DRAWN`, or :data:`TEST`), ``crystal`` (id) and ``site`` (counted from 0 in
        the crystal). The drawn environments are those of the maps of Figs. 4 and 5. The test sites are all distinct
        sites of crystals that are drawn from the test set.
    """
    wanted = _WANTED_EMBEDDED if dataset.endswith("-embedded") else _WANTED
    sites = mp_environments.site_table(crystals, load_or_build(crystals))
    parts: dict[str, np.ndarray] = {}
    if have_regions(crystals):
        with_regions = sites.join(name_regions(crystals, sites))
        lowest = crystals.ids[int(crystals.targets.argmin())]
        parts["B"] = choose_environments(with_regions, lowest, wanted["B"], _SEED)
    elif dataset.startswith("materials_project"):
        parts |= mp_environments.draw(sites, {anion: wanted[anion] for anion in ("O", "S")}, _SEED)
    test = make_split(crystals, paper_config(dataset)).test
    drawn = np.random.default_rng(_SEED).permutation(test)[: wanted[TEST]]
    parts[TEST] = np.flatnonzero(sites["crystal"].isin([crystals.ids[int(place)] for place in drawn]))
    rows = [sites.loc[places, ["crystal", "site"]].assign(part=part) for part, places in parts.items()]
    return pd.concat(rows, ignore_index=True)[["part", "crystal", "site"]]


def save_sites(sites: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write sites as CSV, one row per part and crystal, with the numbers of its sites as one text.

    Args:
        sites: The table of :func:`choose_sites` of each data set, by its name.
        path: The file to write.
    """
    every = pd.concat(sites, names=["dataset"]).reset_index(level="dataset")
    every["sites"] = every["site"].astype(str)
    grouped = every.groupby(["dataset", "part", "crystal"], sort=False)["sites"].agg(" ".join)
    path.parent.mkdir(parents=True, exist_ok=True)
    grouped.reset_index().to_csv(path, index=False, lineterminator="\n")


def read_sites(path: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return the table of :func:`choose_sites` of each data set, as :func:`save_sites` wrote it.

    Args:
        path: The file; None for the one of the repository.
    """
    grouped = pd.read_csv(path or measured_folder() / "sites.csv", dtype=str)
    rows = grouped.assign(site=grouped["sites"].str.split()).explode("site", ignore_index=True)
    rows = rows.astype({"site": int})
    return {
        str(name): of_set[["part", "crystal", "site"]].reset_index(drop=True)
        for name, of_set in rows.groupby("dataset", sort=False)
    }
