"""Numbers, percentages and formulas are written as in print; names, code and formulas of mathematics stay."""

from __future__ import annotations

import pytest

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>the slope -0.54, and -1.1</p>", "<p>the slope \u22120.54, and \u22121.1</p>"),
        ("<td>-0.08</td>", "<td>\u22120.08</td>"),
        ("0.202 (-0.205 to 0.610)", "0.202 (\u22120.205 to 0.610)"),
        ("<td>5e-07</td>", "<td>5\u00a0\u00d7\u00a010<sup>\u22127</sup></td>"),
        ("1.5e+06 -2e-3", "1.5\u00a0\u00d7\u00a010<sup>6</sup> \u22122\u00a0\u00d7\u00a010<sup>\u22123</sup>"),
        ("<code>-2.7</code> or -2.7", "<code>-2.7</code> or \u22122.7"),
    ],
)
def test_a_negative_number_has_a_minus_sign_and_a_power_of_ten_is_raised(written: str, shown: str) -> None:
    assert extension("typography").as_shown(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<td>-0.00</td>", "<td>0.00</td>"),
        ("between -0.000 and -0.", "between 0.000 and 0."),
        ("\u22120.0 or -0.05", "0.0 or \u22120.05"),
    ],
)
def test_a_zero_has_no_sign(written: str, shown: str) -> None:
    assert extension("typography").as_shown(written) == shown


@pytest.mark.parametrize(
    "written", ["by 16% of", "by 16 % of", "by 16\n% of", "by 16&nbsp;% of", "by <span>16</span> % of"]
)
def test_a_percent_sign_stands_apart_on_the_line_of_its_number(written: str) -> None:
    shown = extension("typography").as_shown(written)
    assert shown.replace("<span>", "").replace("</span>", "") == "by 16\u00a0% of"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("0.353 ± 0.069 and", "0.353\u00a0±\u00a00.069 and"),
        ("<span>0.3</span> ± <span>0.1</span>", "<span>0.3</span>\u00a0±\u00a0<span>0.1</span>"),
        ("0.042 eV/atom at 3\nÅ, 48 MB", "0.042\u00a0eV/atom at 3\u00a0Å, 48\u00a0MB"),
    ],
)
def test_a_number_stands_on_one_line_with_its_error_and_its_unit(written: str, shown: str) -> None:
    assert extension("typography").as_shown(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<td>LaTaO3 (13557)</td>", "<td>LaTaO<sub>3</sub> (13557)</td>"),
        ("Ca3(PO4)2, SrReNO2.", "Ca<sub>3</sub>(PO<sub>4</sub>)<sub>2</sub>, SrReNO<sub>2</sub>."),
        ("the cage B40 (TmH2)", "the cage B<sub>40</sub> (TmH<sub>2</sub>)"),
    ],
)
def test_numbers_in_a_chemical_formula_stand_below_the_line(written: str, shown: str) -> None:
    assert extension("typography").as_shown(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "mp-5986 of 2018-06-01, SHA-256, figures 3-4 and run d2bb5e-07",
        '<a href="https://doi.org/10.1/x-2" title=" -2%">well-known</a>',
        "<pre><span>cgcnn</span> -1\n<b>-2</b> 5% SrTiO3</pre>",
        '<span class="math">\\( -1 \\)</span>',
        "<script>let a = -1;</script>",
        "an error of -x, 50 %d",
        "PC1 and PC2 of Fig. S2, H100, TF32, version C3.5, NH3-like and file/SrTiO3",
    ],
)
def test_what_is_neither_number_nor_formula_stays(text: str) -> None:
    assert extension("typography").as_shown(text) == text
