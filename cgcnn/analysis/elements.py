"""What is known of the elements, from mendeleev, and the categories into which the paper's Table II (S) sorts them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd
from mendeleev.fetch import fetch_table

# Series of mendeleev that are not metals or metalloids; the paper's "nonradioactive metals" include the latter.
_NOT_METALS = ("Nonmetals", "Noble gases", "Halogens")
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


def sorted_elements(symbols: Sequence[str], by: str) -> list[str]:
    """Return elements sorted by one of the columns of :func:`element_table`, such as ``pettifor_number``."""
    return [str(symbol) for symbol in element_table(symbols).sort_values(by).index]


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
