"""Results of parallel tasks come in the order of the tasks, whichever ends first."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import joblib
import pytest

from cgcnn.errors import DataError
from cgcnn.machine.parallel import parallel_map


def test_results_come_in_the_order_of_the_tasks_also_where_the_first_task_ends_last() -> None:
    others_are_done = threading.Event()

    def work(task: int) -> int:
        if task == 0:
            assert others_are_done.wait(20)
        if task == 2:
            others_are_done.set()
        return 10 * task

    with joblib.parallel_config(backend="threading"):
        found = list(parallel_map(work, ((n,) for n in range(5)), 5, "work", "task", lambda _: 1, n_jobs=2))
    assert found == [0, 10, 20, 30, 40]


def test_an_error_of_the_source_of_the_tasks_is_raised_also_where_many_tasks_came_before() -> None:
    def tasks() -> Iterator[tuple[int]]:
        yield from ((n,) for n in range(100))
        raise DataError("archive: cut short", "get it again")

    found: list[int] = []
    with joblib.parallel_config(backend="threading"), pytest.raises(DataError, match="archive: cut short"):
        found += parallel_map(abs, tasks(), 200, "work", "task", lambda _: 1, n_jobs=2)
    assert found == []
