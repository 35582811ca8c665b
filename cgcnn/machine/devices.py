"""Where a network is, and how precisely a GPU multiplies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def resolve_device(device: str) -> torch.device:
    """Return the device named; ``auto`` is this process's GPU where there is one, the CPU otherwise."""
    if device in ("auto", "cuda") and torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("cpu" if device == "auto" else device)


@contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """Set how torch multiplies matrices, and set it back."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
