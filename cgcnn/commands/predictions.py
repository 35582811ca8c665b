"""Write predictions of crystals as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from cgcnn.data.quantity import Quantity


def prediction_lines(table: pd.DataFrame, quantity: Quantity) -> Iterator[list[str]]:
    """Yield the cells of each crystal's line: its name, its prediction, the spread of several runs, and the unit.

    Args:
        table: The table of :func:`cgcnn.analysis.ensembles.combine`.
        quantity: What is predicted.
    """
    spread = quantity.with_unit("uncertainty")
    has_spread = spread in table and table[spread].notna().all()
    for name, row in table.iterrows():
        cells = [str(name), f"{row[quantity.column()]:.4f}"]
        if has_spread:
            cells.append(f"{row[spread]:.4f}")
        yield [*cells, quantity.unit]
