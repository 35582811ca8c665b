"""What a reader of files and a user of parameters did wrong, and the way out."""

from __future__ import annotations


class DataError(ValueError):
    """A file or a value that cannot be used.

    Attributes:
        problem: What is wrong, with the file and the value in it.
        way_out: What to do about it.
    """

    def __init__(self, problem: str, way_out: str) -> None:
        super().__init__(problem, way_out)
        self.problem = problem
        self.way_out = way_out

    def __str__(self) -> str:
        """Return problem and way out in one line."""
        return f"{self.problem}; {self.way_out}"
