"""A whole training written out anew, with torch's own operations, gives the history and the weights of a run."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.runs import Run
from cgcnn.training.start import random_start
from cgcnn.training.steps import backward

# No parameter has its default. An epoch has 8 batches of 7 crystals and one of 4; 24 epochs make the fewest steps.
_CONFIG = Config(
    seed=3,
    split_seed=5,
    training_size=60,
    n_validation=40,
    n_neighbors=8,
    n_convolutions=1,
    width=8,
    learning_rate=0.03,
    epochs=6,
    minimum_steps=210,
    batch_size=7,
    weight_decay=0.7,
    loss_width=0.6,
    averaging=0.9,
)
_EPOCHS, _STEPS_PER_EPOCH = 24, 9


def smooth_l1(error: Tensor, width: float) -> Tensor:
    """Return error^2 / (2 width) below the width, and the absolute error less half the width above it."""
    size = error.abs()
    return torch.where(size < width, size**2 / (2 * width), size - width / 2)


def rate_of(step: int, n_steps: int) -> float:
    """Return the learning rate as a share of the highest: two half cosines, from 1/25 to 1 to 1/250,000."""
    top = 0.3 * n_steps
    if step < top:
        return 1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * step / top)) / 2
    return 4e-6 + (1 - 4e-6) * (1 + math.cos(math.pi * (step - top) / (n_steps - 1 - top))) / 2


@dataclass(frozen=True)
class Written:
    """What the training of this file gives: one row per validation, and the best weights."""

    rows: list[dict[str, float]]
    weights: dict[str, Tensor]


def train(crystals: Crystals, config: Config) -> Written:
    """Train as the book says: in float32, by torch's own operations, with the step of AdamW written out."""
    split = make_split(crystals, config)
    torch.manual_seed(config.seed)
    network = CrystalGraphNetwork(config.n_convolutions, config.width, backend="plain")
    targets = torch.from_numpy(crystals.targets)
    network.target_mean.fill_(targets[split.train].mean())
    network.target_scale.fill_(targets[split.train].std(correction=0))
    averaged = copy.deepcopy(network)
    batcher = Batcher(build(crystals, config.n_neighbors))
    first = {name: torch.zeros_like(p) for name, p in network.named_parameters()}
    second = copy.deepcopy(first)
    found = Written([], {})
    step, last_validation = 0, 0
    for epoch in range(_EPOCHS):
        order = np.random.default_rng([config.seed, epoch]).permutation(split.train)
        losses: list[float] = []
        for start in range(0, len(order), config.batch_size):
            chosen = torch.from_numpy(order[start : start + config.batch_size])
            batch = batcher(chosen)
            network.train().zero_grad()
            each = smooth_l1((network(batch) - targets[chosen].float()) / network.target_scale, config.loss_width)
            each.mean().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            losses += each.tolist()
            rate = config.learning_rate * rate_of(step, _EPOCHS * _STEPS_PER_EPOCH)
            step += 1
            with torch.no_grad():
                for name, p in network.named_parameters():
                    assert p.grad is not None
                    first[name] = 0.9 * first[name] + 0.1 * p.grad
                    second[name] = 0.999 * second[name] + 0.001 * p.grad**2
                    moments = first[name] / (1 - 0.9**step), second[name] / (1 - 0.999**step)
                    p.sub_(rate * (config.weight_decay * p + moments[0] / (moments[1].sqrt() + 1e-8)))
                decay = min(config.averaging, (1 + step) / (10 + step))
                for name, tensor in averaged.state_dict().items():
                    tensor.copy_(decay * tensor + (1 - decay) * network.state_dict()[name])
        if step - last_validation >= 100 or epoch + 1 == _EPOCHS:
            last_validation = step
            with torch.no_grad():
                predicted = averaged.eval()(batcher(torch.from_numpy(split.validation)))
            error = float((predicted - targets[split.validation]).abs().mean())
            if all(error < row["validation_mae"] for row in found.rows):
                found.weights.update(copy.deepcopy(averaged.state_dict()))
            loss = float(np.mean(losses))
            found.rows.append(
                {"epoch": epoch + 1, "learning_rate": rate, "training_loss": loss, "validation_mae": error}
            )
    return found


@pytest.fixture(scope="module")
def written(few: Crystals) -> Written:
    return train(few, _CONFIG)


@pytest.fixture(scope="module")
def trained(few: Crystals) -> Run:
    return fit(few, _CONFIG, device="cpu", retrain=True)


def test_the_history_is_that_of_a_training_that_is_written_out(written: Written, trained: Run) -> None:
    expected, found = pd.DataFrame(written.rows), trained.history
    assert found["epoch"].tolist() == expected["epoch"].tolist() == [12, 24]
    assert expected["validation_mae"].argmin() == 0  # so that the best epoch is not the last one
    assert found.columns.tolist() == expected.columns.tolist()
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_weights_are_those_of_a_training_that_is_written_out(written: Written, trained: Run) -> None:
    for name, tensor in trained.network.state_dict().items():
        expected = written.weights[name]
        # AdamW magnifies the rounding of Gaussians that hardly any edge has.
        tolerance = 5e-3 if name.endswith("from_distance") else 1e-4
        assert (tensor - expected).norm() <= tolerance * expected.norm(), name


def test_the_gradient_of_a_batch_is_that_of_the_mean_loss_in_standard_deviations(few: Crystals) -> None:
    # AdamW hardly sees a factor of the whole gradient, so that the weights of a run do not show it.
    chosen = torch.tensor([3, 290, 120, 7, 201])
    network = random_start(few.targets, Config(n_convolutions=1, width=8))
    network.backend = "plain"
    network.target_scale.fill_(0.25)
    batcher = Batcher(build(few))
    loss = backward(network, network, batcher, chosen, 0.4)
    found = {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}
    network.zero_grad()
    each = smooth_l1((network(batcher(chosen)) - torch.from_numpy(few.targets)[chosen].float()) / 0.25, 0.4)
    each.mean().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert float(loss) == pytest.approx(float(each.detach().sum()), rel=1e-5)
    for name, p in network.named_parameters():
        assert p.grad is not None
        assert torch.allclose(found[name], p.grad, rtol=1e-4, atol=1e-7), name


def test_the_element_vectors_start_as_the_same_random_numbers_with_the_spread_of_the_parameters(few: Crystals) -> None:
    usual, wide = (random_start(few.targets, Config(element_spread=spread)) for spread in (0.05, 1.0))
    assert torch.allclose(20 * usual.element_vectors, wide.element_vectors)
    assert usual.element_vectors.std().item() == pytest.approx(0.05, rel=0.03)
    assert torch.equal(usual.to_energy.weight, wide.to_energy.weight)


def test_the_first_weights_depend_on_the_seed_and_leave_the_caller_s_random_numbers(few: Crystals) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    starts = [random_start(few.targets, Config(seed=seed)).element_vectors for seed in (0, 1, 1)]
    assert torch.equal(torch.rand(3), expected)
    assert not torch.equal(starts[0], starts[1])
    assert torch.equal(starts[1], starts[2])


def test_the_patience_grows_with_the_epochs_that_the_smallest_number_of_steps_adds(few: Crystals) -> None:
    # 4 epochs of 50 steps become 12, and a patience of 1 epoch becomes 3. Of noise nothing can be learned, so that the
    # first validation, after 2 epochs, is the best; the one after 6 epochs is the first that comes 3 epochs later.
    config = Config(
        training_size=100,
        n_convolutions=1,
        width=8,
        epochs=4,
        minimum_steps=600,
        patience=1,
        batch_size=2,
        learning_rate=0.05,
        averaging=0,
    )
    noise = replace(few.select(range(200)), targets=np.random.default_rng(3).normal(size=200))
    run = fit(noise, config, device="cpu", retrain=True)
    assert run.history["validation_mae"].argmin() == 0
    assert run.history["epoch"].tolist() == [2, 4, 6]
