"""Read the numbers of a table, with a decimal point or a decimal comma, and tell when neither can be meant."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?(nan|inf|infinity)", re.IGNORECASE)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}((,\d{3})+(\.\d*)?|(\.\d{3})+,\d*)", re.ASCII)


def is_number(text: str) -> bool:
    """Return whether a text is one number, with a decimal point or comma, or says that it is not finite."""
    plain = _plain(text)
    return bool(_NUMBER.fullmatch(plain) or _NOT_FINITE.fullmatch(plain) or _THOUSANDS.fullmatch(plain))


def decimal_mark(texts: Sequence[str]) -> str | None:
    """Return the decimal mark of a column of numbers, ``.`` or ``,``.

    Args:
        texts: The fields of the column.

    Returns:
        The mark; None where some fields have points and others commas, or where every comma may stand between
        thousands, as in ``1,234``.
    """
    commas = [text for text in texts if "," in text and is_number(text)]
    if not commas:
        return "."
    points = any("." in text for text in texts if is_number(text))
    return None if points or all(_THOUSANDS.fullmatch(_plain(text)) for text in commas) else ","


def number(text: str, mark: str) -> float:
    """Return the number that a text is; NaN where it is none.

    Args:
        text: The text.
        mark: The decimal mark of its column.
    """
    plain = _plain(text).replace(mark, ".") if mark == "," else _plain(text)
    return float(plain) if _NUMBER.fullmatch(plain) and "," not in plain else math.nan


def _plain(text: str) -> str:
    """Return a text without spaces around it and with a hyphen for the typographic minus."""
    return text.strip().replace("\N{MINUS SIGN}", "-")
