"""Give the bounds of each parameter of a run, with the reason: beyond them no network is trained in any time."""

from __future__ import annotations

from collections.abc import Mapping

from cgcnn.graphs.search_bounds import MOST_NEIGHBORS, TOLERANCES

#: The largest seed. The random numbers of scikit-learn and openTSNE begin with 32 bits.
LARGEST_SEED = 2**32 - 1
# More crystals than any public set has (about 10 million) are a mistake.
_MOST_CRYSTALS = 10**8
# The largest training of the book has 300 epochs and 40,000 steps.
_MOST_EPOCHS, _MOST_STEPS = 10**6, 10**8
# A smaller learning rate or width of the loss does nothing in single precision.
_SMALLEST = 1e-9

#: The lowest and the highest value of each parameter of :class:`cgcnn.training.config.Config` that is a number.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "seed": (0, LARGEST_SEED),
    "split_seed": (0, LARGEST_SEED),
    "n_train": (1, _MOST_CRYSTALS),
    "n_validation": (1, _MOST_CRYSTALS),
    "training_size": (1, _MOST_CRYSTALS),
    # What the search for neighbors can find.
    "n_neighbors": (1, MOST_NEIGHBORS),
    "tolerance": TOLERANCES,
    # After twenty convolutions every site has heard of all others of nearly every crystal. A network of twenty
    # convolutions and the largest width has 126 million weights (0.5 GB), and four times as much in training.
    "n_convolutions": (1, 20),
    "width": (1, 1024),
    # With 20, a neighbor 1.3 times as far as the nearest one has 0.5 % of its weight.
    "distance_power": (0, 20),
    # With 0, all elements start equal; with 100, what is learned is lost in the start.
    "element_spread": (0, 100),
    # AdamW moves a weight by about the learning rate per step; the weights are about 0.1 in size.
    "learning_rate": (_SMALLEST, 10),
    "epochs": (1, _MOST_EPOCHS),
    "minimum_steps": (0, _MOST_STEPS),
    "patience": (1, _MOST_EPOCHS),
    "batch_size": (1, _MOST_CRYSTALS),
    # A step multiplies the weights by 1 - learning rate x weight decay; beyond, they change their sign.
    "weight_decay": (0, 100),
    # In standard deviations of the targets: from nearly the absolute to the squared error of all of them.
    "loss_width": (_SMALLEST, 1000),
    # With 1, the averaged weights would never move from the random start.
    "averaging": (0, 0.999999),
}
