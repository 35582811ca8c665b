"""Kill or interrupt tiny trainings at random moments, again and again until they end, and say what was lost.

``python -m tests.trust.killed_trainings FOLDER TRIES SEED kill`` is a process of its own with one thread. It forks one
child for each try: a fork has torch and the compiled kernels at once. It prints one JSON object.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import random
import signal
import struct
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba.np.ufunc import parallel

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.training import loop
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.fine_tuning import fine_tuning_config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, run_key, save_run
from cgcnn.training.state import State

_STAGES = ("before the training", "training", "writing a checkpoint", "after the training", "writing the run", "done")
_BEFORE, _TRAINING, _CHECKPOINT, _AFTER, _RUN, _DONE = range(len(_STAGES))
# One checkpoint after every batch, and one after several.
_SECONDS_BETWEEN_CHECKPOINTS = (0.0, 0.01, 0.03)
_LONGEST_SECONDS = 60.0
# The share of tries that hit soon after the start of the process, and of those that hit after the last step. All others
# hit after up to so many steps.
_SHARE_AT_ONCE, _SHARE_AT_THE_END, _MOST_STEPS = 0.1, 0.15, 30
_HANGS = 99  # the exit code of a child that does not end


@dataclass
class _Watch:
    """What a child tells its parent in shared memory: its stage, and three numbers of steps."""

    memory: mmap.mmap

    def tell(self, **numbers: int) -> None:
        for name, number in numbers.items():
            struct.pack_into("q", self.memory, 8 * ("stage", "done", "written", "begun").index(name), number)

    def read(self) -> tuple[int, int, int, int]:
        """Return the stage, and the steps that were done, were written to a checkpoint, and were done at its begin."""
        return struct.unpack_from("qqqq", self.memory)


@dataclass(frozen=True)
class _Case:
    """One training that nothing has ended, with which the others are compared."""

    crystals: Crystals
    config: Config
    content: bytes


def main(folder: Path, tries: int, seed: int, kill: bool) -> dict[str, Any]:
    """Return how many tries there were, at which stages they hit, and what went wrong."""
    chance = random.Random(seed)
    # Messages go to the log. Else tqdm writes them, under a lock that all forks share, and a killed one would keep it.
    logging.getLogger("cgcnn").setLevel(logging.WARNING)
    cases, parent = _cases(folder)
    stages: Counter[str] = Counter()
    wrong: list[str] = []
    n_trainings = lost_in_all = 0
    while sum(stages.values()) < tries:
        case, place = chance.choice(cases), folder / str(n_trainings)
        n_trainings += 1
        (place / "runs").mkdir(parents=True)
        (place / "graphs").symlink_to(folder / "cache" / "graphs")
        save_run(parent, place / "runs" / f"{parent.key}.safetensors")
        every = chance.choice(_SECONDS_BETWEEN_CHECKPOINTS)
        done = written = 0
        while True:
            watch = _Watch(mmap.mmap(-1, 4 * 8))
            watch.tell(begun=-1)
            number = signal.SIGKILL if kill else chance.choice([signal.SIGINT, signal.SIGTERM])
            is_last = sum(stages.values()) >= tries
            code, hit = _try(case, place, every, watch, None if is_last else chance, number)
            stage, done_now, written_now, begun = watch.read()
            if begun >= 0:  # the child has come to the training; the run of a finished one is only looked up
                # A kill loses what followed the last whole checkpoint, and an interrupt a batch.
                promised = written if kill else done - 1
                lost_in_all += max(done - begun, 0)
                if begun < promised:
                    wrong.append(f"training {n_trainings}: went on from step {begun}, promised {promised}")
                done, written = max(done_now, begun), max(written_now, begun)
            if code not in (0, -number, 128 + number):
                wrong.append(f"training {n_trainings}: exit code {code} in {_STAGES[stage]}")
                break
            if code == 0:
                break
            stages[_STAGES[hit]] += 1
        stored = place / "runs" / f"{run_key(case.crystals, case.config)}.safetensors"
        if not stored.exists() or stored.read_bytes() != case.content:
            wrong.append(f"training {n_trainings}: another run than without kills")
        visible = {path.name for path in (place / "runs").iterdir() if not path.name.startswith(".")}
        left = visible - {stored.name, f"{parent.key}.safetensors"}
        if left:
            wrong.append(f"training {n_trainings}: left {sorted(left)}")
    return {
        "tries": sum(stages.values()),
        "trainings": n_trainings,
        "stages": dict(stages),
        "steps_lost": lost_in_all,
        "wrong": wrong,
    }


def _cases(folder: Path) -> tuple[list[_Case], Run]:
    """Train what is compared with: two runs from random weights, and one that goes on from a third."""
    os.environ["CGCNN_CACHE"] = str(folder / "cache")
    crystals = datasets.load("perovskites-embedded")
    few, others = crystals.select(np.arange(60)), crystals.select(np.arange(60, 110))
    small = Config(epochs=4, batch_size=8, width=8, n_convolutions=1)
    parent = fit(few, small.replace(seed=9), device="cpu")
    changes = {"epochs": 5, "batch_size": 8}
    tried = [
        (few, small),
        (few, small.replace(seed=1, width=16, minimum_steps=110)),  # with a validation in the middle
        (others, fine_tuning_config(parent, others.quantity, changes)),
    ]
    cases = []
    for data, config in tried:
        run = fit(data, config, device="cpu")
        path = folder / "cache" / "runs" / f"{run.key}.safetensors"
        cases.append(_Case(data, config, path.read_bytes()))
    return cases, parent


def _try(
    case: _Case, place: Path, every: float, watch: _Watch, chance: random.Random | None, number: int
) -> tuple[int, int]:
    """Train in a child, send it a signal at a random moment, and return its exit code, and at which stage it hit.

    The exit code is negative for a signal, and 0 where the training has ended. Without ``chance`` no signal is sent.
    """
    child = os.fork()
    if child == 0:
        _train(case, place, every, watch)
    code, hit = None, _DONE
    if chance is not None:
        is_reached, further = _moment(watch, chance)
        code = _ended(child, _LONGEST_SECONDS, is_reached)
        if code is None:
            code = _ended(child, further)
        if code is None:
            hit = watch.read()[0]
            os.kill(child, number)
    if code is None:
        code = _ended(child, _LONGEST_SECONDS)
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        code = _HANGS
    return code, hit


def _moment(watch: _Watch, chance: random.Random) -> tuple[Callable[[], bool], float]:
    """Return whether a random stage is reached, and how many seconds later the signal is sent.

    A stage, and not a time alone, so that a slow machine is hit at the same stages as a fast one.
    """
    kind, steps = chance.random(), chance.randint(0, _MOST_STEPS)
    if kind < _SHARE_AT_ONCE:
        return lambda: True, chance.uniform(0, 0.2)
    if kind < _SHARE_AT_ONCE + _SHARE_AT_THE_END:
        return lambda: watch.read()[0] >= _AFTER, chance.uniform(0, 0.1)

    def is_reached() -> bool:
        stage, done, _, begun = watch.read()
        return stage >= _AFTER or (begun >= 0 and done >= begun + steps)

    return is_reached, chance.uniform(0, 0.02)


def _ended(child: int, seconds: float, is_reached: Callable[[], bool] = lambda: False) -> int | None:
    """Return the exit code of a child that ends within some seconds; None once a stage is reached, or of any other."""
    ends = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if is_reached() or time.monotonic() > ends:
            return None
        time.sleep(0.0005)


def _train(case: _Case, place: Path, every: float, watch: _Watch) -> None:
    """Train as a child, and end its process."""
    code = 1
    try:
        os.environ["CGCNN_CACHE"] = str(place)
        forget_shared_lock()
        loop._SECONDS_BETWEEN_CHECKPOINTS = every
        _watched(watch)
        fit(case.crystals, case.config, device="cpu")
        watch.tell(stage=_DONE)
        code = 0
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:  # a child tells its parent of any error by its exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def forget_shared_lock() -> None:
    """Let a fork have a lock of its own where Numba has one for all forks, which a killed one would keep for ever."""
    parallel._backend_init_process_lock = None


def _watched(watch: _Watch) -> None:
    """Let the training tell what it does, without changing what it does."""

    def around(owner: Any, name: str, before: Callable[..., None], after: Callable[..., None]) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any) -> Any:
            before(*arguments)
            result = inner(*arguments)
            after(*arguments)
            return result

        setattr(owner, name, outer)

    def nothing(*_: object) -> None:
        return None

    def loaded(_: Checkpoints, state: State) -> None:
        step = state.progress.step
        watch.tell(begun=step, done=step, written=step, stage=_TRAINING)

    def written(_: Checkpoints, state: State) -> None:
        watch.tell(written=state.progress.step, stage=_TRAINING)

    around(Checkpoints, "go_on", nothing, loaded)
    around(Checkpoints, "write", lambda *_: watch.tell(stage=_CHECKPOINT), written)
    around(loop._Keeper, "after_batch", lambda self: watch.tell(done=self._state.progress.step), nothing)
    around(loop._Keeper, "at_the_end", nothing, lambda *_: watch.tell(stage=_AFTER))
    module = sys.modules["cgcnn.training.fit"]
    around(module, "save_run", lambda *_: watch.tell(stage=_RUN), lambda *_: watch.tell(stage=_AFTER))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "kill")))
