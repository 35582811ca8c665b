"""Pairs of crystals that are one crystal by the distances of their neighbors, and two by their angles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs import crystal_graphs
from cgcnn.training.runs import Run

# The shortest distances of copper, diamond and graphene in angstrom, from the lattice constants of the CRC Handbook of
# Chemistry and Physics: 3.615 for copper, 3.567 for diamond, and 2.461 for the plane of graphite.
_COPPER, _DIAMOND, _GRAPHENE = 2.556, 1.545, 1.421
# The distance of the planes of graphene, in angstrom, at which none of the nearest neighbors is in another plane.
_APART = 20.0
# The places of the layers of a stacking, in fractions of the hexagonal cell.
_PLACES = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
# The pairs. Without angles, all but diamond and graphene are one crystal to a network of twelve neighbors.
_PAIRS = (
    ("diamond", "lonsdaleite"),
    ("diamond", "graphene"),
    ("Cu, cubic close packing", "Cu, hexagonal close packing"),
    ("Cu, cubic close packing", "Cu, double hexagonal close packing"),
)


def examples() -> Crystals:
    """Return the crystals of all pairs, without targets, all of ideal shape.

    Close packings have twelve neighbors at one distance and differ in their stacking. Diamond and lonsdaleite have
    regular tetrahedra and differ in the stacking too. Their twelve nearest neighbors are at the same distances: the
    four bonds, and eight shares of the twelve second neighbors.
    """
    in_plane = _GRAPHENE * np.sqrt(3)
    structures = {
        "diamond": _stacked("C", "ABC", _DIAMOND * np.sqrt(8 / 3), 4 / 3 * _DIAMOND, (0.0, _DIAMOND)),
        "lonsdaleite": _stacked("C", "AB", _DIAMOND * np.sqrt(8 / 3), 4 / 3 * _DIAMOND, (0.0, _DIAMOND)),
        "graphene": Structure(
            Lattice.hexagonal(in_plane, _APART), ["C", "C"], [[1 / 3, 2 / 3, 0.5], [2 / 3, 1 / 3, 0.5]]
        ),
        "Cu, cubic close packing": _stacked("Cu", "ABC", _COPPER, _COPPER * np.sqrt(2 / 3)),
        "Cu, hexagonal close packing": _stacked("Cu", "AB", _COPPER, _COPPER * np.sqrt(2 / 3)),
        "Cu, double hexagonal close packing": _stacked("Cu", "ABAC", _COPPER, _COPPER * np.sqrt(2 / 3)),
    }
    return pack(list(structures.values()), list(structures), [np.nan] * len(structures), "examples")


def _stacked(element: str, stacking: str, edge: float, spacing: float, heights: Sequence[float] = (0.0,)) -> Structure:
    """Return a stacking of hexagonal layers, in which each layer has atoms at some heights above its place."""
    lattice = Lattice.hexagonal(edge, spacing * len(stacking))
    places = [
        (*_PLACES[place], (layer * spacing + height) / lattice.c)
        for layer, place in enumerate(stacking)
        for height in heights
    ]
    return Structure(lattice, [element] * len(places), places)


def compare_examples(runs_without: Sequence[Run], runs_with: Sequence[Run], device: str = "auto") -> pd.DataFrame:
    """Return how far the energies of each pair are apart by networks without angles and with them.

    Args:
        runs_without: Runs without angles, which differ by their seed.
        runs_with: Runs with angles, which differ by their seed, with the same targets in the same unit.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per pair whose elements all runs know: ``first``, ``second``, ``without`` and ``with`` (the mean over
        the seeds of the energy of the second less that of the first, such as ``without_eV_per_atom``),
        the same with ``_std`` in the name (its standard deviation over the seeds, NaN for one seed), and
        ``sites_of_first`` and ``sites_of_second`` (the number of distinct sites that the networks with angles see). The
        table is empty where the runs know none of the elements.
    """
    crystals = examples()
    runs = [*runs_without, *runs_with]
    elements = set.intersection(*(set(run.elements.tolist()) for run in runs))
    of_crystals = np.split(np.asarray(crystals.atomic_numbers), crystals.site_offsets[1:-1])
    known = [crystal for crystal, numbers in enumerate(of_crystals) if set(numbers.tolist()) <= elements]
    if not known:
        return pd.DataFrame()
    crystals = crystals.select(known)
    energies = {
        name: pd.DataFrame([predict(run, crystals, device) for run in some], columns=crystals.ids)
        for name, some in (("without", runs_without), ("with", runs_with))
    }
    graphs = crystal_graphs.build(crystals, *runs_with[0].config.of_graphs)
    n_sites = dict(zip(crystals.ids, np.diff(graphs.node_offsets).tolist(), strict=True))
    named = runs_without[0].quantity.with_unit
    rows = []
    for first, second in (pair for pair in _PAIRS if set(pair) <= n_sites.keys()):
        row: dict[str, str | float] = {"first": first, "second": second}
        for name, of_seeds in energies.items():
            difference = of_seeds[second] - of_seeds[first]
            row |= {named(name): difference.mean(), named(f"{name}_std"): difference.std()}
        rows.append(row | {"sites_of_first": n_sites[first], "sites_of_second": n_sites[second]})
    return pd.DataFrame(rows)
