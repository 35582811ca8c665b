"""Learning curves of the network that sees angles: their errors are kept in a table and their runs are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from cgcnn.analysis.learning_curves import PowerLaw
from cgcnn.analysis.prediction import error_table
from cgcnn.data.crystals import Crystals
from cgcnn.files.tables import save_table
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import run_key


def curve_errors(
    crystals: Crystals,
    config: Config,
    sizes: Sequence[int | None],
    seeds: Sequence[int],
    file: Path,
    device: str = "auto",
) -> pd.DataFrame:
    """Return the errors of runs at several training sizes; train those that are not in the table yet.

    The table grows by each run, so that a sweep that was stopped goes on where it was.

    Args:
        crystals: The data set.
        config: The parameters of the runs.
        sizes: The numbers of training crystals; None stands for all of them.
        seeds: The seeds of the runs of each size.
        file: The CSV file of the errors. Its runs are not trained again.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per run, by size and seed: ``training_size``, ``seed``, the validation and the test error, such as
        ``test_mae_eV_per_atom``, and ``key`` (the key of the run).
    """
    named = crystals.quantity.with_unit
    columns = ["training_size", "seed", named("validation_mae"), named("test_mae"), "key"]
    known = pd.read_csv(file)[columns] if file.is_file() else pd.DataFrame(columns=columns)
    wanted = [config.replace(training_size=size, seed=seed) for size in sizes for seed in seeds]
    keys = [run_key(crystals, each) for each in wanted]
    for each, key in zip(tqdm(wanted, unit="run", disable=None), keys, strict=True):
        if key not in set(known["key"]):
            row = error_table([fit(crystals, each, device)], crystals).assign(key=key)[columns]
            known = row if known.empty else pd.concat([known, row], ignore_index=True)
            save_table(known, file)
    # Read from the table where it was just written too, so that a second call returns the same.
    known = pd.read_csv(file)
    return known.set_index("key").loc[keys].reset_index()[columns]


def slopes_in_text(with_angles: Mapping[str, PowerLaw], without: Mapping[str, PowerLaw]) -> dict[str, float]:
    """Return the slopes of the learning curves by their names in the text of the section.

    Args:
        with_angles: The power laws of the network that sees angles, by set.
        without: Those of the paper's network.

    Returns:
        ``slope_<set>`` and ``slope_paper_<set>``.
    """
    ours = {f"slope_{name}": law.slope for name, law in with_angles.items()}
    return ours | {f"slope_paper_{name}": law.slope for name, law in without.items()}
