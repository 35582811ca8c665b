"""The error that tells a user which file or value cannot be used, and what to do about it."""

from __future__ import annotations

import re

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
