"""Train cgcnn2 with its own defaults on packed crystals, on a CPU or a GPU, and write the errors of its best epoch.

Run it as ``python peer_training.py FOLDER [--sets SET ...] [--seeds SEED ...]`` in an environment that has torch and
cgcnn2. ``errors.py`` packs the crystals of each set into ``FOLDER/<set>.npz.xz``. This script imports nothing of the
package ``cgcnn``. It writes ``<set>-seed<seed>.json`` for each training, and a checkpoint beside it after every epoch,
from which an interrupted training continues.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import lzma
import multiprocessing
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cgcnn2 import data, model
from torch import Tensor
from torch.utils.data import DataLoader

#: The defaults of cgcnn2's command line. Its model's own defaults are three convolutions of width 64.
BATCH_SIZE, LEARNING_RATE, EPOCHS = 256, 0.01, 1000
#: Distances travel as whole multiples of this length, in Å.
DISTANCE_STEP = 1e-4
#: The least validation error up to each of these epochs is written, which shows how the training went on.
MILESTONES = (10, 30, 100, 300, 1000)


class PackedCrystals:
    """The crystals of one set on the device that trains, from which batches in cgcnn2's form are cut."""

    def __init__(self, file: Path, device: str) -> None:
        arrays = dict(np.load(io.BytesIO(lzma.decompress(file.read_bytes()))))
        self.parts = {part: arrays[part].tolist() for part in ("train", "validation", "test")}
        self._counts = arrays["n_sites"].astype(np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._device = device
        elements = data.AtomCustomJSONInitializer(str(Path(data.__file__).parent / "asset" / "atom_init.json"))
        known = np.unique(arrays["numbers"])
        features = np.zeros((int(known.max()) + 1, len(elements.get_atom_fea(int(known[0])))), np.float32)
        for number in known:
            features[number] = elements.get_atom_fea(int(number))
        self._features = torch.from_numpy(features).to(device)
        self._centers = torch.from_numpy(data.GaussianDistance(dmin=0, dmax=8, step=0.2).filter).to(device)
        self._numbers = torch.from_numpy(arrays["numbers"].astype(np.int64)).to(device)
        self._neighbors = torch.from_numpy(arrays["neighbors"].astype(np.int32)).to(device)
        self._distances = torch.from_numpy(arrays["distances"].astype(np.int32)).to(device)
        self._targets = torch.from_numpy(arrays["targets"].astype(np.float32)).to(device)

    @property
    def widths(self) -> tuple[int, int]:
        """The numbers of features of an atom and of a bond."""
        return self._features.shape[1], len(self._centers)

    def batch(self, chosen: list[int]) -> tuple[tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]], Tensor]:
        """Return what the network takes for some crystals, with their (n, 1) targets.

        In the place of each crystal's list of atoms stand the crystal of each atom and the number of atoms of each.
        """
        counts = self._counts[chosen]
        starts = np.cumsum(counts) - counts
        crystal = np.repeat(np.arange(len(chosen)), counts)
        site = np.arange(int(counts.sum())) + (self._firsts[chosen] - starts)[crystal]
        of_site, own, shift, n_sites = (
            torch.from_numpy(array).to(self._device) for array in (site, crystal, starts[crystal], counts)
        )
        distances = self._distances[of_site].double() * DISTANCE_STEP
        # GaussianDistance of cgcnn2, whose variance is the step of its centers; it divides by the square of it.
        bonds = torch.exp(-((distances[..., None] - self._centers) ** 2) / 0.2**2).float()
        neighbors = self._neighbors[of_site].long() + shift[:, None]
        targets = self._targets[torch.tensor(chosen, device=self._device)]
        return (self._features[self._numbers[of_site]], bonds, neighbors, (own, n_sites)), targets[:, None]


class Network(model.CrystalGraphConvNet):  # type: ignore[misc]  # cgcnn2 has no types
    """The network of cgcnn2, which averages over the atoms of all crystals of a batch in one step.

    Its own pooling goes through the crystals one after the other, which launches hundreds of operations on a GPU.
    """

    def pooling(self, atom_fea: Tensor, crystal_atom_idx: tuple[Tensor, Tensor]) -> Tensor:
        """Return the mean features of each crystal's atoms."""
        crystal, n_sites = crystal_atom_idx
        sums = atom_fea.new_zeros(len(n_sites), atom_fea.shape[1]).index_add(0, crystal, atom_fea)
        return sums / n_sites[:, None]


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of the packed crystals")
    parser.add_argument("--sets", nargs="+", help="the sets that are trained on; all that are packed if left out")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop a training that has taken longer")
    parser.add_argument("--threads", type=int, default=2, help="the threads of each training on a CPU")
    parser.add_argument("--output", type=Path, help="the folder of the results and checkpoints; FOLDER if left out")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sets = options.sets or sorted(file.name.split(".")[0] for file in options.folder.glob("*.npz.xz"))
    output = options.output or options.folder
    output.mkdir(parents=True, exist_ok=True)
    jobs = [
        (options.folder / f"{name}.npz.xz", output, seed, device, options.threads, options.seconds)
        for seed in options.seeds
        for name in sets
    ]
    # A GPU has room for all trainings at once; on a CPU they follow one another.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(jobs) if device == "cuda" else 1, mp_context=spawn) as pool:
        for file in pool.map(train, *zip(*jobs, strict=True)):
            print(f"{time.strftime('%H:%M:%S')} {file.read_text()}", flush=True)
    return 0


def train(file: Path, output: Path, seed: int, device: str, threads: int, seconds: float) -> Path:
    """Train on one packed set with one seed, and return the file of the errors.

    cgcnn2 has three convolutions, Adam with a learning rate of 0.01, the squared error of plain targets, batches of 256
    and a thousand epochs. The best epoch is the one with the least squared error on the validation crystals.
    """
    torch.set_num_threads(threads)
    name = file.name.split(".")[0]
    written = output / f"{name}-seed{seed}.json"
    if written.is_file():
        return written
    crystals = PackedCrystals(file, device)
    torch.manual_seed(seed)
    network = Network(*crystals.widths).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    checkpoint = written.with_suffix(".pt")
    state: dict[str, Any] = {"losses": [], "maes": [], "seconds": 0.0, "least": float("inf"), "best_epoch": 0}
    state["machine"] = {
        "device": torch.cuda.get_device_name() if device == "cuda" else f"CPU, {threads} threads",
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")
        network.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
    while len(state["maes"]) < EPOCHS and state["seconds"] < seconds:
        began = time.perf_counter()
        state["losses"].append(one_epoch(network, optimizer, crystals))
        wrong = errors(network, crystals, "validation")
        state["maes"].append(float(wrong.abs().mean()))
        squared = float((wrong**2).mean())
        if squared < state["least"]:
            best = copy.deepcopy(network.state_dict())
            state |= {"least": squared, "best_epoch": len(state["maes"]), "best": best}
        state["seconds"] += time.perf_counter() - began
        state |= {"model": network.state_dict(), "optimizer": optimizer.state_dict(), "random": torch.get_rng_state()}
        torch.save(state, checkpoint.with_suffix(".partial"))
        checkpoint.with_suffix(".partial").replace(checkpoint)
    network.load_state_dict(state["best"])
    maes = state["maes"]
    found = {
        "set": name,
        "seed": seed,
        "epochs": len(maes),
        "default_epochs": EPOCHS,
        "best_epoch": state["best_epoch"],
        **{f"{part}_mae_eV_per_atom": float(errors(network, crystals, part).abs().mean()) for part in crystals.parts},
        "least_validation_mae_up_to_epoch": {
            str(epoch): min(maes[:epoch]) for epoch in MILESTONES if epoch <= len(maes)
        },
        # The share by which the second half of the epochs lowered the least validation error.
        "gain_of_second_half": 1 - min(maes) / min(maes[: (len(maes) + 1) // 2]),
        "first_loss": state["losses"][0],
        "seconds": state["seconds"],
        **state["machine"],
    }
    written.write_text(json.dumps(found, indent=1) + "\n")
    return written


def one_epoch(network: Network, optimizer: torch.optim.Optimizer, crystals: PackedCrystals) -> float:
    """Train for one epoch as cgcnn2's script does, and return the mean loss per batch."""
    network.train()
    losses = []
    for chosen in DataLoader(crystals.parts["train"], BATCH_SIZE, shuffle=True, collate_fn=list):
        inputs, targets = crystals.batch(chosen)
        loss = torch.nn.functional.mse_loss(network(*inputs)[0], targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def errors(network: Network, crystals: PackedCrystals, part: str) -> Tensor:
    """Return the errors of the crystals of one part of the split, in the unit of the targets."""
    network.eval()
    with torch.inference_mode():
        batches = (crystals.batch(chosen) for chosen in DataLoader(crystals.parts[part], BATCH_SIZE, collate_fn=list))
        return torch.cat([(network(*inputs)[0] - targets).flatten() for inputs, targets in batches])


if __name__ == "__main__":
    sys.exit(main())
