"""Properties of the elements, from the tables of mendeleev."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

# The series of mendeleev that are neither metals nor metalloids; the paper counts metalloids as metals.
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
        symbols: The symbols of the elements.

    Returns:
        One row per symbol, in the order given: ``atomic_number``, ``period``, ``group`` (1 to 18; mendeleev puts
        lanthanum and actinium in group 3, and the elements after them, to lutetium and lawrencium, in none),
        ``block``, ``covalent_radius_pm`` (Cordero et al. 2008, doi 10.1039/b801115j), ``electronegativity``
        (Pauling's scale), ``series``, ``is_metal`` (True for metals and metalloids), ``is_radioactive`` and
        ``pettifor_number`` (Pettifor's chemical scale, 1984, doi 10.1016/0038-1098(84)90765-8).

    Raises:
        KeyError: A symbol is not that of an element.
    """
    return _all_elements().loc[list(symbols)]


def sorted_elements(symbols: Sequence[str], by: str) -> list[str]:
    """Return elements sorted by a property.

    Args:
        symbols: The symbols of the elements.
        by: A column of :func:`element_table`, such as ``pettifor_number``.
    """
    return [str(symbol) for symbol in element_table(symbols).sort_values(by).index]


def numeric_properties() -> pd.DataFrame:
    """Return the numeric properties of all elements, for models that describe a crystal by its composition.

    Returns:
        One row per element, by atomic number from hydrogen on. A value that mendeleev does not have is NaN.
    """
    elements = _table("elements").set_index("symbol").sort_values("atomic_number")
    return elements[list(_NUMERIC)].astype(float)


@cache
def _all_elements() -> pd.DataFrame:
    """Return the properties of all elements. The tables of mendeleev take seconds to read, so they are read once."""
    elements = _table("elements").set_index("symbol")
    series = elements["series_id"].map(_table("series").set_index("id")["name"])
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


def _table(name: str) -> pd.DataFrame:
    """Return a table of mendeleev, which is imported with its database when a table is asked for."""
    from mendeleev.fetch import fetch_table

    return fetch_table(name)
