"""What is known of the elements, from mendeleev, and the categories into which the paper's Table II (S) sorts them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd
from mendeleev.fetch import fetch_table

#: The four properties of Fig. 3(c), in its order.
PROPERTIES = ("block", "group", "radius", "electronegativity")

# Series of mendeleev that are not metals or metalloids; the paper's "nonradioactive metals" include the latter.
_NOT_METALS = ("Nonmetals", "Noble gases", "Halogens")
_N_BINS = 5
# The columns of mendeleev's table that nearly all elements up to plutonium have.
_NUMERIC = (
    "atomic_number",
    "mendeleev_number",
    "pettifor_number",
    "period",
    "group_id",
    "atomic_weight",
    "atomic_radius",
    "covalent_radius_cordero",
    "vdw_radius",
    "en_pauling",
    "electron_affinity",
    "dipole_polarizability",
    "density",
    "evaporation_heat",
    "fusion_heat",
    "molar_heat_capacity",
    "heat_of_formation",
    "en_miedema",
    "miedema_molar_volume",
    "miedema_electron_density",
)


def element_table(symbols: Sequence[str]) -> pd.DataFrame:
    """Return properties of elements.

    Args:
        symbols: Element symbols.

    Returns:
        One row a symbol, in the order given: ``atomic_number``, ``period``, ``group`` (1 to 18; lanthanum, as
        mendeleev has it, in 3; none for the elements from cerium to lutetium), ``block``, ``covalent_radius_pm``
        (Cordero et al. 2008, doi 10.1039/b801115j), ``electronegativity`` (Pauling's), ``series``, ``is_metal``
        (metals and metalloids), ``is_radioactive``, ``pettifor_number`` (Pettifor's chemical scale, 1984, doi
        10.1016/0038-1098(84)90765-8).

    Raises:
        KeyError: A symbol is not an element's.
    """
    return _all_elements().loc[list(symbols)]


def nonradioactive_metals(symbols: Sequence[str]) -> list[str]:
    """Return those of the elements that the paper's Fig. 3 shows, by atomic number.

    "Metals" are the metals and metalloids: Castelli's perovskites have B, Si, Ge, As, Sb and Te on their cation sites.
    """
    table = element_table(symbols)
    chosen = table[table["is_metal"] & ~table["is_radioactive"]]
    return chosen.sort_values("atomic_number").index.tolist()


def sorted_elements(symbols: Sequence[str], by: str) -> list[str]:
    """Return elements sorted by one of the columns of :func:`element_table`, such as ``pettifor_number``."""
    return [str(symbol) for symbol in element_table(symbols).sort_values(by).index]


def categories(symbols: Sequence[str]) -> pd.DataFrame:
    """Sort elements into the categories of the paper's Table II (S).

    Its five radius and electronegativity classes are equal parts of the range that the elements span. Printed as
    half-open on the right, they would leave out the largest element of all (Cs, 244 pm; Au, 2.4). They are the edges
    that ``pandas.cut`` makes of the 52 perovskite metals: it closes each class on the right and puts the lowest edge
    0.1 % of the range below the smallest, which is how 0.79 (Cs) and 84 pm (B) become the printed 0.788 and 83
    (0.78839 and 83.84). Read so, every element has a class; the two readings differ for one other, Bi, whose 148 pm is
    on an edge. The radii are in picometers, where the table's heading says angstrom.

    Args:
        symbols: The elements, whose own range is cut into the five classes.

    Returns:
        One row a symbol, columns :data:`PROPERTIES`, each a label as text.

    Raises:
        KeyError: A symbol is not an element's.
        ValueError: An element lacks one of the properties, so that it has no category.
    """
    table = element_table(symbols)
    for column in ("group", "covalent_radius_pm", "electronegativity"):
        lacking = table.index[table[column].isna()].tolist()
        if lacking:
            raise ValueError(f"no {column} is known of {', '.join(lacking)}, so no category: leave them out")
    return pd.DataFrame(
        {
            "block": table["block"].astype(str),
            "group": table["group"].astype(int).astype(str),
            "radius": pd.cut(table["covalent_radius_pm"], _N_BINS, precision=0).astype(str),
            "electronegativity": pd.cut(table["electronegativity"], _N_BINS, precision=3).astype(str),
        },
        index=table.index,
    )


def numeric_properties() -> pd.DataFrame:
    """Return the numbers that are known of the elements, for models that describe a crystal by its composition.

    Returns:
        One row an element, by atomic number from hydrogen on; NaN where mendeleev has nothing.
    """
    elements = fetch_table("elements").set_index("symbol").sort_values("atomic_number")
    return elements[list(_NUMERIC)].astype(float)


@cache
def _all_elements() -> pd.DataFrame:
    """Read mendeleev's tables, which takes seconds, once."""
    elements = fetch_table("elements").set_index("symbol")
    series = elements["series_id"].map(fetch_table("series").set_index("id")["name"])
    return pd.DataFrame(
        {
            "atomic_number": elements["atomic_number"],
            "period": elements["period"],
            "group": elements["group_id"],
            "block": elements["block"],
            "pettifor_number": elements["pettifor_number"],
            "covalent_radius_pm": elements["covalent_radius_cordero"],
            "electronegativity": elements["en_pauling"],
            "series": series,
            "is_metal": ~series.isin(_NOT_METALS),
            "is_radioactive": elements["is_radioactive"].astype(bool),
        }
    )
