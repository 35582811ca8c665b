"""Write into models/README.md where the published runs fail, as tables, and the list of the published files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cgcnn.files.arrays import digest_file
from cgcnn.files.writing import replacing

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "models"
CARD = MODELS / "README.md"
#: The lines of the card between which its tables and its list of files stand.
BEGIN, END = "<!-- by benchmarks/card.py -->", "<!-- up to here -->"
BEGIN_FILES, END_FILES = "<!-- files by benchmarks/card.py -->", "<!-- the last file -->"
BEGIN_CELLS, END_CELLS = "<!-- other cells by benchmarks/card.py -->", "<!-- the last row -->"
#: The card shows the three seeds of a network together.
TOGETHER = "three seeds"
_CELLS = {"own_cells": "cells of the run", "later_cells": "later cells", "outside": "later cells"}
WORDS = ("inside", "at the edge", "outside")


def main() -> int:
    """Write the tables and the list; return the exit code."""
    measured = json.loads((HERE / "ranges.json").read_text())
    text = _between(BEGIN, tables(measured), END, CARD.read_text())
    of_cells = cells_table(json.loads((HERE / "other_cells.json").read_text()))
    text = _between(BEGIN_CELLS, of_cells, END_CELLS, text)
    with replacing(CARD) as temporary:
        temporary.write_text(_between(BEGIN_FILES, listed(MODELS), END_FILES, text))
    return 0


def _between(begin: str, new: str, end: str, text: str) -> str:
    """Return a text with new lines between two of its lines."""
    before, rest = text.split(f"{begin}\n")
    return f"{before}{begin}\n{new}{end}{rest.split(end, 1)[1]}"


def listed(models: Path) -> str:
    """Return the list of published files as a block in Markdown, with lines as ``sha256sum --check`` reads them.

    Args:
        models: The folder of the published files. What is hidden, or has another ending, is not published.
    """
    files = sorted(path for path in models.glob("*/[!.]*") if path.suffix in (".safetensors", ".csv"))
    lines = [f"{digest_file(path)}  {path.relative_to(models).as_posix()}" for path in files]
    return "\n".join(["```", *lines, "```"]) + "\n"


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
        *(
            f"| {entry['set']}, any | {entry['crystal']} | none | none | refused |"
            for entry in measured["strange_refused"]
        ),
    ]
    return "\n".join(lines) + "\n"


def cells_table(measured: dict[str, Any]) -> str:
    """Return the table of errors on other cells and on other crystals in Markdown.

    Args:
        measured: The contents of other_cells.json.
    """
    first = measured["networks"][0]
    heads = [f"test set, {first[name]['n']:,}, {cells}" for name, cells in _CELLS.items() if name != "outside"]
    heads.append(f"not in the paper's list, {first['outside']['n']:,}, {_CELLS['outside']}")
    lines = [f"| run, network | {' | '.join(heads)} |", f"|{'---|' * 4}"]
    for entry in measured["networks"]:
        errors = [
            f"{found['mae_eV_per_atom']:.4f} ± {found['mae_standard_error_eV_per_atom']:.4f} "
            f"({found['median_error_eV_per_atom']:.4f})"
            for found in (entry[name] for name in _CELLS)
        ]
        lines.append(f"| materials_project, {entry['network']} | {' | '.join(errors)} |")
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
