"""Every mutation is caught by a test, and the page on trust names the test."""

from __future__ import annotations

import os

import pytest

from tests.mutations.catalog import MUTATIONS
from tests.mutations.runner import run_mutations
from tests.trust.record import record_part


@pytest.mark.trust
def test_every_mutation_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    def say(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    outcomes = run_mutations(MUTATIONS, say, n_workers=min(2, os.cpu_count() or 1))
    listed = [
        {"breaks": one.mutation.breaks, "file": one.mutation.file, "caught_by": one.caught_by} for one in outcomes
    ]
    missed = [one.mutation.breaks for one in outcomes if one.caught_by is None]
    record_part("mutations", {"applied": len(outcomes), "caught": len(outcomes) - len(missed), "list": listed})
    assert not missed
