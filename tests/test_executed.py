"""Executed notebooks are made from today's templates with the paper's parameters, and results are what they wrote."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.test_book import BOOK, ROOT, TEMPLATES, cells, source

SECTIONS = sorted((BOOK / "sections").glob("*.ipynb"))


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_executed_notebooks_ran_to_the_end_and_hold_no_path_or_time_of_a_machine(path: Path) -> None:
    text = path.read_text()
    for stamp in ("/home/", "/root/", "/tmp/", "site-packages", '"papermill": {', "iopub.execute_input"):
        assert stamp not in text, stamp
    code = [cell for cell in cells(path) if cell["cell_type"] == "code" and source(cell)]
    assert [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"] == []
    counts = [cell["execution_count"] for cell in code]
    assert counts == list(range(1, len(counts) + 1))


def is_injected(cell: dict[str, Any]) -> bool:
    """Return whether papermill put a cell into an executed notebook, to give the template its parameters."""
    return "injected-parameters" in cell["metadata"].get("tags", [])


def test_every_template_was_executed_and_nothing_else() -> None:
    assert [path.name for path in SECTIONS] == [path.name for path in TEMPLATES]


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_executed_notebooks_are_those_of_the_templates(path: Path) -> None:
    def content(cell: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        # papermill gives cells without tags an empty list of them. The rest holds captions and texts of figures.
        metadata = {name: value for name, value in cell["metadata"].items() if (name, value) != ("tags", [])}
        return cell["cell_type"], source(cell), metadata

    executed = [content(cell) for cell in cells(path) if not is_injected(cell)]
    assert executed == [content(cell) for cell in cells(ROOT / "notebooks" / path.name)]


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_executed_notebooks_had_the_parameters_of_the_paper_right_after_the_template_s_own(path: Path) -> None:
    found = cells(path)
    ((place, injected),) = [(place, cell) for place, cell in enumerate(found) if is_injected(cell)]
    assert "parameters" in found[place - 1]["metadata"]["tags"]
    given = {
        ast.unparse(line.targets[0]): ast.literal_eval(line.value)
        for line in ast.parse(source(injected)).body
        if isinstance(line, ast.Assign)
    }
    of_paper = yaml.safe_load((ROOT / "notebooks" / "parameters" / "paper.yaml").read_text())[path.stem]
    assert given == {"results": "../results", **of_paper}


def glued(path: Path) -> dict[str, Any]:
    """Return the values that an executed notebook keeps for the text, by name."""
    outputs = [output for cell in cells(path) for output in cell.get("outputs", [])]
    kept = [output for output in outputs if "scrapbook" in output.get("metadata", {})]
    return {
        output["metadata"]["scrapbook"]["name"]: ast.literal_eval("".join(next(iter(output["data"].values()))))
        for output in kept
    }


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_the_tables_of_results_are_those_that_the_executed_notebook_names(path: Path) -> None:
    code = "\n".join(source(cell) for cell in cells(path) if cell["cell_type"] == "code")
    named = re.findall(r"section\.save\(.+?, f?\"(\w+?)(?:_\{anion\}|_[OS])?\"\)", code)
    folder = BOOK / "results" / path.stem
    written = {file.stem.removesuffix("_O").removesuffix("_S") for file in folder.glob("*")}
    judged = {"claims"} if path.stem in yaml.safe_load((BOOK / "claims.yaml").read_text()) else set()
    assert written == {*named, *judged}
    assert (BOOK / "results" / f"{path.stem}.json").is_file()


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_the_values_of_the_text_and_the_files_of_results_are_of_one_execution(path: Path) -> None:
    values = glued(path)
    numbers = json.loads((BOOK / "results" / f"{path.stem}.json").read_text())
    for name in values.keys() & numbers.keys():
        assert values[name] == numbers[name], name
    judged = BOOK / "results" / path.stem / "claims.csv"
    if judged.is_file():
        claims = pd.read_csv(judged, dtype=str).set_index("id")
        assert {f"{claim}-value" for claim in claims.index} <= values.keys()
        for claim, row in claims.iterrows():
            assert (values[f"{claim}-value"], values[f"{claim}-verdict"]) == (row["value"], row["verdict"])


def test_the_verdicts_of_sections_are_those_of_the_page_on_claims() -> None:
    of_page = {claim["id"]: claim for claim in json.loads((BOOK / "results" / "claims.json").read_text())["claims"]}
    tables = [pd.read_csv(path, dtype=str) for path in (BOOK / "results").glob("*/claims.csv")]
    of_sections = pd.concat(tables).set_index("id")
    assert set(of_sections.index) == of_page.keys()
    for claim, row in of_sections.iterrows():
        assert row["verdict"] == of_page[str(claim)]["verdict"], claim
        mark = " [measure changed after a first look]" * bool(of_page[str(claim)]["measure_changed"])
        assert row["statement"] == of_page[str(claim)]["statement"] + mark, claim
