"""Write the tables of models/README.md, which say where the published runs fail, from ranges.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cgcnn.files.writing import replacing

HERE = Path(__file__).resolve().parent
CARD = HERE.parent / "models" / "README.md"
#: The lines of the card between which its tables stand.
BEGIN, END = "<!-- by benchmarks/card.py -->", "<!-- up to here -->"
#: The card shows the three seeds of a network together.
TOGETHER = "three seeds"
WORDS = ("inside", "at the edge", "outside")


def main() -> int:
    """Write the tables; return the exit code."""
    before, rest = CARD.read_text().split(BEGIN)
    text = f"{before}{BEGIN}\n{tables(json.loads((HERE / 'ranges.json').read_text()))}{END}{rest.split(END)[1]}"
    with replacing(CARD) as temporary:
        temporary.write_text(text)
    return 0


def tables(measured: dict[str, Any]) -> str:
    """Return both tables in Markdown: errors by word, and what the paper's network says of strange crystals.

    Args:
        measured: The contents of ranges.json.
    """
    lines = [
        f"| run, network | crystals | error of all | {' | '.join(WORDS)} | in the 90 % interval |",
        "|---|---|---|---|---|---|---|",
        *(_errors(entry, "test set") for entry in measured["test"] if entry["runs"] == TOGETHER),
        *(_errors(entry, "not in the paper's list") for entry in measured["elsewhere"] if entry["runs"] == TOGETHER),
        "",
        "| run, network | crystal | prediction | 90 % interval | word |",
        "|---|---|---|---|---|",
        *(
            _strange(entry)
            for entry in measured["strange"]
            if entry["runs"] == TOGETHER and (entry["network"] == "paper" or entry["crystal"] == "diamond")
        ),
    ]
    return "\n".join(lines) + "\n"


def _errors(entry: dict[str, Any], crystals: str) -> str:
    """Return the row of a group of crystals: its errors in eV/atom, with the share of the crystals that a word has."""
    rows = {row["range"]: row for row in entry["by_range"]}
    of_words = [f"{rows[word]['mae_eV_per_atom']:.3f} ({100 * rows[word]['share']:.0f} %)" for word in WORDS]
    total = rows["all"]
    cells = [
        f"{entry['set']}, {entry['network']}",
        f"{total['n']:,}, {crystals}",
        f"{total['mae_eV_per_atom']:.3f}",
        *of_words,
        f"{100 * total['coverage']:.0f} %",
    ]
    return f"| {' | '.join(cells)} |"


def _strange(entry: dict[str, Any]) -> str:
    """Return the row of a strange crystal: the mean of the seeds with their standard deviation, in eV/atom."""
    energy, spread, low, high = (entry[f"{name}_eV_per_atom"] for name in ("energy", "uncertainty", "lower", "upper"))
    cells = [
        f"{entry['set']}, {entry['network']}",
        entry["crystal"],
        f"{energy:.2f} ± {spread:.2f}",
        f"{low:.1f} to {high:.1f}",
        entry["range"],
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
