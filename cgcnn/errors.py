"""The error that tells a user which file or value cannot be used, and what to do about it."""

from __future__ import annotations


class DataError(ValueError):
    """A file or a value of the user cannot be used.

    Attributes:
        problem: What is wrong; it names the file or the value.
        way_out: What the user can do about it.
    """

    def __init__(self, problem: str, way_out: str) -> None:
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
