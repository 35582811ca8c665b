"""The search for hyperparameters on validation data: Optuna proposes, the run store remembers."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import pandas as pd

from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.runs import Run
from cgcnn.training import fit

#: What is searched: the paper's three hyperparameters (its supplementary Table I), each with its least and greatest.
RANGES: dict[str, tuple[float, float]] = {"n_convolutions": (1, 5), "width": (16, 128), "learning_rate": (1e-3, 3e-2)}
_WIDTH_STEP = 16


def search(crystals: Crystals, config: Config, n_trials: int, device: str = "auto") -> list[Run]:
    """Return the runs of a search for layers, width and learning rate, in the order they were tried.

    The tree-structured Parzen estimator (Bergstra et al. 2011, as Optuna has it, doi 10.1145/3292500.3330701) proposes
    each from the validation errors of those before. The parameters of ``config`` come first, so that the search has
    them to beat. The sampler's seed is that of ``config``: a search that is run again finds its runs in the run store
    and goes on where it was.

    Args:
        crystals: The data set. Its test part is never looked at.
        config: What all trials share, and the first of them.
        n_trials: How many runs, the first included.
        device: As for :func:`cgcnn.training.fit`.
    """
    quiet = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return list(_trials(crystals, config, n_trials, device))
    finally:
        optuna.logging.set_verbosity(quiet)


def _trials(crystals: Crystals, config: Config, n_trials: int, device: str) -> Iterator[Run]:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=config.seed))
    study.enqueue_trial({name: getattr(config, name) for name in RANGES})
    layers, width, rate = RANGES.values()
    for _ in range(n_trials):
        trial = study.ask()
        run = fit(
            crystals,
            config.replace(
                n_convolutions=trial.suggest_int("n_convolutions", int(layers[0]), int(layers[1])),
                width=trial.suggest_int("width", int(width[0]), int(width[1]), step=_WIDTH_STEP),
                # Two digits are enough, and keep the parameters short wherever they are printed.
                learning_rate=float(f"{trial.suggest_float('learning_rate', *rate, log=True):.2g}"),
            ),
            device,
        )
        study.tell(trial, run.validation_mae)
        yield run


def trial_table(runs: list[Run]) -> pd.DataFrame:
    """Return one row a trial: ``trial``, the parameters searched and ``validation_mae_eV_per_atom``."""
    return pd.DataFrame(
        {
            "trial": number,
            **{name: getattr(run.config, name) for name in RANGES},
            "validation_mae_eV_per_atom": run.validation_mae,
        }
        for number, run in enumerate(runs)
    )
