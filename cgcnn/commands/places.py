"""Read the crystals that a person named, keep those that runs can predict, and say of every other what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals
    from cgcnn.training.runs import Run

_logger = logging.getLogger(__name__)


def read_crystals(places: Sequence[str], runs: Sequence[Run]) -> tuple[Crystals, bool]:
    """Return the crystals of files, folders and patterns, or of a data set, that all runs can predict.

    What cannot be read or predicted is named in the log, one line each, and so is what was noticed.

    Args:
        places: The files, folders and patterns, or the name of one data set.
        runs: The runs that are to predict the crystals.

    Returns:
        The crystals, and whether all that was named is among them.

    Raises:
        DataError: The name is that of a data set whose files cannot be had.
    """
    from cgcnn.data import datasets
    from cgcnn.data.structure_files import read_structures

    name = places[0]
    if len(places) == 1 and name in datasets.names() and datasets.folder_of(name) is None:
        crystals, n_refused = datasets.load(name), 0
    else:
        reading = read_structures(places)
        reading.report()
        crystals, n_refused = reading.crystals, len(reading.refused)
    known = _known(crystals, runs)
    return known, not n_refused and len(known) == len(crystals)


def _known(crystals: Crystals, runs: Sequence[Run]) -> Crystals:
    """Return the crystals whose elements all runs have seen, and name the others in the log."""
    from cgcnn.analysis.prediction import seen

    for run in runs:
        if not len(crystals):
            break
        can, errors = seen(run, crystals)
        for error in errors:
            _logger.error("%s", error)
        crystals = crystals.select(can)
    return crystals
