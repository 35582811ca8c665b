"""Keep the memory that a training step frees for the next step, which asks for the same."""

from __future__ import annotations

import ctypes
import sys

# Parameters of glibc's mallopt, from its malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# As much as glibc admits: arrays up to this size come from the heap.
_LARGEST_ON_HEAP = 32 * 2**20


def keep_freed_memory() -> bool:
    """Tell glibc not to return freed memory to the system, for the rest of the process.

    By default it returns the arrays of every step, and the system clears their pages anew for the next one: 10 to 30 %
    of a step's time (``benchmarks/README.md``). Source: mallopt(3).

    Returns:
        Whether this system has glibc, and has done so.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library, as musl
        return False
    return bool(mallopt(_TRIM_THRESHOLD, 2**31 - 1)) and bool(mallopt(_MMAP_THRESHOLD, _LARGEST_ON_HEAP))
