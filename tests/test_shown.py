"""Tables on a page have names in words and no more digits than a reader needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from cgcnn.data.quantity import Quantity
from cgcnn.paper.shown import human, note, readable


def cells_of(table: pd.DataFrame | pd.Series, **options: Any) -> pd.DataFrame:
    """Return the texts of the cells of a readable table."""
    found: pd.DataFrame = readable(table, **options).data  # type: ignore[attr-defined]  # the stubs lack it
    return found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_mae_eV_per_atom", "test error (eV/atom)"),
        ("validation_mae_eV_per_atom", "validation error (eV/atom)"),
        ("mean_local_energy_eV_per_atom", "mean local energy (eV)"),
        ("std_over_seeds_eV_per_atom", "standard deviation over the seeds (eV)"),
        ("test_mae_within_1_eV_eV_per_atom", "test error within 1 eV/atom of the lowest (eV/atom)"),
        ("density_g_per_cm3", "density (g/cm³)"),
        ("n_cells", "cells"),
        ("outside_mae_eV_per_atom", "error of those outside (eV/atom)"),
        ("less crystal's energy: correlation", "less crystal's energy: correlation"),
        (3, 3),
        (None, None),
    ],
)
def test_names_of_columns_are_words_with_the_unit_in_brackets(name: object, words: object) -> None:
    assert human(name) == words


def test_counts_have_no_decimals_and_missing_values_are_empty() -> None:
    table = pd.DataFrame(
        {
            "called": [16.6, 15.0, 230.0],
            "recall": [0.7944, 1.0, np.nan],
            "n_cells": [1, 2000, 3],
            "same": [True, False, True],
        }
    )
    cells = cells_of(table)
    assert cells["called"].tolist() == ["16.6", "15", "230"]
    assert cells["recall"].tolist() == ["0.79", "1.00", ""]
    assert cells["cells"].tolist() == ["1", "2,000", "3"]
    assert cells["same"].tolist() == ["yes", "no", "yes"]


def test_the_numbers_of_a_series_have_the_digits_that_each_needs() -> None:
    cells = cells_of(pd.Series({"edges": 11_353_600.0, "lowest_eV_per_atom": -4.52266, "lowest": "12B-1"}), digits=3)
    assert cells["value"].to_dict() == {"edges": "11,353,600", "lowest (eV/atom)": "-4.523", "lowest": "12B-1"}


def test_the_names_of_rows_are_left_out_where_they_are_numbers() -> None:
    table = pd.DataFrame({"x": [1.5]}, pd.Index([7], name="training_size"))
    assert "7" in readable(table).to_html()
    assert "training crystals" in readable(table).to_html()
    assert ">7<" not in readable(table, index=False).to_html()


def test_rows_and_columns_of_data_sets_and_sections_have_their_names_in_words() -> None:
    sets = pd.Index(["materials_project", "boron"], name="set")
    table = pd.DataFrame({"n_convolutions": [5, 4], "width": [128, 64]}, sets)
    cells = cells_of(table)
    assert cells.index.tolist() == ["Materials Project", "boron"]
    assert cells.columns.tolist() == ["convolutions", "length of v"]
    across = table.T.rename_axis(columns="set")
    assert cells_of(across).columns.tolist() == ["Materials Project", "boron"]
    pairs = pd.DataFrame({("training_size", "materials_project"): [341], ("error", "boron"): ["0.2 ± 0.1"]})
    assert list(map(tuple, cells_of(pairs).columns)) == [("training crystals", "Materials Project"), ("error", "boron")]


def test_cells_name_data_sets_and_networks_in_words_and_no_zero_has_a_sign() -> None:
    table = pd.DataFrame(
        {"set": ["materials_project", "boron"], "network": ["angles-128", "paper"], "x": [-1e-9, -0.5]}
    )
    found = cells_of(table, digits=3)
    assert found["set"].tolist() == ["Materials Project", "boron"]
    assert found["network"].tolist() == ["with angles, v of length 128", "the paper's"]
    assert found["x"].tolist() == ["0.000", "-0.500"]


def test_an_empty_text_shows_nothing() -> None:
    assert note("") is None
    shown, _ = DisplayFormatter().format(note("Left out."))  # type: ignore[no-untyped-call]  # IPython has no types
    assert shown["text/markdown"] == "Left out."


def test_the_numbers_of_a_row_are_of_one_kind_where_it_is_said() -> None:
    table = pd.DataFrame({"seed 0": [9.0, 0.25], "mean": [10.0, 0.5]}, index=["clusters", "purity"])
    assert cells_of(table, by_row=True).to_numpy().tolist() == [["9", "10"], ["0.25", "0.50"]]


def test_a_table_can_say_what_it_means_by_a_name() -> None:
    shown = cells_of(pd.DataFrame({"energy_eV_per_atom": [1.5]}), energy="predicted energy")
    assert shown.columns.tolist() == ["predicted energy (eV/atom)"]


def test_a_measure_that_is_whole_by_chance_has_the_decimals_of_the_others() -> None:
    cells = cells_of(pd.DataFrame({"enrichment": [97.04, 1.0, 79.31, 0.0, 1.01], "called": [16.6, 15, 6, 9, 15]}))
    assert cells["enrichment"].tolist() == ["97.0", "1.0", "79.3", "0.0", "1.0"]
    assert cells["called"].tolist() == ["16.6", "15", "6", "9", "15"]


def test_the_unit_of_any_target_is_read_at_the_end_of_a_name() -> None:
    volume = Quantity("volume", "Å^3/atom")
    assert human(volume.with_unit("train_mae"), quantity=volume) == "training error (Å³/atom)"
    assert human("test_mae_eV_per_atom", quantity=volume) == "test error (eV/atom)"
    assert human("range", quantity=Quantity("rank", "")) == "range"
    table = pd.DataFrame({volume.with_unit("target"): [1.25]})
    assert "goal (Å³/atom)" in readable(table, quantity=volume, target="goal").to_html()
