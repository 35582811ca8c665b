"""Let one process at a time do a piece of work; the system frees what a killed process held."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class Lock:
    """A file that one process at a time can hold.

    The lock is the system's (flock), so that it ends with the process that holds it, however that ends. The file says
    who holds it, and nothing has to be done about a file that is left behind.
    """

    def __init__(self, path: Path) -> None:
        """Name the file.

        Args:
            path: The file, which is there while the lock is held.
        """
        self._path = path
        self._held: IO[str] | None = None

    def take(self) -> bool:
        """Take the lock if nobody holds it, and return whether the work may begin.

        Where the folder cannot be written to, or its file system has no locks, the work may begin, too. It must be such
        that two processes that do it at the same time do not spoil it.
        """
        if sys.platform == "win32":
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            while True:
                stream = self._path.open("a+")
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Whoever held it before may have removed the file after it was opened here.
                    if os.path.samestat(os.fstat(stream.fileno()), self._path.stat()):
                        break
                except FileNotFoundError:
                    stream.close()
                except OSError:
                    stream.close()
                    raise
                else:
                    stream.close()
        except BlockingIOError:
            return False
        except OSError:
            return True
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {socket.gethostname()}")
        stream.flush()
        self._held = stream
        return True

    def holder(self) -> str:
        """Return who holds the lock, such as ``process 123 on here``."""
        try:
            return self._path.read_text(errors="replace") or "another process"
        except OSError:
            return "another process"

    def release(self) -> None:
        """Give the lock back, and remove its file."""
        if self._held is not None:
            try:
                self._path.unlink(missing_ok=True)
            finally:
                self._held.close()
                self._held = None
