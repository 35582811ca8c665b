"""What the loops on the CPU share: how they are compiled, how wide their vectors are, and the arrays of one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

Kernel = Callable[..., None]

#: The compiler may reorder sums, fuse operations, multiply by reciprocals and ignore the sign of 0. It must keep
#: infinities and not-a-number: they show that a training has diverged.
FAST = {"reassoc", "contract", "nsz", "arcp"}
#: Compiles a loop, and keeps it in a file for the next process.
compiled = njit(fastmath=FAST, parallel=True, cache=True)

# In bytes: one line of the cache, and the longest vector of an x86 processor.
_LINE = 64


@intrinsic
def use_longest_vectors(_context: Any) -> Any:
    """Let the compiler use vectors of 512 bits in the function that calls this, where the processor has them.

    Without it, LLVM uses 256 bits on Intel's processors, because the first of those with 512 bits ran slower meanwhile.
    Source: the function attribute ``prefer-vector-width`` of LLVM's X86 target; other targets do not read it.
    """

    def generate(context: Any, builder: Any, _: Any, __: Any) -> Any:
        # llvmlite adds no attribute that it does not know, and it knows none that has a value.
        set.add(builder.function.attributes, f'"prefer-vector-width"="{8 * _LINE}"')
        return context.get_dummy_value()

    return types.void(), generate


@njit
def zeros(size: int) -> np.ndarray:
    """Return zeros in float32, (size,), which begin where a line of the cache begins.

    Numba's own arrays begin at a multiple of 32 bytes. In half of them, every vector of 64 bytes would lie in two
    lines, which takes longer to read and write.
    """
    longer = np.zeros(size + _LINE // 4, np.float32)
    skipped = (-longer.ctypes.data % _LINE) // 4
    return longer[skipped : skipped + size]
