"""Fine-tune a run: go on from its weights on other crystals, which may be few."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError
from cgcnn.machine import processes
from cgcnn.network.model import Backend
from cgcnn.training.config import OF_THE_NETWORK, Config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.runs import KEY_LENGTH, Run, save_run
from cgcnn.training.store import find_run, stored_run_path

_logger = logging.getLogger(__name__)

# The highest learning rates where the normalizer is kept, because the targets are the same quantity, and where it is
# not. Both were chosen by validation errors of runs that go on from the paper's network for the Materials Project. On
# 200 of its crystals outside of the paper's list, rates of 0.0003, 0.001 and 0.003 give 0.084, 0.089 and 0.094 eV/atom;
# the parent alone gives 0.088, and random weights give 0.393. On 200 perovskites, whose energies are above competing
# phases, 0.0003, 0.001, 0.003 and 0.01 give 0.211, 0.188, 0.180 and 0.183 eV/atom, and random weights give 0.290.
_LEARNING_RATES = {"start": 0.0003, "targets": 0.003}


def fine_tune(
    crystals: Crystals,
    parent: Run,
    changes: Mapping[str, Any],
    device: str = "auto",
    retrain: bool = False,
    backend: Backend = "auto",
) -> Run:
    """Return the run that starts from the weights of a finished run; train it only where it is not known yet.

    The network and its element vectors are those of the finished run, the parent. So elements that only the parent's
    crystals hold keep what was learned of them, and count as elements that the new run has seen.

    Where the targets are the same quantity in the same unit, the normalizer is the parent's too. Its weights give its
    predictions only together with it, so the training starts from these predictions. Another quantity has another mean
    and spread, and so the normalizer is that of the new targets.

    The errors on the test set are honest only if the parent was not trained on these test crystals. That is checked
    where both have the same data set, and is the reader's task otherwise.

    Args:
        crystals: The data set; every target must be a finite number.
        parent: The finished run.
        changes: Parameters of the run by name, where they differ from :func:`fine_tuning_config`.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.
        retrain: Whether the run is trained anew where it is known already.
        backend: How Eq. 3 is computed in the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        The run, whose ``parent`` is the key of the finished run.

    Raises:
        DataError: A parameter of the network differs from the parent's, or the run cannot be trained, as for
            :func:`cgcnn.training.fit.fit`.
    """
    with processes.together():
        config = fine_tuning_config(parent, crystals.quantity, changes)
        _refuse_test_crystals_of_the_parent_s_training(crystals, parent, config)
    if config.normalizer == "targets" and processes.rank() == 0:
        _logger.info(
            "run %s predicts %s, and the new targets are %s: the normalizer is that of the new targets",
            parent.key[:KEY_LENGTH],
            parent.quantity.label,
            crystals.quantity.label,
        )
    with processes.first_alone():
        if find_run(parent.key) is None:
            save_run(parent, stored_run_path(parent.key))  # the training finds it there by its key
    return fit(crystals, config, device, retrain, backend)


def fine_tuning_config(parent: Run, quantity: Quantity, changes: Mapping[str, Any]) -> Config:
    """Return the parameters of a run that goes on from a finished one.

    The parameters of the network and its graphs are the parent's. The learning rate is lower than in a training from
    random weights.

    Args:
        parent: The finished run.
        quantity: What the new targets are.
        changes: Other parameters by name.

    Raises:
        DataError: A parameter of the network differs from the parent's, or a value is out of its range.
    """
    kept = {name: getattr(parent.config, name) for name in OF_THE_NETWORK}
    for name in kept.keys() & changes.keys():
        if changes[name] != kept[name]:
            raise DataError(
                f"{name}={changes[name]}: run {parent.key[:KEY_LENGTH]} has {name}={kept[name]}",
                f"leave {name} out, or start from a run that has it",
            )
    normalizer = "start" if quantity == parent.quantity else "targets"
    usual = {"learning_rate": _LEARNING_RATES[normalizer], "normalizer": normalizer}
    return Config().replace(**{**usual, **kept, **changes, "start": parent.key})


def _refuse_test_crystals_of_the_parent_s_training(crystals: Crystals, parent: Run, config: Config) -> None:
    if crystals.digest != parent.data_digest:
        return
    split = make_split(crystals, config)
    held_out = np.concatenate([split.validation, split.test])
    n_known = int(np.isin(held_out, parent.split.train).sum())
    if n_known:
        raise DataError(
            f"{crystals.name}: run {parent.key[:KEY_LENGTH]} was trained on {n_known} of the {len(held_out)} crystals "
            "that are to judge the new run",
            "split the data as for that run (split, split_seed, n_train and n_validation)",
        )
