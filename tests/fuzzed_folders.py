"""Make folders of crystals in which a file, the table or the notes are damaged, and say which promise they break."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path
from random import Random

from cgcnn.__main__ import main
from cgcnn.data.datasets import load
from cgcnn.data.folders import read_folder
from cgcnn.errors import DataError
from tests.damages import damaged
from tests.good_texts import CIF, NOTES, STRUCTURES, TABLES
from tests.promises import unprintable, wrong_with_crystals, wrong_with_errors, wrong_with_reading


def damaged_folder(place: Path, rng: Random) -> Path:
    """Write a folder of crystals of which one to four files are damaged, and return it; an earlier one is removed.

    Args:
        place: The folder in which it is written.
        rng: What makes all choices.
    """
    folder = place / "my data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in "abcd":
        # A network that was trained on perovskites knows these elements, so that some are predicted.
        (folder / f"{name}.cif").write_text(CIF.replace("Na", "Sr").replace("Cl", "O"))
    if rng.random() < 0.4:
        file_name, texts = STRUCTURES[rng.choice(sorted(STRUCTURES))]
        (folder / rng.choice((file_name, "a.cif"))).write_bytes(damaged(rng.choice(texts), rng))
    which = rng.random()
    table, notes = rng.choice(TABLES), rng.choice((None, *NOTES))
    if rng.random() < 0.95:
        (folder / "id_prop.csv").write_bytes(damaged(table, rng) if which < 0.7 else table.encode())
    if notes is not None:
        (folder / "dataset.yaml").write_bytes(damaged(notes, rng) if which > 0.4 else notes.encode())
    return folder


def wrong_with_folder(folder: Path) -> str | None:
    """Return what is wrong with how a folder is read, and loaded without what is bad; None where nothing is."""
    try:
        wrong = wrong_with_reading(read_folder(folder), folder.name)
    except DataError as error:
        wrong = wrong_with_errors((error,), folder.name)
    if wrong:
        return wrong
    try:
        first, second = load(folder, skip_bad=True), load(folder, skip_bad=True)  # the second one is mapped
    except DataError as error:
        return wrong_with_errors((error,), folder.name)
    if (first.ids, first.digest) != (second.ids, second.digest):
        return "another set from the cache"
    return wrong_with_crystals(second)


def wrong_with_command(words: list[str]) -> str | None:
    """Return what is wrong with how a command ends; None where it ends with 0 or 2 and lines that can be printed."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = main(words)
    if code not in (0, 2):
        return f"exit code {code}"
    if code == 2 and not errors.getvalue() and not out.getvalue():
        return "exit code 2 without a word"
    # Lines and the tabs between columns are the command's own.
    return unprintable(out.getvalue().replace("\n", "").replace("\t", "") + errors.getvalue().replace("\n", ""))
