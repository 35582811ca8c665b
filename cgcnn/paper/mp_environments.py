"""All distinct environments of the Materials Project, those that are mapped, and what each run says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgcnn.analysis.elements import element_table
from cgcnn.analysis.pairs import bonded_neighbors, first_neighbors
from cgcnn.analysis.prediction import seen
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.training.runs import Run

# Fewer environments than this make no map of an anion.
_FEWEST = 100


@dataclass(frozen=True)
class Environments:
    """The n distinct environments of a set of crystals, and what each run says of them.

    Attributes:
        sites: One row per environment: ``crystal`` (id), ``site`` (the first of its sites, counted from 0 in the
            crystal), ``element`` (of the center), ``multiplicity``, ``first_neighbor``, ``bonded_neighbor`` (the
            symbols of :func:`cgcnn.analysis.pairs.first_neighbors` and of
            :func:`cgcnn.analysis.pairs.bonded_neighbors`) and ``in_element`` (whether its crystal is of one element).
        local: The (n,) local values of each run, such as energies in eV, in the order of the runs.
        drawn: The places of the environments that are mapped around each anion, ascending.
        vectors: For each anion, the (drawn, width) vectors v(K) of these environments by each run.
        quantity: What the runs predict.
    """

    sites: pd.DataFrame
    local: tuple[np.ndarray, ...]
    drawn: dict[str, np.ndarray]
    vectors: dict[str, list[pd.DataFrame]]
    quantity: Quantity

    def of_runs(self) -> list[pd.DataFrame]:
        """Return the table of sites for each run, with the local value, such as ``local_energy_eV_per_atom``."""
        return [self._with_local(values) for values in self.local]

    def mean(self) -> pd.DataFrame:
        """Return the table of sites with the mean local value of the runs."""
        return self._with_local(np.mean(self.local, axis=0))

    def _with_local(self, values: np.ndarray) -> pd.DataFrame:
        return self.sites.assign(**{self.quantity.column("local"): values})


def read(runs: Sequence[Run], crystals: Crystals, wanted: Mapping[str, int], seed: int) -> Environments:
    """Let each run say what it knows of all environments, and keep the vectors of those that are mapped.

    Crystals with an element that the runs cannot know are left out (:func:`cgcnn.analysis.prediction.seen`). The
    vectors of one run have about a hundred times the size of what is kept of them, so one run is read at a time.

    Args:
        runs: Finished runs on the same training crystals and with the same parameters of the graphs.
        crystals: The data set.
        wanted: The number of environments that are to be mapped around each anion, as for :func:`draw`.
        seed: The seed of the draw.
    """
    config, quantity = runs[0].config, runs[0].quantity
    known = crystals.select(seen(runs[0], crystals)[0])
    graphs = load_or_build(known, *config.of_graphs)
    sites = site_table(known, graphs)
    drawn = draw(sites, wanted, seed)
    local, vectors = [], {anion: [] for anion in drawn}  # type: tuple[list[np.ndarray], dict[str, list[pd.DataFrame]]]
    for run in runs:
        table = represent(run, known, graphs=graphs).environments
        local.append(table[quantity.column("local")].to_numpy())
        for anion, places in drawn.items():
            vectors[anion].append(environment_vectors(table.iloc[places]).reset_index(drop=True))
    return Environments(sites, tuple(local), drawn, vectors, quantity)


def site_table(crystals: Crystals, graphs: CrystalGraphs) -> pd.DataFrame:
    """Return the table ``sites`` of :class:`Environments`.

    Args:
        crystals: The data set.
        graphs: The graphs of these crystals.
    """
    numbers, starts = crystals.atomic_numbers, crystals.site_offsets[:-1]
    one_element = np.maximum.reduceat(numbers, starts) == np.minimum.reduceat(numbers, starts)
    return pd.DataFrame(
        {
            "crystal": np.array(crystals.ids, dtype=object)[graphs.crystal_of_node],
            "site": graphs.sites,
            "element": ELEMENT_SYMBOLS[graphs.atomic_numbers],
            "multiplicity": graphs.multiplicities.astype(int),
            "first_neighbor": first_neighbors(graphs),
            "bonded_neighbor": bonded_neighbors(graphs),
            "in_element": one_element[graphs.crystal_of_node],
        }
    )


def centers_around(environments: pd.DataFrame, anion: str) -> pd.DataFrame:
    """Return the environments whose first neighbor is an anion and whose center is another element.

    Args:
        environments: One row per distinct environment, with ``element`` and ``first_neighbor``.
        anion: The symbol of the anion.
    """
    return environments[(environments["first_neighbor"] == anion) & (environments["element"] != anion)]


def is_less_electronegative(symbols: pd.Series, anion: str) -> pd.Series:
    """Return whether elements are less electronegative than an anion on Pauling's scale, by the same index.

    Pauling's scale has no value of a few metals, such as Eu, Tb and Yb, and of light noble gases. These metals count as
    less electronegative, and these noble gases do not.

    Args:
        symbols: The symbols of the elements, which may repeat.
        anion: The symbol of the anion.
    """
    table = element_table(sorted({*symbols, anion}))
    values = table["electronegativity"]
    return symbols.map((values < values[anion]) | (values.isna() & table["is_metal"])).astype(bool)


def draw(sites: pd.DataFrame, wanted: Mapping[str, int], seed: int) -> dict[str, np.ndarray]:
    """Draw the environments that are mapped: those around an anion whose center is less electronegative than it.

    Args:
        sites: The table of :func:`site_table`.
        wanted: The number of environments that are to be mapped around each anion. All are taken if there are fewer.
        seed: The seed of the draw.

    Returns:
        The places of the drawn environments around each anion, ascending. An anion with fewer than a hundred such
        environments is left out, since they make no map.
    """
    places = {}
    for anion, number in wanted.items():
        around = centers_around(sites, anion)
        around = around[is_less_electronegative(around["element"], anion)]
        if len(around) >= _FEWEST:
            places[anion] = _sample(around, number, seed)
    return places


def drawn_before(sites: pd.DataFrame, wanted: Mapping[str, int], seed: int) -> pd.DataFrame:
    """Count what a draw over all centers takes, as the maps of this book were first drawn.

    Args:
        sites: The table of :func:`site_table`.
        wanted: The number of environments that were mapped around each anion.
        seed: The seed of the draw.

    Returns:
        One row per anion, which is the index: ``drawn``, ``more_electronegative`` (the number of centers that are more
        electronegative than the anion, or light noble gases), and one column for each of these elements.
    """
    rows = {}
    for anion, number in wanted.items():
        around = centers_around(sites, anion)
        centers = around.loc[_sample(around, number, seed), "element"]
        others = centers[~is_less_electronegative(centers, anion)]
        rows[anion] = {"drawn": len(centers), "more_electronegative": len(others), **others.value_counts()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("anion").fillna(0).astype(int)


def draw_numbers(before: pd.DataFrame) -> dict[str, int]:
    """Return the counts of :func:`drawn_before` by names such as ``before_S_drawn``, to be shown in a text.

    Args:
        before: The table of :func:`drawn_before`.
    """
    return {f"before_{anion}_{name}": int(number) for anion, row in before.iterrows() for name, number in row.items()}


def _sample(around: pd.DataFrame, number: int, seed: int) -> np.ndarray:
    """Return the places of environments that are drawn from the rows of a table, whose index counts all of them."""
    drawn: np.ndarray = around.sample(min(number, len(around)), random_state=seed).sort_index().index.to_numpy()
    return drawn
