"""How a section of the book begins and ends: it names its data, writes its numbers and judges its claims."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from cgcnn.analysis import prediction
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.quantity import Quantity
from cgcnn.figures.drawings import keep_drawings
from cgcnn.files.paths import project_root
from cgcnn.files.tables import save_numbers, save_table
from cgcnn.paper import seed_numbers
from cgcnn.paper.claims import NOT_JUDGED, judge
from cgcnn.paper.claims_tables import claims_table, not_judged_table
from cgcnn.paper.recipes import is_of_the_paper
from cgcnn.training.runs import Run
from cgcnn.training.store import publish

_OWN_DATA = (
    "These are not the paper's data. Where the text compares with the paper, it is about the paper's data and not "
    "about these, and no claim of the paper is judged."
)


@dataclass(frozen=True)
class Section:
    """A section of the book whose notebook is running.

    Attributes:
        name: The name of its notebook.
        sources: The data sets that it is about.
        results: The folder of all sections' results. The section writes ``<name>.json`` and ``<name>/*.csv`` there.
        models: The folder in which its runs are published; None if they are not published.
    """

    name: str
    sources: tuple[Dataset, ...]
    results: Path
    models: Path | None

    @property
    def of_the_paper(self) -> bool:
        """Whether its data sets are those of the paper, so that the paper's claims can be judged by its numbers."""
        named = all(source.public_files or source.embedded_files for source in self.sources)
        return named and is_of_the_paper(self.name, [source.name for source in self.sources])

    @property
    def statement(self) -> str:
        """The titles of the data sets and what the reader must know about them, in Markdown."""
        if len(self.sources) == 1:
            (source,) = self.sources
            terms = f" License of the data: {source.license}." if source.license else ""
            return f"**{source.title}.** {source.statement}{terms}"
        return "\n".join(f"* **{source.title}.** {source.statement}" for source in self.sources)

    def left_out(self, steps: Mapping[str, bool]) -> str:
        """Say which steps this run leaves out, and that the text compares with the paper's data.

        Args:
            steps: Whether the data allow a step, by its name in a sentence, such as ``a map around oxygen``.

        Returns:
            The sentences; empty where the data are the paper's and nothing is left out.
        """
        missing = [name for name, allowed in steps.items() if not allowed]
        sentences = [] if self.of_the_paper else [_OWN_DATA]
        if missing:
            sentences.append(f"Left out here, since the data or the seeds do not suffice: {'; '.join(missing)}.")
        return " ".join(sentences)

    def save(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        """Write a table of the section as CSV, with six significant digits, and return it."""
        save_table(table, self.results / self.name / f"{name}.csv")
        return table

    def table_of_trials(self, name: str, kind: str) -> Path:
        """Return the file that keeps a table of short runs, so that they are not trained again.

        Args:
            name: The name of the data set on the page.
            kind: The kind of the runs, such as ``search``.

        Returns:
            ``<name>/<kind>.csv``, beside the published runs, or beside the section's tables if it publishes no runs.
        """
        return (self.models or self.results / self.name) / name / f"{kind}.csv"


def open_section(
    name: str, names: Iterable[str], results: str | Path, models: str | Path = "", **meaning: str | None
) -> Section:
    """Begin a section. From here on, its page shows which runs were found, and keeps its figures as SVG too.

    Args:
        name: The name of its notebook.
        names: The names of its data sets.
        results: The folder of all sections' results.
        models: The folder in which its runs are published; empty if they are not published.
        meaning: ``target``, ``unit`` and ``per`` of folders, as :func:`cgcnn.data.datasets.describe` takes them.

    Raises:
        DataError: No data set has one of the names, or the table of a folder cannot be read.
    """
    logger = logging.getLogger("cgcnn.training")
    if not logger.handlers:  # a cell may run twice
        logger.addHandler(logging.StreamHandler(sys.stdout))
        logger.setLevel(logging.INFO)
        # A page must not change with what is in the cache, so it does not show how reading and building graphs goes on.
        logging.getLogger("cgcnn").setLevel(logging.WARNING)
    keep_drawings()
    sources = tuple(datasets.describe(each, **meaning) for each in names)
    return Section(name, sources, Path(results), Path(models) if models else None)


def close_section(
    section: Section, numbers: Mapping[str, Any], runs: Iterable[Run] = (), replace: bool = False
) -> Styler:
    """End a section: write its numbers, publish its runs, judge its claims by these numbers, and glue the verdicts.

    The text of the book shows the value and the verdict of a claim by the names ``<id>-value`` and ``<id>-verdict``.

    Args:
        section: The section to end.
        numbers: The numbers of the section by name, as :func:`cgcnn.files.tables.save_numbers` takes them. A number
            that is not finite is written as None where there is one seed only, or where the data are not the paper's.
        runs: The runs from which the numbers were computed.
        replace: Whether published runs of the same key are replaced, as in :func:`cgcnn.training.store.publish`.

    Returns:
        The claims with their thresholds, values and verdicts, to be shown. On data that are not the paper's, no claim
        is judged, and one row says so.

    Raises:
        DataError: A claim names a number that is missing, or a published run would be replaced and ``replace`` is
            False.
    """
    own = not section.of_the_paper
    if own or len(numbers.get("seeds", ())) == 1:
        # One run has no standard deviation over seeds, and a small set of crystals may lack more.
        numbers = without_missing(numbers)
    mark = {NOT_JUDGED: True} if own else {}
    save_numbers({**numbers, **mark}, section.results / f"{section.name}.json")
    if section.models is not None:
        for run in runs:
            publish(run, section.models, replace)
    file = project_root() / "book" / "claims.yaml"
    if own:
        return not_judged_table(file, section.name).style.hide(axis="index")
    verdicts = claims_table(judge(file, section.name, numbers))
    if len(verdicts):
        section.save(verdicts, "claims")
    for claim in verdicts.itertuples():
        glue_values({f"{claim.id}-value": claim.value, f"{claim.id}-verdict": claim.verdict})
    return verdicts.drop(columns="id").style.hide(axis="index")


def without_missing(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers with None for each one that is not finite, in lists and dictionaries too."""
    return {name: _or_none(value) for name, value in numbers.items()}


def glue_values(values: Mapping[str, object]) -> None:
    """Keep values in the notebook, from which the text of the book takes them by their names.

    Args:
        values: Texts and numbers by name. NumPy's numbers are kept as Python's, so that the text can format them. A
            value that is None or not a number is not kept, and a page leaves out the text that shows it.
    """
    from myst_nb import glue  # type: ignore[import-untyped]  # it has no types; only notebooks need it

    for name, value in values.items():
        if _or_none(value) is not None:
            glue(name, value.item() if isinstance(value, np.generic) else value, display=False)


def parts_for_text(numbers: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the parts of numbers that are dictionaries, by names without dots, as :func:`glue_values` takes them.

    Args:
        numbers: The numbers of a section.
        names: The names of dictionaries in it. Names that are not there are left out.

    Returns:
        Each part that is no dictionary itself by the two names joined by a line, such as ``residual_places_Al``.
    """
    parts = {f"{name}_{part}": value for name in names for part, value in numbers.get(name, {}).items()}
    return {name: value for name, value in parts.items() if not isinstance(value, Mapping)}


def error_text(numbers: Mapping[str, Any], quantity: Quantity, digits: int = 4) -> str:
    """Return the test error of runs with its unit, such as ``0.0284 ± 0.0003 eV/atom``.

    Args:
        numbers: The numbers of :func:`run_numbers`. One run has no standard deviation.
        quantity: What the runs predict.
        digits: The number of digits after the decimal point.
    """
    spread = f" ± {numbers['test_mae_std']:.{digits}f}" if len(numbers["seeds"]) > 1 else ""
    return f"{numbers['test_mae']:.{digits}f}{spread} {quantity.shown_unit}".rstrip()


def error_texts(numbers: Mapping[str, Any], names: Mapping[str, str], quantity: Quantity) -> dict[str, str | None]:
    """Return errors with their unit, for the text of a page.

    Args:
        numbers: The numbers of a section.
        names: The name of each error among the numbers, by its name in the text.
        quantity: What the runs predict.

    Returns:
        Texts such as ``0.0284 eV/atom``; None for an error that is missing or None.
    """
    found = {name: numbers.get(error) for name, error in names.items()}
    return {name: None if error is None else quantity.value(error) for name, error in found.items()}


def difference_text(differences: pd.Series, quantity: Quantity, digits: int = 2) -> str | None:
    """Return by how much two seeds differ in values of sites on average, with the unit, such as ``0.35 eV``.

    Args:
        differences: The mean difference of each pair of seeds.
        quantity: What the runs predict.
        digits: The number of digits after the decimal point.

    Returns:
        The mean over the pairs; None where there is one seed, and thus no pair.
    """
    return quantity.value_of_site(differences.mean(), digits) if len(differences) else None


def run_errors(runs: Sequence[Run], crystals: Crystals) -> pd.DataFrame:
    """Return the errors of runs as the sections show them.

    Args:
        runs: Finished runs on the data set.
        crystals: The whole data set.

    Returns:
        The table of :func:`cgcnn.analysis.prediction.error_table`. For a named set it lacks the error of the mean,
        which is in the book's Table I.
    """
    errors = prediction.error_table(runs, crystals)
    is_own = crystals.folder is not None
    return errors if is_own else errors.drop(columns=runs[0].quantity.with_unit("mean_predictor_mae"))


def run_numbers(crystals: Crystals, runs: Sequence[Run], errors: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers with which every section on one data set begins.

    Args:
        crystals: The data set.
        runs: One run per seed, all on the same split.
        errors: The rows of these runs in :func:`run_errors`.

    Returns:
        The name and the unit of the data set, the numbers of crystals in the whole set and in each part, the seeds,
        and the training, validation and test errors of these seeds, as :func:`cgcnn.paper.seed_numbers.over_seeds`
        gives them.
    """
    split, named = runs[0].split, runs[0].quantity.with_unit
    test, train = errors[named("test_mae")], errors[named("train_mae")]
    parts = ("train_mae", "validation_mae", "test_mae")
    of_seeds = [{part: row[named(part)] for part in parts} for row in errors.to_dict("records")]
    return {
        "dataset": crystals.name,
        "n_crystals": len(crystals),
        "n_train": len(split.train),
        "n_validation": len(split.validation),
        "n_test": len(split.test),
        "unit": runs[0].unit,
        "seeds": [run.config.seed for run in runs],
        **seed_numbers.over_seeds(of_seeds),
        "train_mae_std": train.std(),
        "test_mae_std": test.std(),
        "test_mae_by_seed": test.tolist(),
    }


def _or_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_missing(value)
    if isinstance(value, list | tuple | np.ndarray):
        return [_or_none(item) for item in value]
    return None if isinstance(value, float | np.floating) and not np.isfinite(value) else value
