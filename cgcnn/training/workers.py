"""Count the threads and processes of a training: with other numbers it adds in another order, to other last bits."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch

from cgcnn.machine import processes

_UNITS = (
    ("threads", "thread", "threads"),
    ("loop_threads", "thread of the loops", "threads of the loops"),
    ("processes", "process", "processes"),
)


@dataclass(frozen=True)
class Workers:
    """How many threads and processes a training has; None where that is not known, or has changed on the way.

    Attributes:
        threads: The number of torch's threads.
        loop_threads: The number of threads of the compiled loops, which is torch's or Numba's, whichever is smaller.
        processes: The number of processes that train together.
    """

    threads: int | None
    loop_threads: int | None
    processes: int | None

    @classmethod
    def of(cls, device: torch.device) -> Workers:
        """Return the numbers of this process; on a GPU the number of threads changes nothing."""
        if device.type != "cpu":
            return cls(None, None, processes.count())
        from cgcnn.network.loops_cpu import n_threads  # which needs Numba, and serves the CPU alone

        return cls(torch.get_num_threads(), n_threads(), processes.count())

    def difference(self, other: Workers) -> str:
        """Return how many workers this training has in place of another's, such as ``2 threads in place of 1``.

        The text is empty where no number differs that is known for both.
        """
        differing: list[str] = []
        for name, one, many in _UNITS:
            mine, theirs = getattr(self, name), getattr(other, name)
            # Most often the loops have as many threads as torch, and one of the two numbers says it.
            if None in (mine, theirs) or mine == theirs or (differing and name == "loop_threads"):
                continue
            differing.append(f"{mine} {one if mine == 1 else many} in place of {theirs}")
        return " and ".join(differing)

    def common(self, other: Workers) -> Workers:
        """Return the numbers that are the same in both, and None for the others."""
        mine, theirs = ([getattr(each, one.name) for one in fields(Workers)] for each in (self, other))
        return Workers(*(a if a == b else None for a, b in zip(mine, theirs, strict=True)))
