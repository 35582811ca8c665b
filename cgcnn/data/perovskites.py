"""Read the perovskite sets: the 18,928 of Castelli et al., and the embedded cubic ABO3 cells of this project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pymatgen.core import Element

from cgcnn.data.cif import parse_cifs
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.csv_rows import read_rows
from cgcnn.data.dataset import Dataset
from cgcnn.data.target_numbers import is_number
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile

_SOURCE = "https://raw.githubusercontent.com/jiaor17/DiffCSP/7121d159826efa2ba9500bf299250d96da37f146/data/perov_5/"

#: The Computational Materials Repository's cubic perovskites (Castelli et al. 2012, doi 10.1039/C2EE22341D and
#: 10.1039/C1EE02717D). DiffCSP republishes them in three parts, with the coordinates as CIFs.
PUBLIC_FILES = (
    PublicFile(
        "perovskites/train.csv",
        _SOURCE + "train.csv",
        "6144a97ead4828a781a1c269c56fedc34b65945977c6433a055a720c47bf77f6",
    ),
    PublicFile(
        "perovskites/val.csv",
        _SOURCE + "val.csv",
        "efb9c832756439747f093e03a35daf073fcc9a5fc43a8a5292addee2f3d7ce90",
    ),
    PublicFile(
        "perovskites/test.csv",
        _SOURCE + "test.csv",
        "2511340f0e08b25699e9386e100ae0b30cd9b9c8a5b29622c3533644e04c95fa",
    ),
)
_WAY_OUT = "use the file as its source serves it"

#: The atomic numbers of the anions N, O, F and S, none of which is on an A or a B site (Castelli et al. 2012).
ANIONS = (7, 8, 9, 16)

#: The number of crystals in the three public tables together.
N_CRYSTALS = 18_928

# Fractional coordinates of the ideal cubic cell: B at the corner, A in the center, three anions at edge midpoints.
_IDEAL_SITES = np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]])


def read_public(files: list[Path]) -> Crystals:
    """Read the three public tables into one set, sorted by the source's material number.

    The target is ``heat_all``, the energy above a pool of competing phases, which the Computational Materials
    Repository calls ``heat_of_formation_all``. It is in eV/atom, as in the paper and in the repository's own scripts.

    Args:
        files: The local paths of :data:`PUBLIC_FILES`.

    Returns:
        18,928 crystals of five sites each.

    Raises:
        DataError: A column is missing, a number is damaged, a CIF cannot be read, or the number of crystals is not
            18,928.
    """
    rows: list[tuple[str, str, float]] = []
    for path in files:
        for line, row in read_rows(path, ("material_id", "cif", "heat_all"), _WAY_OUT):
            target = row["heat_all"]
            if not is_number(target) or not row["material_id"].isdecimal():
                raise DataError(f"{path}: line {line}: no numbers in material_id and heat_all", _WAY_OUT)
            rows.append((row["material_id"], row["cif"], float(target)))
    if len(rows) != N_CRYSTALS:
        raise DataError(f"{files[0].parent}: {len(rows)} crystals, not {N_CRYSTALS}", "use all three files")
    rows.sort(key=lambda row: int(row[0]))
    structures = parse_cifs([cif for _, cif, _ in rows], [f"perovskite {material_id}" for material_id, _, _ in rows])
    return pack(
        structures,
        [material_id for material_id, _, _ in rows],
        [target for _, _, target in rows],
        "perovskites",
        "energy above the competing phases",
        "eV/atom",
    )


def read_embedded(files: list[Path]) -> Crystals:
    """Read the cubic perovskites that come with the repository.

    Args:
        files: The path of ``data/embedded/perovskites.csv``. The README beside it says how it was computed.

    Returns:
        One ideal cubic cell of five sites per row. The target is the formation energy from the elements, in eV/atom.

    Raises:
        DataError: A value is missing or is not a number or an element; the message names the line.
    """
    (path,) = files
    columns = ("crystal", "A", "B", "anions", "lattice_constant_angstrom", "formation_energy_eV_per_atom")
    ids, lengths, elements, targets = [], [], [], []
    for number, row in read_rows(path, columns, "restore the file from the repository"):
        try:
            symbols = [row["B"], row["A"], *row["anions"].split("-")]
            elements.append([Element(symbol).Z for symbol in symbols])
            lengths.append(float(row["lattice_constant_angstrom"]))
            targets.append(float(row["formation_energy_eV_per_atom"]))
            ids.append(row["crystal"])
        except ValueError as error:
            raise DataError(f"{path}: line {number}: {error}", "restore the file from the repository") from error
    n = len(ids)
    return Crystals(
        name="perovskites-embedded",
        target_name="formation energy",
        unit="eV/atom",
        ids=tuple(ids),
        lattices=np.array(lengths)[:, None, None] * np.eye(3),
        site_offsets=np.arange(n + 1, dtype=np.int64) * len(_IDEAL_SITES),
        atomic_numbers=np.array(elements, dtype=np.uint8).reshape(-1),
        fractional_coordinates=np.tile(_IDEAL_SITES, (n, 1)),
        targets=np.array(targets),
    )


#: The public set, split by the parameters of a run.
PUBLIC = Dataset(
    name="perovskites",
    title="18,928 cubic perovskites (Castelli et al. 2012)",
    statement=(
        "Trained on all 18,928 perovskites of the Computational Materials Repository, the set the paper used; "
        "the target is the DFT (RPBE) energy above the competing phases."
    ),
    license="CC BY-SA 4.0, as far as a third party states; cite Castelli et al. 2012",
    references=("10.1039/C2EE22341D", "10.1039/C1EE02717D"),
    public_files=PUBLIC_FILES,
    embedded_files={},
    read=read_public,
)
#: The data sets of this file.
DATASETS = (
    PUBLIC,
    Dataset(
        name="perovskites-embedded",
        title="Ideal cubic perovskites computed by this project with CHGNet",
        statement=(
            "Trained on the embedded data: ideal cubic perovskites whose lattice constants and energies this project "
            "computed with the CHGNet potential. They stand in for the paper's DFT data, so no number here can be "
            "compared with the paper's."
        ),
        license="CC BY 4.0",
        references=("10.1038/s42256-023-00716-3",),
        public_files=(),
        embedded_files={"perovskites.csv": "1a846ae96f33c7b5468659c9b9952eea5bcf33a0cf5381cae9dfd9c6dfca90b3"},
        read=read_embedded,
    ),
)
