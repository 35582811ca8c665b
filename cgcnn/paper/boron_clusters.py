"""The boron clusters of Fig. S3, which are in no training set: two cages, and two quasi-planar ones with holes."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile, fetch
from cgcnn.files.paths import data_directory

#: The cages, of which the first is one of the paper's two clusters.
CAGES = ("B40 (D2d)", "B80 (Ih)")
#: The quasi-planar clusters. The first has two hexagonal holes side by side. It stands for the paper's other cluster,
#: B40 (Cs), which has two such holes (Zhai et al. 2014, doi 10.1038/nchem.1999) and is in no public file that we found.
#: The second has one hole.
QUASI_PLANAR = ("B35 (Cs)", "B36 (C6v)")
#: The names of all clusters that :func:`clusters` returns.
CLUSTERS = (*CAGES, *QUASI_PLANAR)


@dataclass(frozen=True)
class _Frame:
    """A frame of a public file with many clusters.

    Attributes:
        n_atoms: The number of atoms.
        sha256: The fingerprint of the atoms.
        local: The name of a file of this frame alone, which takes the place of the public file where it is there.
        public: The public file. Only this frame of it is used, and it is checked.
    """

    n_atoms: int
    sha256: str
    local: str
    public: PublicFile


def _clusters_file(commit: str, path: str) -> PublicFile:
    """Return a file of clusters of the Quantum Cluster Database, relaxed with a potential (Banik et al.)."""
    url = f"https://raw.githubusercontent.com/sbanik2/GAP-Nanoclusters/{commit}/{path}"
    return PublicFile(f"boron/{path.rpartition('/')[2]}", url, sha256=None)


_CAGES_FILE = _clusters_file("3a23dae433a37e8a032e91b975a420ce5aea4cf5", "qcd_gap_relaxed/B_gap_QCD_relaxed.xyz")
_PLANAR_FILE = _clusters_file("027b201a2ce7cde709efa28abdc0eb483fb1d77e", "qcd_relaxed/B_qcd_relaxed.xyz")
_FRAMES: Mapping[str, _Frame] = {
    "B40 (D2d)": _Frame(
        40, "340988c4500ebad096e653463dd54d27e3c71f625c630e188d44df33005fea13", "boron/B40_D2d.xyz", _CAGES_FILE
    ),
    "B35 (Cs)": _Frame(
        35, "8f88549fea9a7712359756f2999879cab7cd66a02319ed634a4a474fac5b34d7", "boron/B35.xyz", _PLANAR_FILE
    ),
    "B36 (C6v)": _Frame(
        36, "0314b6eab1957ec9eefd5ec644e91612375142242a5abf093af7fcfd22975722", "boron/B36_C6v.xyz", _PLANAR_FILE
    ),
}
# The vacuum around a cluster in angstrom, so that no periodic image is among the twelve neighbors of a site.
_VACUUM = 15.0
# The length of every edge of the ideal B80 in angstrom: the mean bond length of the relaxed cage (Gonzalez Szwacki,
# Sadrzadeh and Yakobson 2007, doi 10.1103/PhysRevLett.98.166804).
_B80_BOND = 1.70


def clusters(names: Sequence[str] = CLUSTERS) -> Crystals:
    """Return clusters, each in a cubic cell with 15 angstrom of vacuum. Their targets are unknown (NaN).

    Args:
        names: The clusters to return, of :data:`CLUSTERS`. B80 needs no file.

    Raises:
        DataError: A name is not known, or the file of a cluster is missing or does not hold it.
    """
    unknown = [name for name in names if name not in CLUSTERS]
    if unknown:
        raise DataError(f"{unknown[0]}: no such cluster", f"known are {', '.join(CLUSTERS)}")
    found = {name: from_file(name) if name in _FRAMES else b80() for name in names}
    lengths = [float(np.ptp(positions, axis=0).max()) + _VACUUM for positions in found.values()]
    offsets = np.cumsum([0, *map(len, found.values())], dtype=np.int64)
    return Crystals(
        name="clusters",
        target_name="energy",
        unit="eV/atom",
        ids=tuple(found),
        lattices=np.array([length * np.eye(3) for length in lengths]),
        site_offsets=offsets,
        atomic_numbers=np.full(offsets[-1], 5, dtype=np.uint8),
        fractional_coordinates=np.concatenate(
            [positions / length for positions, length in zip(found.values(), lengths, strict=True)]
        ),
        targets=np.full(len(found), np.nan),
    )


def from_file(name: str) -> np.ndarray:
    """Return the (n, 3) positions of a cluster in angstrom, which were relaxed with a potential and not by DFT.

    Args:
        name: The name of a cluster other than B80.

    Raises:
        DataError: The file is missing, or no frame of it is this cluster.
    """
    wanted, folder = _FRAMES[name], data_directory()
    local = folder / wanted.local if folder is not None else None
    path = local if local is not None and local.is_file() else fetch(wanted.public)
    for positions in _frames(path.read_text().splitlines(), str(path)):
        if len(positions) == wanted.n_atoms and fingerprint(positions) == wanted.sha256:
            return positions
    raise DataError(f"{path}: no frame of it is {name}", f"get {wanted.public.url}")


def b80() -> np.ndarray:
    """Return the (80, 3) positions of an ideal B80 (Ih) in angstrom.

    It is a truncated icosahedron with edges of 1.70 angstrom and an atom in the middle of each flat hexagon. Source:
    Gonzalez Szwacki, Sadrzadeh and Yakobson 2007, doi 10.1103/PhysRevLett.98.166804.
    """
    golden = (1 + 5**0.5) / 2
    # The corners of the truncated icosahedron of edge 2 are the even permutations of these three, with all signs.
    corners = np.array([(0, 1, 3 * golden), (1, 2 + golden, 2 * golden), (golden, 2, golden**3)])
    signs = np.array(list(itertools.product((-1, 1), repeat=3)))
    turned = np.concatenate([np.roll(corners, shift, axis=1) for shift in range(3)])
    carbon = np.unique(np.round((turned[:, None] * signs).reshape(-1, 3), 9), axis=0)
    # Each hexagon lies under a corner of a dodecahedron.
    corner = np.array([(1, 1, 1), (0, golden, 1 / golden)])
    directions = np.concatenate([np.roll(corner, shift, axis=1) for shift in range(3)])
    directions = np.unique(np.round((directions[:, None] * signs).reshape(-1, 3), 9), axis=0)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    heights = directions @ carbon.T
    centers = np.array([carbon[np.argsort(-along)[:6]].mean(axis=0) for along in heights])
    return np.concatenate([carbon, centers]) * _B80_BOND / 2


def fingerprint(positions: np.ndarray) -> str:
    """Return the SHA-256 of the sorted distances between (n, 3) points, in steps of 0.01 angstrom."""
    return hashlib.sha256(np.sort(np.round(pdist(positions) / 0.01)).astype(np.int32).tobytes()).hexdigest()


def _frames(lines: list[str], where: str) -> Iterator[np.ndarray]:
    """Yield the positions of each frame of an XYZ file."""
    start = 0
    while start < len(lines) and lines[start].strip():
        try:
            n = int(lines[start])
            rows = [line.split()[1:4] for line in lines[start + 2 : start + 2 + n]]
            positions = np.array(rows, dtype=float).reshape(n, 3)
        except ValueError as error:
            raise DataError(f"{where}: line {start + 1}: no frame of an XYZ file ({error})", "get it again") from error
        yield positions
        start += 2 + n
