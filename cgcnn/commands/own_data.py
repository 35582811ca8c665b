"""Find the data set or the folder that a run was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cgcnn.errors import DataError

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals
    from cgcnn.training.runs import Run


def own_data(run: Run, named: str | None) -> Crystals:
    """Return the data that a run was trained on.

    A run that was trained on a folder does not take a data set of the same name for it: what is read is compared with
    what the run was trained on.

    Args:
        run: A finished run.
        named: The data set or the folder that the user named; None looks for the run's own.

    Raises:
        DataError: The data are not there, cannot be read, or are not those of the run. The message says how to name
            them.
    """
    from cgcnn.data import datasets

    place = named or _place(run)
    crystals = datasets.load(place)
    if crystals.digest != run.data_digest:
        raise DataError(
            f"{place}: not the data that the run was trained on ({run.dataset}, digest {run.data_digest[:12]})",
            "give those with --data",
        )
    return crystals


def _place(run: Run) -> str:
    """Return the folder or the name of the data set of a run."""
    from cgcnn.data import datasets

    if run.folder is not None and Path(run.folder).exists():
        return run.folder
    if Path(run.dataset).is_dir():
        return run.dataset
    if run.folder is None and run.dataset in datasets.names():
        return run.dataset
    raise DataError(f"the run was trained on a folder called {run.dataset}", "give it with --data")
