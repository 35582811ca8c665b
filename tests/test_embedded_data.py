"""The embedded perovskites: complete, finite, and like the crystals they stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.paths import embedded_data_directory


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(embedded_data_directory() / "perovskites.csv").set_index("crystal")


def test_every_pair_of_the_52_metals_is_there_once(table: pd.DataFrame) -> None:
    assert table.index.is_unique
    assert len(table) == 52 * 52
    assert table.groupby("A")["B"].nunique().tolist() == [52] * 52
    assert (table.index == table["A"] + "-" + table["B"] + "-O3").all()


def test_every_number_is_finite_and_of_a_crystals_size(table: pd.DataFrame) -> None:
    assert np.isfinite(table["formation_energy_eV_per_atom"]).all()
    assert table["lattice_constant_angstrom"].between(3.2, 5.7).all()


def test_lattice_constants_are_within_two_percent_of_measured_ones(table: pd.DataFrame) -> None:
    # Cubic phases: SrTiO3 3.905, BaTiO3 4.00, BaZrO3 4.19, LaAlO3 3.79 angstrom (pseudocubic).
    measured = {"Sr-Ti-O3": 3.905, "Ba-Ti-O3": 4.00, "Ba-Zr-O3": 4.19, "La-Al-O3": 3.79}
    for crystal, length in measured.items():
        assert table.loc[crystal, "lattice_constant_angstrom"] == pytest.approx(length, rel=0.02)


def test_known_perovskites_are_far_more_stable_than_the_same_with_a_and_b_swapped(table: pd.DataFrame) -> None:
    energy = table["formation_energy_eV_per_atom"]
    for a, b in (("Sr", "Ti"), ("Ba", "Zr"), ("La", "Al"), ("K", "Nb"), ("Na", "Ta")):
        assert energy[f"{a}-{b}-O3"] < energy[f"{b}-{a}-O3"] - 0.3
        assert energy[f"{a}-{b}-O3"] < energy.quantile(0.05)


def test_references_cover_every_element_of_the_cells(table: pd.DataFrame) -> None:
    references = pd.read_csv(embedded_data_directory() / "elements.csv", keep_default_na=False)
    assert set(references["element"]) == {*table["A"], *table["B"], "O"}
    assert references["reference_energy_eV_per_atom"].astype(float).lt(0).all()


def test_references_are_the_known_ground_states_where_a_prototype_is_one() -> None:
    prototypes = pd.read_csv(embedded_data_directory() / "elements.csv").set_index("element")["prototype"]
    assert prototypes[["Si", "Ge"]].tolist() == ["diamond"] * 2
    assert prototypes[["Cr", "Fe", "Nb", "Mo", "Ta", "W", "V"]].tolist() == ["bcc"] * 7
    assert prototypes[["Al", "Ag", "Au", "Pd", "Pt", "Ni"]].tolist() == ["fcc"] * 6
