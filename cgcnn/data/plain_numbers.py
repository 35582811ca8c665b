"""Read the numbers of structure files: decimal digits as ASCII has them, and no more of them than a number can need."""

from __future__ import annotations

import re

# No count or index in a file is larger. Python refuses to read whole numbers of more than 4300 digits.
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eEdD][-+]?[0-9]+)?")


def whole(text: str) -> int | None:
    """Return the whole number that a text is, such as 12; None where it is none, or one of more than nine digits.

    Args:
        text: The text. Digits of other scripts and superscripts, which ``str.isdigit`` takes, are none.
    """
    return int(text) if _WHOLE.fullmatch(text) else None


def decimal(text: str) -> float | None:
    """Return the number that a text is, such as ``-.5``, ``1e-3`` or Fortran's ``1d-3``; None where it is none.

    Args:
        text: The text. A number beyond the range of double precision is infinite.
    """
    return float(text.lower().replace("d", "e")) if _DECIMAL.fullmatch(text) else None
