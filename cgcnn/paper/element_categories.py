"""The metals of the paper's Fig. 3, and the categories into which its Table II (S) sorts elements."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cgcnn.analysis.elements import element_table

#: The four properties of Fig. 3(c), in its order.
PROPERTIES = ("block", "group", "radius", "electronegativity")
_N_BINS = 5
_NEEDED = ["group", "covalent_radius_pm", "electronegativity"]
# Fewer members of a category than this cannot be in every fold of the cross-validation.
_FEWEST_MEMBERS = 3


def nonradioactive_metals(symbols: Sequence[str]) -> list[str]:
    """Return those of the elements that the paper's Fig. 3 shows, sorted by atomic number.

    The paper calls them nonradioactive metals. Metalloids are among them, since Castelli's perovskites have B, Si, Ge,
    As, Sb and Te on their cation sites.

    Args:
        symbols: The symbols of the elements to choose from.
    """
    table = element_table(symbols)
    chosen = table[table["is_metal"] & ~table["is_radioactive"]]
    return chosen.sort_values("atomic_number").index.tolist()


def categories(symbols: Sequence[str]) -> pd.DataFrame:
    """Sort elements into the categories of the paper's Table II (S).

    The five classes of radius and of electronegativity are equal parts of the range that the elements span. The table
    prints them as open on the right. Read so, they would leave out the element with the largest value (Cs with 244 pm;
    Au with 2.4). The printed edges are those that ``pandas.cut`` gives for the 52 perovskite metals: it closes each
    class on the right, and puts the lowest edge below the smallest value by 0.1 % of the range. The 0.79 of Cs and the
    84 pm of B thus become 0.78839 and 83.84, which the table prints as 0.788 and 83. We therefore close each class on
    the right, which gives every element a class. The two readings differ for one further element, Bi, whose 148 pm are
    an edge. The radii of the table are in picometers, although its heading says angstrom.

    Args:
        symbols: The symbols of the elements, whose own range is cut into the five classes.

    Returns:
        One row per symbol, with the columns :data:`PROPERTIES`, whose values are labels as text.

    Raises:
        KeyError: A symbol is not that of an element.
        ValueError: An element lacks one of the properties, so that it has no category.
    """
    table = element_table(symbols)
    for column in _NEEDED:
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


def with_categories(symbols: Sequence[str] | pd.Index) -> list[str]:
    """Return those of the elements that have every property of :func:`categories`, in the given order.

    Args:
        symbols: The symbols of the elements. Cerium to lutetium, for example, have no group.
    """
    return [str(symbol) for symbol in element_table(list(symbols)).dropna(subset=_NEEDED).index]


def are_readable(labels: pd.DataFrame) -> bool:
    """Return whether a linear model can be fitted to each property, while a third of the elements is held out.

    Args:
        labels: The categories of the elements, from :func:`categories`, or some columns of it.

    Returns:
        Whether each property has two categories or more with at least three elements.
    """
    frequent = [(labels[name].value_counts() >= _FEWEST_MEMBERS).sum() for name in labels]
    return min(frequent) >= 2
