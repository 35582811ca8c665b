"""Pages of single notebooks: what is rendered, and what is left out where a notebook ran on other data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cgcnn.errors import DataError
from cgcnn.files.paths import project_root
from cgcnn.paper.pages import as_page, check_executed, contents_with, dataset_of, label

ROOT = project_root()
IMAGE = {"output_type": "display_data", "data": {"image/png": "..."}}
TEXT = {"output_type": "display_data", "data": {"text/plain": "1"}}


def text(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = (), **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "metadata": {"tags": list(tags), **metadata}, "source": source, "execution_count": 1,
        "outputs": list(outputs),
    }  # fmt: skip


def drawing(*outputs: dict[str, Any]) -> dict[str, Any]:
    figure = {"caption": "Fig. 5(a) of the paper: oxygen {cite}`a2018b` here.", "name": "fig-5a"}
    return code("draw()", *outputs, mystnb={"figure": figure, "image": {"alt": "islands of chemistry"}})


def notebook(dataset: str) -> dict[str, Any]:
    return {
        "cells": [
            text("(section-mp)=\n# Composition"),
            code('dataset = "materials_project-embedded"\nseed = 0', tags=("parameters",)),
            code(f"dataset = {dataset!r}", tags=("injected-parameters",)),
            text("The paper counts 734,077.", "of-the-paper"),
            text("## Oxygen"),
            code("if has_oxygen:\n    draw()"),
            code("glue()", TEXT, tags=("remove-cell",)),
            text("## Errors"),
            drawing(IMAGE),
            drawing(TEXT),
        ]
    }


def test_the_data_set_of_a_notebook_is_what_was_injected_or_else_the_default() -> None:
    assert dataset_of(notebook("a/folder")) == "a/folder"
    assert dataset_of({"cells": notebook("")["cells"][:2]}) == "materials_project-embedded"
    assert dataset_of({"cells": [text("no parameters")]}) == ""


def test_a_notebook_on_the_paper_s_data_is_rendered_as_it_is() -> None:
    executed = notebook("materials_project")
    assert as_page(executed, "mp_coordination") == executed


def test_a_page_on_other_data_leaves_out_what_is_about_the_paper_s_and_what_introduces_nothing() -> None:
    executed = notebook("a/folder")
    before = json.dumps(executed)
    page = as_page(executed, "mp_coordination")
    texts = [cell["source"] for cell in page["cells"] if cell["cell_type"] == "markdown"]
    assert texts == ["(section-mp)=\n# Composition", "## Errors"]
    drawn, not_drawn = page["cells"][-2:]
    assert drawn["metadata"]["mystnb"]["figure"]["caption"] == "Oxygen {cite}`a2018b` here."
    assert drawn["metadata"]["mystnb"]["image"]["alt"] == "Oxygen here."
    assert "mystnb" not in not_drawn["metadata"]
    (folded,) = [cell for cell in page["cells"] if cell["source"].startswith("if has_oxygen")]
    assert "hide-input" in folded["metadata"]["tags"]
    assert json.dumps(executed) == before


def test_text_is_left_out_that_shows_a_value_which_the_run_does_not_have() -> None:
    glued = {"output_type": "display_data", "data": {}, "metadata": {"scrapbook": {"name": "test_mae"}}}
    texts = [
        "error {glue:text}`test_mae:.3f`",
        "spread {glue:text}`spread`",
        "{glue:text}`test_mae` ± {glue:text}`spread:.1f`",
    ]
    there = "elsewhere {glue:text}`sections/claims.ipynb::n_claims:.0f`"
    executed = {"cells": [*map(text, texts), text(there), code("glue()", glued)]}
    shown = [cell["source"] for cell in as_page(executed, "claims")["cells"]]
    assert shown == [texts[0], there, "glue()"]


def test_a_notebook_that_was_not_executed_or_stopped_is_refused() -> None:
    check_executed(notebook(""), "out.ipynb")
    template = {"cells": [{**code("1"), "execution_count": None}]}
    with pytest.raises(DataError, match=r"^out\.ipynb: not executed; execute it first"):
        check_executed(template, "out.ipynb")
    stopped = {"cells": [code("1 / 0", {"output_type": "error", "ename": "ZeroDivisionError"})]}
    with pytest.raises(DataError, match=r"^out\.ipynb: its execution stopped at an error"):
        check_executed(stopped, "out.ipynb")


def test_every_template_has_a_label_of_its_own_by_which_its_reruns_are_known() -> None:
    labels = [label(json.loads(path.read_text())) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_the_contents_of_a_page_open_with_it_and_keep_all_other_pages() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    made = contents_with(contents, "sections/claims")
    assert made["root"] == "sections/claims"
    assert len(made["chapters"]) == len(contents["chapters"]) - 1
    assert "sections/claims" not in {chapter["file"] for chapter in made["chapters"]}


@pytest.mark.slow
def test_one_command_makes_a_page_of_an_executed_notebook_without_executing_it_again(tmp_path: Path) -> None:
    notebook = json.loads((ROOT / "book" / "sections" / "speed.ipynb").read_text())
    shown = [cell for cell in notebook["cells"] if cell.get("outputs") and "mystnb" not in cell["metadata"]]
    shown[0]["outputs"] = [{**TEXT, "metadata": {}, "data": {"text/plain": "only in this output"}}]
    executed = tmp_path / "my_run.ipynb"
    executed.write_text(json.dumps(notebook))
    command = [sys.executable, str(ROOT / "notebooks" / "run.py"), "page", str(executed)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.splitlines()[-1].removeprefix("the page: "))
    assert made.name == "speed.html"
    assert "only in this output" in made.read_text()
    assert (made.parents[1] / "index.html").is_file()
