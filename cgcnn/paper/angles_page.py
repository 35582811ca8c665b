"""The trainings of the section on the network that sees angles: trials, runs of three networks, and learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cgcnn.analysis import learning_curves
from cgcnn.analysis.learning_curves import PowerLaw
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.files.tables import save_table
from cgcnn.paper import recipes
from cgcnn.paper.angles_curves import curve_errors
from cgcnn.paper.angles_errors import ANGLES
from cgcnn.paper.learning_curves import fit_lines
from cgcnn.paper.networks import OUR_NETWORKS, Runs
from cgcnn.paper.section import Section, run_errors
from cgcnn.training.fit import make_split
from cgcnn.training.repeats import repeat
from cgcnn.training.sweeps import sweep


def trials_of_changes(
    section: Section, names: Mapping[str, str], crystals: Mapping[str, Crystals], seeds: Sequence[int], device: str
) -> pd.DataFrame:
    """Train the trials of single changes to the network that sees angles, those that are not in their tables yet.

    Args:
        section: The section, which has the files of the trials.
        names: The data set that stands for each set. A set without changes to try is left out.
        crystals: The crystals of each set.
        seeds: The seeds of each trial.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per run, as :func:`cgcnn.training.repeats.repeat` returns them, with the name of the set in ``set``.
        No row where no set has changes to try, as a folder of one's own.
    """
    tables = {}
    for name, each in names.items():
        choices = recipes.angles_choices(each)
        if choices:
            file = section.table_of_trials(name, "angles_trials")
            tables[name] = repeat(crystals[name], choices, seeds, [file], device)
            save_table(tables[name], file)
    if not tables:
        return pd.DataFrame(columns=["set", "choice", "seed"])
    return pd.concat(tables, names=["set"]).reset_index(level="set")


def runs_of_three(
    names: Mapping[str, str],
    crystals: Mapping[str, Crystals],
    seeds: Sequence[int],
    further: Mapping[str, Sequence[int]],
    here: tuple[str, bool, str | None],
) -> Runs:
    """Return the runs of the paper's network, the better one and the one that sees angles on each set.

    Args:
        names: The data set that stands for each set.
        crystals: The crystals of each set.
        seeds: The seeds of each network.
        further: The seeds on sets that only the network that sees angles is trained on.
        here: The device, whether known runs are trained anew, and the scheduler, as for
            :func:`cgcnn.training.sweeps.sweep`.
    """
    return {
        (name, network): sweep(crystals[name], known.config(each), [None], further.get(name, seeds), *here)
        for name, each in names.items()
        for network, known in OUR_NETWORKS.items()
        if network == ANGLES or name not in further
    }


def two_curves(
    section: Section,
    names: Mapping[str, str],
    crystals: Mapping[str, Crystals],
    n_sizes: int,
    seeds: Sequence[int],
    here: tuple[str, bool, str | None],
    quantity: Quantity = ENERGY,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the learning curves with angles and those of the paper's network, on the same crystals.

    Args:
        section: The section, which has the files of the curves with angles.
        names: The data set that stands for each set.
        crystals: The crystals of each set.
        n_sizes: The number of training sets, each half of the next.
        seeds: The seeds of the runs of each size.
        here: As for :func:`runs_of_three`.
        quantity: What the runs predict.

    Returns:
        Two tables of :func:`cgcnn.analysis.learning_curves.average_over_seeds`, with the name of the set in ``set``.
    """
    seeing, older = {}, {}
    for name, each in names.items():
        of_set, config = crystals[name], recipes.angles_config(each)
        sizes = learning_curves.halved_sizes(len(make_split(of_set, config).train), n_sizes)
        file = section.table_of_trials(name, "angles_curve")
        seeing[name] = curve_errors(of_set, config, sizes, seeds, file, here[0])
        older[name] = run_errors(sweep(of_set, recipes.paper_config(each), sizes, seeds, *here), of_set)
    both = (pd.concat(each, names=["set"]).reset_index(level="set") for each in (seeing, older))
    with_angles, without = (learning_curves.average_over_seeds(each, quantity) for each in both)
    return with_angles, without


def curve_of_one(
    section: Section,
    name: str,
    crystals: Crystals,
    n_sizes: int,
    seed: int,
    device: str,
    quantity: Quantity = ENERGY,
) -> tuple[pd.DataFrame, PowerLaw | None]:
    """Return the learning curve with angles on one set with one run per size, and the power law through it.

    Args:
        section: The section, which has the file of the curve.
        name: The name of the data set.
        crystals: Its crystals.
        n_sizes: The number of training sets, each half of the next.
        seed: The seed of all runs.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.
        quantity: What the runs predict.

    Returns:
        The table of :func:`cgcnn.analysis.learning_curves.average_over_seeds`; and the power law, or None with fewer
        sizes than a line with its uncertainty takes.
    """
    config = recipes.angles_config(name)
    sizes = learning_curves.halved_sizes(len(make_split(crystals, config).train), n_sizes)
    file = section.table_of_trials(name, "angles_curve")
    errors = curve_errors(crystals, config, sizes, [seed], file, device).assign(set=name)
    points = learning_curves.average_over_seeds(errors, quantity)
    return points, fit_lines(points, 1, quantity).plain.get(name)
