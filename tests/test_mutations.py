"""The mutations fit the package as it is: each changes one place, and the changed file is still a program."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from cgcnn.files.paths import project_root
from tests.mutations.catalog import MUTATIONS
from tests.mutations.mutation import Mutation, Outcome
from tests.mutations.runner import run_mutations

ROOT = project_root()


def meaning(source: str) -> str:
    """Return a program without its comments and its layout."""
    return ast.dump(ast.parse(source))


@cache
def meaning_of_file(file: str) -> str:
    return meaning((ROOT / file).read_text())


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.breaks)
def test_a_mutation_changes_one_place_and_leaves_a_program(mutation: Mutation) -> None:
    assert meaning(mutation.changed(ROOT)) != meaning_of_file(mutation.file)


def test_no_two_mutations_are_the_same_or_say_the_same() -> None:
    assert len({one.breaks for one in MUTATIONS}) == len(MUTATIONS)
    assert len({(one.file, one.text, one.replacement) for one in MUTATIONS}) == len(MUTATIONS)


def test_the_tests_of_a_mutation_are_there() -> None:
    for mutation in MUTATIONS:
        assert mutation.tests
        for test in mutation.tests:
            file, *name = test.split("::")
            source = (ROOT / file).read_text()
            assert all(f"def {each.split('[')[0]}(" in source for each in name), test


def test_the_runner_tells_a_mutation_that_is_caught_from_one_that_is_not() -> None:
    texts = ("tests/test_text_files.py",)
    file = "cgcnn/graphs/distinct_sites.py"
    caught = Mutation("Old line ends stay", "cgcnn/data/text_files.py", r'.replace("\r", "\n")', "", texts)
    missed = Mutation("Bins begin elsewhere", file, "_BIN_OFFSET = 0.618", "_BIN_OFFSET = 0.5", texts)
    broken = Mutation("A module is missing", "cgcnn/data/text_files.py", "import gzip", "import gzipp", texts)
    outcomes = run_mutations([caught, missed, broken])
    assert [type(one) for one in outcomes] == [Outcome] * 3
    assert outcomes[0].caught_by is not None
    assert outcomes[0].caught_by.startswith("tests/test_text_files.py::")
    assert (outcomes[1].caught_by, outcomes[1].remark) == (None, "all tests passed")
    assert outcomes[2].caught_by is None
    assert "cannot be read" in outcomes[2].remark
