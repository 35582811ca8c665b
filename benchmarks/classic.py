"""The classic code path, a reference for speed that does step by step what CIFData and ConvLayer of the authors do.

It was written from the description in the paper and its supplement (doi 10.1103/PhysRevLett.120.145301). It finds
neighbors by ``get_all_neighbors`` and a sort, stores the Gaussians, concatenates z and multiplies it edge by edge, and
averages over each crystal in a Python loop. Atoms are one-hot vectors of 100 elements, so that this path, as our
network, learns v(0) without any data on the elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:  # the benchmark of a GPU does without it
    from pymatgen.core import Structure

N_NEIGHBORS, RADIUS, GAUSSIAN_STEP, N_ELEMENTS = 12, 8.0, 0.2, 100

# One crystal: its (n, 100) atoms, (n, 12, 41) Gaussians and (n, 12) neighbors, its target, and its name.
Sample = tuple[tuple[Tensor, Tensor, Tensor], Tensor, str]


def neighbor_table(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n, 12) indices and the (n, 12) distances of the nearest neighbors within 8 angstrom.

    A site with fewer than 12 neighbors is padded as in CIFData, with index 0 and a distance of 9 angstrom.
    """
    found = [sorted(of_site, key=lambda x: x[1]) for of_site in structure.get_all_neighbors(RADIUS, include_index=True)]
    indices, distances = [], []
    for of_site in found:
        missing = max(N_NEIGHBORS - len(of_site), 0)
        indices.append([x[2] for x in of_site[:N_NEIGHBORS]] + [0] * missing)
        distances.append([x[1] for x in of_site[:N_NEIGHBORS]] + [RADIUS + 1] * missing)
    return np.array(indices), np.array(distances)


def sample(numbers: np.ndarray, indices: np.ndarray, distances: np.ndarray, target: float, name: str) -> Sample:
    """Return a crystal as CIFData keeps it, with every Gaussian of every edge."""
    centers = np.arange(0, RADIUS + GAUSSIAN_STEP, GAUSSIAN_STEP)
    expanded = np.exp(-((distances[..., np.newaxis] - centers) ** 2) / GAUSSIAN_STEP**2)
    atoms = functional.one_hot(torch.as_tensor(numbers, dtype=torch.long), N_ELEMENTS).float()
    edges = (torch.as_tensor(expanded, dtype=torch.float32), torch.as_tensor(indices, dtype=torch.long))
    return (atoms, *edges), torch.tensor([target], dtype=torch.float32), name


def collate(samples: list[Sample]) -> tuple[tuple[Tensor, Tensor, Tensor, list[Tensor]], Tensor, list[str]]:
    """Join samples one by one into a batch."""
    atoms, edges, neighbors, members, targets, names = [], [], [], [], [], []
    first = 0
    for (atoms_of_one, edges_of_one, neighbors_of_one), target, name in samples:
        atoms.append(atoms_of_one)
        edges.append(edges_of_one)
        neighbors.append(neighbors_of_one + first)
        members.append(torch.arange(first, first + len(atoms_of_one)))
        targets.append(target)
        names.append(name)
        first += len(atoms_of_one)
    return (torch.cat(atoms), torch.cat(edges), torch.cat(neighbors), members), torch.stack(targets), names


class Convolution(nn.Module):
    """The convolution of Eq. 3, which builds z for every edge."""

    def __init__(self, width: int, n_gaussians: int) -> None:
        super().__init__()
        self.combine = nn.Linear(2 * width + n_gaussians, 2 * width)
        self.edge_norm = nn.BatchNorm1d(2 * width)
        self.node_norm = nn.BatchNorm1d(width)

    def forward(self, atoms: Tensor, edges: Tensor, neighbors: Tensor) -> Tensor:
        """Return the (n, width) vectors of the atoms after this convolution."""
        n, m = neighbors.shape
        z = torch.cat([atoms.unsqueeze(1).expand(n, m, -1), atoms[neighbors], edges], dim=2)
        normalized = self.edge_norm(self.combine(z).view(n * m, -1)).view(n, m, -1)
        gate, core = normalized.chunk(2, dim=2)
        received = torch.sum(torch.sigmoid(gate) * functional.softplus(core), dim=1)
        return functional.softplus(atoms + self.node_norm(received))


class Network(nn.Module):
    """The classic network: an embedding, convolutions, the mean over each crystal, one hidden layer and the energy."""

    def __init__(self, n_convolutions: int, width: int = 64, hidden: int = 128, n_gaussians: int = 41) -> None:
        super().__init__()
        self.embed = nn.Linear(N_ELEMENTS, width)
        self.convolutions = nn.ModuleList(Convolution(width, n_gaussians) for _ in range(n_convolutions))
        self.to_hidden = nn.Linear(width, hidden)
        self.to_energy = nn.Linear(hidden, 1)

    def forward(self, atoms: Tensor, edges: Tensor, neighbors: Tensor, members: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the (b, 1) energies and the (b, hidden) crystal vectors."""
        vectors = self.embed(atoms)
        for convolution in self.convolutions:
            vectors = convolution(vectors, edges, neighbors)
        pooled = torch.stack([torch.mean(vectors[of_one], dim=0) for of_one in members])
        hidden = functional.softplus(self.to_hidden(functional.softplus(pooled)))
        return self.to_energy(hidden), hidden
