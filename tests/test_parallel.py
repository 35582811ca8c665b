"""Results of parallel tasks come in the order of the tasks, whichever ends first."""

from __future__ import annotations

import threading

import joblib

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
