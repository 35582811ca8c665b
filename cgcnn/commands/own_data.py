"""Find the data set or the folder that a run was trained on."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from cgcnn.errors import DataError

if TYPE_CHECKING:
    from cgcnn.analysis.environment_map import EnvironmentMap
    from cgcnn.data.crystals import Crystals
    from cgcnn.training.runs import Run


def own_data(run: Run, named: str | None) -> Crystals:
    """Return the data that a run was trained on.

    What is read is compared with what the run was trained on. So a data set is never taken for a folder of the same
    name, and neither is a folder that has changed since.

    Args:
        run: A finished run.
        named: The data set or the folder that the user named; None looks for the run's own.

    Raises:
        DataError: The data are not there, cannot be read, or are not those of the run. The message says how to name
            them.
    """
    from cgcnn.data import datasets

    place = named or _place(run)
    if datasets.folder_of(place) is None:
        crystals = datasets.load(place)
        if crystals.digest == run.data_digest:
            return crystals
    else:
        target = None if run.target_name == "target" else run.target_name
        # A run does not say whether its targets were totals of the cells, nor whether bad files were left out.
        errors = []
        for per, skip_bad in itertools.product((None, "cell"), (False, True)):
            try:
                crystals = datasets.load(place, target, per=per, skip_bad=skip_bad)
            except DataError as error:
                errors.append(error)
            else:
                if crystals.digest == run.data_digest:
                    return crystals
        if len(errors) == 4:
            raise errors[0]
    raise DataError(
        f"{place}: not the data that the run was trained on ({run.dataset}, digest {run.data_digest[:12]})",
        "give those with --data",
    )


def data_at_hand(run: Run, drawn: EnvironmentMap) -> Crystals | None:
    """Return the crystals that a map was drawn from, if they are the run's own data and on this machine.

    Args:
        run: The run of the map.
        drawn: The map.

    Returns:
        The crystals; None where they are others, where they have changed, or where they would have to be fetched.
    """
    from cgcnn.data import datasets
    from cgcnn.files.downloads import local_path

    if drawn.crystals_name != run.dataset:
        return None
    try:
        if datasets.folder_of(_place(run)) is None:
            named = datasets.describe(_place(run))
            if not all(local_path(file).is_file() for file in named.public_files):
                return None
        crystals = own_data(run, None)
    except DataError:
        return None
    return crystals if set(drawn.table["crystal"]) <= set(crystals.ids) else None


def _place(run: Run) -> str:
    """Return the folder or the name of the data set of a run."""
    from cgcnn.data import datasets

    if run.folder is not None and Path(run.folder).exists():
        return run.folder
    if run.folder is None and run.dataset in datasets.names():
        return run.dataset
    raise DataError(f"the run was trained on a folder called {run.dataset}", "give it with --data")
