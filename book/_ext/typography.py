"""Numbers, percentages and chemical formulas as a page shows them.

Python writes ``-0.54``, ``-0.00``, ``5e-07`` and ``16%``, and the data write ``SrTiO3``. A page has a minus sign, no
sign before a zero, raised powers of ten, indices below the line, and a number on one line with its percent sign, its
unit and its error. A page is changed after it is made, so that what stands in the text, which comes from notebooks, and
what stands in tables are treated alike. Code, formulas of mathematics and addresses stay as they are.
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
# The beginning of a number with a hyphen, which is not that of "mp-5986", "2018-06-01" or "B-36".
_BEFORE = r"(?<![\w.,:/)-])"
# A zero with a hyphen.
_ZERO = _BEFORE + r"[-\N{MINUS SIGN}](?P<zero>0(?:\.0+)?)(?!\.?\d)"
_HYPHEN = _BEFORE + r"-(?=\.?\d)"
# A number such as 5e-07, of which the exponent is raised.
_POWER = r"(?<![\w.])(?P<factor>\d(?:\.\d+)?)e(?P<sign>[+-])0*(?P<exponent>[1-9]\d*)(?!\w)"
# What follows a number, which can end with the tag of a number from a notebook.
_AFTER = r"(?:(?<=\d)|(?<=\d</span>))"
_PERCENT = _AFTER + r"(?P<percent>(?:\s|&nbsp;)?%)(?!\w)"
_ERROR = _AFTER + r"\s(?P<error>\N{PLUS-MINUS SIGN})\s(?=\d|<span)"
_UNIT = _AFTER + r"\s(?P<unit>m?eV|Å|[kMG]B)\b"
_ELEMENTS = (
    "He Li Be Ne Na Mg Al Si Cl Ar Ca Sc Ti Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Zr Nb Mo Tc Ru Rh Pd Ag Cd In "
    "Sn Sb Te Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta Re Os Ir Pt Au Hg Tl Pb Bi Ac Th Pa Np Pu "
    "H B C N O F P S K V Y I W U"
)
_ELEMENT = rf"(?:{'|'.join(_ELEMENTS.split())})\d*"
# A compound such as LaTaO3 or Ca3(PO4)2, or a cluster of boron such as B40. Elements alone are no compound: "H100" is a
# processor, and "S2" a figure.
_COMPOUND = rf"(?=[A-Z(][A-Za-z()]*\d)(?:{_ELEMENT}|\((?:{_ELEMENT})+\)\d+){{2,}}"
_FORMULA = rf"(?<![\w./#-])(?P<formula>{_COMPOUND}|B\d\d)(?![\w-]|\.\d)"
# Letters that look like a compound and are none: the principal components, and a coordination number.
_NO_FORMULAS = re.compile(r"(?:PC|CN)\d+")
_PARTS = re.compile(
    f"(?P<kept>{'|'.join(_KEPT)})|{_POWER}|{_ZERO}|{_HYPHEN}|{_PERCENT}|{_ERROR}|{_UNIT}|{_FORMULA}", re.DOTALL
)
_INDEX = re.compile(r"\d+")


def as_shown(html: str) -> str:
    """Return a page whose numbers, percentages and chemical formulas are written as in print.

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
        if found["percent"]:
            return "\N{NO-BREAK SPACE}%"
        if found["error"]:
            return "\N{NO-BREAK SPACE}\N{PLUS-MINUS SIGN}\N{NO-BREAK SPACE}"
        if found["unit"]:
            return f"\N{NO-BREAK SPACE}{found['unit']}"
        if formula := found["formula"]:
            return formula if _NO_FORMULAS.fullmatch(formula) else _INDEX.sub(r"<sub>\g<0></sub>", formula)
        return found["zero"] or "\N{MINUS SIGN}"

    return _PARTS.sub(shown, html)


def write(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write the numbers and formulas of one page."""
    if "body" in context:
        context["body"] = as_shown(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what happens to the numbers and formulas of each page."""
    app.connect("html-page-context", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
