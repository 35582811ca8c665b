"""The metals of the paper's Fig. 3, and the categories into which its Table II (S) sorts elements."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cgcnn.analysis.elements import element_table

#: The four properties of Fig. 3(c), in its order.
PROPERTIES = ("block", "group", "radius", "electronegativity")
_N_BINS = 5


def nonradioactive_metals(symbols: Sequence[str]) -> list[str]:
    """Return those of the elements that the paper's Fig. 3 shows, by atomic number.

    "Metals" are the metals and metalloids: Castelli's perovskites have B, Si, Ge, As, Sb and Te on their cation sites.
    """
    table = element_table(symbols)
    chosen = table[table["is_metal"] & ~table["is_radioactive"]]
    return chosen.sort_values("atomic_number").index.tolist()


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
