"""The crystals of the public sets are those that the published runs were trained on, bit by bit."""

from __future__ import annotations

import pytest

from cgcnn.data.crystals import Crystals


def test_the_perovskites_are_those_of_the_published_runs(public: Crystals) -> None:
    assert public.digest == "4a9bc247f2735513aa80725b8cb949aa88784370c471ae6d92766dbf3d7afce8"


@pytest.mark.slow
def test_the_materials_project_crystals_are_those_of_the_published_runs(materials_project: Crystals) -> None:
    assert materials_project.digest == "ffc700d3988ddd9987954a55ef5b5eee707ce78cf2ace756d8e3e30f838d1a0d"
