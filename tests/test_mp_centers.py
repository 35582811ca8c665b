"""The local energies of centers around oxygen and sulfur in the Materials Project (Fig. S5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.elements import element_table
from cgcnn.paper import mp_coordination, mp_told


@pytest.fixture
def by_center() -> dict[str, pd.DataFrame]:
    """Return the mean local energies of centers around oxygen and sulfur. Cs has only few environments."""
    oxygen = {"Li": -1.0, "Mg": -2.0, "Al": -3.0, "Si": -4.0, "P": -3.5, "S": -2.5, "Cs": -9.0}
    tables = {}
    for anion, energies in {"O": oxygen, "S": {"Li": -0.5, "Mg": -1.0, "Cs": -1.5}}.items():
        table = element_table(list(energies))[["atomic_number", "electronegativity"]]
        table["mean_local_energy_eV_per_atom"] = pd.Series(energies)
        table["n_environments"] = [19 if symbol == "Cs" else 20 for symbol in energies]
        tables[anion] = table
    return tables


def test_centers_are_asked_for_span_v_shape_and_alkali_metals(by_center: dict[str, pd.DataFrame]) -> None:
    numbers = mp_coordination.center_numbers(by_center)
    assert numbers["local_energy_span"] == {"O": 3.0, "S": 0.5}  # without Cs
    assert numbers["span_ratio"] == 6
    assert numbers["al_si_p_s_o"] == {"Al": -3.0, "Si": -4.0, "P": -3.5, "S": -2.5}
    assert numbers["si_o_position"] == 1
    assert numbers["alkali_above_alkaline_earths"] == {"O": -3.0, "S": 0.0}  # (-1 - 9) / 2 + 2; (-0.5 - 1.5) / 2 + 1
    without = {**by_center, "O": by_center["O"].drop("P")}
    assert mp_coordination.center_numbers(without)["si_o_position"] is None


def test_energies_of_centers_are_means_deviations_and_numbers_sorted_by_atomic_number() -> None:
    table = pd.DataFrame(
        {
            "element": ["Ti", "Ti", "Ti", "Li", "Li", "O"],
            "first_neighbor": ["O"] * 6,
            "local_energy_eV_per_atom": [-3.0, -2.0, -1.0, 1.0, 1.0, 9.0],
        }
    )
    by_center = mp_coordination.energy_by_center(table, "O")
    assert by_center.index.tolist() == ["Li", "Ti"]
    assert by_center["atomic_number"].tolist() == [3, 22]
    assert by_center["electronegativity"].tolist() == [0.98, 1.54]
    assert by_center["mean_local_energy_eV_per_atom"].tolist() == [1, -2]
    assert by_center["std_eV_per_atom"].tolist() == [0, 1]
    assert by_center["n_environments"].tolist() == [2, 3]


def test_energies_of_centers_are_ranked_beside_their_electronegativities(by_center: dict[str, pd.DataFrame]) -> None:
    # Li 0.98, Mg 1.31, Al 1.61, Si 1.90, P 2.19, S 2.58 and Cs 0.79: the ranks 2 to 7 and 1.
    energies = by_center["O"]["mean_local_energy_eV_per_atom"].rank()
    expected = 1 - 6 * ((energies - np.array([2, 3, 4, 5, 6, 7, 1])) ** 2).sum() / (7 * 48)
    found = mp_coordination.electronegativity_correlation(by_center["O"])
    assert found == pytest.approx(expected)
    unknown = by_center["O"].assign(electronegativity=by_center["O"]["electronegativity"].where(energies > 1))
    assert mp_coordination.electronegativity_correlation(unknown) != pytest.approx(expected)


def test_hydrogen_is_no_alkali_metal() -> None:
    table = pd.DataFrame({"mean_local_energy_eV_per_atom": [50.0, -1.0, -3.0, -4.0]}, ["H", "Li", "Na", "Mg"])
    assert mp_coordination.alkali_above_alkaline_earths(table) == 2


def test_one_anion_has_its_own_numbers_and_none_beside_the_other(by_center: dict[str, pd.DataFrame]) -> None:
    numbers = mp_coordination.center_numbers({"S": by_center["S"]})
    assert numbers["span_ratio"] is None
    assert numbers["si_o_position"] is None
    assert numbers["al_si_p_s_o"] == {}
    assert mp_coordination.center_numbers({})["local_energy_span"] == {}
    few = by_center["S"].iloc[:2]
    assert np.isnan(mp_coordination.electronegativity_correlation(few))


def test_a_residual_is_the_distance_above_the_line_in_the_electronegativity(
    by_center: dict[str, pd.DataFrame],
) -> None:
    mean = "mean_local_energy_eV_per_atom"
    table = by_center["O"].drop(index="Cs")
    straight = table.assign(**{mean: 2 * table["electronegativity"] - 7})
    assert mp_coordination.residuals(straight).abs().max() < 1e-12
    one_off = straight.assign(**{mean: straight[mean] - (straight.index == "Si")})
    found = mp_coordination.residuals(one_off)
    assert found.index[0] == "Si"
    # A least-squares line leaves residuals that neither have a mean nor lean on the electronegativity.
    assert found.sum() == pytest.approx(0)
    assert found @ table.loc[found.index, "electronegativity"] == pytest.approx(0)
    unknown = pd.concat([one_off, pd.DataFrame({"electronegativity": [np.nan], mean: [-50.0]}, ["Eu"])])
    assert "Eu" not in mp_coordination.residuals(unknown)


def test_the_oxides_have_their_places_among_all_centers_by_their_residuals() -> None:
    # On the line: Li, Mg, Na, K. Si lies farthest below, then Al; P and S lie above.
    off = {"Li": 0, "Mg": 0, "Na": 0, "K": 0, "Si": -3, "Al": -2, "P": 2.0, "S": 3.0}
    table = element_table(list(off))[["electronegativity"]]
    table["mean_local_energy_eV_per_atom"] = pd.Series(off)
    numbers = mp_coordination.residual_numbers(table)
    assert numbers["residual_places"] == {"Al": 2, "Si": 1, "P": 7, "S": 8}
    assert numbers["lower_residuals"] == {"Al": 1 / 8, "Si": 0, "P": 6 / 8, "S": 7 / 8}
    assert numbers["n_residuals"] == 8


def test_the_rank_correlation_is_also_given_without_centers_more_electronegative_than_the_anion() -> None:
    energies = {"Na": -3.0, "Mg": -2.5, "Si": -2.0, "O": -9.0, "F": -9.5}
    table = element_table(list(energies))[["atomic_number", "electronegativity"]]
    table = table.assign(mean_local_energy_eV_per_atom=pd.Series(energies), n_environments=20)
    numbers = mp_coordination.center_numbers({"S": table})
    assert numbers["spearman_electronegativity"]["S"] < 0
    assert numbers["spearman_less_electronegative"]["S"] == 1


def test_numbers_of_centers_are_means_over_the_runs_with_those_of_each() -> None:
    first = pd.DataFrame(
        {
            "element": ["Li", "Mg", "Si", "P"] * 20,
            "first_neighbor": "O",
            "local_energy_eV_per_atom": [-1.0, -2.0, -3.0, -4.0] * 20,
        }
    )
    second = first.assign(local_energy_eV_per_atom=2 * first["local_energy_eV_per_atom"])
    numbers = mp_coordination.center_numbers_over_seeds([first, second], ["O"])
    assert numbers["local_energy_span"]["O"] == 4.5
    assert numbers["by_seed"]["local_energy_span.O"] == [3, 6]
    assert numbers["by_seed"]["alkali_above_alkaline_earths.O"] == [1, 2]


def test_the_page_shows_centers_in_the_unit_of_the_target(by_center: dict[str, pd.DataFrame]) -> None:
    shown = mp_coordination.center_table(mp_coordination.center_numbers(by_center))
    assert shown.index.tolist() == [
        "Spearman with electronegativity, O", "Spearman with electronegativity, S",
        "Spearman, centers less electronegative than O", "Spearman, centers less electronegative than S",
        "span, O (eV)", "span, S (eV)",
        *(f"mean local energy of {center}-O (eV)" for center in ("Al", "Si", "P", "S")),
    ]  # fmt: skip
    assert shown["mean local energy of Si-O (eV)"] == -4.0


def test_the_text_tells_parts_of_results_and_single_centers_by_their_names() -> None:
    results = {"n_cells": 7, "residual_places": {"Al": 21.0}, "diagonal": {"O": {"energy": -1.2, "environments": 4}}}
    told = mp_told.results(results)
    assert (told["n_cells"], told["residual_places_Al"], told["diagonal_O_energy"]) == (7, 21.0, -1.2)
    assert told["n_residuals"] is None  # what was not measured is not shown
    assert mp_told.results({})["diagonal_O_energy"] is None
    table = pd.DataFrame({"mean_local_energy_eV_per_atom": [-3.4, -4.3, -9.0]}, index=["Eu", "Gd", "Fe"])
    assert mp_told.lanthanides({"O": table}) == {"center_O_Eu": -3.4, "center_O_Gd": -4.3}
