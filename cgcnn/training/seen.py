"""What a run has seen: its errors on the validation set, and what its training crystals are like."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.extents import extents
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network.evaluation import describe_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.bounds import Bounds, bounds_of, excess
from cgcnn.training.representatives import choose_representatives, distances_to_nearest

if TYPE_CHECKING:
    from cgcnn.training.runs import Run

# The number of vectors that stand for the training crystals. Twice as many tell strange crystals apart hardly better.
_N_REPRESENTATIVES = 500
# The largest value of a component in the file, which has one byte per component.
_LARGEST_CODE = 127


@dataclass(frozen=True)
class Seen:
    """What a run has seen, by which its predictions for other crystals are judged.

    A crystal is described by the mean of v(K) over its sites, of which the predicted energy is a linear function. Each
    component is divided by its standard deviation over the training crystals.

    Attributes:
        validation_errors: (v,) float16, prediction minus target of the validation crystals in the order of the run's
            split, in standard deviations of the training targets (``network.target_scale``).
        validation_distances: (v,) float16, the distances of the validation crystals, as :meth:`Seen.distances` gives.
        validation_excess: (v,) float16, how far the validation crystals lie beyond the bounds, as
            :func:`cgcnn.training.bounds.excess` returns it.
        scale: (width,) float32, the standard deviation of each component over the training crystals.
        representatives: (k, width) int8, the vectors that stand for the training crystals, in multiples of ``steps``.
        steps: (width,) float32, the value of one step of each component.
        bounds: The bounds of the distances and volumes of the training crystals.
    """

    validation_errors: np.ndarray
    validation_distances: np.ndarray
    validation_excess: np.ndarray
    scale: np.ndarray
    representatives: np.ndarray
    steps: np.ndarray
    bounds: Bounds

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, for the file of the run."""
        own = {each.name: getattr(self, each.name) for each in dataclasses.fields(self) if each.name != "bounds"}
        return own | {f"bounds.{name}": array for name, array in self.bounds.arrays().items()}

    def distances(self, means: np.ndarray) -> np.ndarray:
        """Return how far crystals are from the nearest representative of the training crystals, (n,) float64.

        Args:
            means: (n, width) The mean of v(K) over the sites of each crystal.
        """
        return distances_to_nearest(means / self.scale, self.representatives * self.steps)


def seen_from(arrays: Mapping[str, np.ndarray]) -> Seen:
    """Return what a run has seen from the arrays of :meth:`Seen.arrays`.

    Raises:
        TypeError: An array is missing, or there is one too many.
    """
    own = {name: array for name, array in arrays.items() if not name.startswith("bounds.")}
    of_bounds = {name.removeprefix("bounds."): array for name, array in arrays.items() if name not in own}
    return Seen(**own, bounds=Bounds(**of_bounds))


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
    graphs = crystal_graphs.load_or_build(crystals, *run.config.of_graphs)
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
    trained = describe_batches(network, batcher, split.train)[0].numpy()
    scale = trained.std(axis=0)
    scale[scale == 0] = 1  # a component that is the same for all training crystals
    chosen = choose_representatives(trained / scale, _N_REPRESENTATIVES)
    steps = np.maximum(np.abs(chosen).max(axis=0), np.finfo(np.float32).tiny) / _LARGEST_CODE
    means, predicted = describe_batches(network, batcher, split.validation)
    errors = predicted.double().numpy() - crystals.targets[split.validation]
    representatives = np.rint(chosen / steps).astype(np.int8)
    bounds = bounds_of(extents(crystals, graphs, np.sort(split.train)))
    order = np.argsort(split.validation)
    beyond = np.empty(len(order))
    beyond[order] = excess(bounds, extents(crystals, graphs, split.validation[order]))
    return Seen(
        validation_errors=(errors / network.target_scale.item()).astype(np.float16),
        validation_distances=distances_to_nearest(means.numpy() / scale, representatives * steps).astype(np.float16),
        validation_excess=beyond.astype(np.float16),
        scale=scale,
        representatives=representatives,
        steps=steps,
        bounds=bounds,
    )
