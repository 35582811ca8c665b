"""The calculated energies of dihydrides, among which TmH2 is said to stand out (Fig. 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgcnn.data.crystals import Crystals

_DIHYDRIDE = re.compile(r"([A-Z][a-z]?)H2")


def dihydrides(crystals: Crystals) -> pd.DataFrame:
    """Return the lowest calculated energy of each dihydride XH2 of a data set.

    Args:
        crystals: The data set.

    Returns:
        One row per element X, which is the index ``element``, the lowest first: ``crystal`` (id) and the target, such
        as ``energy_eV_per_atom``.
    """
    found = [
        (match[1], crystal, target)
        for formula, crystal, target in zip(crystals.reduced_formulas(), crystals.ids, crystals.targets, strict=True)
        if (match := _DIHYDRIDE.fullmatch(formula))
    ]
    energy = crystals.quantity.column()
    table = pd.DataFrame(found, columns=["element", "crystal", energy]).sort_values(energy, kind="stable")
    return table.drop_duplicates("element").set_index("element")


def dihydride_numbers(lowest: pd.DataFrame, element: str = "Tm", n_lower: int = 3) -> dict[str, Any]:
    """Return where the dihydride of an element stands among all dihydrides.

    Args:
        lowest: The table of :func:`dihydrides`.
        element: The symbol of the element.
        n_lower: The number of dihydrides just below it that are named.

    Returns:
        ``place`` (1 for the lowest), ``number`` (of dihydrides), ``energy`` (that of the element's dihydride) and
        ``lower``, the symbols of the elements just below it and their energies; all but the number are missing where
        the element has no dihydride.
    """
    if element not in lowest.index:
        return {"number": len(lowest)}
    energies = lowest.iloc[:, -1]
    place = lowest.index.tolist().index(element)
    return {
        "place": place + 1,
        "number": len(lowest),
        "energy": float(energies.iloc[place]),
        "lower": energies.iloc[max(0, place - n_lower) : place].to_dict(),
    }


def place_text(numbers: Mapping[str, Any], n_environments: int, element: str = "Tm") -> str:
    """Say where the dihydride of an element stands, and on how many environments its cell of Fig. 6 rests.

    Args:
        numbers: The numbers of :func:`dihydride_numbers`.
        n_environments: The number of environments of the element next to hydrogen.
        element: The symbol of the element.

    Returns:
        Two sentences; one, that there is no such dihydride, where there is none.
    """
    if "place" not in numbers:
        return f"No dihydride of {element} is among these crystals."
    return (
        f"By its calculated energy, the dihydride of {element} is at place {numbers['place']} of {numbers['number']}. "
        f"The number of environments in the cell {element}-H is {n_environments}."
    )
