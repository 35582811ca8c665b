"""Independent tasks on all processors, or on the cluster that is set, with one progress bar for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed
from tqdm import tqdm

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

    The tasks are taken from their iterable as they are needed, so that few of them are in memory at once. The bar is
    shown only in a terminal.

    Args:
        function: What is done with each task; joblib must be able to send it to another process.
        tasks: The arguments of each call.
        total: The number of items in all tasks.
        description: What is done, for the bar.
        unit: What an item is, for the bar.
        count: The number of items that a result stands for.
        n_jobs: The number of processes; -1 for one per processor. A Dask cluster
            (:func:`cgcnn.machine.cluster.on_cluster`) takes its place where one is set.
    """
    results = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(function)(*task) for task in tasks)
    with tqdm(total=total, desc=description, unit=unit, disable=None) as bar:
        for result in results:
            yield result
            bar.update(count(result))
