"""No page types a measured number or a measured fraction: measurements come from the runs, by their names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
BOOK, NOTEBOOKS = ROOT / "book", ROOT / "notebooks"
# What a build fills in, and what is no prose: code, roles, formulas, addresses, and fields such as {test_mae:.4f}.
_NOT_TYPED = re.compile(
    r"```.*?```|\{[\w:]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|https?://\S+|\{[\w. ()-]+:[^}]*\}|\b10\.\d{4,}/\S+", re.DOTALL
)
_COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|twenty|\d+)"
_PARTS = r"(?:hal(?:f|ves)|thirds?|quarters?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|hundredths?)"
_MEASURED = re.compile(
    r"\d+\.\d+|\d+ ?%|\d+ percent"
    rf"|\b(?:an?|one|a good|{_COUNT}|than|nearly|almost|about)[ -]{_PARTS}(?= (?:of|as|the)\b)"
    rf"|\b(?:by|to) (?:an?|one|{_COUNT})[ -]{_PARTS}\b"
    rf"|\b(?:twice|thrice|\w+fold|{_COUNT} times) (?:as|more|less|faster|slower|larger|smaller|higher|lower)\b",
    re.IGNORECASE,
)
# The typed numbers of each page that are no measurements of ours: they were set, defined, or stand in a cited work.
_SET = {
    "data.md": {"4.0", "0.4", "0.5"},  # a license, a version of matminer, the distance that the reader calls far
    "gradients.md": {"two halves"},  # the rows of a matrix
    # Distances of ties and rounding, the radii of the angular sums, the start, and rates of learning.
    "methods.md": {"0.001", "0.01", "1.5", "0.05", "0.005"},
    # Shares of the split, the level of the intervals, and bounds of the volume per atom.
    "your_crystals.md": {"60 %", "20 %", "90 %", "0.2"},
    "index.md": {"95 %", "3.11", "0.042", "0.085"},  # the level of the intervals, a version, and errors of the paper
    "glossary.md": {"95 %"},
    "angles_network": {"90 %", "95 %"},  # the levels of the intervals
    "better_network": {"a fifth"},  # the width of a loss
    # Rules of the regions and of near-copies, ends of whiskers, and a difference of energies that is left out.
    "boron_environments": {"0.02", "2.1", "2.3", "2.5", "95 %"},
    "claims": {"95 %"},
    "discovery": {"90 %", "1.5", "than half"},  # the reasons, as they are defined
    "learning_curves": {"95 %"},
    "mp_coordination": {"60 %", "20 %"},
    # A measured reaction of the literature, the level of an interval, the start, and the threshold of the paper.
    "perovskite_elements": {"1.26", "95 %", "0.05", "90 %"},
    "potentials": {"1.5"},  # millions of structures, of a cited work
    "table_1": {"0.005"},  # of the paper
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the prose of each page: of Markdown, of templates with captions, and reasons of claims."""
    for path in [*sorted(BOOK.glob("*.md")), *sorted(BOOK.glob("api/*.md"))]:
        yield path.relative_to(BOOK).as_posix(), path.read_text()
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        texts = []
        for cell in json.loads(path.read_text())["cells"]:
            shown = cell["metadata"].get("mystnb", {})
            texts += [shown.get("figure", {}).get("caption", ""), shown.get("image", {}).get("alt", "")]
            texts += ["".join(cell["source"])] if cell["cell_type"] == "markdown" else []
        yield path.stem, "\n\n".join(texts)
    rows = [row for of_section in yaml.safe_load((BOOK / "claims.yaml").read_text()).values() for row in of_section]
    yield "claims.yaml", "\n\n".join(row.get("why", "") for row in rows)


def typed(text: str) -> list[str]:
    """Return the numbers and fractions that are typed in prose, but for what the paper says."""
    prose = _NOT_TYPED.sub(" ¤ ", text)
    told = [part for part in prose.split("\n\n") if not part.startswith("**The paper says.**")]
    return [found.group() for part in told for found in _MEASURED.finditer(" ".join(part.split()))]


@pytest.mark.parametrize(
    "sentence",
    [
        "The error is 0.0323 eV/atom.",
        "The block is read in 91 % of cases.",
        "It holds for 91% of the metals.",
        "Almost a quarter of them are missing.",
        "They make a good fifth of the error.",
        "About two thirds of the sites lie there.",
        "The error falls by a third.",
        "Twice as many hold oxygen.",
        "It is ten times faster.",
        "The error falls threefold more.",
    ],
)
def test_a_measured_number_or_fraction_that_is_typed_is_found(sentence: str) -> None:
    assert typed(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The error is {glue:text}`test_error`, or {glue:text}`share:.0%` of it.",
        "The accuracy is {lr_accuracy.block:.3f}.",
        "The factor is $0.2$, as `spread=0.05` says.",
        "**The paper says.** The error is 0.042 eV/atom.",
        "Ties within doi 10.1103/PhysRevLett.98.146401 are of twelve neighbors.",
    ],
)
def test_what_a_run_fills_in_and_what_the_paper_says_is_not_called_typed(sentence: str) -> None:
    assert not typed(sentence)


@pytest.mark.parametrize(("name", "text"), list(pages()), ids=[name for name, _ in pages()])
def test_a_page_types_no_number_but_what_was_set_or_cited(name: str, text: str) -> None:
    assert set(typed(text)) <= _SET.get(name, set())


def test_every_exception_is_still_on_its_page() -> None:
    of_pages = {name: set(typed(text)) for name, text in pages()}
    left = {name: allowed - of_pages[name] for name, allowed in _SET.items()}
    assert not {name: unused for name, unused in left.items() if unused}
