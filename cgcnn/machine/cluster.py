"""Send independent work to a Dask cluster of many machines, where the user names one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import joblib

from cgcnn.errors import DataError

_SECONDS_TO_CONNECT = 30


@contextmanager
def on_cluster(scheduler: str | None) -> Iterator[None]:
    """Let the body's joblib calls (sweeps, graphs, CIFs) run on a Dask cluster.

    When a worker dies, the scheduler gives its task to another worker.

    Args:
        scheduler: The address of a running scheduler, such as ``tcp://host:8786``, whose workers have this package
            installed. None keeps the work on this machine.

    Raises:
        DataError: No scheduler answers at this address, or Dask is not installed.
    """
    if scheduler is None:
        yield
        return
    try:
        from dask.distributed import Client  # this import takes a second, which only users of a cluster should wait for
    except ImportError as error:
        raise DataError(f"{scheduler}: Dask is not installed", "install the package's extra 'cluster'") from error
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]  # dask leaves it untyped
    except (OSError, ValueError) as error:
        raise DataError(f"{scheduler}: no Dask scheduler answers there", "start one with 'dask scheduler'") from error
    with client, joblib.parallel_config(backend="dask"):
        yield
