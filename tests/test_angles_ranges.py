"""What the benchmark of ranges found, as the section on angles shows it."""

from __future__ import annotations

from cgcnn.paper.angles_ranges import read_ranges, strange_words, words_on_test


def test_the_tables_show_the_three_seeds_together_and_no_single_one() -> None:
    record = read_ranges()
    words = words_on_test(record)
    together = [entry for entry in record["test"] if entry["runs"] == "three seeds"]
    assert list(zip(words["set"], words["network"], strict=True)) == [
        (entry["set"], entry["network"]) for entry in together
    ]
    assert words["coverage"].between(0.88, 0.92).all()


def test_each_strange_crystal_has_its_energy_interval_and_word_by_every_network() -> None:
    entry = {"set": "boron", "crystal": "cage", "runs": "three seeds", "energy_eV_per_atom": -0.5}
    ends = {"lower_eV_per_atom": -1.0, "upper_eV_per_atom": 0.0, "range": "outside"}
    inside = {"lower_eV_per_atom": -0.75, "upper_eV_per_atom": -0.25, "range": "inside"}
    record = {
        "strange": [
            {**entry, **ends, "network": "paper"},
            {**entry, **inside, "network": "better-24"},
            {**entry, **ends, "network": "paper", "runs": "seed 0", "energy_eV_per_atom": 7.0},
        ]
    }
    table = strange_words(record)
    assert table.to_dict("records") == [
        {
            "set": "boron",
            "crystal": "cage",
            "the paper's": "\N{MINUS SIGN}0.50 ± 0.50, outside",
            "better": "\N{MINUS SIGN}0.50 ± 0.25, inside",
        }
    ]
