"""The comparison of networks: their errors alone and together, the gains, and the measures of the three levels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from cgcnn.analysis.ensembles import predict_test, worth_of_uncertainty
from cgcnn.analysis.prediction import mean_absolute_error, predictable
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals
from cgcnn.paper.levels import compare_levels, levels_on_the_page, local_energies, read_elements
from cgcnn.paper.networks import (
    changes_in_text,
    compare_networks,
    gains_in_text,
    relative_gains,
    relative_spreads,
    worth_on_the_page,
)
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run


@pytest.fixture(scope="module")
def pair(few: Crystals, quick: Config, run: Run) -> list[Run]:
    """Return two runs that differ only by their seed."""
    return [run, fit(few, quick.replace(seed=1), device="cpu")]


def test_each_network_has_a_row_alone_and_one_together(pair: list[Run], few: Crystals) -> None:
    together = {("few", "paper"): predict_test(pair, few)}
    alone, both = compare_networks({("few", "paper"): pair}, {"few": few}, together).to_dict(orient="records")
    one, other = (mean_absolute_error(run, few, "test") for run in pair)
    assert (alone["members"], alone["method"]) == (1, "the paper's network")
    assert alone["test_mae_eV_per_atom"] == pytest.approx((one + other) / 2)
    assert alone["test_mae_std"] == pytest.approx(abs(one - other) / 2**0.5)
    assert alone["validation_mae_eV_per_atom"] == pytest.approx(np.mean([run.validation_mae for run in pair]))
    assert alone["validation_mae_eV_per_atom"] != pytest.approx(alone["test_mae_eV_per_atom"], rel=1e-3)
    assert np.isnan(both["validation_mae_eV_per_atom"])
    assert (both["members"], both["method"]) == (2, "the paper's network, 2 together")
    assert both["test_mae_eV_per_atom"] == pytest.approx(together["few", "paper"]["error_eV_per_atom"].abs().mean())
    assert both["test_mae_eV_per_atom"] < alone["test_mae_eV_per_atom"]
    assert np.isnan(both["test_mae_std"])


def test_one_run_has_no_row_together_and_no_spread(pair: list[Run], few: Crystals) -> None:
    runs = {("few", network): pair[:1] for network in ("paper", "better")}
    together = {name: predict_test(pair[:1], few) for name in runs}
    table = compare_networks(runs, {"few": few}, together)
    assert table["members"].tolist() == [1, 1]
    assert table["test_mae_std"].isna().all()
    gains = relative_gains(table)
    assert gains["alone"].tolist() == [0]
    assert gains["gain"].isna().all()
    assert np.isnan(relative_spreads(runs)["few"])


def test_gains_are_against_one_of_the_papers_networks() -> None:
    rows = [
        (name, network, members, error)
        for name, errors in {"wide": (0.4, 0.3, 0.2, 0.1), "boron": (1.0, 0.9, 0.75, 0.5)}.items()
        for (network, members), error in zip(
            [("paper", 1), ("paper", 3), ("better", 1), ("better", 3)], errors, strict=True
        )
    ]
    gains = relative_gains(pd.DataFrame(rows, columns=["set", "network", "members", "test_mae_eV_per_atom"]))
    assert gains.index.tolist() == ["wide", "boron"]
    assert gains["alone"].tolist() == pytest.approx([0.5, 0.25])
    assert gains["gain"].tolist() == pytest.approx([0.75, 0.5])
    assert gains["test_mae"].tolist() == [0.2, 0.75]
    assert gains["together_mae"].tolist() == [0.1, 0.5]


def test_the_spread_over_seeds_is_a_share_of_the_mean_of_one_network(run: Run) -> None:
    def reached(error: float) -> Run:
        return dataclasses.replace(run, history=pd.DataFrame({"validation_mae": [1.0, error]}))

    runs = {("boron", "paper"): [reached(0.1), reached(0.3)], ("boron", "better"): [reached(0.1), reached(0.1)]}
    assert relative_spreads(runs) == pytest.approx({"boron": 0.5**0.5})


def test_errors_of_an_ensemble_are_those_of_its_test_crystals(pair: list[Run], few: Crystals) -> None:
    predicted = predict_test(pair, few)
    test = few.select(pair[0].split.test)
    assert predicted.index.tolist() == list(test.ids)
    np.testing.assert_allclose(predicted["energy_eV_per_atom"] - predicted["error_eV_per_atom"], test.targets)


def test_an_uncertainty_is_worth_something_where_it_orders_the_errors() -> None:
    table = pd.DataFrame(
        {
            "set": ["a"] * 4 + ["b"] * 4,
            "uncertainty_eV_per_atom": [1, 2, 3, 4, 1, 2, 3, 4],
            "error_eV_per_atom": [-1.0, 2.0, -3.0, 4.0, 4.0, 3.0, 2.0, -1.0],
        }
    )
    worth = worth_of_uncertainty(table)
    np.testing.assert_allclose(worth, [[1, 2.5, 1.5], [-1, 2.5, 3.5]])


def test_crystals_with_an_element_that_a_run_has_never_seen_are_left_out(run: Run, few: Crystals) -> None:
    poorer = dataclasses.replace(run, elements=run.elements[run.elements != run.elements[3]])
    chosen = np.arange(len(few))[::-1]
    kept = predictable(poorer, few, chosen)
    has_it = [run.elements[3] in few.atomic_numbers[few.sites(int(c))] for c in chosen]
    assert any(has_it)
    np.testing.assert_array_equal(kept, [c for c, without in zip(chosen, has_it, strict=True) if not without])


def test_local_energies_add_up_to_the_predicted_energy(run: Run, few: Crystals) -> None:
    chosen = run.split.test[:20]
    energies, off_by = local_energies(run, few, chosen)
    assert off_by < 1e-5
    sites = represent(run, few.select(chosen)).environments
    np.testing.assert_array_equal(energies, sites["local_energy_eV_per_atom"])
    assert energies.index.names == ["crystal", "site"]
    assert set(energies.index.get_level_values("crystal")) == {few.ids[c] for c in chosen}


def test_networks_agree_wholly_with_themselves_and_less_with_another(pair: list[Run], few: Crystals) -> None:
    same = compare_levels({("few", "paper"): pair[:1], ("few", "better"): pair[:1]}, {"few": few})
    assert same["agreement"].tolist() == pytest.approx([1, 1])
    assert same["same_group"][0] == same["same_group"][1]
    other = compare_levels({("few", "paper"): pair[:1], ("few", "better"): pair[1:]}, {"few": few})
    assert other["agreement"][0] == other["agreement"][1]
    assert 0 < other["agreement"][0] < 0.999
    assert (other["off_by"] < 1e-5).all()


def test_levels_are_compared_on_the_test_crystals_by_the_energies_of_the_same_sites(
    pair: list[Run], few: Crystals
) -> None:
    table = compare_levels({("few", "paper"): pair[:1], ("few", "better"): pair[1:]}, {"few": few})
    test = few.select(predictable(pair[0], few, pair[0].split.test))
    one, other = (represent(run, test).environments["local_energy_eV_per_atom"] for run in pair)
    assert table["agreement"].tolist() == pytest.approx([spearmanr(one, other).statistic] * 2)


def test_elements_are_read_by_group_and_block_and_non_metals_can_be_left_out() -> None:
    groups = {"Li": 1, "Na": 1, "K": 1, "Be": 2, "Mg": 2, "Ca": 2, "Ti": 4, "Zr": 4, "Fe": 8, "Ru": 8}
    vectors = pd.DataFrame({"v0": groups, "v1": {symbol: 10 * (group > 2) for symbol, group in groups.items()}})
    assert read_elements([vectors]) == {"same_group": 1, "block": 1}
    # Two non-metals of one group, each of which has an element of another group as nearest neighbor.
    wrong = pd.concat([vectors, pd.DataFrame({"v0": [1.1, 8.1], "v1": [0.0, 10.0]}, index=["O", "S"])])
    assert read_elements([wrong])["same_group"] == pytest.approx(10 / 12)
    assert read_elements([wrong], metals_only=True)["same_group"] == 1


def test_the_text_has_the_gains_of_each_set_and_changes_with_the_sign_that_it_tells() -> None:
    gains = pd.DataFrame({"alone": [0.1], "gain": [0.2], "test_mae": [0.03], "together_mae": [0.02]}, index=["boron"])
    assert gains_in_text(gains) == {"boron_alone": 0.1, "boron_gain": 0.2, "boron_together_mae": 0.02}
    rows = [
        ("boron", "both", 0.8),
        ("materials_project", "24 neighbors", 1.1),
        ("materials_project", "twice the epochs", 0.9),
        ("perovskites", "distance weights", 0.99),
        ("perovskites", "twice the epochs", 1.02),
    ]
    tried = pd.DataFrame(rows, columns=["set", "ingredient", "over_none"])
    assert changes_in_text(tried) == pytest.approx(
        {"boron_both": 0.2, "mp_neighbors": 0.1, "mp_longer": 0.1}
        | {"perovskites_weights": -0.01, "perovskites_longer": 0.02}
    )


def test_the_page_of_levels_names_its_columns_and_rounds_and_leaves_out_what_is_not_there() -> None:
    kept = pd.DataFrame(
        {"set": ["materials_project"], "agreement": [0.12345], "off_by": [2.4e-6], "same_group": [float("nan")]}
    )
    html = levels_on_the_page(kept).to_html()
    for text in (
        "local energies agree",
        "0.123",
        "sum rule off by (eV/atom)",
        "2e-06",
        "nearest of the same group",
        "Materials Project",
    ):
        assert text in html, text
    assert "0.1234" not in html
    assert "nan" not in html
    assert "block" not in html


def test_what_uncertainties_are_worth_has_names_in_words_and_four_digits() -> None:
    worth = {"rank_correlation": [0.25], "mae_eV_per_atom": [0.0277], "surer_half_mae_eV_per_atom": [0.01559]}
    table = pd.DataFrame(worth, index=["materials_project"])
    shown = worth_on_the_page(table).data  # type: ignore[attr-defined]  # the stubs lack it
    assert shown.to_dict(orient="index") == {
        "Materials Project": {
            "rank correlation of error and uncertainty": "0.2500",
            "MAE, all (eV/atom)": "0.0277",
            "MAE, the surer half (eV/atom)": "0.0156",
        }
    }
