"""Search for hyperparameters on validation data: Optuna proposes trials, and the run store keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import optuna
import pandas as pd
from tqdm import tqdm

from cgcnn.data.crystals import Crystals
from cgcnn.errors import check_number
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.ingredients import known_errors
from cgcnn.training.runs import run_key

#: The least and the greatest value of the three hyperparameters that are searched (the paper's supplementary Table I).
RANGES: dict[str, tuple[float, float]] = {"n_convolutions": (1, 5), "width": (16, 128), "learning_rate": (1e-3, 3e-2)}
_WIDTH_STEP = 16
# Each trial is a training. The book's searches have 30 or fewer.
_MOST_TRIALS = 10_000


def search(
    crystals: Crystals, config: Config, n_trials: int, known: Path | None = None, device: str = "auto"
) -> pd.DataFrame:
    """Search for the number of convolutions, the width and the learning rate with the lowest validation error.

    The tree-structured Parzen estimator (Bergstra et al. 2011, as Optuna has it, doi 10.1145/3292500.3330701) proposes
    each trial from the validation errors of the trials before. The first trial has the parameters of ``config``, so
    that all others are compared with them. The sampler has the seed of ``config``. So a search that is started again
    proposes the same trials, finds those that are finished in the run store, and continues with the next one.

    Args:
        crystals: The data set. No error on its test set is computed.
        config: The parameters of the first trial. All trials share those that are not searched.
        n_trials: The number of trials, including the first.
        known: A table of an earlier search that :func:`cgcnn.files.tables.save_table` wrote. Its trials are not trained
            again. All other trials are looked for among the known runs, as :func:`cgcnn.training.fit.fit` does.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per trial, in the order of the trials. Its columns are ``trial``, the three hyperparameters, the
        validation error, such as ``validation_mae_eV_per_atom``, and ``key`` (the key of the run).

    Raises:
        DataError: A trial cannot be trained, as for :func:`cgcnn.training.fit.fit`, or ``n_trials`` is out of its
            bounds.
    """
    check_number("n_trials", n_trials, 1, _MOST_TRIALS)
    errors = known_errors(known, crystals.quantity)
    quiet = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return pd.DataFrame(_trials(crystals, config, n_trials, errors, device))
    finally:
        optuna.logging.set_verbosity(quiet)


def _trials(
    crystals: Crystals, config: Config, n_trials: int, errors: Mapping[str, float], device: str
) -> Iterator[dict[str, float | str]]:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=config.seed))
    study.enqueue_trial({name: getattr(config, name) for name in RANGES})
    layers, width, rate = RANGES.values()
    column = crystals.quantity.with_unit("validation_mae")
    for number in tqdm(range(n_trials), unit="trial", disable=None):
        trial = study.ask()
        values = {
            "n_convolutions": trial.suggest_int("n_convolutions", int(layers[0]), int(layers[1])),
            "width": trial.suggest_int("width", int(width[0]), int(width[1]), step=_WIDTH_STEP),
            # Two digits are precise enough, and they keep tables of the parameters short.
            "learning_rate": float(f"{trial.suggest_float('learning_rate', *rate, log=True):.2g}"),
        }
        tried = config.replace(**values)
        key = run_key(crystals, tried)
        error = errors[key] if key in errors else fit(crystals, tried, device).validation_mae
        # Rounded as save_table does, so that a search from the table proposes the same trials.
        error = float(f"{error:.6g}")
        study.tell(trial, error)
        yield {"trial": number, **values, column: error, "key": key}
