"""Run tests in one copy of the working tree, each set of tests in a process that is forked from this one.

This program is started by the runner, with the copy as its argument. It imports what takes long, but nothing of the
package and none of the tests. So a forked process has it already, and reads the package as the copy holds it at that
time. It reads one job per line from its standard input, and writes one answer per line to its standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

# What the package and its tests import and what is slow to import; none of these starts threads by being imported.
_SLOW = (
    "numpy",
    "pandas",
    "scipy.spatial.distance",
    "scipy.optimize",
    "torch",
    "torch.distributed",
    "torch.nn.parallel",
    "numba",
    "joblib",
    "safetensors.torch",
    "ase.io",
    "gemmi",
    "pymatgen.core",
    "pymatgen.io.vasp",
    "pymatgen.optimization.neighbors",
    "sklearn.neighbors",
    "sklearn.linear_model",
    "matplotlib.pyplot",
    "seaborn",
    "pooch",
    "tqdm",
    "pytest",
    "_pytest.assertion.rewrite",
)
_SECONDS_BETWEEN_LOOKS = 0.05


class _Watcher:
    """A plugin of pytest that remembers which tests passed, and which failed first and where."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note how a test ended; a test whose preparation fails has failed too."""
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.passed and report.when == "call":
            self.passed.append(report.nodeid)


def _run_tests(copy: Path, job: dict[str, Any], answer: Path) -> None:
    """Run the tests of a job in this process, which was forked for them, and write how they ended to a file."""
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = job["mutated"]
    os.environ |= {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": job["numba_cache"], "OMP_NUM_THREADS": "1"}
    if job["mutated"]:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    import numba  # it is imported already, as pytest is
    import pytest

    numba.config.reload_config()  # type: ignore[no-untyped-call]  # numba has read the environment too early
    watcher = _Watcher()
    options = ["-q", "-p", "no:cacheprovider", f"--basetemp={answer.with_suffix('.tmp')}", f"--rootdir={copy}"]
    options += ["-c", str(copy / "pyproject.toml"), *(["-x"] if job["mutated"] else [])]
    with answer.with_suffix(".log").open("w") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        code = int(pytest.main([*options, *job["tests"]], plugins=[watcher]))
    answer.write_text(json.dumps({**vars(watcher), "code": code}))


def _serve(copy: Path, scratch: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Run the tests of a job in a process of their own, and return how they ended."""
    answer = scratch / "answer.json"
    answer.unlink(missing_ok=True)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()  # so that all processes that the tests start can be ended together
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        try:
            _run_tests(copy, job, answer)
        finally:
            os._exit(0)
    late = False
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() - start > job["seconds"]:
            late = True
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    with contextlib.suppress(ProcessLookupError):  # what the tests left running
        os.killpg(child, signal.SIGKILL)
    shutil.rmtree(answer.with_suffix(".tmp"), ignore_errors=True)
    found = json.loads(answer.read_text()) if answer.exists() and not late else {}
    log = answer.with_suffix(".log")
    tail = log.read_text()[-3000:] if log.exists() else ""
    return {"ended": bool(found), "late": late, "seconds": time.monotonic() - start, "log": tail, **found}


def main() -> None:
    """Serve jobs until the standard input ends."""
    copy, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    for module in _SLOW:
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(_serve(copy, scratch, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
