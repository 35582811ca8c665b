"""The maps to explore of the book's sections, from the tables that the sections have saved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis.explored_maps import site_examples
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.figures.elements import FAMILY_COLORS, families
from cgcnn.figures.explorer import Explorer, Trait
from cgcnn.figures.periodic_table import place
from cgcnn.paper.mp_cells import FEW_ENVIRONMENTS
from cgcnn.paper.section import Section

# The traits of an environment, an element or a pair: their columns, what they are called, their units and digits.
_TRAITS = {
    "region": ("region", "", 0),
    "class": ("family of the center", "", 0),
    "element": ("element of the center", "", 0),
    "n_neighbors": ("neighbors", "", 0),
    "octahedral": ("octahedral order", "", 2),
    "tetrahedral": ("tetrahedral order", "", 2),
    "neighbor_distance_angstrom": ("mean distance of 12 neighbors", "Å", 2),
    "density_g_per_cm3": ("density of the crystal", "g/cm³", 2),
    "series": ("family", "", 0),
    "block": ("block", "", 0),
    "pc1": ("first principal component, learned", "", 2),
    "pc2": ("second principal component, learned", "", 2),
    "covalent_radius_pm": ("covalent radius", "pm", 0),
    "electronegativity": ("electronegativity (Pauling)", "", 2),
    "group": ("group", "", 0),
    "period": ("period", "", 0),
    "training_crystals": ("training crystals", "", 0),
    "test_crystals": ("test crystals", "", 0),
    "n_environments": ("environments", "", 0),
}
_PALETTES = {"series": FAMILY_COLORS}
# So many environments of a cell of Fig. 6 are shown one after the other, each of another crystal.
_N_OF_PAIR = 2
# The color behind the cells of Fig. 6, for pairs that do not occur. It is no color of a value.
_GROUND = "#c4c4c4"
# The quantiles at which the colors of local energies end, where they are others than usual.
_ENDS = {"boron_environments": (0.05, 0.90)}


def environment_explorer(section: Section, name: str, title: str, crystals: Crystals) -> Explorer:
    """Return a map of environments, as Fig. 4 or Fig. 5, as a map to explore.

    Args:
        section: The section, which has saved the table of the map.
        name: The name of the table: one row per environment with ``crystal``, ``site``, ``element``, ``x``, ``y``, the
            local value, and any of the traits that this file knows.
        title: What the map shows.
        crystals: The data set.
    """
    table = _saved(section, name)
    column = crystals.quantity.column("local")
    traits = [_of_sites(table[column], f"local {crystals.quantity.word}", crystals.quantity, section), *_known(table)]
    examples = site_examples(np.arange(len(table)), table, crystals)
    points = table[["x", "y"]].to_numpy(np.float64)
    return Explorer(f"explore-{name.replace('_', '-')}", title, points, examples.names, traits, examples)


def element_explorer(section: Section, name: str, title: str, crystals: Crystals, table: bool = False) -> Explorer:
    """Return the elements as a map to explore: by their principal components, or on the periodic table.

    An element shows one of its sites in the crystal that has the lowest target of those that hold it.

    Args:
        section: The section, which has saved the table of the map and ``errors_by_element``.
        name: The name of the table: one row per element with ``element``, ``pc1``, ``pc2`` and its properties.
        title: What the map shows.
        crystals: The data set.
        table: Whether the elements stand on the periodic table.
    """
    quantity = crystals.quantity
    elements = _saved(section, name).merge(_saved(section, "errors_by_element"), how="left", on="element")
    symbols = elements["element"].tolist()
    numbers = [int(number) for number in elements["atomic_number"]]
    error = Trait("test error", elements[quantity.with_unit("test_mae")], quantity.unit, 3)
    if "series" in elements:
        elements["series"] = families(elements)
    known = _known(elements.drop(columns="element"))
    # The map of the periodic table is there for numbers, and its first color is the error.
    traits = [error, *known] if table else [*known, error]
    points = np.array([place(number) for number in numbers]) * [1, -1] if table else elements[["pc1", "pc2"]].to_numpy()
    examples = site_examples(np.arange(len(symbols)), _lowest_sites(crystals, symbols), crystals)
    return Explorer(
        f"explore-{name.replace('_', '-')}{'-table' if table else ''}", title, points, symbols, traits, examples,
        cells=table, labels=symbols,
    )  # fmt: skip


def pair_explorer(section: Section, order: Sequence[str], sites: pd.DataFrame, crystals: Crystals) -> Explorer:
    """Return Fig. 6 as a map to explore: each cell tells its numbers and shows some of its environments.

    The environments are those of the crystals with the fewest sites. Cells of few environments are pale, and show one.

    Args:
        section: The section, which has saved the table ``figure_6``.
        order: The symbols of the elements in the order of rows and columns.
        sites: One row per distinct environment: ``crystal``, ``site``, ``element`` and ``first_neighbor``.
        crystals: The data set.
    """
    quantity, cells = crystals.quantity, _saved(section, "figure_6")
    rank = {symbol: number for number, symbol in enumerate(order)}
    points = np.column_stack([cells["first_neighbor"].map(rank), -cells["center"].map(rank)]).astype(float)
    names = [
        f"{center} next to {other}" for center, other in zip(cells["center"], cells["first_neighbor"], strict=True)
    ]
    unit = quantity.unit.removesuffix("/atom")
    traits = [
        Trait(f"mean local {quantity.word}", cells[quantity.column("mean_local")], unit, centered=True),
        Trait("spread over the seeds", cells[quantity.with_unit("std_over_seeds")], unit),
        *_known(cells),
    ]
    sizes = dict(zip(crystals.ids, crystals.n_sites.tolist(), strict=True))
    shown = sites.assign(size=sites["crystal"].map(sizes)).sort_values(["size", "crystal", "site"], kind="stable")
    shown = shown.drop_duplicates(["element", "first_neighbor", "crystal"])
    pair = pd.MultiIndex.from_frame(cells[["center", "first_neighbor"]])
    shown["cell"] = pair.get_indexer(pd.MultiIndex.from_frame(shown[["element", "first_neighbor"]]))
    shown = shown[shown["cell"] >= 0].sort_values("cell", kind="stable")
    pale = (cells["n_environments"] < FEW_ENVIRONMENTS).to_numpy()
    n_of_cell = np.where(pale, 1, _N_OF_PAIR)[shown["cell"]]
    shown = shown[shown.groupby("cell").cumcount() < n_of_cell]
    examples = site_examples(shown["cell"].to_numpy(), shown, crystals)
    title = f"{len(cells):,} pairs of a center (rows) and its first neighbor (columns)"
    return Explorer("explore-figure-6", title, points, names, traits, examples, cells=True, ground=_GROUND, pale=pale)


def _saved(section: Section, name: str) -> pd.DataFrame:
    """Return a table that a section has saved. Texts such as NA, for sodium, are no missing values."""
    path = section.results / section.name / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def _of_sites(values: pd.Series, label: str, quantity: Quantity, section: Section) -> Trait:
    """Return values of sites as a trait."""
    ends = _ENDS.get(section.name, (0.02, 0.98))
    return Trait(label, values, quantity.unit.removesuffix("/atom"), ends=ends)


def _known(table: pd.DataFrame) -> list[Trait]:
    """Return the traits of a table that this file knows and that differ between its rows."""
    return [
        Trait(label, table[column], unit, digits, palette=_PALETTES.get(column, {}))
        for column, (label, unit, digits) in _TRAITS.items()
        if column in table and len(table[column].unique()) > 1
    ]


def _lowest_sites(crystals: Crystals, symbols: Sequence[str]) -> pd.DataFrame:
    """Return the first site of each element in the crystal of the lowest target that holds the element."""
    crystal_of_site = np.repeat(np.arange(len(crystals)), crystals.n_sites)
    order = np.argsort(crystals.targets[crystal_of_site], kind="stable")
    present, first = np.unique(ELEMENT_SYMBOLS[crystals.atomic_numbers[order]], return_index=True)
    site = pd.Series(order[first], present).loc[list(symbols)].to_numpy()
    crystal = crystal_of_site[site]
    ids = np.array(crystals.ids, dtype=object)[crystal]
    return pd.DataFrame({"crystal": ids, "site": site - crystals.site_offsets[crystal]})
