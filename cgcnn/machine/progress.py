"""Show how far long work has come: a bar in a terminal, and lines at a bounded rate in logs and notebooks."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from tqdm import tqdm

#: A function that is told how many more items are done, and a remark on the last of them, which may be empty.
Advance: TypeAlias = Callable[[int, str], None]

# Nothing is said of work that is done after so many seconds.
_SECONDS_WITHOUT_A_WORD = 2.0
_SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def show_progress(
    logger: logging.Logger,
    description: str,
    unit: str,
    total: int,
    done: int = 0,
    at_once: bool = False,
    quiet: bool = False,
) -> Iterator[Advance]:
    """Show the progress of the work in the body.

    In a terminal it is a bar. Elsewhere, such as in a notebook or in the log of a job, it is one line of the log after
    two seconds, one every 30 seconds, and one at the end. Where the program has not set up messages, the lines go to
    the standard error, since otherwise nobody would see them.

    Args:
        logger: The logger of the lines.
        description: The name of the work.
        unit: The name of one item, in the singular.
        total: The number of items.
        done: The number of items that are done already.
        at_once: Whether the first line is written before the work begins.
        quiet: Whether nothing is shown at all.

    Yields:
        The function to call after each item.
    """
    if quiet:
        yield lambda _count, _remark: None
    elif sys.stderr.isatty():
        with tqdm(total=total, initial=done, desc=description, unit=unit) as bar:

            def advance(count: int, remark: str) -> None:
                if remark:
                    bar.set_postfix_str(remark, refresh=False)
                bar.update(count)

            yield advance
    else:
        lines = _Lines(logger, description, unit, total, done)
        if at_once:
            lines.write("")
        yield lines.advance
        lines.close()


class _Lines:
    """Progress as lines of a log."""

    def __init__(self, logger: logging.Logger, description: str, unit: str, total: int, done: int) -> None:
        self._logger, self._description, self._unit, self._total = logger, description, unit, total
        self._done, self._done_before, self._remark = done, done, ""
        self._began = time.monotonic()
        self._next = self._began + _SECONDS_WITHOUT_A_WORD
        self._has_written = False

    def advance(self, count: int, remark: str) -> None:
        """Count items, and write a line where one is due."""
        self._done += count
        self._remark = remark or self._remark
        if time.monotonic() >= self._next and self._done < self._total:
            per_item = (time.monotonic() - self._began) / (self._done - self._done_before)
            self.write(f"{_duration(per_item * (self._total - self._done))} left")

    def close(self) -> None:
        """Write the last line, if there was one before."""
        if self._has_written:
            self.write(f"took {_duration(time.monotonic() - self._began)}")

    def write(self, duration: str) -> None:
        """Write one line."""
        parts = (f"{self._unit} {self._done} of {self._total}", self._remark, duration)
        line = f"{self._description}: {', '.join(part for part in parts if part)}"
        if logging.getLogger("cgcnn").level != logging.NOTSET or self._logger.hasHandlers():
            self._logger.info(line)
        else:
            tqdm.write(line, file=sys.stderr)
        self._has_written = True
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
