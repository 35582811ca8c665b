"""Names of data sets and columns are words that people read."""

from __future__ import annotations

import pandas as pd
import pytest

from cgcnn.data.quantity import Quantity
from cgcnn.figures.names import readable, readable_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("materials_project", "Materials Project"),
        ("table_1", "Table I"),
        ("boron_environments", "boron"),
        ("better_network", "better network"),
        ("perovskites", "perovskites"),
        ("training_size", "training crystals"),
    ],
)
def test_a_name_of_the_package_is_read_as_words(name: str, words: str) -> None:
    assert readable_name(name) == words


def test_a_table_has_words_for_its_columns_its_rows_and_its_sets_and_keeps_its_numbers() -> None:
    table = pd.DataFrame(
        {"set": ["materials_project"], "validation_mae_eV_per_atom": [0.03], 3: [1]},
        pd.Index(["n_convolutions"], name="training_size"),
    )
    shown = readable(table)
    assert shown.columns.tolist() == ["set", "validation MAE (eV/atom)", 3]
    assert shown.index.tolist() == ["convolutions"]
    assert shown.index.name == "training crystals"
    assert shown.to_numpy().tolist() == [["Materials Project", 0.03, 1]]
    assert table.columns.tolist()[0] == "set", "the table itself is not changed"


def test_texts_of_other_columns_stay_where_no_column_names_sets() -> None:
    assert readable(pd.DataFrame({"crystal": ["table_1"]})).to_numpy().tolist() == [["table_1"]]


def test_errors_have_the_unit_of_what_is_predicted() -> None:
    gap = Quantity("band gap", "eV")
    assert readable(pd.DataFrame({"test_mae_eV": [0.3]}), gap).columns.tolist() == ["test MAE (eV)"]
