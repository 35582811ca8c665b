"""Place new crystals on a finished map: their predictions, their sites' local values, and the nearest environments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from cgcnn.analysis import maps
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.analysis.pairs import first_neighbors
from cgcnn.analysis.prediction import seen
from cgcnn.analysis.ranges import WORDS, predict_with_range
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError, check_number
from cgcnn.graphs import crystal_graphs
from cgcnn.training.runs import KEY_LENGTH, Run

#: The largest number of nearest environments. Each adds five columns to the table of sites.
MOST_NEAREST = 1000
# Two vectors are the same if their distance is less than this share of their length. The same crystal with its sites in
# another order differs by up to 3e-6 of it, since single precision rounds. Of 1,500 environments of the Materials
# Project, the two nearest that differ are 6e-5 apart.
_SAME = 1e-5
# The number of sites whose distances to all environments of the map are in memory at once.
_SITES_AT_ONCE = 1000
# Nine in ten of the map's own environments are inside by their distance to the nearest other one, and one in forty is
# outside. The words of whole crystals have the same shares.
_INSIDE, _NOT_OUTSIDE = 0.9, 0.975


@dataclass(frozen=True)
class Located:
    """Crystals on a map.

    Attributes:
        crystals: The table of :func:`cgcnn.analysis.ranges.predict_with_range`: one row per crystal, with its
            prediction, its interval, and how far the whole crystal is from what the runs have seen.
        sites: One row per distinct site: ``crystal``, ``site``, ``label``, ``element``, ``first_neighbor``,
            ``multiplicity``, the local value, such as ``local_energy_eV_per_atom``, its place ``x`` and ``y`` on the
            map, ``distance`` (to the nearest environment of the map) and ``range``, which says how far the site is from
            what the map shows (``inside``, ``at the edge`` or ``outside``). For each of the nearest environments there
            are ``nearest_1_crystal``, ``nearest_1_site``, ``nearest_1_label``, ``nearest_1_element`` and
            ``nearest_1_distance``, then ``nearest_2_crystal``, ...
        refused: One error for each crystal that cannot be placed, which names it.
    """

    crystals: pd.DataFrame
    sites: pd.DataFrame
    refused: tuple[DataError, ...]


def locate(
    runs: Sequence[Run], on: EnvironmentMap, crystals: Crystals, n_nearest: int = 3, device: str = "auto"
) -> Located:
    """Place crystals on a map of environments.

    The nearest environments are found by the Euclidean distance between vectors v(K), not on the plane. A site whose
    vector is on the map has the distance 0 and the place of that point. Where several environments of the map are
    equally near, the crystal itself comes first, and then the order of the map.

    Args:
        runs: One run or several that differ by their seed, among them the run of the map. Predictions and local values
            are means over all of them.
        on: The map.
        crystals: Any crystals. Those with an element that no training crystal of a run has are refused.
        n_nearest: The number of nearest environments of each site, at most :data:`MOST_NEAREST`.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: The map belongs to none of the runs, its points are not environments, or ``n_nearest`` is out of its
            bounds.
    """
    check_number("n_nearest", n_nearest, 1, MOST_NEAREST)
    own = _own_run(runs, on)
    known, refused = _known(runs, crystals)
    graphs = crystal_graphs.build(known, *own.config.of_graphs)
    levels = [represent(run, known, device) for run in runs]
    environments = levels[list(runs).index(own)].environments
    vectors = environment_vectors(environments)
    sites = environments.drop(columns=vectors.columns)
    sites.insert(list(sites).index("element") + 1, "first_neighbor", first_neighbors(graphs))
    local = own.quantity.column("local")
    sites[local] = np.mean([level.environments[local] for level in levels], axis=0)
    found, distances = nearest(on, sites, vectors.to_numpy(np.float64), n_nearest)
    sites = sites.join(maps.place(on.chart, vectors))
    is_same = distances[:, 0] == 0
    sites.loc[is_same, ["x", "y"]] = on.table[["x", "y"]].to_numpy()[found[is_same, 0]]
    sites["distance"] = distances[:, 0]
    sites["range"] = _words(on, distances[:, 0])
    for rank in range(found.shape[1]):
        rows = on.table.iloc[found[:, rank]]
        for name in ("crystal", "site", "label", "element"):
            sites[f"nearest_{rank + 1}_{name}"] = rows[name].to_numpy()
        sites[f"nearest_{rank + 1}_distance"] = distances[:, rank]
    return Located(predict_with_range(runs, known, device), sites, refused)


def nearest(
    on: EnvironmentMap, sites: pd.DataFrame, vectors: np.ndarray, n_nearest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the environments of a map that are nearest to sites, among the vectors.

    Args:
        on: The map.
        sites: One row per site: ``crystal`` and ``site``.
        vectors: The (n, width) vectors of the sites.
        n_nearest: The number k of environments. If the map has fewer, all are returned.

    Returns:
        (n, k) int64, the rows of the map, the nearest first; and (n, k) float64, their distances. A distance within the
        rounding of the vectors is 0.
    """
    known = on.vectors.astype(np.float64)
    crystal, site = on.table["crystal"].to_numpy(), on.table["site"].to_numpy()
    k = min(n_nearest, len(known))
    rows, distances = np.empty((len(sites), k), np.int64), np.empty((len(sites), k))
    for start in range(0, len(sites), _SITES_AT_ONCE):
        some = slice(start, start + _SITES_AT_ONCE)
        all_distances = cdist(vectors[some], known)
        all_distances[all_distances <= _SAME * np.linalg.norm(vectors[some], axis=1, keepdims=True)] = 0
        farthest = np.partition(all_distances, k - 1, axis=1)[:, k - 1]
        own = zip(sites["crystal"].iloc[some], sites["site"].iloc[some], strict=True)
        for row, (own_crystal, own_site) in enumerate(own, start):
            of_row = all_distances[row - start]
            near = np.flatnonzero(of_row <= farthest[row - start])
            others = crystal[near] != own_crystal
            order = np.lexsort((near, others | (site[near] != own_site), others, of_row[near]))[:k]
            rows[row], distances[row] = near[order], of_row[near[order]]
    return rows, distances


def _own_run(runs: Sequence[Run], on: EnvironmentMap) -> Run:
    """Return the run of a map of environments."""
    if on.level != "environments":
        raise DataError(
            f"the map of {on.crystals_name}: its points are {on.level}, not environments",
            "name a map of environments",
        )
    for run in runs:
        if run.key == on.run_key:
            return run
    given = " and ".join(f"{run.key[:KEY_LENGTH]} ({run.dataset})" for run in runs)
    raise DataError(
        f"the map of {on.crystals_name}: of run {on.run_key[:KEY_LENGTH]} ({on.run_dataset}), not of {given}",
        "name the map's own run, or draw a map of this run with 'cgcnn map'",
    )


def _known(runs: Sequence[Run], crystals: Crystals) -> tuple[Crystals, tuple[DataError, ...]]:
    """Return the crystals that all runs can predict, and one error for each of the others."""
    refused: dict[str, DataError] = {}
    for run in runs:
        left = [place for place, name in enumerate(crystals.ids) if name not in refused]
        can, errors = seen(run, crystals.select(left))
        cannot = np.setdiff1d(np.arange(len(left)), can)
        refused |= {crystals.ids[left[place]]: error for place, error in zip(cannot, errors, strict=True)}
    chosen = [place for place, name in enumerate(crystals.ids) if name not in refused]
    if not chosen:
        raise next(iter(refused.values()))
    return crystals.select(chosen), tuple(refused.values())


def _words(on: EnvironmentMap, distances: np.ndarray) -> np.ndarray:
    """Say whether sites are as near to a map as its own environments are to each other."""
    borders = np.quantile(on.spacings, [_INSIDE, _NOT_OUTSIDE])
    return np.array(WORDS, dtype=object)[np.searchsorted(borders, distances)]
