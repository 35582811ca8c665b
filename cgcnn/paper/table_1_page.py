"""The tables and numbers of the section on Table I, as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import readable_name
from cgcnn.paper.section import parts_for_text


def methods_on_the_page(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> Styler:
    """Return the table of :func:`cgcnn.paper.table_1.same_crystals` as the page shows it.

    Args:
        methods: The table.
        quantity: What the methods predict.
    """
    names = {quantity.with_unit("test_mae"): quantity.in_unit("MAE"), "test_mae_std": "standard deviation"}
    shown = methods.drop(columns="ours").assign(set=methods["set"].map(readable_name)).rename(columns=names)
    return shown.style.hide(axis="index").format(na_rep="", precision=4)


def beaten_on_the_page(beaten: pd.DataFrame) -> Styler:
    """Return the table of :func:`cgcnn.paper.table_1.beaten_rivals` as the page shows it.

    Args:
        beaten: The table.
    """
    names = {
        "over_the_papers_network": "error over that of the paper's network",
        "over_the_best": "error over our lowest",
    }
    shown = beaten.assign(set=beaten["set"].map(readable_name)).rename(columns=names)
    return shown.style.hide(axis="index").format(precision=2)


def shown_values(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that the text of the section shows, by the names under which it shows them.

    Args:
        numbers: The numbers of the section.
    """
    parts = parts_for_text(numbers, ("best_descriptor_over_ours", "paper_choice_over_best"))
    return {"n_trials": numbers["n_trials"], **parts}
