"""Where independent work is done: in this process, in several of this machine, or on a Dask cluster of many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import joblib

from cgcnn.errors import DataError

_SECONDS_TO_CONNECT = 30


@contextmanager
def on_cluster(scheduler: str | None) -> Iterator[None]:
    """Let the body's joblib calls (sweeps, graphs, CIFs) run on a Dask cluster.

    A worker that dies is done without: what it was at is given to another.

    Args:
        scheduler: Address of a running scheduler, such as ``tcp://host:8786``, whose workers have this package
            installed; None to stay on this machine.

    Raises:
        DataError: No scheduler answers there, or Dask is not installed.
    """
    if scheduler is None:
        yield
        return
    try:
        from dask.distributed import Client  # takes a second, which nobody else should wait for
    except ImportError as error:
        raise DataError(f"{scheduler}: Dask is not installed", "install the package's extra 'cluster'") from error
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]  # dask leaves it untyped
    except (OSError, ValueError) as error:
        raise DataError(f"{scheduler}: no Dask scheduler answers there", "start one with 'dask scheduler'") from error
    with client, joblib.parallel_config(backend="dask"):
        yield
