"""The angles of edges: how the other neighbors of a site stand around each of its bonds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np

from cgcnn.graphs.neighbors import Neighbors
from cgcnn.graphs.packed_graphs import N_ANGLES

# The degrees of the Legendre polynomials.
_DEGREES = (1, 2, 3, 4)
# The centers of the Gaussians of the other neighbors' distances, and their width, both in shortest distances of the
# site.
_CENTERS, _WIDTH = (1.0, 1.5, 2.0), 0.5


def angular_sums(edges: Neighbors) -> np.ndarray:
    """Return the sums by which each edge knows the angles with the other neighbors of its center.

    a_ij[l, n] = sum over the other neighbors k of i of w_ik (d_i / d_ik)^2 exp(-((d_ik / d_i - mu_n) / 0.5)^2)
    P_l(cos theta_jik), with l = 1 to 4 and mu = 1, 1.5, 2. d_i is the shortest distance of site i, theta_jik the angle
    between the bonds to j and to k, and P_l a Legendre polynomial. Such functions of two distances and an angle, summed
    over the third site, are known from Behler and Parrinello 2007, doi 10.1103/PhysRevLett.98.146401. Here they hold
    geometry alone, and nothing of the elements.

    The sums do not change when the crystal is turned, mirrored, moved or written in another cell. Neighbors that are
    tied have part of the weight each, so that no choice among them is made.

    A power of a cosine is a sum over products of components: (u . v)^p = sum of c_a u^a v^a over all monomials of the
    degree p. So the sums over k are taken once for each site and not once for each pair of its bonds.

    Args:
        edges: The e edges of all sites, with their vectors.

    Returns:
        (e, 12) float64, dimensionless; the column of l and mu_n is 3 (l - 1) + n, with n from 0.
    """
    if not len(edges.centers):
        return np.empty((0, N_ANGLES))
    first = np.flatnonzero(np.diff(edges.centers, prepend=-1))
    counts = np.diff(first, append=len(edges.centers))
    shells = edges.distances / np.repeat(edges.distances[first], counts)
    away = (shells[:, None] - np.array(_CENTERS)) / _WIDTH
    strengths = (edges.weights / shells**2)[:, None] * np.exp(-(away**2))
    directions = edges.vectors / edges.distances[:, None]
    powers = []
    for degree in range(max(_DEGREES) + 1):
        total = np.zeros_like(strengths)
        for coefficient, monomial in _monomials(directions, degree):
            at_center = np.add.reduceat(strengths * monomial[:, None], first)
            total += coefficient * monomial[:, None] * np.repeat(at_center, counts, axis=0)
        # A bond makes the angle 0 with itself, whose cosine is 1.
        powers.append(total - strengths)
    sums = [
        sum(
            coefficient * power
            for coefficient, power in zip(np.polynomial.legendre.leg2poly(row), powers, strict=False)
        )
        for row in np.eye(max(_DEGREES) + 1)
    ]
    return np.concatenate([sums[degree] for degree in _DEGREES], axis=1)


def _monomials(directions: np.ndarray, degree: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the monomials of a degree in the components of directions, each with its multinomial coefficient."""
    for axes in combinations_with_replacement(range(3), degree):
        repeats = [axes.count(axis) for axis in range(3)]
        coefficient = math.factorial(degree) // math.prod(math.factorial(each) for each in repeats)
        yield coefficient, np.prod(directions[:, list(axes)], axis=1)
