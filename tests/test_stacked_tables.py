"""Wide tables name the column of each cell, so that a narrow screen can show a row as a card; others stay."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")
BeautifulSoup = pytest.importorskip("bs4", reason="the extra 'book' is not installed").BeautifulSoup


def labels(html: str) -> list[list[tuple[str, object]]]:
    """Return the text and the label of each cell in the body of a table, row by row."""
    table = BeautifulSoup(extension("stacked_tables").with_labels(html), "html.parser")
    rows = [row.find_all(["td", "th"]) for row in table.select("tbody tr")]
    return [[(cell.get_text(strip=True), cell.get("data-label")) for cell in row] for row in rows]


def wide(index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame([[1, 2, 3, 4], [5, 6, 7, 8]], index, ["seed 0", "seed 1", "seed 2", "mean"])


@pytest.mark.parametrize("drawn", [lambda table: table.to_html(), lambda table: table.style.to_html()])
def test_each_number_and_each_name_of_a_row_has_its_column(drawn: Callable[[pd.DataFrame], str]) -> None:
    html = drawn(wide(pd.Index(["one", "two"], name="number")).rename_axis(columns="all"))
    names = ["number", "seed 0", "seed 1", "seed 2", "mean"]
    rows = [["one", "1", "2", "3", "4"], ["two", "5", "6", "7", "8"]]
    assert labels(html) == [list(zip(row, names, strict=True)) for row in rows]
    assert 'class="dataframe stacked"' in extension("stacked_tables").with_labels(wide(pd.Index([0, 1])).to_html())


def test_a_cell_over_several_rows_moves_no_label() -> None:
    index = pd.MultiIndex.from_tuples([("O", "a"), ("O", "b")], names=["anion", "number"])
    first, second = labels(wide(index).style.to_html())
    assert first[:3] == [("O", None), ("a", "number"), ("1", "seed 0")]
    assert second[:2] == [("b", "number"), ("5", "seed 0")]


def test_a_row_of_a_group_that_began_above_it_names_the_group() -> None:
    index = pd.MultiIndex.from_tuples([("O", "a"), ("O", "b"), ("S", "a")], names=["anion", "number"])
    table = pd.DataFrame([[1, 2, 3, 4]] * 3, index, ["seed 0", "seed 1", "seed 2", "mean"])
    html = BeautifulSoup(extension("stacked_tables").with_labels(table.style.to_html()), "html.parser")
    assert [row.th.get("data-group") for row in html.select("tbody tr")] == [None, "O", None]


def test_names_in_two_lines_are_joined() -> None:
    columns = pd.MultiIndex.from_product([["train", "test"], ["low", "high"]])
    html = pd.DataFrame([[1, 2, 3, 4]], columns=columns).to_html()
    assert labels(html)[0][1:] == [("1", "train, low"), ("2", "train, high"), ("3", "test, low"), ("4", "test, high")]


def test_a_table_of_few_columns_is_a_card_only_where_it_holds_sentences() -> None:
    narrow = pd.DataFrame({"claim": ["short"], "value": [1]})
    html = narrow.to_html(index=False)
    assert extension("stacked_tables").with_labels(html) == html
    told = narrow.assign(claim="A sentence that is longer than forty letters.").to_html(index=False)
    assert labels(told) == [[("A sentence that is longer than forty letters.", "claim"), ("1", "value")]]


def test_an_empty_cell_has_no_label() -> None:
    html = pd.DataFrame([["one", "", 2, 3, 4]], columns=list("abcde")).to_html(index=False)
    assert labels(html) == [[("one", "a"), ("", None), ("2", "c"), ("3", "d"), ("4", "e")]]


def test_the_first_cell_is_the_title_of_a_card_unless_it_is_a_sentence() -> None:
    for first, title in (("one", ["one"]), ("A sentence that is longer than sixty letters, as claims often are.", [])):
        html = pd.DataFrame([[first, 1, 2, 3, 4]], columns=list("abcde")).to_html(index=False)
        table = BeautifulSoup(extension("stacked_tables").with_labels(html), "html.parser")
        assert [cell.get_text(strip=True) for cell in table.select("td.title")] == title
        html = extension("stacked_tables").with_labels(html.replace("<th>a</th>", "<th></th>"))
        unnamed = BeautifulSoup(html, "html.parser")
        assert [cell.get_text(strip=True) for cell in unnamed.select("td.title")] == [first]


@pytest.mark.parametrize(
    "html", ['<table class="claims"><thead><tr><th>a</th></tr></thead></table>', "<table></table>"]
)
def test_tables_with_a_form_of_their_own_stay(html: str) -> None:
    assert extension("stacked_tables").with_labels(html) == html


@pytest.mark.parametrize("drawn", [lambda table: table.to_html(), lambda table: table.style.to_html()])
def test_the_name_of_the_rows_names_stands_in_the_line_of_the_other_names(drawn: Callable[[pd.DataFrame], str]) -> None:
    table = wide(pd.Index(["one", "two"], name="number"))
    unnamed = wide(pd.MultiIndex.from_tuples([("O", "a"), ("O", "b")], names=["", " "]))
    both = table.rename_axis(columns="all")
    for each, first in ((table, ["number"]), (both, ["number"]), (unnamed, ["", ""])):
        head = BeautifulSoup(extension("stacked_tables").with_flat_head(drawn(each)), "html.parser").thead
        (row,) = head.find_all("tr")
        assert [cell.get_text(strip=True) for cell in row.find_all("th")] == [*first, *table.columns]


def test_names_in_two_lines_and_a_table_without_rows_stay() -> None:
    deep = wide(pd.Index([0, 1])).set_axis(pd.MultiIndex.from_product([["a", "b"], ["c", "d"]]), axis=1)
    for table in (deep, wide(pd.Index([0, 1])).iloc[:0]):
        assert extension("stacked_tables").with_flat_head(table.to_html()) == table.to_html()
