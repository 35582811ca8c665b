"""Columns, labels and messages name the target and its unit, and call only an energy per atom an energy."""

from __future__ import annotations

import pytest

from cgcnn.data.quantity import ENERGY, Quantity


@pytest.mark.parametrize(
    ("quantity", "column", "local", "error", "label", "value"),
    [
        (
            Quantity("formation energy", "eV/atom"),
            "energy_eV_per_atom",
            "local_energy_eV_per_atom",
            "test_mae_eV_per_atom",
            "formation energy (eV/atom)",
            "1.5000 eV/atom",
        ),
        (Quantity("band gap", "eV"), "band_gap_eV", "local_band_gap_eV", "test_mae_eV", "band gap (eV)", "1.5000 eV"),
        (Quantity("log(K)", ""), "log_K", "local_log_K", "test_mae", "log(K)", "1.5000"),
        (Quantity("volume", "Å^3/atom"), "volume_Å_3_per_atom", "local_volume_Å_3_per_atom", "test_mae_Å_3_per_atom",
         "volume (Å³/atom)", "1.5000 Å³/atom"),
    ],
)  # fmt: skip
def test_a_quantity_gives_columns_labels_and_values_their_unit(
    quantity: Quantity, column: str, local: str, error: str, label: str, value: str
) -> None:
    assert quantity.column() == column
    assert quantity.column("local") == local
    assert quantity.with_unit("test_mae") == error
    assert quantity.label == label
    assert quantity.value(1.5) == value


def test_a_value_of_one_site_has_the_unit_without_its_atoms() -> None:
    assert ENERGY.value_of_site(0.354) == "0.35 eV"
    assert Quantity("volume", "Å^3/atom").value_of_site(12.34, 1) == "12.3 Å³"
    assert Quantity("target", "").value_of_site(2, 0) == "2"


@pytest.mark.parametrize("unit", ["eV/atom", "meV/atom", "kJ/mol/atom", "Ry/atom", "Ha/atom"])
def test_an_energy_per_atom_is_called_an_energy_in_whatever_unit(unit: str) -> None:
    assert Quantity("cohesive energy", unit).word == "energy"
    assert Quantity("volume", "Å^3/atom").word == "volume"
    assert Quantity("cohesive energy", unit.removesuffix("/atom")).word == "cohesive energy"
