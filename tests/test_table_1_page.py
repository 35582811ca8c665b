"""The tables of the page on Table I: names in words, missing numbers left out, and the numbers that the text shows."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from cgcnn.paper.table_1_page import beaten_on_the_page, methods_on_the_page, shown_values


def texts(html: str, tag: str) -> list[str]:
    return [text.strip() for text in re.findall(rf"<{tag} [^>]*>(.*?)</{tag}>", html, re.DOTALL)]


def test_methods_have_errors_with_a_unit_and_an_empty_cell_where_nothing_was_repeated() -> None:
    methods = pd.DataFrame(
        {
            "set": ["materials_project", "boron"],
            "method": ["mean", "this book"],
            "test_mae_eV_per_atom": [0.5, 0.04125],
            "test_mae_std": [np.nan, 0.001],
            "ours": [False, True],
        }
    )
    html = methods_on_the_page(methods).to_html()
    assert texts(html, "th") == ["set", "method", "MAE (eV/atom)", "standard deviation"]
    assert texts(html, "td") == ["Materials Project", "mean", "0.5000", "", "boron", "this book", "0.0413", "0.0010"]
    assert "ours" in methods, "the table itself is not changed"


def test_rivals_that_are_beaten_have_ratios_with_two_decimals() -> None:
    columns = ["set", "method", "over_the_papers_network", "over_the_best"]
    html = beaten_on_the_page(pd.DataFrame([("boron", "SOAP", 1.254, 1.5)], columns=columns)).to_html()
    assert texts(html, "th")[2:] == [
        "error over that of the paper's network",
        "error over our lowest",
    ]
    assert texts(html, "td") == ["boron", "SOAP", "1.25", "1.50"]


def test_the_text_has_each_ratio_by_the_name_of_its_set() -> None:
    ratios = {"best_descriptor_over_ours": {"boron": 2.0}, "paper_choice_over_best": {"boron": 1.5}}
    assert shown_values({"n_trials": 24, "seeds": [0], **ratios}) == {
        "n_trials": 24,
        "best_descriptor_over_ours_boron": 2.0,
        "paper_choice_over_best_boron": 1.5,
    }
