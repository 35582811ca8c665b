"""Test the embedded data: they are complete and finite, and they agree with measured values of known crystals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.data import datasets
from cgcnn.files.paths import embedded_data_directory
from cgcnn.paper.boron_regions import name_regions


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


def test_boron_has_fifteen_hundred_structures_and_every_kind_at_every_stage() -> None:
    crystals = datasets.load("boron-embedded")
    assert len(crystals) >= 1500
    assert set(crystals.atomic_numbers.tolist()) == {5}
    kinds = {(name.split("-")[0], int(name.split("-step-")[1])) for name in crystals.ids}
    assert kinds == {
        (kind, step) for kind in ("random", "layer", "cluster", "alpha", "gamma") for step in (0, 6, 20, 60)
    }


def test_alpha_boron_keeps_its_icosahedra_and_its_measured_volume_below_all_that_is_random() -> None:
    crystals = datasets.load("boron-embedded")
    energy = pd.Series(crystals.targets, crystals.ids)
    volume = pd.Series(np.abs(np.linalg.det(crystals.lattices)) / crystals.n_sites, crystals.ids)
    kind = energy.index.str.split("-").str[0]
    alpha = str(energy[kind == "alpha"].idxmin())
    # The measured volume is 7.3 cubic angstrom per atom (Ogitsu, Schwegler and Galli 2013, doi 10.1021/cr300356t).
    assert volume[alpha] == pytest.approx(7.3, rel=0.02)
    sites = pd.DataFrame({"crystal": alpha, "site": range(12)})
    assert set(name_regions(crystals, sites)["region"]) == {"icosahedral"}
    assert energy[alpha] < energy[kind.isin(["random", "layer", "cluster"])].min()


def test_materials_project_has_its_3938_crystals_with_known_salts_among_them() -> None:
    crystals = datasets.load("materials_project-embedded")
    assert len(crystals) == 3938
    assert len(np.unique(crystals.atomic_numbers)) > 80
    assert np.abs(crystals.targets).max() < 6
    # Measured enthalpies of formation (NIST-JANAF): -616, -1124 and -318 kJ/mol, here in eV/atom.
    for crystal, formula, measured in (("mp-1138", "LiF", -3.19), ("mp-1746", "MgF2", -3.88), ("mp-661", "AlN", -1.65)):
        place = crystals.ids.index(crystal)
        assert crystals.structure(place).composition.reduced_formula == formula
        assert crystals.targets[place] == pytest.approx(measured, abs=0.12)
