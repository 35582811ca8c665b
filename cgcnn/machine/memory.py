"""Keep the memory that a training step frees for the next step, which asks for the same."""

from __future__ import annotations

import ctypes
import sys

# Parameters of glibc's mallopt, from its malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# The highest value that glibc accepts, in bytes. Arrays up to this size then come from the heap.
_LARGEST_ON_HEAP = 32 * 2**20


def keep_freed_memory() -> bool:
    """Tell glibc not to return freed memory to the system, for the rest of the process.

    By default, glibc returns the memory of large arrays after every step, and the system clears new pages for the next
    step. This takes 10 to 30 % of the time of an epoch (``benchmarks/README.md``). Source: mallopt(3).

    Returns:
        True where the C library is glibc and accepts both settings.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library, such as musl
        return False
    return bool(mallopt(_TRIM_THRESHOLD, 2**31 - 1)) and bool(mallopt(_MMAP_THRESHOLD, _LARGEST_ON_HEAP))
