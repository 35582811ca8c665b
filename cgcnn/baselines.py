"""Rivals that know no graph: a constant, composition features with a forest, and SOAP with a kernel ridge."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
from dscribe.descriptors import SOAP  # type: ignore[import-untyped]  # it has no types
from pymatgen.io.ase import AseAtomsAdaptor
from sklearn.ensemble import RandomForestRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import StandardScaler

from cgcnn.crystals import Crystals
from cgcnn.elements import numeric_properties
from cgcnn.paths import cache_directory
from cgcnn.splits import Split
from cgcnn.storage import DataError, load_arrays, save_arrays

# Part of every cached prediction's address: raised when the same crystals would get other ones.
_VERSION = 1
_N_TREES = 300
# How far SOAP looks, in angstrom, and how finely; and what its kernel ridge is chosen from, on validation crystals.
_SOAP = {"r_cut": 5.0, "n_max": 8, "l_max": 6, "sigma": 0.3}
_DEGREES, _PENALTIES = (2, 3, 4), (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


def predict(name: str, crystals: Crystals, split: Split) -> np.ndarray:
    """Return a baseline's predictions, from the cache where they are known.

    Args:
        name: One of :data:`BASELINES`.
        crystals: The data set.
        split: Fits on its training crystals, chooses on its validation crystals.

    Returns:
        (n_test,) predictions for ``split.test``.
    """
    parts = [split.train, split.validation, split.test]
    address = hashlib.sha256(f"{_VERSION} {name} {crystals.digest}".encode())
    address.update(np.concatenate([part.astype(np.int64) for part in parts]).tobytes())
    address.update(str([len(part) for part in parts]).encode())
    path = cache_directory() / "baselines" / f"{crystals.name}-{address.hexdigest()[:16]}.safetensors"
    if path.is_file():
        try:
            return np.asarray(load_arrays(path).arrays["predicted"])
        except DataError as error:
            print(f"{error.args[0].split(';')[0]}; computing it anew")
    predicted = BASELINES[name](crystals, split)
    save_arrays(path, {"predicted": predicted}, {"name": name})
    return predicted


def constant(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict the training crystals' mean target, for every crystal.

    Returns:
        (n_test,) predictions for ``split.test``.
    """
    return np.full(len(split.test), crystals.targets[split.train].mean())


def composition_forest(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict from the composition alone: 300 trees on :func:`composition_features`.

    Returns:
        (n_test,) predictions for ``split.test``.
    """
    features = composition_features(crystals)
    # A third of the features at each split is the usual choice for regression (Breiman 2001).
    forest = RandomForestRegressor(_N_TREES, max_features=1 / 3, n_jobs=-1, random_state=0)
    forest.fit(features.iloc[split.train], crystals.targets[split.train])
    predicted: np.ndarray = forest.predict(features.iloc[split.test])
    return predicted


def composition_features(crystals: Crystals) -> pd.DataFrame:
    """Describe crystals by the elements they are of, not by where these are.

    Source: the statistics of Ward et al. 2016 (Magpie), doi 10.1038/npjcompumats.2016.28: over the atoms of a crystal,
    the mean, mean absolute deviation, least, greatest and range of every property of
    :func:`cgcnn.elements.numeric_properties`; with the number of elements and the 2-, 3- and 5-norms of their shares.

    Returns:
        One row a crystal; what is not known of an element is the mean over all elements.
    """
    properties = numeric_properties()
    values = properties.fillna(properties.mean()).to_numpy()
    # Rows by atomic number, from 1.
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


def soap_kernel_ridge(crystals: Crystals, split: Split) -> np.ndarray:
    """Predict from the surroundings of all sites together: averaged SOAP vectors and a polynomial kernel.

    Source: SOAP by Bartok, Kondor and Csanyi 2013, doi 10.1103/PhysRevB.87.184115, as dscribe has it (Himanen et al.
    2020, doi 10.1016/j.cpc.2019.106949), averaged over a crystal's sites; the kernel's degree and the penalty are those
    of the least absolute error on ``split.validation``.

    Returns:
        (n_test,) predictions for ``split.test``.
    """
    vectors = soap_vectors(crystals)
    train, validation, test = (vectors[part] for part in (split.train, split.validation, split.test))
    targets = crystals.targets[split.train]
    scale = StandardScaler().fit(targets[:, None])
    wanted = scale.transform(targets[:, None])[:, 0]
    best = np.inf
    chosen = np.empty(0)
    for degree, penalty in itertools.product(_DEGREES, _PENALTIES):
        model = KernelRidge(kernel="polynomial", degree=degree, gamma=1.0, coef0=0.0, alpha=penalty).fit(train, wanted)
        predicted = scale.inverse_transform(model.predict(validation)[:, None])[:, 0]
        mae = float(np.abs(predicted - crystals.targets[split.validation]).mean())
        if mae < best:
            best, chosen = mae, scale.inverse_transform(model.predict(test)[:, None])[:, 0]
    return chosen


def soap_vectors(crystals: Crystals) -> np.ndarray:
    """Return the (n, size) SOAP vectors of crystals of one element, averaged over their sites and of unit length."""
    symbols = sorted({str(site.specie) for site in crystals.structure(0)})
    soap = SOAP(species=symbols, periodic=True, average="inner", **_SOAP)
    atoms = [AseAtomsAdaptor.get_atoms(crystals.structure(place)) for place in range(len(crystals))]
    vectors: np.ndarray = soap.create(atoms, n_jobs=1)
    lengths: np.ndarray = np.linalg.norm(vectors, axis=1, keepdims=True)
    normalized: np.ndarray = vectors / lengths
    return normalized


#: What each is called.
BASELINES: dict[str, Callable[[Crystals, Split], np.ndarray]] = {
    "mean": constant,
    "composition, random forest": composition_forest,
    "SOAP, kernel ridge": soap_kernel_ridge,
}
