"""Apply mutations to copies of the working tree, and find out which test catches each."""

from __future__ import annotations

import compileall
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cgcnn.files.paths import project_root
from tests.mutations.mutation import Mutation, Outcome

# The longest time of the tests of one mutation, and of the tests of one file without a mutation.
_SECONDS_PER_MUTATION, _SECONDS_PER_FILE = 300.0, 900.0
# The folders that are copied; all others are linked, because no mutation changes them.
_COPIED = ("cgcnn", "tests")
_LEFT_OUT = (".git", "build", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")
# How the files of the compiled loops begin. Where one is changed, what was compiled before must not be used.
_KERNELS = "cgcnn/network/kernels_cpu"


class _Worker:
    """A copy of the working tree and a process that runs tests in it."""

    def __init__(self, folder: Path) -> None:
        self.copy, self._scratch = folder / "copy", folder / "scratch"
        self._scratch.mkdir(parents=True)
        _copy_tree(project_root(), self.copy)
        dropped = ("CGCNN_DATA", "CGCNN_CACHE", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
        environment = {name: value for name, value in os.environ.items() if name not in dropped}
        # One thread per process: the workers share the machine, and torch must not have threads when it is forked.
        environment |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        # -P: the folder of the program is not searched for modules.
        command = [sys.executable, "-P", str(Path(__file__).with_name("worker.py")), str(self.copy), str(self._scratch)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def run(self, tests: Sequence[str], seconds: float, mutation: Mutation | None = None) -> dict[str, Any]:
        """Return how tests ended, with a mutation or without one."""
        cache = self._scratch / "numba"
        job = {"tests": tests, "seconds": seconds, "mutated": mutation is not None, "numba_cache": str(cache)}
        if mutation is None:
            return self._ask(job)
        path = self.copy / mutation.file
        original, kept = path.with_suffix(".original"), path.read_bytes()
        shutil.copy2(path, original)
        if mutation.file.startswith(_KERNELS):
            job["numba_cache"] = tempfile.mkdtemp(dir=self._scratch)
        try:
            path.write_text(mutation.changed(self.copy))
            return self._ask(job)
        finally:
            path.write_bytes(kept)
            shutil.copystat(original, path)  # so that what was compiled of the original file is used again
            original.unlink()

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _copy_tree(root: Path, copy: Path) -> None:
    """Copy the package and the tests, and link everything else that they may read."""
    copy.mkdir(parents=True)
    for entry in root.iterdir():
        if entry.name in _COPIED:
            shutil.copytree(entry, copy / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif entry.name not in _LEFT_OUT:
            (copy / entry.name).symlink_to(entry.resolve())
    compileall.compile_dir(copy / "cgcnn", quiet=1)


@contextmanager
def _workers(number: int) -> Iterator[list[_Worker]]:
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        workers: list[_Worker] = []
        try:
            for each in range(number):
                workers.append(_Worker(Path(folder) / str(each)))
            yield workers
        finally:
            for worker in workers:
                worker.close()


def _share(workers: list[_Worker], tasks: Sequence[Any], work: Callable[[_Worker, Any], None]) -> None:
    """Let each worker take the next task until there is none; the first error ends the work and is raised."""
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    errors: list[BaseException] = []

    def take(worker: _Worker) -> None:
        while not errors:
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(worker, task)
            except BaseException as error:  # it is raised again by the thread that waits
                errors.append(error)

    threads = [threading.Thread(target=take, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def run_mutations(
    mutations: Sequence[Mutation], say: Callable[[str], None] = lambda _: None, n_workers: int = 1
) -> list[Outcome]:
    """Apply each mutation alone, run its tests, and return what became of it, in the order of the mutations.

    All tests run without a mutation first. A test that fails or is skipped then would prove nothing.

    Args:
        mutations: The mutations.
        say: A function that is told how far the work has come, one line at a time.
        n_workers: The number of mutations that are tried at the same time. Each needs one processor and 2 GB.

    Raises:
        ValueError: A mutation does not fit the package.
        RuntimeError: A test fails, is skipped or is not there without a mutation.
    """
    for mutation in mutations:
        mutation.changed(project_root())
    outcomes: dict[Mutation, Outcome] = {}
    problems: list[str] = []
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    files = {
        file: [test for test in tests if test.split("::")[0] == file] for file in {t.split("::")[0] for t in tests}
    }

    def without(worker: _Worker, file: str) -> None:
        found = worker.run(files[file], _SECONDS_PER_FILE)
        say(f"{found['seconds']:5.1f} s  {file} without a mutation: {len(found.get('passed', ()))} tests passed")
        problems.extend(_problems(files[file], found))

    def with_one(worker: _Worker, mutation: Mutation) -> None:
        found = worker.run(mutation.tests, _SECONDS_PER_MUTATION, mutation)
        outcomes[mutation] = outcome = _outcome(mutation, found)
        say(f"{found['seconds']:5.1f} s  {mutation.breaks}: {outcome.caught_by or f'NOT CAUGHT, {outcome.remark}'}")

    with _workers(n_workers) as workers:
        _share(workers, sorted(files), without)
        if problems:
            raise RuntimeError("without a mutation: " + "; ".join(problems))
        _share(workers, mutations, with_one)
    return [outcomes[mutation] for mutation in mutations]


def _problems(tests: Sequence[str], found: dict[str, Any]) -> list[str]:
    """Return why some tests prove nothing: each has to run and to pass without a mutation."""
    if not found["ended"]:
        return [f"{tests[0]}: {'took too long' if found['late'] else 'its process died'}\n{found['log']}"]
    if found["code"] != 0:
        return [f"{', '.join(found['failed']) or tests[0]}: failed\n{found['log']}"]
    passed = found["passed"]
    return [
        f"{test}: no such test ran"
        for test in tests
        if not any(one == test or one.startswith((f"{test}::", f"{test}[")) for one in passed)
    ]


def _outcome(mutation: Mutation, found: dict[str, Any]) -> Outcome:
    """Return what became of a mutation: only a test that ran and failed has caught it."""
    if found.get("failed"):
        return Outcome(mutation, found["failed"][0], "", found["seconds"])
    if found["late"]:
        remark = "its tests took too long"
    elif not found["ended"]:
        remark = "the process of its tests died"
    elif found["code"] != 0:
        remark = "its tests cannot be read: " + found["log"].strip().splitlines()[-1]
    else:
        remark = "all tests passed"
    return Outcome(mutation, None, remark, found["seconds"])
