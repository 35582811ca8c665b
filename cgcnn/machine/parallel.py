"""Run independent tasks on all processors, or on the Dask cluster that is set, with one progress bar for all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed

from cgcnn.machine.progress import show_progress

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


def parallel_map(
    function: Callable[..., _Result],
    tasks: Iterable[tuple[Any, ...]],
    total: int,
    description: str,
    unit: str,
    count: Callable[[_Result], int],
    n_jobs: int = -1,
) -> Iterator[_Result]:
    """Yield the result of each task, in the order of the tasks.

    Tasks are taken from the iterable when they are needed, so that few of them are in memory at once. Their progress is
    shown by :func:`cgcnn.machine.progress.show_progress`. An exception of a task is raised where its result would be
    yielded.

    Args:
        function: The function that does one task; joblib must be able to send it to another process.
        tasks: The arguments of each call.
        total: The number of items in all tasks together.
        description: The name of the work.
        unit: The name of one item.
        count: The function that returns the number of items that a result stands for.
        n_jobs: The number of processes; -1 starts one per processor. Where a Dask cluster is set
            (:func:`cgcnn.machine.cluster.on_cluster`), its workers take the place of these processes.
    """
    results = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(function)(*task) for task in tasks)
    with show_progress(_logger, description, unit, total) as advance:
        for result in results:
            yield result
            advance(count(result), "")
