"""Properties of the elements, and their categories against the paper's printed Table II (S)."""

from __future__ import annotations

import pandas as pd
import pytest

from cgcnn.analysis.elements import element_table, numeric_properties, sorted_elements
from cgcnn.data.crystals import Crystals
from cgcnn.paper.element_categories import (
    PROPERTIES,
    are_readable,
    categories,
    nonradioactive_metals,
    with_categories,
)
from cgcnn.paper.element_probes import are_enough


@pytest.fixture(scope="module")
def metals(embedded: Crystals) -> list[str]:
    return nonradioactive_metals(
        sorted({site.specie.symbol for c in range(52) for site in embedded.structure(52 * c + c)})
    )


def test_the_metals_are_the_52_of_the_perovskites(metals: list[str]) -> None:
    assert len(metals) == 52
    assert metals[0] == "Li"
    assert metals[-1] == "Bi"
    assert not {"O", "N", "F", "S"} & set(metals)


def test_categories_are_as_many_as_table_ii_prints(metals: list[str]) -> None:
    counts = categories(metals).nunique()
    assert [int(counts[name]) for name in PROPERTIES] == [3, 16, 5, 5]


def test_category_edges_are_those_that_table_ii_prints(metals: list[str]) -> None:
    labels = categories(metals)
    edges = {
        label: tuple(float(edge) for edge in label.strip("(]").split(", ")) for label in labels["electronegativity"]
    }
    assert sorted(edges.values()) == [(0.788, 1.112), (1.112, 1.434), (1.434, 1.756), (1.756, 2.078), (2.078, 2.4)]
    radii = sorted(tuple(float(edge) for edge in label.strip("(]").split(", ")) for label in labels["radius"].unique())
    assert radii[1:] == [(116, 148), (148, 180), (180, 212), (212, 244)]
    assert radii[0][1] == 116


def test_every_metal_has_a_category_the_largest_ones_too(metals: list[str]) -> None:
    labels = categories(metals)
    assert not labels.isin(["nan"]).any().any()
    assert labels["radius"]["Cs"] == labels["radius"]["Rb"] == "(212.0, 244.0]"
    assert labels["electronegativity"]["Au"] == "(2.078, 2.4]"


def test_no_metal_but_bismuth_and_the_largest_depends_on_which_side_of_a_class_is_closed(metals: list[str]) -> None:
    table = element_table(metals)
    edges: dict[str, list[float]] = {
        "covalent_radius_pm": [83, 116, 148, 180, 212, 244],
        "electronegativity": [0.788, 1.112, 1.434, 1.756, 2.078, 2.4],
    }
    differing = set()
    for column, printed in edges.items():
        left, right = (pd.cut(table[column], printed, right=side, labels=False) for side in (False, True))
        differing |= set(table.index[left != right])
    assert differing == {"Bi", "Cs", "Au"}


@pytest.mark.parametrize(("symbols", "message"), [(["Li", "Gd"], "no group is known of Gd"), (["Li", "He"], "of He")])
def test_an_element_that_lacks_a_property_is_named(symbols: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        categories(symbols)


def test_known_elements_have_their_known_properties() -> None:
    table = element_table(["Ti", "La", "Te"])
    assert table["group"].tolist() == [4, 3, 16]
    assert table["block"].tolist() == ["d", "d", "p"]
    assert table.loc["Ti", "covalent_radius_pm"] == 160  # Cordero et al. 2008
    assert table.loc["Te", "electronegativity"] == 2.1  # Pauling


def test_elements_are_sorted_by_the_property_that_is_asked_for() -> None:
    symbols = ["O", "Cs", "Ti", "N", "Cl", "Li"]
    # Pettifor 1984: 8, 12, 51, 99, 100 and 101. Chlorine is more electronegative than nitrogen.
    assert sorted_elements(symbols, "pettifor_number") == ["Cs", "Li", "Ti", "Cl", "N", "O"]
    assert sorted_elements(symbols, "electronegativity") == ["Cs", "Li", "Ti", "N", "Cl", "O"]
    assert sorted_elements(symbols, "atomic_number") == ["Li", "N", "O", "Cl", "Ti", "Cs"]


def test_numeric_properties_stand_in_the_row_of_the_atomic_number() -> None:
    table = numeric_properties()
    assert table["atomic_number"].tolist() == list(range(1, len(table) + 1))
    assert table.loc[["H", "B", "Cl"], "atomic_weight"].tolist() == pytest.approx([1.008, 10.81, 35.45], abs=0.01)


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(KeyError, match="Xx"):
        element_table(["Xx"])


def test_elements_without_a_property_have_no_category_and_are_left_out() -> None:
    assert with_categories(["Ti", "Ce", "Li", "Lu"]) == ["Ti", "Li"]  # Ce and Lu have no group


def test_properties_can_be_read_where_two_categories_have_three_elements_each() -> None:
    labels = pd.DataFrame({name: ["a", "a", "a", "b", "b", "b"] for name in PROPERTIES})
    assert are_readable(labels)
    assert not are_readable(labels.assign(group=["a", "a", "a", "a", "b", "b"]))
    assert are_readable(labels.assign(group=["a", "a", "a", "a", "b", "b"])[["block"]])


def test_five_elements_with_a_group_are_enough() -> None:
    assert are_enough(["H", "Li", "O", "Ti", "Fe"])
    assert not are_enough(["H", "Li", "O", "Ti", "Ce"])
