"""Read a long JSON list out of a zip archive item by item, so that the memory holds one item at a time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cgcnn.errors import DataError
from cgcnn.files.regular import open_regular

_WAY_OUT = "get it again"
_SPACE = " \t\n\r"
# Characters that are read at a time. An item that has not ended is parsed anew after each reading, which takes twice as
# much as the one before.
_CHUNK = 2**18
# The parser points at the beginning of a word, a number or an escape that is not whole, such as "-Infinit". Only at
# strings it points from farther away.
_LONGEST_WORD = 16


def stream_zipped_list(path: Path, name: str, most: int, most_per_item: int) -> Iterator[Any]:
    """Yield the items of a JSON list that is one file of a zip archive.

    Args:
        path: The archive.
        name: The name of the file in it.
        most: The bound on the size of that file, in bytes.
        most_per_item: The bound on the length of the JSON text of one item, in characters.

    Yields:
        The items, in the order of the list.

    Raises:
        DataError: The archive is missing, cut short, damaged or none, or lacks the file; the file is no JSON list; or a
            bound is passed. The message says after how many items. What was yielded before is then not to be trusted.
    """
    n_items = 0
    try:
        with open_regular(path, _WAY_OUT) as packed, zipfile.ZipFile(packed) as folder:
            size = folder.getinfo(name).file_size
            if size > most:
                raise DataError(f"{path}: {name} in it has {size} bytes, where at most {most} are expected", _WAY_OUT)
            # zipfile gives no more bytes than the size that was compared, and checks their checksum at the end.
            with folder.open(name) as member, io.TextIOWrapper(member, encoding="utf-8", newline="") as text:
                for item in _items(text, most_per_item):
                    yield item
                    n_items += 1
    except _NoListError as error:
        raise DataError(f"{path}: {name}: {error} after {n_items} items", _WAY_OUT) from error
    except DataError:
        raise
    except KeyError as error:
        raise DataError(f"{path}: no {name} in it", _WAY_OUT) from error
    except Exception as error:  # a damaged archive makes zipfile and zlib raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: cut short or no archive ({reason}) after {n_items} items", _WAY_OUT) from error


class _NoListError(Exception):
    """What is read is no JSON list, or has too long an item."""


class _Window:
    """The part of a text that has been read and not yet been parsed."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.held, self.at = "", 0

    def read_on(self, n_characters: int) -> bool:
        """Forget what has been parsed, and read more; return False at the end of the text."""
        more = self._text.read(n_characters)
        self.held, self.at = self.held[self.at :] + more, 0
        return bool(more)

    def next_character(self) -> str:
        """Return the next character that is no space, without passing it; empty at the end of the text."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.read_on(_CHUNK):
                return ""


def _items(text: io.TextIOWrapper, most_per_item: int) -> Iterator[Any]:
    window = _Window(text)
    _pass(window, "[")
    if window.next_character() != "]":
        yield _item(window, most_per_item)
        while window.next_character() == ",":
            window.at += 1
            yield _item(window, most_per_item)
    _pass(window, "]")
    if window.next_character():
        raise _NoListError("more than one JSON list")


def _pass(window: _Window, expected: str) -> None:
    found = window.next_character()
    if found != expected:
        raise _NoListError(f"no JSON list, since {found!r} stands for {expected!r}" if found else "cut short")
    window.at += 1


def _item(window: _Window, most: int) -> Any:
    """Parse the next item, which is read on until it has ended."""
    decoder = json.JSONDecoder()
    window.next_character()
    while True:
        try:
            item, end = decoder.raw_decode(window.held, window.at)
        except json.JSONDecodeError as error:
            if not _may_go_on(error, len(window.held)):
                raise _NoListError(f"no JSON ({error.msg})") from error
            end = len(window.held)
        except RecursionError as error:
            raise _NoListError("an item that is nested too deeply") from error
        if end - window.at > most:
            raise _NoListError(f"an item of more than {most} characters")
        # What is held may end within the item. A number may go on even where what is held of it is a number.
        if end < len(window.held):
            window.at = end
            return item
        if not window.read_on(max(end - window.at, _CHUNK)):
            raise _NoListError("cut short")


def _may_go_on(error: json.JSONDecodeError, length: int) -> bool:
    """Return whether more text can make an item whole that cannot be parsed so far."""
    return error.msg.startswith("Unterminated string") or error.pos >= length - _LONGEST_WORD
