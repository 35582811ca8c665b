"""Two universal potentials, CHGNet and SevenNet-0: their vectors of elements and sites, and their site energies."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from pymatgen.core import Structure

from cgcnn.errors import DataError

#: The potentials by the names of their files. The untrained one has CHGNet's form and random weights.
TITLES = {"chgnet": "CHGNet", "sevennet": "SevenNet-0", "chgnet-untrained": "CHGNet, untrained"}
_WAY_OUT = 'pip install "cgcnn[potentials]"'


@dataclass(frozen=True)
class Potential:
    """A potential that gives each site a vector and an energy.

    Attributes:
        name: A name of :data:`TITLES`.
        numbers: The (k,) atomic numbers of the elements that it knows.
        element_vectors: The (k, width) vectors with which these elements enter.
        references: The (k,) energies in eV that it adds to a site of each element. They were fitted to compositions
            alone, before the training.
        sites: The function that returns, for the n sites of a crystal, the (n, width) vectors from which their energies
            are read, and the (n,) energies in eV without the references.
    """

    name: str
    numbers: np.ndarray
    element_vectors: np.ndarray
    references: np.ndarray
    sites: Callable[[Structure], tuple[np.ndarray, np.ndarray]]


def load_potential(name: str, seed: int = 0) -> Potential:
    """Return a potential with the weights that its package brings.

    Args:
        name: A name of :data:`TITLES`.
        seed: The seed of the weights of the untrained potential.

    Raises:
        DataError: There is no such potential, or its package is not installed.
    """
    if name not in TITLES:
        raise DataError(f"potential {name!r}: no such potential", f"give one of {', '.join(TITLES)}")
    return _sevennet() if name == "sevennet" else _chgnet(name, seed)


def _chgnet(name: str, seed: int) -> Potential:
    """Return CHGNet 0.3.0 (Deng et al. 2023, doi 10.1038/s42256-023-00716-3)."""
    try:
        from chgnet.model import CHGNet
    except ImportError as error:
        raise DataError(f"the potential {TITLES[name]} needs the package chgnet", _WAY_OUT) from error
    torch.manual_seed(seed)
    model = CHGNet.load(use_device="cpu", verbose=False)
    references = model.composition_model.fc.weight[0].detach().numpy()
    model.composition_model = None  # so that it adds no references
    if name == "chgnet-untrained":
        model = CHGNet(**{**model.model_args, "composition_model": None})
    model.eval()
    read: list[torch.Tensor] = []
    # What CHGNet returns as features of atoms is from before its last convolution.
    model.mlp.register_forward_pre_hook(lambda _, given: read.append(given[0].detach()))

    def sites(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
        read.clear()
        graph = model.graph_converter(structure)
        with torch.no_grad():
            energies = model([graph], task="e", return_site_energies=True)["site_energies"][0].numpy()
        return read[0].numpy(), energies

    vectors = model.atom_embedding.embedding.weight.detach().numpy()
    return Potential(name, np.arange(1, len(vectors) + 1), vectors, references, sites)


def _sevennet() -> Potential:
    """Return SevenNet-0 of 11 July 2024 (Park et al. 2024, doi 10.1021/acs.jctc.4c00190)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its packages warn of what they use themselves
            from sevenn.atom_graph_data import AtomGraphData
            from sevenn.train.dataload import unlabeled_atoms_to_graph
            from sevenn.util import model_from_checkpoint

            model, config = model_from_checkpoint("7net-0")
    except ImportError as error:
        raise DataError("the potential SevenNet-0 needs the package sevenn", _WAY_OUT) from error
    model.set_is_batch_data(False)
    model.eval()
    parts: Any = model._modules
    read: list[torch.Tensor] = []
    parts["reduce_input_to_hidden"].register_forward_pre_hook(lambda _, data: read.append(data[0]["x"].detach()))
    types = config["_type_map"]
    numbers = np.array(sorted(types))
    order = [types[number] for number in numbers]
    with torch.no_grad():
        vectors = parts["onehot_to_feature_x"].linear(torch.eye(len(order)))[order].numpy()
    shift = parts["rescale_atomic_energy"].shift.detach().numpy()
    references = shift[order]
    by_number = dict(zip(numbers.tolist(), references.tolist(), strict=True))

    def sites(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
        read.clear()
        atoms = structure.to_ase_atoms()
        data = AtomGraphData.from_numpy_dict(unlabeled_atoms_to_graph(atoms, config["cutoff"], with_shift=False))
        energies = model(data)["atomic_energy"].detach().reshape(-1).numpy()
        return read[0].numpy(), energies - np.array([by_number[number] for number in atoms.numbers])

    return Potential("sevennet", numbers, vectors, references, sites)
