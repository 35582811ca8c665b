"""What larger sets would take: the measured row is what was measured, and larger ones follow the measured slopes."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from cgcnn.files.paths import project_root
from cgcnn.paper.recipes import recipe
from cgcnn.paper.scaling import duration, scaling_table, texts

RECORD: dict[str, Any] = {
    "slope_epoch_vs_n": {"materials_project": {"cgcnn": 0.5}},
    "materials_project": {
        "load": {"cgcnn": {"bytes": 2_000_000, "crystals": 100}},
        "epochs": {"cgcnn": {"10": [1.0], "100": [36.0, 72.0, 36.0]}},
        "graphs_s_per_structure": {"cgcnn": [1.0, 3.0, 2.0]},
    },
}
GPU = {"sets": {"materials_project": {"plain_high_epoch_s": 9.0, "n_training": 50}}}


@pytest.fixture
def table() -> pd.DataFrame:
    return scaling_table(RECORD, GPU)


def test_the_first_row_is_what_was_measured(table: pd.DataFrame) -> None:
    row = table.loc["measured"]
    assert row["crystals"] == 100
    assert row["graphs_GB"] == pytest.approx(0.002)
    assert row["graphs_h"] == pytest.approx(200 / 3600)
    assert row["epoch_h"] == pytest.approx(0.01)
    assert row["gpu_epoch_h"] == pytest.approx(0.005)
    assert row["training_h"] == pytest.approx(0.01 * recipe("materials_project").training["epochs"])


def test_epochs_grow_with_the_measured_slope_and_all_else_in_proportion(table: pd.DataFrame) -> None:
    growth = table.loc["times_1000"] / table.loc["measured"]
    assert growth["epoch_h"] == pytest.approx(1000**0.5)
    for column in ("crystals", "graphs_GB", "graphs_h", "gpu_epoch_h"):
        assert growth[column] == pytest.approx(1000)
    assert table.loc["hundred_million", "crystals"] == 100_000_000


def test_hosts_share_an_epoch_of_an_hour_and_gpus_a_training_of_a_day(table: pd.DataFrame) -> None:
    table.loc["times_10", ["epoch_h", "gpu_training_h"]] = [2.5, 48.0]
    found = texts(table, RECORD)
    assert found["scaling-times_10-hosts"] == "3"
    assert found["scaling-times_10-gpus"] == "2"
    assert found["scaling-measured-hosts"] == "1"
    assert found["scaling-measured-graphs_GB"] == "2 MB"


@pytest.mark.parametrize(
    ("hours", "text"),
    [(7.354 / 3600, "7.4 s"), (0.25, "15 min"), (2.04, "2 h"), (30, "1.2 days"), (365.25 * 24 * 14, "14 years")],
)
def test_a_time_is_written_in_the_unit_in_which_it_is_easy_to_read(hours: float, text: str) -> None:
    assert duration(hours) == text


def test_the_page_shows_every_value_of_the_benchmark_that_is_published() -> None:
    root = project_root()
    record = json.loads((root / "benchmarks" / "results.json").read_text())
    gpu = json.loads((root / "benchmarks" / "gpu.json").read_text())
    page = (root / "book" / "scaling.md").read_text()
    unused = [
        name
        for name in texts(scaling_table(record, gpu), record)
        if f"::{name}:s`" not in page and "measured" not in name
    ]
    assert unused == []
