"""Batch normalization in which each row counts by a weight of its own, over all processes that train together."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cgcnn.machine import processes


class WeightedBatchNorm(nn.Module):
    """Batch normalization in which row r counts ``weights[r]`` times, as if it were repeated.

    A graph of merged sites therefore has the statistics of the whole graph, and several processes that share a batch
    have the statistics of the whole batch. The running variance is the biased one.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, with the weights put into both moments.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, width: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))
        self.momentum = momentum
        self.epsilon = epsilon
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_variance", torch.ones(width))

    def forward(self, rows: Tensor, weights: Tensor) -> Tensor:
        """Normalize rows by their weighted moments in training mode, and by the running moments otherwise.

        Args:
            rows: (r, width).
            weights: (r,), how often each row counts; read in training mode only.

        Returns:
            (r, width).
        """
        if self.training:
            shares = weights / processes.sum_over(weights.sum())
            mean = processes.sum_over(shares @ rows)
            variance = processes.sum_over(shares @ (rows - mean) ** 2)
            self.follow(mean, variance)
        else:
            mean, variance = self.running_mean, self.running_variance
        norm = Normalization.of(mean, variance, self.scale, self.shift, self.epsilon)
        return torch.addcmul(norm.shift, rows, norm.factor)

    def follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running moments towards the moments of a batch, both (width,)."""
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_variance.lerp_(variance, self.momentum)


@dataclass(frozen=True)
class Normalization:
    """The linear map ``factor * row + shift`` that a batch norm applies to its rows; each tensor is (width,).

    Attributes:
        mean: The mean by which the rows are centered.
        variance: The variance by which they are scaled.
        inverse_deviation: 1 / sqrt(variance + epsilon).
        factor: The scale of the batch norm, times ``inverse_deviation``.
        shift: The shift of the batch norm, minus ``mean * factor``.
    """

    mean: Tensor
    variance: Tensor
    inverse_deviation: Tensor
    factor: Tensor
    shift: Tensor

    @classmethod
    def of(cls, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Normalization:
        """Return the map of a batch norm with these moments; each tensor is (width,)."""
        inverse_deviation = torch.rsqrt(variance + epsilon)
        factor = scale * inverse_deviation
        return cls(mean, variance, inverse_deviation, factor, shift - mean * factor)

    def through_moments(self, gradient_sums: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradient that reaches the rows because the batch's mean and variance depend on them.

        A row of share s receives ``factor * gradient`` directly, and ``-s (common + slope (row - mean))`` in this way.

        Args:
            gradient_sums: (2, width), summed over the rows of this process: the gradients of the normalized rows, and
                these gradients times ``row - mean``.

        Returns:
            ``common`` and ``slope``, each (width,).
        """
        gradients, products = processes.sum_over(gradient_sums)
        return self.factor * gradients, self.factor * self.inverse_deviation**2 * products
