"""Say which promise of the readers a file breaks: crystals or one-line errors, in bounded time, each time the same."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np

from cgcnn.data.crystals import Crystals, check_ordered, check_sound
from cgcnn.data.reading import FileCrystal, Reading
from cgcnn.data.structure_files import read_file
from cgcnn.errors import DataError

#: No file of the tests may take longer to read, in seconds of the processor. Other programs do not count.
LONGEST = 10.0
# What waits instead of computing is stopped after so many seconds of the clock.
_LONGEST_WAIT = 120.0
# No message is longer, in letters, whatever the file holds.
_LONGEST_MESSAGE = 12_000
_TYPE_NAME = re.compile(r"\b\w+(Error|Exception|Warning)\b")
# Whatever ends a line, moves a cursor, or cannot be encoded.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Hang(BaseException):
    """Something took longer than it may; no reader catches it."""


@contextmanager
def _watched() -> Iterator[None]:
    """Raise :class:`Hang` where the body takes too long."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hang

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, LONGEST), (signal.SIGALRM, signal.ITIMER_REAL, _LONGEST_WAIT))
    before = {number: signal.signal(number, stop) for number, _, _ in timers}
    for _, timer, seconds in timers:
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for number, timer, _ in timers:
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def broken_promise(check: Callable[..., str | None], *arguments: object) -> str | None:
    """Return what is wrong with what a check does, within the time that it may take; None where nothing is.

    Args:
        check: The function, which returns what is wrong.
        arguments: Its arguments.
    """
    begun = time.process_time()
    try:
        with _watched():
            wrong = check(*arguments)
    except Hang:
        return f"not done after {LONGEST:g} s"
    except Exception as error:  # the promise is that no reader lets one through
        return f"{type(error).__name__}: {error}"[:500]
    took = time.process_time() - begun
    return wrong or (f"{took:.1f} s" if took > LONGEST else None)


def wrong_with_file(path: Path) -> str | None:
    """Return what is wrong with how a structure file is read; None where nothing is.

    Args:
        path: The file, of any contents.
    """
    first, second = read_file(path), read_file(path)
    if not first:
        return "neither a crystal nor an error"
    for one, other in zip(first, second, strict=True):
        wrong = _wrong_with(one, str(path)) or (None if _is_same(one, other) else "another result when read again")
        if wrong:
            return wrong
    return None


def wrong_with_errors(errors: tuple[DataError, ...], name: str) -> str | None:
    """Return what is wrong with the messages of errors, each of which must name a place."""
    return next((wrong for error in errors if (wrong := _wrong_with(error, name))), None)


def wrong_with_reading(reading: Reading, name: str) -> str | None:
    """Return what is wrong with what was read from a folder of this name."""
    return wrong_with_errors(reading.refused, name) or wrong_with_crystals(reading.crystals)


def wrong_with_crystals(crystals: Crystals) -> str | None:
    """Return what is wrong with a set of crystals: with its numbers, or with what is printed of it."""
    if crystals.target_name != "target" and not np.isfinite(crystals.targets).all():
        return "a target is not finite"
    labels = [] if crystals.site_labels is None else crystals.site_labels.tolist()
    texts = (crystals.name, crystals.target_name, crystals.unit, *crystals.ids, *labels)
    odd = next(filter(None, map(unprintable, texts)), None)
    if odd is not None:
        return odd
    for crystal in range(len(crystals)):
        structure = crystals.structure(crystal)
        check_ordered(structure, "unsound")
        check_sound(structure, "unsound")
    return None


def unprintable(text: str) -> str | None:
    """Return what is wrong with a text that must be one printable line; None where nothing is."""
    found = _UNPRINTABLE.search(text)
    return f"not one printable line: {text[max(found.start() - 100, 0) :][:300]!r}" if found else None


def _wrong_with(read: FileCrystal | DataError, name: str) -> str | None:
    if isinstance(read, DataError):
        text = str(read)
        if not isinstance(read.problem, str) or name not in text:
            return f"the message does not name the file: {text[:300]!r}"
        if not read.way_out:
            return f"no way out: {text[:300]!r}"
        texts = [text]
    else:
        check_ordered(read.structure, "unsound")
        check_sound(read.structure, "unsound")
        texts = [read.name, *read.remarks, *map(str, read.structure.labels)]
        if not read.name.startswith(name):
            return f"the crystal does not name the file: {read.name[:300]!r}"
        if read.energy_eV is not None and not np.isfinite(read.energy_eV):
            return f"the energy {read.energy_eV}"
    for text in texts:
        if (wrong := unprintable(text)) is not None:
            return wrong
        if len(text) > _LONGEST_MESSAGE:
            return f"{len(text)} letters: {text[:300]!r}"
        if "more memory than there is" in text:
            return text[:300]
        if _TYPE_NAME.search(text.replace(name, "")):
            return f"the name of an exception: {text[:300]!r}"
    return None


def _is_same(one: FileCrystal | DataError, other: FileCrystal | DataError) -> bool:
    if isinstance(one, DataError) or isinstance(other, DataError):
        return str(one) == str(other)
    alike = (one.name, one.energy_eV, one.remarks, one.structure.labels) == (
        other.name,
        other.energy_eV,
        other.remarks,
        other.structure.labels,
    )
    arrays = [(s.lattice.matrix, s.frac_coords, s.atomic_numbers) for s in (one.structure, other.structure)]
    return alike and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))
