"""Split the text of a CIF into blocks of tags and values, and know the line of each value.

The rules are those of CIF 1.1 (Hall, Allen and Brown, Acta Cryst. A47, 655, 1991, and its later specification), with
the triple quotes and brackets of CIF 2.0. Tags do not depend on case.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cgcnn.errors import DataError

_TOKEN = re.compile(
    r"""
      ^;(?P<field>[\s\S]*?)\n;                                    # a text field of several lines
    | '(?P<single>(?:[^'\n]|'(?=\S))*)'(?=\s|\Z)                  # a quote ends where a space follows it
    | "(?P<double>(?:[^"\n]|"(?=\S))*)"(?=\s|\Z)
    | \#(?P<comment>[^\n]*)
    | (?P<word>\S+)
    """,
    re.MULTILINE | re.VERBOSE,
)
# What CIF 2.0 adds: triple quotes, and lists and tables, of which each is kept as one value.
_TOKEN_2 = re.compile(
    r"""
      '''(?P<triple_single>[\s\S]*?)'''
    | \"\"\"(?P<triple_double>[\s\S]*?)\"\"\"
    | (?P<bracket>[\[{](?:[^\[\]{}]|[\[{](?:[^\[\]{}]|[\[{][^\[\]{}]*[\]}])*[\]}])*[\]}])
    |"""
    + _TOKEN.pattern,
    re.MULTILINE | re.VERBOSE,
)
_KEYWORDS = ("data_", "loop_", "save_", "global_", "stop_")
#: How CIF writes that a value is unknown, and that there can be none.
NULLS = frozenset("?.")


@dataclass(frozen=True)
class Value:
    """One value of a block.

    Attributes:
        text: The value without its quotes.
        tag: Its tag, as the file writes it.
        line: The line on which it begins, from 1.
    """

    text: str
    tag: str
    line: int


@dataclass
class Column:
    """The values of one tag: the texts, and where in the file each begins."""

    tag: str
    loop: int
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


class Lines:
    """The lines of a text, which are counted when the first one is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def ends(self) -> list[int]:
        """The places of all line ends."""
        return [found.start() for found in re.finditer("\n", self.text)]

    def of(self, start: int) -> int:
        """Return the line, from 1, of a place in the text."""
        return bisect_left(self.ends, start) + 1


class Block:
    """The tags and values of one ``data_`` block.

    Attributes:
        name: What follows ``data_``.
        line: The line of ``data_``, from 1.
    """

    def __init__(self, name: str, start: int, lines: Lines) -> None:
        self._lines = lines
        self._columns: dict[str, list[Column]] = {}
        self.name = name
        self.line = lines.of(start)

    def add(self, column: Column) -> None:
        """Add the values of one tag, which may stand in the block already."""
        self._columns.setdefault(_key(column.tag), []).append(column)

    def has(self, *tags: str) -> bool:
        """Return whether the block has one of these tags."""
        return any(_key(tag) in self._columns for tag in tags)

    def begins(self, *prefixes: str) -> str | None:
        """Return a tag of the block that begins with one of these prefixes, as the file writes it, or None."""
        for key, columns in self._columns.items():
            if key.startswith(prefixes):
                return columns[0].tag
        return None

    def value(self, tag: str) -> Value | None:
        """Return the value of a tag; None where the tag is missing or its value is ``?`` or ``.``.

        Args:
            tag: The tag, in any case.

        Raises:
            DataError: The block has several values of this tag, which differ. The message says on which lines.
        """
        found = [value for value in self.values(tag) if value.text.strip() not in NULLS and value.text.strip()]
        for other in found[1:]:
            if other.text != found[0].text:
                raise DataError(
                    f"line {other.line}: {other.tag} is {other.text!r}, and on line {found[0].line} it is "
                    f"{found[0].text!r}",
                    "keep one of them",
                )
        return found[0] if found else None

    def values(self, tag: str) -> list[Value]:
        """Return all values of a tag, in the order of the file; none where the tag is missing."""
        columns = self._columns.get(_key(tag), [])
        return [
            Value(text, column.tag, self._lines.of(start))
            for column in columns
            for text, start in zip(column.texts, column.starts, strict=True)
        ]

    def table(self, tags: Sequence[str]) -> tuple[dict[str, list[str]], list[int]]:
        """Return the columns of those of some tags that the block has, which must stand in one loop.

        Args:
            tags: The tags.

        Returns:
            The texts of each tag that the block has, and for each row the place in the file where it begins, for
            :meth:`Block.line_of`.

        Raises:
            DataError: The tags stand in several loops, or a tag stands there twice.
        """
        columns = {tag: self._columns[_key(tag)] for tag in tags if _key(tag) in self._columns}
        first = next(iter(columns.values()))[0]
        for several in columns.values():
            for column in several:
                if column.loop != first.loop or len(several) > 1:
                    twice = len(several) > 1
                    problem = "stands twice" if twice else f"and {first.tag} stand in different loops"
                    line = self._lines.of(several[-1].starts[0]) if several[-1].starts else self.line
                    raise DataError(f"line {line}: {column.tag} {problem}", "write one loop with one column per tag")
        starts = [min(column[0].starts[row] for column in columns.values()) for row in range(len(first.starts))]
        return {tag: column[0].texts for tag, column in columns.items()}, starts

    def line_of(self, start: int) -> int:
        """Return the line, from 1, of a place in the file that :meth:`Block.table` gave."""
        return self._lines.of(start)


def _key(tag: str) -> str:
    # Newer dictionaries write _atom_site.fract_x for _atom_site_fract_x.
    return tag.lower().replace(".", "_")


def parse(text: str) -> list[Block]:
    r"""Split the text of a CIF into its blocks.

    Args:
        text: The text, with ``\n`` as line ends.

    Returns:
        The blocks in the order of the file; none where the text has no ``data_``. A tag without a value has the value
        ``?``.

    Raises:
        DataError: The text breaks the rules of CIF. The problem begins with the line.
    """
    return _Parser(text).parse()


class _Parser:
    """Read token after token into the block, the loop or the tag that is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.blocks: list[Block] = []
        self.tag: str | None = None  # the tag that waits for its value
        self.tag_start = 0
        self.loop_start: int | None = None
        self.loop: list[Column] = []
        self.n_values = 0
        self.n_loops = 0

    def parse(self) -> list[Block]:
        head = self.text.lstrip()[:40].upper()
        token = _TOKEN_2 if head.startswith("#\\#CIF_2") else _TOKEN
        for found in token.finditer(self.text):
            kind = found.lastgroup
            if kind == "word":
                self._word(found[0], found.start())
            elif kind != "comment" and kind is not None:
                self._value(found[kind], found.start())
        self._close()
        return self.blocks

    def _word(self, word: str, start: int) -> None:
        if word[0] == "_":
            self._tag(word, start)
        elif (lower := word[:7].lower()).startswith(_KEYWORDS):
            self._keyword(word, lower, start)
        elif word[0] in "'\"" or (word[0] == ";" and (start == 0 or self.text[start - 1] == "\n")):
            what = "a text field that begins with ';'" if word[0] == ";" else f"a quote {word[0]}"
            raise self._error(start, f"{what} is not closed", "close it")
        else:
            self._value(word, start)

    def _keyword(self, word: str, lower: str, start: int) -> None:
        if lower.startswith(("save_", "stop_")):
            raise self._error(
                start, f"{word!r} is not read (save frames and nested loops)", "remove what it belongs to"
            )
        self._close()
        if lower.startswith("loop_"):
            if not self.blocks:
                raise self._error(start, "a loop stands before the first data_", "begin the file with data_")
            self.loop_start = start
            self.n_loops += 1
        else:
            self.blocks.append(Block(word[5:] if lower.startswith("data_") else "global", start, self.lines))

    def _tag(self, tag: str, start: int) -> None:
        if not self.blocks:
            raise self._error(start, f"{tag} stands before the first data_", "begin the file with data_")
        if self.loop_start is not None and not self.n_values:
            self.loop.append(Column(tag, self.n_loops))
            return
        self._close()
        self.tag, self.tag_start = tag, start

    def _value(self, text: str, start: int) -> None:
        if self.loop:
            column = self.loop[self.n_values % len(self.loop)]
            column.texts.append(text)
            column.starts.append(start)
            self.n_values += 1
        elif self.tag is not None:
            self.blocks[-1].add(Column(self.tag, -len(self.blocks), [text], [start]))
            self.tag = None
        elif not self.blocks:
            raise self._error(
                start, f"{text[:30]!r} stands before the first data_", "remove it, or begin its line with #"
            )
        else:
            raise self._error(
                start, f"{text[:30]!r} belongs to no tag", "put a value that has spaces between quotes, or remove it"
            )

    def _close(self) -> None:
        """End the loop or the tag that is open."""
        if self.tag is not None:
            self.blocks[-1].add(Column(self.tag, -len(self.blocks), ["?"], [self.tag_start]))
            self.tag = None
        if self.loop_start is None:
            return
        if not self.loop:
            raise self._error(self.loop_start, "loop_ has no tags", "remove it")
        if self.n_values % len(self.loop):
            raise self._error(
                self.loop_start,
                f"the loop of {self.loop[0].tag} has {len(self.loop)} columns, and its {self.n_values} values fill no "
                "whole number of rows",
                "complete its rows, and put a value that has spaces between quotes",
            )
        for column in self.loop:
            self.blocks[-1].add(column)
        self.loop_start, self.loop, self.n_values = None, [], 0

    def _error(self, start: int, problem: str, way_out: str) -> DataError:
        return DataError(f"line {self.lines.of(start)}: {problem}", way_out)
