"""The boron cages of Fig. S3, which are in no training set: B40 (D2d) from a public file, B80 (Ih) from geometry."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.spatial.distance import pdist

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile, fetch
from cgcnn.files.paths import data_directory

#: The names of the cages that :func:`fullerenes` returns.
CAGES = ("B40 (D2d)", "B80 (Ih)")
_COMMIT = "3a23dae433a37e8a032e91b975a420ce5aea4cf5"
#: Clusters of the quantum cluster database, relaxed with a potential (Banik et al.). One of its frames is B40 (D2d).
CLUSTERS_FILE = PublicFile(
    "boron/B_gap_QCD_relaxed.xyz",
    f"https://raw.githubusercontent.com/sbanik2/GAP-Nanoclusters/{_COMMIT}/qcd_gap_relaxed/B_gap_QCD_relaxed.xyz",
    sha256=None,  # only one of its frames is used, and this frame is checked
)
_B40_FILE = "boron/B40_D2d.xyz"
# The fingerprint of its 40 atoms.
_B40_SHA256 = "340988c4500ebad096e653463dd54d27e3c71f625c630e188d44df33005fea13"
# The vacuum around a cage in angstrom, so that no periodic image is among the twelve neighbors of a site.
_VACUUM = 15.0
# The length of every edge of the ideal B80 in angstrom: the mean bond length of the relaxed cage (Gonzalez Szwacki,
# Sadrzadeh and Yakobson 2007, doi 10.1103/PhysRevLett.98.166804).
_B80_BOND = 1.70


def fullerenes(names: Sequence[str] = CAGES) -> Crystals:
    """Return cages, each in a cubic cell with 15 angstrom of vacuum. Their targets are unknown (NaN).

    The paper's third cage, B40 (Cs), is in no public file that we found.

    Args:
        names: The cages to return, of :data:`CAGES`. B80 needs no file.

    Raises:
        DataError: A name is not known, or the file of B40 is missing or does not hold this cage.
    """
    unknown = [name for name in names if name not in CAGES]
    if unknown:
        raise DataError(f"{unknown[0]}: no such cage", f"known are {', '.join(CAGES)}")
    cages = {name: b40() if name == CAGES[0] else b80() for name in names}
    lengths = [float(np.ptp(cage, axis=0).max()) + _VACUUM for cage in cages.values()]
    offsets = np.cumsum([0, *map(len, cages.values())], dtype=np.int64)
    return Crystals(
        name="fullerenes",
        target_name="energy",
        unit="eV/atom",
        ids=tuple(cages),
        lattices=np.array([length * np.eye(3) for length in lengths]),
        site_offsets=offsets,
        atomic_numbers=np.full(offsets[-1], 5, dtype=np.uint8),
        fractional_coordinates=np.concatenate(
            [cage / length for cage, length in zip(cages.values(), lengths, strict=True)]
        ),
        targets=np.full(len(cages), np.nan),
    )


def b40() -> np.ndarray:
    """Return the (40, 3) positions of B40 (D2d) in angstrom, which were relaxed with a potential and not by DFT.

    Raises:
        DataError: The file is missing, or no frame of it is this cage.
    """
    folder = data_directory()
    local = folder / _B40_FILE if folder is not None else None
    path = local if local is not None and local.is_file() else fetch(CLUSTERS_FILE)
    for positions in _frames(path.read_text().splitlines(), str(path)):
        if len(positions) == 40 and fingerprint(positions) == _B40_SHA256:
            return positions
    raise DataError(f"{path}: no frame of it is B40 (D2d)", f"get the file of commit {_COMMIT[:12]}")


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
