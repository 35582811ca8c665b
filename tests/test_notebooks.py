"""The notebooks on a folder of one's own crystals, as a person runs them (kind J of what a folder met before)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cgcnn.files.paths import project_root
from cgcnn.paper.example_folder import write_example

NOTEBOOKS = project_root() / "notebooks"


def run(command: list[str], cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(project_root()), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_kind_j_a_notebook_takes_a_folder_and_its_page_says_nothing_of_the_paper_s_data(tmp_path: Path) -> None:
    write_example(tmp_path / "oxides_and_more", n_crystals=40, damaged=False)
    given = ["-p", "dataset", "~/oxides_and_more", "-p", "epochs", "3", "-p", "n_seeds", "1"]
    done = run([str(NOTEBOOKS / "run.py"), "page", "mp_coordination", *given], cwd=tmp_path, home=tmp_path)
    assert done.returncode == 0, done.stderr
    html = Path(done.stdout.splitlines()[-1].removeprefix("the page: ")).read_text()
    (body,) = re.findall(r'<article class="bd-article">(.*?)</article>', html, re.DOTALL)
    text = re.sub(r"<[^>]+>", "", re.sub(r"<pre.*?</pre>|<script.*?</script>", "", body, flags=re.DOTALL))
    assert "Crystals of the folder oxides_and_more" in text
    assert "not judged: your own data" in text
    assert "Å³" in text
    for foreign in ("eV", "0.042", "734,077", "Left out here: .", "glue:"):
        assert foreign not in text, foreign


@pytest.mark.slow
def test_a_relative_folder_is_that_of_the_place_where_papermill_is_called(tmp_path: Path) -> None:
    write_example(tmp_path / "data" / "few", n_crystals=40, damaged=False)
    template, out = str(NOTEBOOKS / "learning_curves.ipynb"), str(tmp_path / "out.ipynb")
    given = ["-p", "dataset", "data/few", "-p", "n_seeds", "1", "-p", "n_sizes", "1"]
    done = run(["-m", "papermill", template, out, *given], cwd=tmp_path, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "learning_curves.json").is_file()


@pytest.mark.slow
def test_the_claims_alone_say_in_one_line_which_notebooks_to_run_first(tmp_path: Path) -> None:
    command = ["-m", "papermill", str(NOTEBOOKS / "claims.ipynb"), str(tmp_path / "out.ipynb")]
    done = run(command, cwd=tmp_path, home=tmp_path)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("DataError: results: no section has written its numbers there; run these notebooks first")
    assert "perovskite_elements, boron_environments, mp_coordination, learning_curves, angles_network, table_1" in last


def test_an_unknown_notebook_or_parameters_of_an_executed_one_are_refused_in_one_line(tmp_path: Path) -> None:
    runner = str(NOTEBOOKS / "run.py")
    done = run([runner, "page", "nothing"], cwd=tmp_path, home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: nothing: neither a notebook of the book nor a file; name one of perovskite")
    executed = str(project_root() / "book" / "sections" / "speed.ipynb")
    done = run([runner, "page", executed, "-p", "seed", "1"], cwd=tmp_path, home=tmp_path)
    assert done.returncode == 2
    assert "executed already, so that parameters change nothing; leave the parameters out" in done.stderr
