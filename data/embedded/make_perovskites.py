"""Compute the embedded perovskites: cubic ABO3 cells of 52 x 52 elements with lattice constants and energies by CHGNet.

The script needs chgnet==0.4.2 beside torch and pymatgen; no other part of the project needs chgnet. It takes some
minutes on two cores:

    python data/embedded/make_perovskites.py
"""

from __future__ import annotations

import csv
import itertools
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from chgnet.model import CHGNet
from pymatgen.core import Element, Lattice, Structure
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
BATCH_SIZE = 32
#: The metals and metalloids that Castelli's perovskites have on their A and B sites.
# fmt: off
METALS = (
    "Ag", "Al", "As", "Au", "B", "Ba", "Be", "Bi", "Ca", "Cd", "Co", "Cr", "Cs", "Cu", "Fe", "Ga", "Ge", "Hf", "Hg",
    "In", "Ir", "K", "La", "Li", "Mg", "Mn", "Mo", "Na", "Nb", "Ni", "Os", "Pb", "Pd", "Pt", "Rb", "Re", "Rh", "Ru",
    "Sb", "Sc", "Si", "Sn", "Sr", "Ta", "Te", "Ti", "Tl", "V", "W", "Y", "Zn", "Zr",
)
# fmt: on

#: The lattice constants of the first scan, and those for cells that are smaller than the first reaches (angstrom).
COARSE = np.arange(3.3, 5.8, 0.4)
SMALLER = np.arange(2.3, 3.8, 0.2)
#: The lattice constants of the second scan, as ratios to the minimum of the first.
FINE = np.array([0.955, 0.97, 0.985, 1.0, 1.015, 1.03, 1.045])
#: The largest volume per atom in the scans of the elements, in cubic angstrom. At larger volumes the atoms have no
#: neighbor within 6 angstrom.
LARGEST_VOLUME = 148.0

#: A function that builds a structure from its one parameter.
Builder = Callable[[float], Structure]


def perovskite(a_site: str, b_site: str, length: float) -> Structure:
    """Return the ideal cubic cell of ABO3, with B at the corner, A in the center, and O at the edge midpoints.

    Args:
        a_site: The symbol of the element A.
        b_site: The symbol of the element B.
        length: The lattice constant in angstrom.
    """
    positions = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]]
    return Structure(Lattice.cubic(length), [b_site, a_site, "O", "O", "O"], positions)


def prototypes(symbol: str) -> dict[str, Builder]:
    """Return the prototypes of an element by name, each as a function of the volume per atom in cubic angstrom.

    The reference energy of the element is the lowest one of its prototypes.
    """
    face = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]

    def cubic(positions: list[list[float]]) -> Builder:
        n = len(positions)
        return lambda volume: Structure(Lattice.cubic((n * volume) ** (1 / 3)), [symbol] * n, positions)

    def hexagonal(volume: float) -> Structure:
        length = (2 * volume / (np.sqrt(3) / 2 * np.sqrt(8 / 3))) ** (1 / 3)
        lattice = Lattice.hexagonal(length, np.sqrt(8 / 3) * length)
        return Structure(lattice, [symbol] * 2, [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]])

    return {
        "fcc": cubic(face),
        "bcc": cubic([[0, 0, 0], [0.5, 0.5, 0.5]]),
        "hcp": hexagonal,
        "simple cubic": cubic([[0, 0, 0]]),
        "diamond": cubic(face + (np.array(face) + 0.25).tolist()),
    }


def oxygen_molecule(bond: float) -> Structure:
    """Return an O2 molecule with the given bond length (angstrom) in a box of 12 angstrom."""
    return Structure(Lattice.cubic(12), ["O", "O"], [[0, 0, 0], [bond / 12, 0, 0]])


def energies(structures: list[Structure], title: str) -> np.ndarray:
    """Return the potential's energies of n structures, (n,) in eV/atom, computed on all cores with a progress bar."""
    parts = [structures[i : i + BATCH_SIZE] for i in range(0, len(structures), BATCH_SIZE)]
    with ProcessPoolExecutor() as pool, tqdm(total=len(structures), desc=title, unit="cell", disable=None) as bar:
        found: list[float] = []
        for some in pool.map(_energies, parts):
            found += some
            bar.update(len(some))
    return np.array(found)


def _energies(structures: list[Structure]) -> list[float]:
    results = potential().predict_structure(structures, task="e", batch_size=BATCH_SIZE)
    if isinstance(results, dict):  # CHGNet returns a dictionary for a list of one structure
        results = [results]
    return [float(result["e"]) for result in results]


@cache
def potential() -> CHGNet:
    """Load the potential once per process, with one thread, because the processes share the cores."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # pymatgen warns of missing electronegativities
    return CHGNet.load(use_device="cpu", verbose=False)


def lowest(build: list[Builder], coarse: np.ndarray, title: str) -> tuple[np.ndarray, np.ndarray]:
    """Minimize the energy of each structure over its one parameter by a coarse scan, a fine scan and a quartic.

    Args:
        build: n functions that build a structure from its parameter.
        coarse: (n, k), the parameters of each first scan, ascending.
        title: The name of the work, shown before the progress bar.

    Returns:
        The parameters at the minima, (n,), and the energies there, (n,) in eV/atom. Both are NaN where the energy has
        no minimum inside the first scan.
    """
    scan = energies(
        [b(x) for b, scanned in zip(build, coarse, strict=True) for x in scanned], f"{title}, coarse"
    ).reshape(len(build), -1)
    index = scan.argmin(axis=1)
    inside = (index > 0) & (index < coarse.shape[1] - 1)
    centers = np.array(
        [
            _parabola_minimum(scanned[i - 1 : i + 2], row[i - 1 : i + 2]) if good else np.nan
            for scanned, row, i, good in zip(coarse, scan, index, inside, strict=True)
        ]
    )
    kept = np.flatnonzero(inside)
    cells = [build[k](centers[k] * ratio) for k in kept for ratio in FINE]
    fine = energies(cells, f"{title}, fine").reshape(len(kept), -1)
    parameters, minima = np.full(len(build), np.nan), np.full(len(build), np.nan)
    for k, row in zip(kept, fine, strict=True):
        curve = np.polynomial.Polynomial.fit(FINE, row, 4)
        ratios = np.linspace(FINE[0], FINE[-1], 2001)
        parameters[k] = centers[k] * ratios[curve(ratios).argmin()]
    minima[kept] = energies([build[k](parameters[k]) for k in kept], f"{title}, minimum")
    return parameters, minima


def _parabola_minimum(x: np.ndarray, y: np.ndarray) -> float:
    curvature, slope, _ = np.polyfit(x, y, 2)
    return float(-slope / (2 * curvature))


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write a CSV under a temporary name and rename it."""
    with tempfile.NamedTemporaryFile("w", newline="", dir=path.parent, delete=False) as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(path)


def main() -> None:
    """Compute the references, then the perovskites, and write both tables beside this file.

    Raises:
        RuntimeError: The energy of a perovskite has no minimum inside the scans.
    """
    names = [(symbol, name) for symbol in METALS for name in prototypes(symbol)]
    builders = [prototypes(symbol)[name] for symbol, name in names]
    # The scans are about the volume per atom (cubic angstrom) of a close packing of spheres with the atomic radius.
    packed = np.array([(2 * float(Element(symbol).atomic_radius)) ** 3 / np.sqrt(2) for symbol, _ in names])
    volumes = np.geomspace(0.6 * packed, np.minimum(4 * packed, LARGEST_VOLUME), 12, axis=1)
    _, minima = lowest(builders, volumes, "elements")
    _, oxygen = lowest([oxygen_molecule], np.arange(0.9, 1.8, 0.05)[None, :], "oxygen")
    reference, prototype = {"O": float(oxygen[0])}, {"O": "O2 molecule"}
    for (symbol, name), energy in zip(names, minima, strict=True):
        if not np.isnan(energy) and energy < reference.get(symbol, np.inf):
            reference[symbol], prototype[symbol] = float(energy), name
    rows = [[symbol, prototype[symbol], f"{reference[symbol]:.5f}"] for symbol in [*METALS, "O"]]
    write(HERE / "elements.csv", ["element", "prototype", "reference_energy_eV_per_atom"], rows)

    pairs = list(itertools.product(METALS, METALS))
    cells: list[Builder] = [partial(perovskite, a, b) for a, b in pairs]
    lengths, minima = lowest(cells, np.tile(COARSE, (len(cells), 1)), "perovskites")
    left = np.flatnonzero(np.isnan(minima))
    smaller = np.tile(SMALLER, (len(left), 1))
    lengths[left], minima[left] = lowest([cells[k] for k in left], smaller, "small perovskites")
    rows = []
    for (a, b), length, energy in zip(pairs, lengths, minima, strict=True):
        if np.isnan(energy):
            raise RuntimeError(f"{a}{b}O3: no minimum between {SMALLER[0]} and {COARSE[-1]} angstrom; widen the scans")
        formation = energy - (reference[a] + reference[b] + 3 * reference["O"]) / 5
        rows.append([f"{a}-{b}-O3", a, b, "O-O-O", f"{length:.5f}", f"{formation:.5f}"])
    header = ["crystal", "A", "B", "anions", "lattice_constant_angstrom", "formation_energy_eV_per_atom"]
    write(HERE / "perovskites.csv", header, rows)
    print(f"{len(rows)} perovskites in {HERE / 'perovskites.csv'}")


if __name__ == "__main__":
    main()
