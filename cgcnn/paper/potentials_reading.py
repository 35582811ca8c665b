"""What a network or a potential says of chosen elements and sites, read from it or from the file of a measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.representations import element_vectors, environment_vectors, represent
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays, save_arrays
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.paper.networks import OUR_NETWORKS
from cgcnn.paper.potentials import TITLES, Potential
from cgcnn.paper.potentials_sites import TEST, measured_folder
from cgcnn.training.runs import Run
from cgcnn.training.sweeps import sweep

#: The set of each part of the drawn sites.
SET_OF = {"B": "boron", "O": "materials_project", "S": "materials_project"}
# The names of the arrays of a file that are not of sites.
_NUMBERS, _VECTORS, _FITTED, _OF_ELEMENTS = "numbers", "element_vectors", "fitted_references", "energies_of_elements"


@dataclass(frozen=True)
class Reading:
    """What one network says of elements and sites.

    Attributes:
        elements: The element vectors by set, with the symbols as index. Those of a potential are the same in all sets.
        vectors: The (n, width) vectors of the drawn sites, by their part (:data:`cgcnn.paper.potentials_sites.DRAWN`).
        drawn: The (n,) energies of these sites in eV, by their part.
        test: The energies of the test sites in eV, by set.
        crystals: The energies of the test crystals in eV per atom, by set, in the order of the sites.
        fitted: By symbol, the energy in eV that a potential adds for a site of each element, which the energies here
            are without. None for a network of this book, whose energies are relative to the elements as they are.
        of_elements: By symbol, the whole energy of a potential in eV per atom for the most stable crystal of the
            element alone; NaN where the Materials Project's set has none. None for a network of this book.
    """

    elements: Mapping[str, pd.DataFrame]
    vectors: Mapping[str, np.ndarray]
    drawn: Mapping[str, np.ndarray]
    test: Mapping[str, np.ndarray]
    crystals: Mapping[str, np.ndarray]
    fitted: pd.Series | None = None
    of_elements: pd.Series | None = None

    @property
    def to_formation(self) -> pd.Series:
        """By symbol, the energy in eV to add to a site's so that the energies become relative to the elements."""
        if self.fitted is None or self.of_elements is None:
            return pd.Series(0.0, ELEMENT_SYMBOLS[1:])
        return self.fitted - self.of_elements


def read_networks(
    datasets: Mapping[str, str],
    crystals: Mapping[str, Crystals],
    sites: Mapping[str, pd.DataFrame],
    seeds: Sequence[int],
    device: str = "auto",
) -> dict[str, list[Reading]]:
    """Return what this book's networks say of the sites. Known runs are loaded, and the others are trained.

    Args:
        datasets: The data set of each set.
        crystals: The crystals of each set.
        sites: The sites of each set.
        seeds: The seeds of the runs.
        device: The device of the training, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One reading per seed, by the names of :data:`cgcnn.paper.networks.OUR_NETWORKS`.
    """
    readings = {}
    for network, ours in OUR_NETWORKS.items():
        runs = {
            name: sweep(crystals[name], ours.config(each), [None], seeds, device) for name, each in datasets.items()
        }
        of_seeds = [{name: some[place] for name, some in runs.items()} for place in range(len(seeds))]
        readings[network] = [read_runs(each, crystals, sites) for each in of_seeds]
    return readings


def read_runs(runs: Mapping[str, Run], crystals: Mapping[str, Crystals], sites: Mapping[str, pd.DataFrame]) -> Reading:
    """Return what the runs of one seed say of the sites.

    Args:
        runs: The run on each set.
        crystals: The crystals of each set.
        sites: The sites of each set, as :func:`cgcnn.paper.potentials_sites.choose_sites` returns them.

    Raises:
        DataError: A site is not one of the distinct sites of its crystal.
    """
    elements, vectors, drawn, test, energies = {}, {}, {}, {}, {}
    for name, run in runs.items():
        chosen = sites[name]
        place = {crystal: index for index, crystal in enumerate(crystals[name].ids)}
        asked = crystals[name].select([place[each] for each in chosen["crystal"].unique()])
        # The seeds of a network have the same graphs, which take longer than all else.
        levels = represent(run, asked, graphs=load_or_build(asked, *run.config.of_graphs))
        known = levels.environments.set_index(["crystal", "site"])
        rows = known.index.get_indexer(pd.MultiIndex.from_frame(chosen[["crystal", "site"]]))
        if (rows < 0).any():
            crystal, site = chosen.loc[int(np.flatnonzero(rows < 0)[0]), ["crystal", "site"]]
            raise DataError(
                f"{name}: site {site} of crystal {crystal} is equal to an earlier one", "choose the sites anew"
            )
        of_sites, local = known.iloc[rows], known[run.quantity.column("local")].to_numpy()[rows]
        elements[name] = element_vectors(run)
        for part in chosen["part"].unique():
            of_part = (chosen["part"] == part).to_numpy()
            if part == TEST:
                test[name] = local[of_part].astype(float)
                ids = chosen.loc[of_part, "crystal"].unique()
                energies[name] = levels.energies.loc[ids].iloc[:, 0].to_numpy(dtype=float)
            else:
                vectors[part] = environment_vectors(of_sites[of_part]).to_numpy()
                drawn[part] = local[of_part].astype(float)
    return Reading(elements, vectors, drawn, test, energies)


def random_reading(like: Reading, seed: int) -> Reading:
    """Return normal random numbers in place of the vectors and energies of a reading, as the control.

    Args:
        like: The reading whose shapes it has.
        seed: The seed of the numbers.
    """
    rng = np.random.default_rng(seed)
    return Reading(
        {name: probes.random_vectors(each.index, each.shape[1], seed) for name, each in like.elements.items()},
        {part: rng.standard_normal(each.shape) for part, each in like.vectors.items()},
        {part: rng.standard_normal(each.shape) for part, each in like.drawn.items()},
        {name: rng.standard_normal(each.shape) for name, each in like.test.items()},
        {name: rng.standard_normal(each.shape) for name, each in like.crystals.items()},
    )


def measure_potential(
    potential: Potential, crystals: Mapping[str, Crystals], sites: Mapping[str, pd.DataFrame], elements: Crystals
) -> dict[str, np.ndarray]:
    """Let a potential say what it knows of the sites, crystal by crystal, on one processor.

    Args:
        potential: The potential.
        crystals: The crystals of each data set.
        sites: The sites of each data set.
        elements: The set whose crystals of one element give the energies of the elements.

    Returns:
        The arrays of the file that :func:`load_measured` reads.
    """
    fitted = np.zeros(len(ELEMENT_SYMBOLS))
    fitted[potential.numbers] = potential.references
    arrays: dict[str, np.ndarray] = {
        _NUMBERS: potential.numbers.astype(np.int16),
        _VECTORS: potential.element_vectors.astype(np.float32),
        _FITTED: potential.references.astype(np.float32),
        _OF_ELEMENTS: _of_elements(potential, elements).astype(np.float32),
    }
    for name, chosen in sites.items():
        place = {crystal: index for index, crystal in enumerate(crystals[name].ids)}
        by_crystal = {
            each: potential.sites(crystals[name].structure(place[each])) for each in chosen["crystal"].unique()
        }
        for part in chosen["part"].unique().tolist():
            rows = chosen[chosen["part"] == part]
            pairs = list(zip(rows["crystal"], rows["site"], strict=True))
            arrays[f"{name}.{part}.energies"] = np.array(
                [by_crystal[each][1][site] for each, site in pairs], np.float32
            )
            if part == TEST:
                means = [by_crystal[each][1].mean() for each in rows["crystal"].unique()]
                arrays[f"{name}.{part}.crystals"] = np.array(means, np.float32)
            else:
                vectors = np.array([by_crystal[each][0][site] for each, site in pairs])
                arrays[f"{name}.{part}.vectors"] = vectors.astype(np.float16)
    return arrays


def save_measured(arrays: Mapping[str, np.ndarray], path: Path, notes: Mapping[str, Any]) -> None:
    """Write what a potential said, as :func:`load_measured` reads it.

    Args:
        arrays: The arrays of :func:`measure_potential`.
        path: The file to write.
        notes: What was measured, and with which packages.
    """
    save_arrays(path, arrays, notes)


def load_measured(potential: str, datasets: Mapping[str, str], folder: Path | None = None) -> Reading:
    """Return what a potential said of the sites of data sets.

    Args:
        potential: A name of :data:`cgcnn.paper.potentials.TITLES`.
        datasets: The data set of each set.
        folder: The folder of the files; None for the one of the repository.

    Raises:
        DataError: The potential was not measured on a data set.
    """
    path = (folder or measured_folder()) / f"{potential}.safetensors"
    if not path.exists():
        raise DataError(f"{path}: not there", "measure the potential with make potentials")
    arrays = load_arrays(path).arrays
    symbols = pd.Index(ELEMENT_SYMBOLS[arrays[_NUMBERS].astype(int)], name="element")
    elements = pd.DataFrame(arrays[_VECTORS], symbols)
    of_sites: dict[str, dict[str, np.ndarray]] = {"vectors": {}, "energies": {}}
    for part, name in SET_OF.items():
        for kind, of_parts in of_sites.items():
            of_parts[part] = _array(arrays, f"{datasets[name]}.{part}.{kind}", path)
    test = {name: _array(arrays, f"{each}.{TEST}.energies", path) for name, each in datasets.items()}
    energies = {name: _array(arrays, f"{each}.{TEST}.crystals", path) for name, each in datasets.items()}
    return Reading(
        dict.fromkeys(datasets, elements),
        of_sites["vectors"],
        of_sites["energies"],
        test,
        energies,
        pd.Series(arrays[_FITTED].astype(float), symbols),
        pd.Series(arrays[_OF_ELEMENTS].astype(float), symbols),
    )


def read_measured(datasets: Mapping[str, str], folder: Path | None = None) -> dict[str, list[Reading]]:
    """Return what every potential that was measured said of the sites of data sets, as a list of one reading each.

    Args:
        datasets: The data set of each set.
        folder: The folder of the files; None for the one of the repository.
    """
    measured = {path.stem for path in (folder or measured_folder()).glob("*.safetensors")}
    return {name: [load_measured(name, datasets, folder)] for name in TITLES if name in measured}


def _array(arrays: Mapping[str, np.ndarray], name: str, path: Path) -> np.ndarray:
    if name not in arrays:
        raise DataError(f"{path}: no {name}", "measure the potential anew with make potentials")
    return np.asarray(arrays[name], dtype=np.float64)


def _of_elements(potential: Potential, crystals: Crystals) -> np.ndarray:
    """Return the (k,) whole energies of a potential in eV per atom for the most stable crystal of each element."""
    starts = crystals.site_offsets[:-1]
    least = np.minimum.reduceat(crystals.atomic_numbers, starts)
    greatest = np.maximum.reduceat(crystals.atomic_numbers, starts)
    energies = []
    for number, reference in zip(potential.numbers, potential.references, strict=True):
        own = np.flatnonzero((least == number) & (greatest == number))
        if len(own) == 0:
            energies.append(np.nan)
            continue
        lowest = int(own[crystals.targets[own].argmin()])
        energies.append(float(potential.sites(crystals.structure(lowest))[1].mean() + reference))
    return np.array(energies)
