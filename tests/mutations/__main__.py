"""Run some mutations: ``python -m tests.mutations "learning rate"``, or all of a file by its name."""

from __future__ import annotations

import argparse

from tests.mutations.catalog import matching
from tests.mutations.runner import run_mutations


def main() -> int:
    """Run the mutations that match, and return 1 where one of them is not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("pattern", nargs="*", default=[""], help="texts in their sentences or files; none: all")
    parser.add_argument("--workers", type=int, default=1, help="how many run at the same time")
    parser.add_argument("--list", action="store_true", help="only show which match")
    given = parser.parse_args()
    chosen = tuple(dict.fromkeys(one for pattern in given.pattern for one in matching(pattern)))
    if given.list:
        print("\n".join(f"{one.file}: {one.breaks}" for one in chosen))
        return 0
    outcomes = run_mutations(chosen, lambda line: print(line, flush=True), given.workers)
    left = [one for one in outcomes if one.caught_by is None]
    print(f"{len(outcomes) - len(left)} of {len(outcomes)} caught")
    for one in left:
        print(f"NOT CAUGHT: {one.mutation.file}: {one.mutation.breaks} ({one.remark})")
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())
