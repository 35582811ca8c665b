"""What a crystallographer says of a site: how many neighbors it has, and how octahedral or tetrahedral they stand."""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from pymatgen.analysis.local_env import CrystalNN, LocalStructOrderParams
from pymatgen.core import Structure
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays, save_arrays
from cgcnn.files.paths import cache_directory

# Part of every cached table's address: raised when the same sites would get other numbers.
_VERSION = 1
# A site takes 10 to 1,000 ms, by the size of its crystal.
_SITES_PER_TASK = 8
_COLUMNS = ("n_neighbors", "octahedral", "tetrahedral")


def describe_sites(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the coordination of sites, from the cache where it is known.

    Neighbors are those of pymatgen's CrystalNN (Zimmermann and Jain 2020, doi 10.1039/C9RA07755C), the order parameters
    its LocalStructOrderParams (Zimmermann et al. 2017, doi 10.3389/fmats.2017.00034) over these neighbors.

    Args:
        crystals: The data set.
        sites: One row a site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).

    Returns:
        One row a site, by the same index: ``n_neighbors``; ``octahedral`` and ``tetrahedral`` order parameters, 1 for
        the ideal polyhedron, NaN where there are too few neighbors for angles. A site without any has 0.

    Raises:
        DataError: A crystal is not in the set.
    """
    places = {crystal_id: place for place, crystal_id in enumerate(crystals.ids)}
    unknown = sites.loc[~sites["crystal"].isin(places), "crystal"]
    if len(unknown):
        raise DataError(f"{crystals.name}: no crystal {unknown.iloc[0]!r}", "take sites of this data set")
    wanted = np.array([(places[c], s) for c, s in zip(sites["crystal"], sites["site"], strict=True)]).reshape(-1, 2)
    key = hashlib.sha256(f"{_VERSION} {crystals.digest}".encode() + wanted.astype(np.int64).tobytes()).hexdigest()
    path = cache_directory() / "environments" / f"{crystals.name}-{key[:16]}.safetensors"
    if path.is_file():
        try:
            return pd.DataFrame(load_arrays(path).arrays, index=sites.index)[list(_COLUMNS)]
        except DataError as error:
            print(f"{error.problem}; computing it anew")
    table = pd.DataFrame(_describe(crystals, wanted), sites.index, list(_COLUMNS))
    save_arrays(path, {name: table[name].to_numpy() for name in _COLUMNS}, {"key": key})
    return table


def _describe(crystals: Crystals, wanted: np.ndarray) -> np.ndarray:
    """Return the (n, 3) numbers of the sites, on all cores, with a progress bar where the output is a terminal."""
    tasks = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_describe_some)([(crystals.structure(int(c)), int(s)) for c, s in wanted[i : i + _SITES_PER_TASK]])
        for i in range(0, len(wanted), _SITES_PER_TASK)
    )
    found = []
    with tqdm(total=len(wanted), desc="coordination", unit="site", disable=not sys.stderr.isatty()) as bar:
        for rows in tasks:
            found += rows
            bar.update(len(rows))
    return np.array(found).reshape(-1, len(_COLUMNS))


def _describe_some(sites: Sequence[tuple[Structure, int]]) -> list[tuple[float, float, float]]:
    return [_describe_site(structure, site) for structure, site in sites]


def _describe_site(structure: Structure, site: int) -> tuple[float, float, float]:
    with warnings.catch_warnings():
        # pymatgen says that it has no oxidation states and takes atomic radii: for every site.
        warnings.simplefilter("ignore")
        try:
            neighbors = CrystalNN().get_nn(structure, site)  # type: ignore[no-untyped-call]  # so pymatgen has it
        except ValueError:  # pymatgen's word for a site with nothing within 10 angstrom and more
            neighbors = []
    if not neighbors:
        return 0.0, np.nan, np.nan
    order = LocalStructOrderParams(["oct", "tet"])
    # The neighbors are images of sites, so they are given as a list: pymatgen takes one and says Structure.
    around: Any = [structure[site], *neighbors]
    values = order.get_order_parameters(around, 0, indices_neighs=[*range(1, len(neighbors) + 1)])
    octahedral, tetrahedral = (np.nan if value is None else float(value) for value in values)
    return float(len(neighbors)), octahedral, tetrahedral
