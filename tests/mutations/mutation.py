"""What a mutation is: one change of one file that breaks a promise, and the tests that have to notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """One change of the package, as a careful enemy or a tired author would make it.

    Attributes:
        breaks: What the changed program does wrong, as a sentence for the page, such as ``The learning rate is
            ignored``.
        file: The file that is changed, from the root of the repository.
        text: The text that is replaced. It stands in the file exactly once.
        replacement: What stands there instead.
        tests: The tests that have to notice: files or single tests in the words of pytest, in the order in which they
            run. Those that most likely notice come first.
    """

    breaks: str
    file: str
    text: str
    replacement: str
    tests: tuple[str, ...]

    def changed(self, root: Path) -> str:
        """Return the text of the changed file.

        Args:
            root: The folder that holds the package.

        Raises:
            ValueError: The text is not in the file, or is there more than once, or the replacement is the same text.
        """
        content = (root / self.file).read_text()
        times = content.count(self.text)
        if times != 1 or self.text == self.replacement:
            raise ValueError(f"{self.breaks}: {self.file} has its text {times} times; repair the mutation")
        return content.replace(self.text, self.replacement)


@dataclass(frozen=True)
class Outcome:
    """What became of a mutation.

    Attributes:
        mutation: The mutation.
        caught_by: The first test that failed with it, in the words of pytest; None where all passed.
        remark: Why there is no such test, such as ``all tests passed``; empty where there is one.
        seconds: How long its tests ran.
    """

    mutation: Mutation
    caught_by: str | None
    remark: str
    seconds: float
