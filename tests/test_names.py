"""Names of data sets and sections are words that people read."""

from __future__ import annotations

import pytest

from cgcnn.figures.names import readable_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("materials_project", "Materials Project"),
        ("table_1", "Table I"),
        ("boron_environments", "boron"),
        ("better_network", "better network"),
        ("perovskites", "perovskites"),
        ("your_crystals", "your crystals"),
    ],
)
def test_a_name_of_the_package_is_read_as_words(name: str, words: str) -> None:
    assert readable_name(name) == words
