"""Negative numbers have a minus sign and powers of ten are raised; hyphens in names, code and formulas stay."""

from __future__ import annotations

import pytest

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>the slope -0.54, and -1.1%</p>", "<p>the slope \u22120.54, and \u22121.1%</p>"),
        ("<td>-0.08</td>", "<td>\u22120.08</td>"),
        ("0.202 (-0.205 to 0.610)", "0.202 (\u22120.205 to 0.610)"),
        ("<td>5e-07</td>", "<td>5\u00a0\u00d7\u00a010<sup>\u22127</sup></td>"),
        ("1.5e+06 -2e-3", "1.5\u00a0\u00d7\u00a010<sup>6</sup> \u22122\u00a0\u00d7\u00a010<sup>\u22123</sup>"),
        ("<code>-2.7</code> or -2.7", "<code>-2.7</code> or \u22122.7"),
    ],
)
def test_a_negative_number_has_a_minus_sign_and_a_power_of_ten_is_raised(written: str, shown: str) -> None:
    assert extension("minus_signs").with_minus_signs(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "mp-5986 of 2018-06-01, SHA-256, figures 3-4 and run d2bb5e-07",
        '<a href="https://doi.org/10.1/x-2" title=" -2">well-known</a>',
        "<pre><span>cgcnn</span> -1\n<b>-2</b></pre>",
        '<span class="math">\\( -1 \\)</span>',
        "<script>let a = -1;</script>",
        "an error of -x",
    ],
)
def test_what_is_no_negative_number_stays(text: str) -> None:
    assert extension("minus_signs").with_minus_signs(text) == text
