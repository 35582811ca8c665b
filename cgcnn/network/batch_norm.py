"""Batch normalization in which a row counts as often as it stands for equal ones, over all processes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cgcnn.machine import processes


class WeightedBatchNorm(nn.Module):
    """Batch normalization in which row r counts ``weights[r]`` times, as if it were repeated.

    With it a graph of merged sites has the statistics of the whole graph, and each of several processes those of the
    batch that they share. The running variance is the biased one.
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
        """Normalize (r, width) rows by their weighted moments in training, by the running ones otherwise."""
        if self.training:
            shares = weights / processes.sum_over(weights.sum())
            mean = processes.sum_over(shares @ rows)
            variance = processes.sum_over(shares @ (rows - mean) ** 2)
            self.follow(mean, variance)
        else:
            mean, variance = self.running_mean, self.running_variance
        factor = self.scale * torch.rsqrt(variance + self.epsilon)
        return torch.addcmul(self.shift - mean * factor, rows, factor)

    def follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running moments towards those of a batch."""
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_variance.lerp_(variance, self.momentum)
