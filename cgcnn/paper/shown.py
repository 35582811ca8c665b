"""Tables as a page shows them: names in words, counts without decimals, and no more digits than a reader needs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from pandas.io.formats.style import Styler

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import NAMES, NETWORKS, readable_name

# What stands at the end of the name of a column, and the unit that a reader sees. The longest come first.
_UNITS = {
    "eV_per_atom": "eV/atom",
    "meV_per_atom": "meV/atom",
    "g_per_cm3": "g/cm³",
    "angstrom": "Å",
    "eV": "eV",
    "pm": "pm",
}
# Names of columns and rows whose words are no sentence for a reader.
_WORDS = {
    **NAMES,
    "n_convolutions": "convolutions",
    "width": "length of v",
    "training_size": "training crystals",
    "n_environments": "environments",
    "n_in_elements": "of these, in crystals of one element",
    "std_over_seeds": "standard deviation over the seeds",
    "mean_predictor_mae": "error of the mean",
    "n_neighbors": "neighbors",
    "octahedral": "octahedral order parameter",
    "tetrahedral": "tetrahedral order parameter",
    "target": "calculated energy",
    "lower": "lower end of the range",
    "upper": "upper end of the range",
    "suspects": "elements with large errors",
    "test_mae_within_1_eV": "test error within 1 eV/atom of the lowest",
    "test_mae_without_twins": "test error without near-copies",
    "test_mae_of_twins": "test error of near-copies",
    "knn_r2.local_energy": "R² of the local energy",
    "knn_r2.n_neighbors": "R² of the number of neighbors",
    "knn_r2.density": "R² of the density",
    "knn_r2.neighbor_distance": "R² of the mean distance of neighbors",
    "knn_r2_of_vectors.density": "R² of the density, by the vectors",
    "same_group": "of the same group",
    "nodes_angles": "nodes with angles",
    "edges_angles": "edges with angles",
    "other": "other network",
    "without": "without angles",
    "without_std": "without angles, standard deviation",
    "with": "with angles",
    "with_std": "with angles, standard deviation",
    "seconds_without": "seconds per epoch without angles",
    "seconds_with": "seconds per epoch with angles",
    "epoch_ratio": "ratio of the two",
    "megabytes_without": "memory without angles (MB)",
    "megabytes_with": "memory with angles (MB)",
    "inside_mae": "error of those inside",
    "outside_mae": "error of those outside",
    "is_stable": "stable",
    "here": "crystals here",
    "expected_missing": "expected among the missing ones",
    "share_missing": "share that is missing",
}
_PARTS = {"mae": "error", "std": "standard deviation", "train": "training"}
# The largest number of a column from which on a decimal more says nothing.
_LARGE = 10


def readable(
    table: pd.DataFrame | pd.Series,
    digits: int = 2,
    index: bool = True,
    by_row: bool = False,
    quantity: Quantity = ENERGY,
    **words: str,
) -> Styler:
    """Return a table as a page shows it.

    Whole numbers have no decimals and a comma at each thousand, unless most numbers of their column are not whole.
    Where a column holds large numbers, the others have one decimal. Booleans are yes and no, and missing values are
    left out.

    Args:
        table: The table. A series has the numbers of one thing below each other, each with the digits that it needs.
        digits: The number of digits after the decimal point.
        index: Whether the names of the rows are shown.
        by_row: Whether the numbers of a row, and not those of a column, are of one kind.
        quantity: What was predicted. Its unit is known at the end of a name, beside those of this book.
        words: What the table means by names without unit, such as ``energy="predicted energy"``.
    """

    def name_of(name: object) -> object:
        return human(name, words, quantity)

    if isinstance(table, pd.Series):
        each = table.map(lambda value: _text(value, digits))
        shown = each.to_frame("value").rename(index=name_of)
    else:
        numbers = table.T if by_row else table
        columns = {name: _texts(_named(column), digits) for name, column in numbers.items()}
        shown = pd.DataFrame(columns, numbers.index).set_axis(numbers.columns, axis=1)
        shown = (shown.T if by_row else shown).rename(columns=name_of, index=_row)
    styler = shown.rename_axis(index=name_of, columns=name_of).style
    return styler if index else styler.hide(axis="index")


@dataclass(frozen=True)
class Note:
    """A text in Markdown, which a notebook shows as such.

    Attributes:
        text: The text.
    """

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


def note(text: str) -> Note | None:
    """Return a text in Markdown as a page shows it, and nothing where there is no text.

    Args:
        text: The text.
    """
    return Note(text) if text else None


def human(name: object, words: Mapping[str, str] | None = None, quantity: Quantity = ENERGY) -> object:
    """Return the name of a column in words, with its unit in brackets, such as ``test error (eV/atom)``.

    Args:
        name: A name such as ``test_mae_eV_per_atom``. What is no text stays as it is, and so does a text that has
            spaces, which is made of words already.
        words: What names without unit mean in a table of its own.
        quantity: What was predicted, whose unit may stand at the end of the name.
    """
    if not isinstance(name, str) or " " in name:
        return name
    units = {quantity.with_unit("").lstrip("_"): quantity.shown_unit, **_UNITS} if quantity.unit else _UNITS
    unit = next((end for end in units if name.endswith(f"_{end}")), "")
    bare = name.removesuffix(f"_{unit}") if unit else name
    told = {**_WORDS, **(words or {})}.get(bare) or " ".join(
        _PARTS.get(word, word) for word in bare.removeprefix("n_").split("_")
    )
    of_site = re.search("local|seeds", told) is not None
    return f"{told} ({units[unit].removesuffix('/atom') if of_site else units[unit]})" if unit else told


def _row(name: object) -> object:
    """Return the name of a row in words where it is one of the package, such as that of a data set."""
    return readable_name(name) if isinstance(name, str) and "_" in name else name


def _named(column: pd.Series) -> pd.Series:
    """Return a column with the names of data sets and networks as people read them."""
    if column.name == "set":
        return column.map(lambda value: readable_name(value) if isinstance(value, str) else value)
    return column.replace(NETWORKS) if column.name in ("network", "other") else column


def _texts(column: pd.Series, digits: int) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce") if column.dtype != bool else pd.Series(dtype=float)
    largest = float(numbers.abs().max()) if len(numbers) else math.nan
    shown = digits if math.isnan(largest) or largest < _LARGE else min(digits, 1)
    # Counts beside means of counts are whole. A measure that is whole by chance has the decimals of the others.
    share = float((numbers.dropna() % 1 == 0).mean())
    is_whole = share == 1 or (largest >= _LARGE and share > 0.5)
    return column.map(lambda value: _text(value, shown, is_whole)).astype(object)


def _text(value: object, digits: int, is_whole: bool = True) -> str:
    """Return a value as a text; a whole number among whole ones has no decimals."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    number = float(value)  # type: ignore[arg-type]  # pandas gives numbers of many types
    text = f"{number:,.0f}" if is_whole and number % 1 == 0 else f"{number:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text  # no zero has a sign
