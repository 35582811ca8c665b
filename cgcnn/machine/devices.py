"""Choose the device that a network runs on, and how precisely it multiplies matrices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from cgcnn.errors import DataError


def resolve_device(device: str) -> torch.device:
    """Return the device of a name.

    Args:
        device: ``auto`` takes this process's GPU where there is one, and the CPU otherwise. Any other name is one that
            torch knows: ``cpu``, ``cuda`` (this process's GPU), ``cuda:1``, ...

    Raises:
        DataError: Torch knows no device of this name, or this machine has none.
    """
    if device in ("auto", "cuda") and torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    try:
        found = torch.device("cpu" if device == "auto" else device)
        torch.empty(1, device=found)
    # Torch's words for a name that it does not know, a GPU that is not there, and a kind that it was built without.
    except (RuntimeError, AssertionError, NotImplementedError, ImportError, AttributeError, ValueError) as error:
        raise DataError(f"device={device!r}: no such device on this machine", _way_out()) from error
    if found.type == "meta":
        raise DataError(f"device={device!r}: holds no numbers", _way_out())
    return found


def _way_out() -> str:
    known = ["auto", "cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return f"give {', '.join(known[:-1])} or {known[-1]}"


@contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """Set how precisely torch multiplies float32 matrices while the body runs, and restore the setting afterwards.

    Args:
        precision: ``highest``, ``high`` or ``medium``, as for ``torch.set_float32_matmul_precision``.
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def own_stream(device: torch.device) -> Iterator[None]:
    """Give the body a stream of its own on a GPU, in which steps can be recorded; other devices have no streams.

    Args:
        device: The device of the body's work.
    """
    if device.type != "cuda":
        yield
        return
    outer, inner = torch.cuda.current_stream(device), torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    inner.wait_stream(outer)
    with torch.cuda.stream(inner):
        yield
    outer.wait_stream(inner)


def unfinished(device: torch.device) -> Iterator[None]:
    """Yield as long as a GPU has not done the work that its current stream has now; other devices have always done it.

    Args:
        device: The device of the work.
    """
    if device.type == "cuda":
        done = torch.cuda.current_stream(device).record_event()
        while not done.query():
            yield
