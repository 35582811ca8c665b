"""Numbers as a page shows them, with minus signs and powers of ten, where Python writes ``-0.54`` and ``5e-07``.

A page is changed after it is made, so that numbers in the text, which come from notebooks in a format of Python, and
numbers in tables are treated alike. Code, formulas and addresses stay as they are.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

# What stays: code, scripts, drawings, formulas, and everything within the brackets of a tag.
_KEPT = (
    r"<(?P<tag>code|kbd|pre|samp|script|style|svg|textarea)\b.*?</(?P=tag)>",
    r"<!--.*?-->",
    r"<[^>]+>",
    r"\\\(.*?\\\)",
    r"\\\[.*?\\\]",
)
# A hyphen before a digit, at the beginning of a word: not that of "mp-5986", "2018-06-01" or "B-36".
_HYPHEN = r"(?<![\w.,:/)-])-(?=\.?\d)"
# A number such as 5e-07, of which the exponent is raised.
_POWER = r"(?<![\w.])(?P<factor>\d(?:\.\d+)?)e(?P<sign>[+-])0*(?P<exponent>[1-9]\d*)(?!\w)"
_PARTS = re.compile(f"(?P<kept>{'|'.join(_KEPT)})|{_POWER}|{_HYPHEN}", re.DOTALL)


def with_minus_signs(html: str) -> str:
    """Return a page whose negative numbers have a minus sign, and whose powers of ten are raised.

    Args:
        html: A page or a part of it.
    """

    def shown(found: re.Match[str]) -> str:
        if found["kept"]:
            return found["kept"]
        if found["factor"]:
            sign = "\N{MINUS SIGN}" if found["sign"] == "-" else ""
            times = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}"
            return f"{found['factor']}{times}10<sup>{sign}{found['exponent']}</sup>"
        return "\N{MINUS SIGN}"

    return _PARTS.sub(shown, html)


def write(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write the minus signs of one page."""
    if "body" in context:
        context["body"] = with_minus_signs(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what happens to the numbers of each page."""
    app.connect("html-page-context", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
