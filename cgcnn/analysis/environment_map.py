"""The map of any crystals by a run: of their distinct environments, of the crystals themselves, or of elements."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import torch
from sklearn.neighbors import NearestNeighbors

from cgcnn.analysis import maps
from cgcnn.analysis.pairs import first_neighbors
from cgcnn.analysis.prediction import seen
from cgcnn.analysis.representations import element_vectors, environment_vectors, represent
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError, check_number
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.progress import show_progress
from cgcnn.training.parameter_bounds import LARGEST_SEED
from cgcnn.training.runs import KEY_LENGTH, Run

_logger = logging.getLogger(__name__)

#: What the points of a map stand for.
Level = Literal["environments", "crystals", "elements"]

#: The number of points of a map where nothing else is asked for. Its file has about 1.2 MB.
N_POINTS = 4000
#: The largest number of points. The drawing of so many takes about an hour, and the map's file has 30 MB.
MOST_POINTS = 100_000
# Fewer different vectors than this make no map.
_FEWEST = 10


@dataclass(frozen=True)
class EnvironmentMap:
    """A finished map, which belongs to the run whose vectors it shows.

    Attributes:
        level: What the points stand for: distinct environments, crystals or elements.
        table: One row per point, with its place ``x`` and ``y``. On a map of environments: ``crystal`` (id), ``site``
            (the first of its sites, counted from 0 in the crystal), ``label`` of that site, ``element``,
            ``first_neighbor`` (the symbol of its nearest neighbor), ``multiplicity`` and the local value, such as
            ``local_energy_eV_per_atom``. On a map of crystals: ``crystal``, ``formula`` and the prediction, such as
            ``energy_eV_per_atom``. On a map of elements: ``element``. A column ``class`` may name the class of each
            point where classes are known.
        vectors: (n, width) float32, the vectors of the points: v(K) of environments, their mean over the sites of each
            crystal, or v(0) of elements.
        run_key: The key of the run.
        run_dataset: The name of the data set of the run.
        crystals_name: The name of the set of crystals that the points are from.
        quantity: What the run predicts, and in which unit.
        n_all: The number of environments, crystals or elements from which the points were chosen.
        seed: The seed of the choice and of the map.
        trustworthiness: The trustworthiness of the map, as in :class:`cgcnn.analysis.maps.Map`.
    """

    level: Level
    table: pd.DataFrame
    vectors: np.ndarray
    run_key: str
    run_dataset: str
    crystals_name: str
    quantity: Quantity
    n_all: int
    seed: int
    trustworthiness: float

    @property
    def value(self) -> str | None:
        """The column of the local value or the prediction; None on a map of elements."""
        columns = {"environments": self.quantity.column("local"), "crystals": self.quantity.column()}
        return columns.get(self.level)

    @property
    def title(self) -> str:
        """What the map shows, in one phrase for titles of figures."""
        kind = "distinct environments" if self.level == "environments" else self.level
        shown = f"{len(self.table):,}" + (f" of {self.n_all:,}" if len(self.table) < self.n_all else "")
        return f"{shown} {kind} of {self.crystals_name}"

    @property
    def described(self) -> str:
        """What the map shows and by which run, in one phrase for messages."""
        return f"{self.title}, run {self.run_key[:KEY_LENGTH]}"

    @cached_property
    def chart(self) -> maps.Map:
        """The map on which :func:`cgcnn.analysis.maps.place` places new vectors."""
        return maps.rebuild(pd.DataFrame(self.vectors), self.table[["x", "y"]], self.trustworthiness)

    @cached_property
    def spacings(self) -> np.ndarray:
        """The (n,) distances from each vector to the nearest other vector of the map."""
        vectors = self.vectors.astype(np.float64)
        distances: np.ndarray = NearestNeighbors(n_neighbors=2).fit(vectors).kneighbors(vectors)[0][:, 1]
        return distances


def draw(
    run: Run,
    crystals: Crystals,
    level: Level = "environments",
    n_points: int = N_POINTS,
    seed: int = 0,
    device: str = "auto",
) -> EnvironmentMap:
    """Draw the map of crystals by a run.

    Crystals with an element that the run cannot know are left out (:func:`cgcnn.analysis.prediction.seen`). If there
    are more environments than points, :func:`choose` chooses among them. If there are more crystals than points, they
    are drawn at random.

    Args:
        run: A finished run.
        crystals: Any crystals. Their targets are not used.
        level: What the points stand for.
        n_points: The largest number of points, from 10 to :data:`MOST_POINTS`.
        seed: The seed of the choice and of the map.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Raises:
        DataError: Fewer than ten different vectors are left, or a number is out of its bounds.
    """
    check_number("n_points", n_points, _FEWEST, MOST_POINTS)
    check_number("seed", seed, 0, LARGEST_SEED)
    known = crystals.select(seen(run, crystals)[0])
    if level == "elements":
        present = ELEMENT_SYMBOLS[np.unique(known.atomic_numbers)]
        elements = element_vectors(run).loc[present]
        table, vectors, n_all = pd.DataFrame({"element": present}), elements, len(elements)
    elif level == "crystals":
        table, vectors = _crystals(run, known, n_points, seed, device)
        n_all = len(known)
    else:
        graphs = crystal_graphs.load_or_build(known, *run.config.of_graphs)
        table, vectors = _environments(run, known, graphs, n_points, seed, device)
        n_all = graphs.n_nodes
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    # Vectors that differ by less than this differ by rounding alone.
    n_different = len(np.unique(array.round(4), axis=0))
    if n_different < _FEWEST:
        raise DataError(
            f"{crystals.name}: {n_different} different {level}, too few for a map",
            f"give crystals with {_FEWEST} or more",
        )
    with show_progress(_logger, "draw the map", "step", maps.DRAWING_STEPS) as advance:
        drawn = maps.draw_map(pd.DataFrame(array), seed, torch.get_num_threads(), lambda count: advance(count, ""))
    # openTSNE moves the middle of its map to the origin before it places new points.
    points = drawn.points - (drawn.points.max() + drawn.points.min()) / 2
    return EnvironmentMap(
        level,
        table.join(points),
        array,
        run.key,
        run.dataset,
        crystals.name,
        run.quantity,
        n_all,
        seed,
        drawn.trustworthiness,
    )


def choose(elements: np.ndarray, n_points: int, seed: int) -> np.ndarray:
    """Choose environments: half of them at random, and half by turns over the elements of their centers.

    The first half shows the set as it is. In the second half every element takes turns until none of its environments
    is left, so that rare elements are on the map too.

    Args:
        elements: The (m,) elements of the centers of all environments.
        n_points: The number of environments to choose. All are chosen if there are no more.
        seed: The seed of the choice.

    Returns:
        The chosen environments, ascending.
    """
    order = np.random.default_rng(seed).permutation(len(elements))
    if len(elements) <= n_points:
        return np.sort(order)
    at_random, others = np.split(order, [n_points // 2])
    turns = pd.Series(elements[others]).groupby(elements[others]).cumcount().to_numpy()
    by_turns = others[np.argsort(turns, kind="stable")][: n_points - len(at_random)]
    return np.sort(np.concatenate([at_random, by_turns]))


def _environments(
    run: Run, crystals: Crystals, graphs: CrystalGraphs, n_points: int, seed: int, device: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table and the vectors of chosen environments, in the order of the crystals."""
    chosen = choose(np.asarray(graphs.atomic_numbers), n_points, seed)
    # Only the crystals of chosen environments are represented. A crystal has the same vectors in any set.
    wanted, place = np.unique(graphs.crystal_of_node[chosen], return_inverse=True)
    environments = represent(run, crystals.select(wanted), device).environments
    starts = np.concatenate([[0], np.cumsum(np.diff(graphs.node_offsets)[wanted])])
    rows = environments.iloc[starts[place] + chosen - graphs.node_offsets[:-1][wanted][place]]
    rows = rows.reset_index(drop=True)
    vectors = environment_vectors(rows)
    table = rows.drop(columns=vectors.columns)
    table.insert(list(table).index("element") + 1, "first_neighbor", first_neighbors(graphs)[chosen])
    return table, vectors


def _crystals(run: Run, crystals: Crystals, n_points: int, seed: int, device: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table and the vectors of chosen crystals, in their order."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(crystals))[:n_points])
    some = crystals.select(chosen)
    levels = represent(run, some, device)
    table = levels.energies.reset_index()
    table.insert(1, "formula", some.reduced_formulas())
    return table, levels.crystals
