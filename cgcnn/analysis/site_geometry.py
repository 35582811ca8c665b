"""The geometry of a site: its coordination number, and its octahedral and tetrahedral order parameters."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pymatgen.analysis.local_env import CrystalNN, LocalStructOrderParams
from pymatgen.core import Structure

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.cache import cached
from cgcnn.machine.parallel import parallel_map

# A part of the key of every cached table. Raise it when a change of the code gives the same sites other numbers.
_VERSION = 1
# One site takes 10 to 1,000 ms, depending on the size of its crystal.
_SITES_PER_TASK = 8
_COLUMNS = ("n_neighbors", "octahedral", "tetrahedral")


def describe_sites(crystals: Crystals, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the coordination of sites, from the cache if it was computed before.

    Neighbors are those of pymatgen's CrystalNN (Zimmermann and Jain 2020, doi 10.1039/C9RA07755C). The order parameters
    are those of its LocalStructOrderParams (Zimmermann et al. 2017, doi 10.3389/fmats.2017.00034) over these neighbors.

    Args:
        crystals: The data set.
        sites: One row per site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).

    Returns:
        One row per site, by the same index: the coordination number ``n_neighbors`` and the order parameters
        ``octahedral`` and ``tetrahedral``. An order parameter is 1 for the ideal polyhedron, and NaN if there are too
        few neighbors to form angles. The coordination number of a site without neighbors is 0.

    Raises:
        DataError: A crystal is not in the data set.
    """
    places = {crystal_id: place for place, crystal_id in enumerate(crystals.ids)}
    unknown = sites.loc[~sites["crystal"].isin(places), "crystal"]
    if len(unknown):
        raise DataError(f"{crystals.name}: no crystal {unknown.iloc[0]!r}", "take sites of this data set")
    wanted = np.array([(places[c], s) for c, s in zip(sites["crystal"], sites["site"], strict=True)]).reshape(-1, 2)
    of_sites = hashlib.sha256(wanted.astype(np.int64).tobytes()).hexdigest()
    key = f"{_VERSION} {crystals.digest} {of_sites}"
    stored = cached("environments", crystals.name, key, lambda: ([_describe(crystals, wanted)], {}))
    return pd.DataFrame(stored.arrays, index=sites.index)[list(_COLUMNS)]


def _describe(crystals: Crystals, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the columns of the table of sites on all processors."""
    starts = range(0, len(wanted), _SITES_PER_TASK)
    tasks = (([(crystals.structure(int(c)), int(s)) for c, s in wanted[i : i + _SITES_PER_TASK]],) for i in starts)
    found = parallel_map(_describe_some, tasks, len(wanted), "coordination", "site", count=len)
    rows = np.array([row for some in found for row in some]).reshape(-1, len(_COLUMNS))
    return dict(zip(_COLUMNS, rows.T, strict=True))


def _describe_some(sites: Sequence[tuple[Structure, int]]) -> list[tuple[float, float, float]]:
    return [_describe_site(structure, site) for structure, site in sites]


def _describe_site(structure: Structure, site: int) -> tuple[float, float, float]:
    with warnings.catch_warnings():
        # For every site, pymatgen warns that there are no oxidation states and that it takes atomic radii.
        warnings.simplefilter("ignore")
        try:
            neighbors = CrystalNN().get_nn(structure, site)  # type: ignore[no-untyped-call]  # so pymatgen has it
        except ValueError:  # pymatgen raises it for a site without neighbors within its cutoff, 10 angstrom or more
            neighbors = []
    if not neighbors:
        return 0.0, np.nan, np.nan
    order = LocalStructOrderParams(["oct", "tet"])
    # Neighbors may be periodic images, so they are given as a list, which pymatgen takes although it asks for a
    # Structure.
    around: Any = [structure[site], *neighbors]
    values = order.get_order_parameters(around, 0, indices_neighs=[*range(1, len(neighbors) + 1)])
    octahedral, tetrahedral = (np.nan if value is None else float(value) for value in values)
    return float(len(neighbors)), octahedral, tetrahedral
