"""The names of data sets, sections and columns as people read them."""

from __future__ import annotations

import pandas as pd

from cgcnn.data.quantity import ENERGY, Quantity

# Names that are more than their words without underscores.
_NAMES = {
    "materials_project": "Materials Project",
    "mp_coordination": "Materials Project",
    "table_1": "Table I",
    "perovskite_elements": "perovskites",
    "boron_environments": "boron",
    "n_convolutions": "convolutions",
    "width": "length of v",
    "training_size": "training crystals",
}
_PARTS = {"train": "training", "validation": "validation", "test": "test"}


def readable_name(name: str) -> str:
    """Return the name of a data set, a section or a column as a page shows it, such as ``Materials Project``.

    Args:
        name: The name in the package, such as ``materials_project``.
    """
    return _NAMES.get(name, name.replace("_", " "))


def readable(table: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return a table whose columns, rows and names of sets are written as people read them.

    Args:
        table: A table with names of the package, such as ``validation_mae_eV_per_atom`` and ``materials_project``.
        quantity: What is predicted, whose unit stands in the names of errors.
    """
    errors = {quantity.with_unit(f"{part}_mae"): quantity.in_unit(f"{name} MAE") for part, name in _PARTS.items()}

    def name(each: object) -> object:
        return errors.get(each, readable_name(each)) if isinstance(each, str) else each

    shown = table.rename(index=name, columns=name).rename_axis(index=name, columns=name)
    return shown.map(name) if "set" in shown.columns else shown
