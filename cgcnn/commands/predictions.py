"""Write predictions of crystals, and what they are worth, as lines for people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from cgcnn.data.quantity import Quantity


def prediction_lines(table: pd.DataFrame, quantity: Quantity) -> Iterator[list[str]]:
    """Yield the cells of each crystal's line.

    They are its name, its prediction, the spread of several runs, the unit where it is known, the ends of the interval,
    whether the crystal is inside of what was seen, and the remark on a crystal that is implausible.

    Args:
        table: The table of :func:`cgcnn.analysis.ranges.predict_with_range`.
        quantity: What is predicted.
    """
    spread, lower, upper = (quantity.with_unit(name) for name in ("uncertainty", "lower", "upper"))
    has_spread = bool(table[spread].notna().all())
    for name, row in table.iterrows():
        cells = [str(name), f"{row[quantity.column()]:.4f}"]
        if has_spread:
            cells.append(f"{row[spread]:.4f}")
        if quantity.unit:
            cells.append(quantity.unit)
        if math.isfinite(row[lower]):
            cells.append(f"90 %: {row[lower]:.4f} to {row[upper]:.4f}")
        yield [*cells, row["range"], row["remark"]]
