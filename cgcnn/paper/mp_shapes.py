"""The geometry of sites around an anion, by the chemical class of the center (Fig. 5, lower panels)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.paper.mp_coordination import CLASSES
from cgcnn.paper.mp_maps import AnionMap
from cgcnn.paper.seed_numbers import INTERVALS

_OTHER = "other"
_SHAPE = ["n_neighbors", "octahedral", "tetrahedral"]
# The centers around which the paper finds oxygen tetrahedra.
_TETRAHEDRAL_CENTERS = ("Al", "Si", "P")
# The number of centers of a class that are named in its table.
_N_NAMED = 6
# What the paper says of each group of Fig. 5.
_IN_THE_PAPER = {
    ("O", CLASSES[0]): "non-metals like P, Al and Si, in tetrahedra",
    ("O", CLASSES[1]): "mostly transition metals, mostly in octahedra",
    ("O", CLASSES[2]): "alkali metals",
    ("O", CLASSES[3]): "alkaline earths and lanthanides, with more neighbors",
    ("S", CLASSES[0]): "metalloids like Ge, Sn and Sb",
    **{("S", name): "as around oxygen" for name in CLASSES[1:]},
}
# The number of samples of the bootstrap, and the ends of its interval.
_N_SAMPLES, _ENDS = 1000, (0.025, 0.975)


def shape_table(anion_maps: Mapping[str, Sequence[AnionMap]], with_paper: bool = False) -> pd.DataFrame:
    """Describe the chemical classes of centers by their elements and their polyhedra.

    Args:
        anion_maps: The maps of each anion by the runs, which all show the same sites.
        with_paper: Whether what the paper says of each class stands beside.

    Returns:
        One row per anion and class (``anion``, ``class``): ``environments`` (their number), ``most frequent centers``,
        and the means of ``n_neighbors``, ``octahedral`` and ``tetrahedral``; and ``in the paper``.
    """
    tables = pd.concat({anion: first.table for anion, (first, *_) in anion_maps.items()}, names=["anion"])
    groups = tables.groupby(["anion", "class"])
    shown = groups.size().to_frame("environments")
    shown["most frequent centers"] = groups["element"].agg(lambda each: ", ".join(each.value_counts().index[:_N_NAMED]))
    shown = shown.join(groups[_SHAPE].mean())
    return shown.assign(**{"in the paper": pd.Series(_IN_THE_PAPER).reindex(shown.index)}) if with_paper else shown


def shape_numbers(around_oxygen: pd.DataFrame) -> dict[str, float]:
    """Compare the geometry of sites that oxygen coordinates between chemical classes.

    Args:
        around_oxygen: One row per environment around oxygen: ``element``, ``class``, ``n_neighbors``, ``octahedral``
            and ``tetrahedral``.

    Returns:
        ``tetrahedral_gain``, the mean tetrahedral order parameter of Al, Si and P minus that of the transition metals;
        ``octahedral_gain``, the mean octahedral order parameter of the transition metals minus that of Al, Si and P;
        and ``large_cations_more_neighbors``, the mean coordination number of alkaline earths and lanthanides minus the
        highest mean of the other named classes.
    """
    of_class = around_oxygen.groupby("class")[_SHAPE].mean()
    tetrahedral = around_oxygen[around_oxygen["element"].isin(_TETRAHEDRAL_CENTERS)]
    transition, large = CLASSES[1], CLASSES[3]
    n_neighbors = of_class["n_neighbors"].drop(_OTHER, errors="ignore")
    return {
        "tetrahedral_gain": tetrahedral["tetrahedral"].mean() - of_class["tetrahedral"][transition],
        "octahedral_gain": of_class["octahedral"][transition] - tetrahedral["octahedral"].mean(),
        "large_cations_more_neighbors": n_neighbors[large] - n_neighbors.drop(large).max(),
    }


def shape_numbers_with_intervals(around_oxygen: pd.DataFrame, seed: int = 0) -> dict[str, Any]:
    """Return the numbers of :func:`shape_numbers` with 95 % intervals.

    No run decides the geometry of a site, but which environments were drawn does. The intervals are those of a
    bootstrap over the drawn environments (Efron 1979, doi 10.1214/aos/1176344552).

    Args:
        around_oxygen: The table that :func:`shape_numbers` takes.
        seed: The seed of the bootstrap.

    Returns:
        The numbers, and under ``intervals`` the ends of the interval of each.
    """
    rng, n_rows = np.random.default_rng(seed), len(around_oxygen)
    columns = around_oxygen[["element", "class", *_SHAPE]]
    samples = [shape_numbers(columns.iloc[rng.integers(n_rows, size=n_rows)]) for _ in range(_N_SAMPLES)]
    ends = pd.DataFrame(samples).quantile(list(_ENDS))
    return {**shape_numbers(around_oxygen), INTERVALS: {name: column.tolist() for name, column in ends.items()}}
