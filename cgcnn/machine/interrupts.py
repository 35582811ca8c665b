"""Let work end in order when the user or a batch system asks for it by Ctrl-C or SIGTERM, and say where it stopped."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A launcher passes on to its processes the signal that the terminal has sent to them already.
_SECONDS_OF_ONE_INTERRUPT = 1.0


class Interrupted(KeyboardInterrupt):
    """The work was asked to end, and has ended in order.

    Attributes:
        where: Where the work stopped and how it goes on, in one line.
        number: The number of the signal, ``SIGINT`` (Ctrl-C) or ``SIGTERM``.
    """

    def __init__(self, where: str, number: int) -> None:
        super().__init__(where)
        self.where = where
        self.number = number


class Interrupt:
    """Whether the work in the body of :func:`noticed` is asked to end.

    Attributes:
        number: The number of the signal that asks for it, and 0 where none has come yet.
    """

    def __init__(self) -> None:
        self.number = 0
        self._at = 0.0
        self._handlers = {each: signal.getsignal(each) for each in _SIGNALS}

    def notice(self, number: int, _: FrameType | None) -> None:
        """Remember the signal; a second one does what it would have done without this handler."""
        if self.number == 0:
            self.number, self._at = number, time.monotonic()
        elif time.monotonic() - self._at > _SECONDS_OF_ONE_INTERRUPT:
            self.restore()
            signal.raise_signal(number)

    def set(self) -> None:
        """Put the handler into the place of those that were there."""
        for each in _SIGNALS:
            signal.signal(each, self.notice)

    def restore(self) -> None:
        """Put the handlers back that were there before."""
        for each, handler in self._handlers.items():
            signal.signal(each, handler)

    def end(self, where: str, number: int) -> None:
        """End the work, which is now in order.

        A SIGTERM ends the process where nothing else was to handle it, as it would have done without this handler.

        Args:
            where: Where the work stopped and how it goes on, in one line.
            number: The number of the signal, which another process may have received.

        Raises:
            Interrupted: Always, where the process goes on.
        """
        if number == signal.SIGTERM and self._handlers[signal.SIGTERM] == signal.SIG_DFL and self.number == number:
            _logger.warning("%s", where)
            self.restore()
            signal.raise_signal(number)
        raise Interrupted(where, number)


@contextmanager
def noticed() -> Iterator[Interrupt]:
    """Turn Ctrl-C and SIGTERM into a note while the body runs, so that it ends where it can go on from.

    Only the main thread of a process can handle signals. In another thread nothing is changed, and none is noticed.

    Yields:
        The note, which the body reads.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    interrupt.set()
    try:
        yield interrupt
    finally:
        interrupt.restore()


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Raise :class:`Interrupted` at a SIGTERM while the body runs, so that it cleans up as it does after Ctrl-C.

    Only the main thread of a process can handle signals. In another thread nothing is changed.
    """

    def end(number: int, _: FrameType | None) -> None:
        raise Interrupted("", number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
