"""The error that tells a user which file or value cannot be used, and what to do about it."""

from __future__ import annotations

import numbers
import re
from typing import Any

# What would end a line, move the cursor of a terminal, turn the direction of writing, or cannot be encoded.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# A message quotes what a file holds, which may be long. So many letters are kept of its beginning and of its end.
_BEGINNING, _END = 1200, 300


def printable(text: str) -> str:
    r"""Return a text as one line that a terminal can show: what files hold enters messages, names and labels.

    Args:
        text: The text. Line ends, control characters and half characters are written as Python writes them: ``\n``.
    """
    return _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], text)


def shortened(text: str) -> str:
    """Return the beginning and the end of a long text, and how much is left out.

    Args:
        text: The text. One of 1,500 letters is not shortened.
    """
    left_out = len(text) - _BEGINNING - _END
    return text if left_out <= 0 else f"{text[:_BEGINNING]} ({left_out} letters are left out) {text[-_END:]}"


def reason(error: Exception) -> str:
    """Return what the exception of another program's parser says, as a part of a sentence.

    Args:
        error: The exception, of any type.
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    said = " ".join(str(error).split())
    if isinstance(error, KeyError | IndexError):
        return f"{said} is not known" if isinstance(error, KeyError) else "something is missing"
    return said or "it is damaged"


class DataError(ValueError):
    """A file or a value of the user cannot be used.

    The message is one line, whatever the file holds that it quotes.

    Attributes:
        problem: What is wrong; it names the file or the value.
        way_out: What the user can do about it.
    """

    def __init__(self, problem: str, way_out: str) -> None:
        problem, way_out = printable(shortened(problem)), printable(shortened(way_out))
        super().__init__(problem, way_out)
        self.problem = problem
        self.way_out = way_out

    def __str__(self) -> str:
        """Return the problem and the way out in one line, as ``problem; way out``."""
        return f"{self.problem}; {self.way_out}"

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of the error: one line, and not the code that it passed through."""
        return [f"{type(self).__name__}: {self}"]


class ToldElsewhereError(DataError):
    """The error of several processes that work together, in a process that leaves the telling to process 0."""


def check_number(name: str, value: Any, lowest: float, highest: float, is_whole: bool = True) -> None:
    """Refuse what is not a number within its bounds.

    Args:
        name: The name of the value, with which the message begins.
        value: The value. The numbers of numpy are numbers; a truth value, a text and NaN are none.
        lowest: The lowest value that is allowed.
        highest: The highest value that is allowed.
        is_whole: Whether it must be a whole number; 2.0 is none.

    Raises:
        DataError: The value is no number, or out of its bounds.
    """
    kind, word = (numbers.Integral, "a whole number") if is_whole else (numbers.Real, "a number")
    # numpy's truth values are no numbers to Python, and Python's are.
    if isinstance(value, bool) or not isinstance(value, kind) or value != value:  # NaN is not itself
        shown = repr(value) if isinstance(value, str) else str(value)
        raise DataError(f"{name}={shown[:50]}: not {word}", f"give {word} from {lowest} to {highest}")
    number: Any = value  # the types of Python's abstract numbers have no comparisons
    if number < lowest:
        bound = "above 0" if lowest == 1 else f"{lowest} or above"
        raise DataError(f"{name}={value}: must be {bound}", "give a larger value")
    if number > highest:
        raise DataError(f"{name}={value}: must be {highest} or below", "give a smaller value")
