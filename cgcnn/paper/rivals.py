"""Models without a graph: a constant, random forests on the composition, and two kernel ridge regressions."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from dscribe.descriptors import SOAP  # type: ignore[import-untyped]  # it has no types
from pymatgen.io.ase import AseAtomsAdaptor
from sklearn.ensemble import RandomForestRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import StandardScaler

from cgcnn.analysis.elements import numeric_properties
from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split
from cgcnn.files.cache import cached
from cgcnn.paper.perovskite_sites import perovskite_sites

# A part of the key of every cached prediction. Raise it when a change of the code gives the same crystals other ones.
_VERSION = 1
_N_TREES = 300
# The cutoff of SOAP (angstrom), its numbers of radial and angular functions, and the width of its Gaussians (angstrom).
_SOAP = {"r_cut": 5.0, "n_max": 8, "l_max": 6, "sigma": 0.3}
# The degrees of the polynomial kernel on SOAP and the penalties, of which the validation crystals choose.
_DEGREES, _PENALTIES = (2, 3, 4), (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
# The same for the sine matrix: decays of the Laplacian kernel of the standardized eigenvalues, and penalties.
_DECAYS, _LAPLACIAN_PENALTIES = (0.03, 0.1, 0.3, 1.0), (1e-6, 1e-4, 1e-2)
# Kernel and penalty are chosen by fits to at most this number of training crystals; the final fit takes all.
_N_CHOOSE = 3000


def predict(name: str, crystals: Crystals, split: Split) -> np.ndarray:
    """Return the predictions of a baseline, from the cache if they were computed before.

    Args:
        name: A name of :data:`BASELINES`.
        crystals: The data set.
        split: The split: the baseline is fitted on its training crystals, and its hyperparameters are chosen on its
            validation crystals.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    parts = [part.astype(np.int64) for part in (split.train, split.validation, split.test)]
    of_split = hashlib.sha256(np.concatenate(parts).tobytes()).hexdigest()
    key = f"{_VERSION} {name} {crystals.digest} {of_split} {[len(part) for part in parts]}"
    stored = cached("baselines", crystals.name, key, lambda: ([{"predicted": BASELINES[name](crystals, split)}], {}))
    return np.asarray(stored.arrays["predicted"])


def constant(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict the mean target of the training crystals for every crystal.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    return np.full(len(split.test), crystals.targets[split.train].mean())


def composition_forest(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict from the composition alone, by a random forest of 300 trees on :func:`composition_features`.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    features = composition_features(crystals)
    # A third of the features at each split is the usual choice for regression (Breiman 2001).
    forest = RandomForestRegressor(_N_TREES, max_features=1 / 3, n_jobs=-1, random_state=0)
    forest.fit(features.iloc[split.train], crystals.targets[split.train])
    predicted: np.ndarray = forest.predict(features.iloc[split.test])
    return predicted


def composition_features(crystals: Crystals) -> pd.DataFrame:
    """Return features of the composition of crystals, which do not depend on where the atoms are.

    Source: the statistics of Ward et al. 2016 (Magpie), doi 10.1038/npjcompumats.2016.28. They are the mean, mean
    absolute deviation, minimum, maximum and range of every property of
    :func:`cgcnn.analysis.elements.numeric_properties` over the atoms of a crystal, the number of its elements, and the
    2-, 3- and 5-norms of the shares of its elements.

    Returns:
        One row per crystal. A property that is not known for an element takes the mean over all elements.
    """
    properties = numeric_properties()
    values = properties.fillna(properties.mean()).to_numpy()
    # The rows of the properties are in the order of the atomic numbers, which begin at 1.
    of_sites = values[crystals.atomic_numbers.astype(np.int64) - 1]
    starts = np.asarray(crystals.site_offsets[:-1])
    n_sites = np.asarray(crystals.n_sites)[:, None]
    mean = np.add.reduceat(of_sites, starts) / n_sites
    deviation = np.add.reduceat(np.abs(of_sites - np.repeat(mean, crystals.n_sites, axis=0)), starts) / n_sites
    least, greatest = np.minimum.reduceat(of_sites, starts), np.maximum.reduceat(of_sites, starts)
    parts = {"mean": mean, "deviation": deviation, "least": least, "greatest": greatest, "range": greatest - least}
    table = {
        f"{name} {column}": part[:, place]
        for name, part in parts.items()
        for place, column in enumerate(properties.columns)
    }
    shares = np.zeros((len(crystals), len(values)))
    np.add.at(
        shares,
        (np.repeat(np.arange(len(crystals)), crystals.n_sites), crystals.atomic_numbers.astype(np.int64) - 1),
        np.repeat(1 / n_sites[:, 0], crystals.n_sites),
    )
    table |= {f"{order}-norm of shares": (shares**order).sum(axis=1) ** (1 / order) for order in (2, 3, 5)}
    table["elements"] = (shares > 0).sum(axis=1)
    return pd.DataFrame(table, crystals.ids)


def sites_forest(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict perovskites from the elements on A, on B and on the anions, by a random forest of 300 trees.

    Unlike the composition, these features tell a perovskite from the one with A and B swapped.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    properties = numeric_properties()
    values = properties.fillna(properties.mean()).to_numpy()
    sites = perovskite_sites(crystals)
    # The rows of the properties are in the order of the atomic numbers, which begin at 1.
    of_cations, of_anions = (values[each.astype(np.int64) - 1] for each in (sites.cations, sites.anions))
    anions = (of_anions.mean(axis=1), of_anions.min(axis=1), of_anions.max(axis=1))
    features = np.hstack([of_cations.reshape(len(crystals), -1), *anions])
    forest = RandomForestRegressor(_N_TREES, max_features=1 / 3, n_jobs=-1, random_state=0)
    forest.fit(features[split.train], crystals.targets[split.train])
    predicted: np.ndarray = forest.predict(features[split.test])
    return predicted


def soap_kernel_ridge(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict from the average environment of a crystal, by kernel ridge regression on SOAP with a polynomial kernel.

    Source: SOAP by Bartok, Kondor and Csanyi 2013, doi 10.1103/PhysRevB.87.184115, as dscribe computes it (Himanen et
    al. 2020, doi 10.1016/j.cpc.2019.106949), averaged over the sites of a crystal. The degree of the kernel and the
    penalty are those with the lowest mean absolute error on ``split.validation``.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    kernels = [{"kernel": "polynomial", "degree": degree, "gamma": 1.0, "coef0": 0.0} for degree in _DEGREES]
    return _kernel_ridge(soap_vectors(crystals), crystals, split, kernels, _PENALTIES)


def sine_matrix_kernel_ridge(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict by kernel ridge regression on the eigenvalues of the sine matrix with a Laplacian kernel.

    The sine matrix is made of nuclear charges and distances, and is one of the generalized Coulomb matrices of the
    paper's Table I. The decay of the kernel and the penalty are those with the lowest mean absolute error on
    ``split.validation``.

    Returns:
        The (n_test,) predictions for the crystals ``split.test``.
    """
    eigenvalues = sine_matrix_eigenvalues(crystals)
    vectors = StandardScaler().fit(eigenvalues[split.train]).transform(eigenvalues)
    kernels = [{"kernel": "laplacian", "gamma": decay} for decay in _DECAYS]
    return _kernel_ridge(vectors, crystals, split, kernels, _LAPLACIAN_PENALTIES)


def _kernel_ridge(
    vectors: np.ndarray,
    crystals: Crystals,
    split: Split,
    kernels: Sequence[dict[str, Any]],
    penalties: Sequence[float],
) -> np.ndarray:
    """Return the (n_test,) predictions with the kernel and penalty of the lowest error on the validation crystals."""
    scale = StandardScaler().fit(crystals.targets[split.train, None])

    def fitted(train: np.ndarray, chosen: tuple[dict[str, Any], float]) -> KernelRidge:
        wanted = scale.transform(crystals.targets[train, None])[:, 0]
        return KernelRidge(**chosen[0], alpha=chosen[1]).fit(vectors[train], wanted)

    def predicted(model: KernelRidge, part: np.ndarray) -> np.ndarray:
        result: np.ndarray = scale.inverse_transform(model.predict(vectors[part])[:, None])[:, 0]
        return result

    def error(chosen: tuple[dict[str, Any], float]) -> float:
        model = fitted(split.train[:_N_CHOOSE], chosen)
        return float(np.abs(predicted(model, split.validation) - crystals.targets[split.validation]).mean())

    best = min(itertools.product(kernels, penalties), key=error)
    return predicted(fitted(split.train, best), split.test)


def soap_vectors(crystals: Crystals) -> np.ndarray:
    """Return the (n, size) SOAP vectors of n crystals, averaged over the sites of each and scaled to unit length.

    All crystals must consist of the elements of the first one.
    """
    symbols = sorted({str(site.specie) for site in crystals.structure(0)})
    soap = SOAP(species=symbols, periodic=True, average="inner", **_SOAP)
    atoms = [AseAtomsAdaptor.get_atoms(crystals.structure(place)) for place in range(len(crystals))]
    vectors: np.ndarray = soap.create(atoms, n_jobs=1)
    lengths: np.ndarray = np.linalg.norm(vectors, axis=1, keepdims=True)
    normalized: np.ndarray = vectors / lengths
    return normalized


def sine_matrix_eigenvalues(crystals: Crystals) -> np.ndarray:
    """Return the eigenvalues of the sine matrices of n crystals.

    Source: Faber et al. 2015, doi 10.1002/qua.24917, Eq. 24. An element off the diagonal is Z_i Z_j divided by the
    length of the sum over k of a_k sin^2(pi (f_i - f_j)_k), with the lattice vectors a_k and the fractional coordinates
    f. An element on the diagonal is Z_i^2.4 / 2.

    Returns:
        The (n, s) eigenvalues, where s is the number of sites of the largest crystal. They are sorted by falling
        magnitude, and zeros fill the rows of smaller crystals.
    """
    found = np.zeros((len(crystals), int(crystals.n_sites.max())))
    for place in range(len(crystals)):
        structure = crystals.structure(place)
        charges = np.array(structure.atomic_numbers, dtype=float)
        moves = structure.frac_coords[:, None] - structure.frac_coords[None]
        distances = np.linalg.norm(np.sin(np.pi * moves) ** 2 @ structure.lattice.matrix, axis=-1)
        np.fill_diagonal(distances, 1)
        matrix = np.outer(charges, charges) / distances
        np.fill_diagonal(matrix, charges**2.4 / 2)
        eigenvalues = np.linalg.eigvalsh(matrix)
        found[place, : len(charges)] = eigenvalues[np.argsort(-np.abs(eigenvalues))]
    return found


#: The baselines by the names that :func:`predict` takes and the pages show.
BASELINES: dict[str, Callable[[Crystals, Split], np.ndarray]] = {
    "mean": constant,
    "composition, random forest": composition_forest,
    "elements by site, random forest": sites_forest,
    "SOAP, kernel ridge": soap_kernel_ridge,
    "sine matrix, kernel ridge": sine_matrix_kernel_ridge,
}
