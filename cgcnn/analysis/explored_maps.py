"""Finished maps of any crystals as maps to explore, with new sites on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pymatgen.core import Element

from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.neighborhoods import join, neighborhoods
from cgcnn.data.quantity import Quantity
from cgcnn.figures.explorer import Examples, Explorer, Trait

# The columns of texts by which a map can be colored, and what they are called.
_KINDS = {"class": "class", "element": "element of the center", "first_neighbor": "first neighbor"}
_NO_RANGE = "on the map"


def explore_map(drawn: EnvironmentMap, crystals: Crystals) -> Explorer:
    """Return a finished map as a map to explore.

    Args:
        drawn: The map.
        crystals: The crystals that it was drawn from. A point of a map of environments shows its site. A point of a map
            of crystals shows the first site of its crystal, and one of a map of elements the first site of its element.
    """
    table, title = drawn.table, f"Map of {drawn.crystals_name}"
    points = table[["x", "y"]].to_numpy(np.float64)
    if drawn.level == "elements":
        symbols = table["element"].tolist()
        return Explorer(
            "map", title, points, symbols, _of_elements(symbols), _examples(_first_sites(crystals, symbols), crystals),
            labels=symbols,
        )  # fmt: skip
    if drawn.level == "crystals":
        names = [f"{formula}, {name}" for formula, name in zip(table["formula"], table["crystal"], strict=True)]
        traits = [_values(table, drawn.quantity.column(), drawn.quantity.name, drawn.quantity.unit)]
        return Explorer("map", title, points, names, traits, _examples(table[["crystal"]].assign(site=0), crystals))
    traits = _of_environments(table, drawn.quantity)
    return Explorer("map", title, points, _site_names(table), traits, _examples(table, crystals))


def explore_located(
    drawn: EnvironmentMap, sites: pd.DataFrame, new: Crystals, crystals: Crystals | None = None
) -> Explorer:
    """Return a map of environments with new sites on it as a map to explore. The new sites have rings.

    Args:
        drawn: The map.
        sites: The table ``sites`` of :class:`cgcnn.analysis.locate.Located`.
        new: The new crystals.
        crystals: The crystals that the map was drawn from; None where they are not at hand, so that only the new sites
            show their atoms.
    """
    both = pd.concat([sites, drawn.table], ignore_index=True)
    if "class" in both:
        both["class"] = both["class"].fillna("new")
    ranges = both["range"].fillna(_NO_RANGE)
    traits = [*_of_environments(both, drawn.quantity), Trait("new sites, by their distance from the map", ranges)]
    examples = _examples(sites, new)
    if crystals is not None:
        of_map = _examples(drawn.table, crystals)
        examples = Examples(
            np.arange(len(both)),
            [*examples.names, *of_map.names],
            [*examples.crystals, *of_map.crystals],
            join([examples.atoms, of_map.atoms]),
        )
    title = f"New crystals on the map of {drawn.crystals_name}"
    points = both[["x", "y"]].to_numpy(np.float64)
    return Explorer("map", title, points, _site_names(both), traits, examples, rings=range(len(sites)))


def _of_environments(table: pd.DataFrame, quantity: Quantity) -> list[Trait]:
    """Return the traits of environments: the local value, and their kinds."""
    local = _values(table, quantity.column("local"), f"local {quantity.name}", quantity.unit.removesuffix("/atom"))
    return [local, *(Trait(label, table[name]) for name, label in _KINDS.items() if name in table)]


def _values(table: pd.DataFrame, column: str, label: str, unit: str) -> Trait:
    """Return a column of numbers as a trait with three significant digits at least."""
    scale = float(table[column].abs().quantile(0.9))
    digits = int(np.clip(2 - np.floor(np.log10(scale)), 0, 8)) if scale > 0 else 2
    return Trait(label, table[column], unit, digits)


def _of_elements(symbols: list[str]) -> list[Trait]:
    """Return the traits of elements that need no table of properties."""
    elements = [Element(symbol) for symbol in symbols]
    return [
        Trait("block", [f"{element.block} block" for element in elements]),
        Trait("group", [float(element.group) for element in elements], digits=0, ends=(0, 1)),
        Trait("atomic number", [float(element.Z) for element in elements], digits=0, ends=(0, 1)),
    ]


def _first_sites(crystals: Crystals, symbols: list[str]) -> pd.DataFrame:
    """Return the first site of each element, which may be in any of the crystals."""
    present, first = np.unique(ELEMENT_SYMBOLS[crystals.atomic_numbers], return_index=True)
    site = pd.Series(first, present).loc[symbols].to_numpy()
    crystal = np.searchsorted(crystals.site_offsets, site, side="right") - 1
    ids = np.array(crystals.ids, dtype=object)[crystal]
    return pd.DataFrame({"crystal": ids, "site": site - crystals.site_offsets[crystal]})


def _examples(sites: pd.DataFrame, crystals: Crystals) -> Examples:
    """Return one example per point."""
    return site_examples(np.arange(len(sites)), sites, crystals)


def site_examples(points: np.ndarray, sites: pd.DataFrame, crystals: Crystals) -> Examples:
    """Return sites of crystals as what points of a map show.

    Args:
        points: (k,) int64, the point of each site, ascending.
        sites: k rows: ``crystal`` (id) and ``site``.
        crystals: The crystals, which hold all sites.
    """
    places = {crystal: place for place, crystal in enumerate(crystals.ids)}
    rows = sites["crystal"].map(places).to_numpy()
    formulas = dict(zip(sites["crystal"].unique(), crystals.select(pd.unique(rows)).reduced_formulas(), strict=True))
    symbols = ELEMENT_SYMBOLS[crystals.atomic_numbers[crystals.site_offsets[rows] + sites["site"].to_numpy()]]
    names = [
        f"{symbol} in {formulas[crystal]} (site {site} of {crystal})"
        if formulas[crystal] != symbol
        else f"{crystal}, site {site}"  # of an element, it would say "B in B"
        for symbol, crystal, site in zip(symbols, sites["crystal"], sites["site"], strict=True)
    ]
    return Examples(points, names, sites["crystal"].tolist(), neighborhoods(crystals, sites))


def _site_names(table: pd.DataFrame) -> list[str]:
    """Return the name of each site: its label, which may be missing, and its crystal."""
    return [f"{label}, {crystal}" for label, crystal in zip(table["label"], table["crystal"], strict=True)]
