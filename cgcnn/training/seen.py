"""What a run has seen: its errors on the validation set, environments of its training crystals, and their geometry."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.network.evaluation import evaluate_batches, predict_batches
from cgcnn.network.model import CrystalGraphNetwork

if TYPE_CHECKING:
    from cgcnn.training.runs import Run

# The number of training environments that are kept.
_N_KEPT = 500


@dataclass(frozen=True)
class Seen:
    """What a run has seen, by which its predictions for other crystals are judged.

    Attributes:
        validation_predictions: (v,) float32, the predicted targets of the validation crystals, in the order of the
            run's split and in its unit.
        validation_targets: (v,) float32, the targets of the validation crystals, in the run's unit.
        environments: (k, width) float16, v(K) of some sites of the training crystals.
    """

    validation_predictions: np.ndarray
    validation_targets: np.ndarray
    environments: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, for the file of the run."""
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}


def with_seen(run: Run, crystals: Crystals) -> Run:
    """Return a run with what it has seen, for runs whose file was written without it.

    Args:
        run: A finished run.
        crystals: The data set of the run.

    Raises:
        DataError: The crystals are not the data set of the run.
    """
    if crystals.digest != run.data_digest:
        raise DataError(
            f"{crystals.name}: not the data that the run was trained on ({run.dataset}, digest {run.data_digest[:12]})",
            "load that data set",
        )
    graphs = crystal_graphs.load_or_build(crystals, run.config.n_neighbors, run.config.tolerance)
    _, elsewhere = elements_by_part(crystals, run.split)
    seen = what_was_seen(run.network, crystals, graphs, run.split)
    return dataclasses.replace(run, elements_elsewhere=elsewhere, seen=seen)


def elements_by_part(crystals: Crystals, split: Split) -> tuple[np.ndarray, dict[str, tuple[int, ...]]]:
    """Return the elements of the training crystals, and those that only other parts of the data hold.

    Args:
        crystals: A whole data set.
        split: Its split.

    Returns:
        The atomic numbers of the training crystals, (k,) int64, ascending; and for ``validation`` and ``test`` the
        atomic numbers, ascending, of the elements that no training crystal has.
    """
    trained, *others = (
        np.unique(crystals.select(part).atomic_numbers).astype(np.int64)
        for part in (split.train, split.validation, split.test)
    )
    elsewhere = [tuple(np.setdiff1d(part, trained).tolist()) for part in others]
    return trained, dict(zip(("validation", "test"), elsewhere, strict=True))


def what_was_seen(network: CrystalGraphNetwork, crystals: Crystals, graphs: CrystalGraphs, split: Split) -> Seen:
    """Return what a network has seen in its training and validation crystals.

    Args:
        network: The trained network, on the CPU.
        crystals: The whole data set.
        graphs: The graphs of all its crystals.
        split: The split that the network was trained on.
    """
    batcher = Batcher(graphs)
    trained, _ = evaluate_batches(network, batcher, split.train)
    kept = np.random.default_rng(0).permutation(len(trained))[:_N_KEPT]
    return Seen(
        validation_predictions=predict_batches(network, batcher, split.validation).numpy(),
        validation_targets=crystals.targets[split.validation].astype(np.float32),
        environments=trained.numpy()[kept].astype(np.float16),
    )
