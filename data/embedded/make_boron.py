"""Compute the embedded boron set: crystals, layers and clusters at stages of a relaxation, with CHGNet's energies.

The script needs chgnet==0.4.2 beside torch, ase and pymatgen; no other part of the project needs chgnet. It takes half
an hour on two cores:

    python data/embedded/make_boron.py
"""

from __future__ import annotations

import gzip
import itertools
import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE
from chgnet.model import CHGNetCalculator
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.res import AirssTITL, Ion, Res, ResCELL, ResSFAC
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
SEED = 0
#: The numbers of relaxation steps after which a structure is kept.
STAGES = (0, 6, 20, 60)
#: The longest step of an atom in the relaxation, in angstrom.
LONGEST_STEP = 0.1
#: The empty space about clusters and between single layers, in angstrom.
VACUUM = 10.0

# alpha-B12 and gamma-B28 (Oganov et al. 2009, doi 10.1038/nature07736), in the settings of their space groups. The
# numbers are rounded, because the relaxation moves both to the potential's own minimum.
ALPHA = Structure.from_spacegroup(
    "R-3m", Lattice.hexagonal(4.908, 12.567), ["B", "B"], [[0.119, -0.119, 0.891], [0.197, -0.197, 0.024]]
).get_primitive_structure()
GAMMA = Structure.from_spacegroup(
    "Pnnm",
    Lattice.orthorhombic(5.054, 5.612, 6.966),
    ["B"] * 5,
    [[0.1702, 0.5206, 0], [0.1606, 0.2810, 0.3743], [0.3472, 0.0924, 0.2093], [0.3520, 0.2711, 0], [0.1644, 0.0080, 0]],
)


def starts(rng: np.random.Generator) -> Iterator[tuple[str, Atoms]]:
    """Yield the name and the structure with which each relaxation starts."""
    for volume, n, k in itertools.product((6.5, 7.5, 9.0, 11.0, 14.0), (8, 10, 12, 14), range(8)):
        yield f"random-{n}-{volume:g}-{k}", random_crystal(n, volume, rng)
    for kind, gap, k in itertools.product(
        ("triangular", "alpha", "honeycomb", "buckled"), (3.2, 4.0, VACUUM), range(6)
    ):
        yield f"layer-{kind}-{gap:g}-{k}", layer(kind, gap, rng)
    for n, k in itertools.product(range(4, 15), range(6)):
        yield f"cluster-{n}-{k}", cluster(n, rng)
    icosahedron = Atoms("B12", positions=ALPHA.cart_coords)
    for k in range(4):
        yield f"cluster-icosahedron-{k}", rattled(boxed(closed(icosahedron)), 0.08 * k, rng)
    for name, crystal in (("alpha", ALPHA), ("gamma", GAMMA)):
        for amplitude, strain, k in itertools.product((0.0, 0.05, 0.12, 0.25), (0.94, 1.0, 1.06), range(4)):
            atoms = AseAtomsAdaptor.get_atoms(crystal)
            atoms.set_cell(atoms.cell * strain, scale_atoms=True)
            yield f"{name}-{amplitude:g}-{strain:g}-{k}", rattled(atoms, amplitude, rng)


def closed(atoms: Atoms) -> Atoms:
    """Return the twelve atoms of alpha-B12's primitive cell as one icosahedron, each in its image nearest the mean."""
    fractional = ALPHA.frac_coords - ALPHA.frac_coords.mean(axis=0)
    atoms.positions = (fractional - np.round(fractional)) @ ALPHA.lattice.matrix
    return atoms


def random_crystal(n: int, volume: float, rng: np.random.Generator) -> Atoms:
    """Return n atoms at random positions in a random cell.

    Args:
        n: The number of atoms.
        volume: The volume per atom in cubic angstrom. No two atoms are closer than 0.72 times its cube root.
        rng: The random numbers.
    """
    shortest = 0.72 * volume ** (1 / 3)
    while True:
        angles = rng.uniform(60, 120, 3)
        try:
            cell = Lattice.from_parameters(*rng.uniform(0.7, 1.4, 3), *angles)
        except ValueError:  # no cell has these three angles
            continue
        if not cell.volume > 0.3:
            continue
        cell = cell.scale(n * volume)
        points = np.empty((0, 3))
        for _ in range(4000):
            point = rng.random((1, 3))
            if not len(points) or cell.get_all_distances(points, point).min() > shortest:
                points = np.concatenate([points, point])
            if len(points) == n:
                return Atoms(f"B{n}", scaled_positions=points, cell=cell.matrix, pbc=True)


def layer(kind: str, gap: float, rng: np.random.Generator) -> Atoms:
    """Return a layer of the triangular lattice, complete or without some atoms, with all atoms slightly moved.

    Args:
        kind: ``triangular`` and ``buckled`` have all atoms, ``alpha`` lacks a ninth and ``honeycomb`` a third of them.
        gap: The distance between the layers in angstrom.
        rng: The random numbers.
    """
    length = 1.70
    cell = np.array([[3, 0, 0], [1.5, 1.5 * 3**0.5, 0], [0, 0, 1]]) * [length, length, 1]
    cell[2, 2] = gap
    points = [(i / 3, j / 3, 0.5) for i in range(3) for j in range(3)]
    left_out = {"triangular": (), "buckled": (), "alpha": (0,), "honeycomb": (0, 4, 8)}[kind]
    kept = np.array([point for place, point in enumerate(points) if place not in left_out])
    atoms = Atoms(f"B{len(kept)}", scaled_positions=kept, cell=cell, pbc=True)
    if kind == "buckled":
        atoms.positions[:, 2] += np.where(np.arange(len(atoms)) % 3 == 0, 0.45, -0.25)
    if gap < VACUUM:
        atoms.set_cell(atoms.cell * rng.uniform(0.95, 1.08), scale_atoms=True)
    return rattled(atoms, rng.uniform(0, 0.12), rng)


def cluster(n: int, rng: np.random.Generator) -> Atoms:
    """Return n atoms at random positions in a ball, alone in a box."""
    radius = 1.15 * n ** (1 / 3)
    points = np.zeros((1, 3))
    while len(points) < n:
        point = rng.normal(size=3)
        point *= radius * rng.random() ** (1 / 3) / np.linalg.norm(point)
        distances = np.linalg.norm(points - point, axis=1)
        if 1.4 < distances.min() < 2.0:
            points = np.concatenate([points, point[None]])
        radius *= 1.002
    return boxed(Atoms(f"B{n}", positions=points))


def boxed(atoms: Atoms) -> Atoms:
    """Return the atoms after putting them into a periodic box with empty space about them."""
    atoms.center(vacuum=VACUUM / 2)
    atoms.pbc = True
    return atoms


def rattled(atoms: Atoms, amplitude: float, rng: np.random.Generator) -> Atoms:
    """Move every atom at random, and return all atoms.

    Args:
        atoms: The atoms, which are moved in place.
        amplitude: The standard deviation of the normally distributed moves along each axis, in angstrom.
        rng: The random numbers.
    """
    atoms.positions += amplitude * rng.standard_normal(atoms.positions.shape)
    return atoms


@cache
def calculator() -> CHGNetCalculator:
    """Return the potential, which each process loads once."""
    return CHGNetCalculator(use_device="cpu")


def relax(start: tuple[str, Atoms]) -> list[tuple[str, Atoms, float]]:
    """Relax a structure, and return the name, the atoms and the energy (eV per cell) of each of its stages.

    The cell of a crystal is relaxed too; clusters and single layers keep their cells.

    Args:
        start: The name and the structure with which the relaxation starts.
    """
    name, atoms = start
    atoms.calc = calculator()
    kept: list[tuple[str, Atoms, float]] = []
    whole = name.startswith(("cluster", "layer")) and atoms.cell.lengths().max() >= VACUUM
    relaxation = FIRE(atoms if whole else FrechetCellFilter(atoms), logfile=None, maxstep=LONGEST_STEP)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CHGNet warns of atoms without neighbors within its cutoffs
        for step in range(STAGES[-1] + 1):
            if step in STAGES:
                kept.append((f"{name}-step-{step}", atoms.copy(), float(atoms.get_potential_energy())))
            if step < STAGES[-1]:
                relaxation.run(fmax=0.01, steps=1)
    return kept


def record(name: str, atoms: Atoms, energy: float) -> str:
    """Return one SHELX record in the form in which AIRSS writes it, from an energy in eV per cell."""
    lengths_and_angles = atoms.cell.cellpar()
    ions = [Ion("B", 1, tuple(float(x) for x in point), 1.0, None) for point in atoms.get_scaled_positions()]
    title = AirssTITL(name, 0.0, float(atoms.get_volume()), energy, 0.0, 0.0, "P1", 1)
    text = str(Res(title, [], ResCELL(1.0, *lengths_and_angles), ResSFAC(["B"], ions)))
    # pymatgen leaves out the number of atoms, which AIRSS writes and readers need.
    return text.replace("0.000000 0.000000 (P1)", f"0 0 {len(atoms)} (P1)")


def main() -> None:
    """Write boron.packed.res.gz beside this file."""
    # The processes use all cores, so more threads per process would wait for each other. Each process reads this
    # setting when it starts.
    os.environ["OMP_NUM_THREADS"] = "1"
    begun = list(starts(np.random.default_rng(SEED)))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        relaxed = list(tqdm(pool.map(relax, begun, chunksize=4), total=len(begun)))
    records = [one for stages in relaxed for one in stages]
    wanted = [one for one in records if np.isfinite(one[2])]
    path = HERE / "boron.packed.res.gz"
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        scratch = Path(folder) / path.name
        scratch.write_bytes(gzip.compress("".join(record(*one) for one in wanted).encode(), mtime=0))
        scratch.replace(path)
    per_atom = np.array([energy / len(atoms) for _, atoms, energy in wanted])
    print(f"{len(wanted)} of {len(records)} structures, {np.ptp(per_atom):.2f} eV/atom from lowest to highest")


if __name__ == "__main__":
    main()
