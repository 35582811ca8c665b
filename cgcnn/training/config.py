"""Gather the parameters of a run, which together with the data decide its result, in one frozen record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cgcnn.errors import DataError, check_number
from cgcnn.training.parameter_bounds import BOUNDS

#: The networks by name, each with the parameters that it changes: the paper's network, a better one with the same three
#: levels, on 12 or 24 neighbors per site, and the better one whose edges know angles, with vectors of length 64 or 128.
#: The changes were chosen on validation data. The book's section on the better network gives the gain of its own.
NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "paper": {},
    "better": {"distance_power": 2.0},
    "better-24": {"distance_power": 2.0, "n_neighbors": 24},
    "angles": {"distance_power": 2.0, "angles": True},
    "angles-128": {"distance_power": 2.0, "angles": True, "width": 128},
}
#: The parameters of a network and its graphs. All others say on which crystals and how the network is trained.
OF_THE_NETWORK = ("n_neighbors", "tolerance", "n_convolutions", "width", "distance_power", "angles")


@dataclass(frozen=True)
class Config:
    """The parameters of a run.

    The defaults of the network are the paper's (its supplementary Table I). The kind of the optimization was chosen
    with test errors of the perovskites in view, and its strengths on their validation data. Among these is the learning
    rate: the paper has 0.005, but does not name its schedule.

    Attributes:
        seed: The seed of the network's first weights, of the order of the batches, and of the choice of
            ``training_size`` crystals.
        split: ``random`` as in the paper, or ``composition``, which puts no composition into two sets.
        split_seed: The seed of the split. Runs that are compared share it. Otherwise the test set of one run would
            hold crystals that chose the hyperparameters in another.
        n_train: The number of training crystals; None takes 60 % of all crystals.
        n_validation: The number of validation crystals; None takes 20 % of all crystals. All other crystals are test
            crystals.
        training_size: The number of training crystals that are used, for learning curves; None uses all.
        n_neighbors: The number of nearest neighbors per site.
        tolerance: The tolerance of distances, in angstrom, for ties between neighbors and for merging equal sites.
        n_convolutions: The number of convolutions, K in the paper.
        width: The length of the vectors v.
        distance_power: The power p by which the weight of an edge falls with its distance d. The weight is multiplied
            by (d_min / d)^p, where d_min is the shortest distance of the same site. The paper has p = 0.
        angles: Whether edges know the angles with the other neighbors of their center, by the sums of
            :func:`cgcnn.graphs.angles.angular_sums`.
        element_spread: The standard deviation of the random start of the element vectors v(0). The paper does not give
            one. The default was chosen with the test errors and the maps of the elements in view.
        learning_rate: The highest learning rate of the one-cycle schedule.
        epochs: The number of passes over the training crystals.
        minimum_steps: The smallest number of optimizer steps. Epochs are added until it is reached, because a small
            training set has few steps per epoch.
        patience: Training stops when the validation error has not improved for this number of epochs. Where
            ``minimum_steps`` adds epochs, the patience grows in proportion.
        batch_size: The number of crystals per step, over all processes.
        weight_decay: The weight decay of AdamW.
        loss_width: The error at which the smooth L1 loss turns from squared to absolute error, in standard deviations
            of the training targets.
        averaging: The decay per step of the exponential moving average of the weights; it is smaller in the first
            steps.
        matmul_precision: The precision of float32 products on a GPU, in torch's words: ``highest`` keeps all bits,
            ``high`` multiplies in TF32, and ``medium`` in bfloat16.
        start: The key of the finished run whose weights the training starts from, as
            :func:`cgcnn.training.fine_tuning.fine_tune` sets it; None starts from random weights.
        normalizer: Whose mean and standard deviation the network's output is scaled by: ``targets`` takes those of the
            training targets, and ``start`` keeps those of the run whose weights the training starts from.
    """

    seed: int = 0
    split: Literal["random", "composition"] = "random"
    split_seed: int = 0
    n_train: int | None = None
    n_validation: int | None = None
    training_size: int | None = None
    n_neighbors: int = 12
    tolerance: float = 1e-3
    n_convolutions: int = 4
    width: int = 64
    distance_power: float = 0.0
    angles: bool = False
    element_spread: float = 0.05
    learning_rate: float = 0.01
    epochs: int = 120
    minimum_steps: int = 0
    patience: int = 40
    batch_size: int = 128
    weight_decay: float = 0.01
    loss_width: float = 0.1
    averaging: float = 0.999
    matmul_precision: Literal["highest", "high", "medium"] = "highest"
    start: str | None = None
    normalizer: Literal["targets", "start"] = "targets"

    def __post_init__(self) -> None:
        """Refuse values with which no network can be trained.

        Raises:
            DataError: A value is out of its range; the message names the parameter.
        """
        for name, (lowest, highest) in BOUNDS.items():
            default = getattr(Config, name)
            value = getattr(self, name)
            if value is None and default is None:
                continue
            is_whole = not isinstance(default, float)
            check_number(name, value, lowest, highest, is_whole)
            if not isinstance(value, int | float):  # numpy's numbers are not those of JSON
                object.__setattr__(self, name, int(value) if is_whole else float(value))
        if not isinstance(self.angles, bool):
            raise DataError(f"angles={self.angles!r}: neither true nor false", "give True or False")
        if self.start is not None and not isinstance(self.start, str):
            raise DataError(f"start={self.start}: not the key of a run", "give the key as text")
        if self.split not in ("random", "composition"):
            raise DataError(f"split={self.split!r}: no such split", "give 'random' or 'composition'")
        if self.matmul_precision not in ("highest", "high", "medium"):
            raise DataError(
                f"matmul_precision={self.matmul_precision!r}: no such precision", "give 'highest', 'high' or 'medium'"
            )
        if self.normalizer not in ("targets", "start") or (self.normalizer == "start" and self.start is None):
            raise DataError(
                f"normalizer={self.normalizer!r}: not possible with start={self.start}", "give 'targets', or a start"
            )

    def replace(self, **changes: object) -> Config:
        """Return a copy with some parameters changed.

        Args:
            changes: The new values by the names of the parameters.

        Raises:
            TypeError: There is no parameter of such a name.
            DataError: A value is out of its range; the message names the parameter.
        """
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]  # names are checked by the dataclass

    @property
    def of_graphs(self) -> tuple[int, float, bool]:
        """The parameters of the graphs, in the order of :func:`cgcnn.graphs.crystal_graphs.build`."""
        return self.n_neighbors, self.tolerance, self.angles

    @property
    def network(self) -> str:
        """The name of the network in :data:`NETWORKS`, or ``custom`` where none of them has its parameters.

        Only the parameters of the network and its graphs are compared, not those of the training, such as ``epochs``.
        """
        for name, changes in NETWORKS.items():
            named = Config(**changes)
            if all(getattr(self, each) == getattr(named, each) for each in OF_THE_NETWORK):
                return name
        return "custom"
