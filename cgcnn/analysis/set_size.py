"""Count the crystals, elements and sites of a data set, before and after equal sites are merged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.errors import check_number
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.graphs.search_bounds import MOST_NEIGHBORS


def set_size(crystals: Crystals, graphs: CrystalGraphs, n_neighbors: int = 12) -> pd.Series:
    """Count the crystals, elements, sites, nodes and edges of a data set.

    Args:
        crystals: The data set.
        graphs: The graphs of the data set, in which equal sites and bonds are merged.
        n_neighbors: The number of nearest neighbors that each site has in the graphs.

    Returns:
        The numbers by their names on the page, with the lowest, the median and the highest target in the unit of the
        data set.

    Raises:
        DataError: ``n_neighbors`` is out of its bounds.
    """
    check_number("n_neighbors", n_neighbors, 1, MOST_NEIGHBORS)
    n_sites, in_unit = crystals.n_sites.sum(), crystals.quantity.in_unit
    return pd.Series(
        {
            "crystals": len(crystals),
            "distinct compositions": len(np.unique(crystals.reduced_formulas())),
            "elements": len(np.unique(crystals.atomic_numbers)),
            "sites": n_sites,
            "nodes after merging": graphs.n_nodes,
            f"edges before merging ({n_neighbors} per site)": n_neighbors * n_sites,
            "edges after merging": graphs.n_edges,
            in_unit("lowest target"): crystals.targets.min(),
            in_unit("median target"): np.median(crystals.targets),
            in_unit("highest target"): crystals.targets.max(),
        },
        name="value",
    )
