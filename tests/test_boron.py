"""Test boron: the readers and the files that they refuse, the clusters, and the geometric names of sites."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Molecule, Structure
from pymatgen.symmetry.analyzer import PointGroupAnalyzer
from scipy.spatial.distance import cdist, pdist

from cgcnn.data import boron, datasets
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.paper.boron_clusters import CLUSTERS, b80, clusters
from cgcnn.paper.boron_regions import name_regions

RECORD = """TITL 2B-1 -0.0135 30.0 -1.6E+002 0 0  2 (Cm) n - 1
REM
REM Cut-off 340.0000 eV
CELL 1.54180    3.0    4.0    2.5   90.0  90.0  90.0
LATT -1
SFAC B
B      1 -0.25 0.5 0.0 1.0
B      1  0.25 0.0 0.5 1.0
END
"""


def test_a_record_of_airss_is_read_with_its_name_cell_atoms_and_energy(tmp_path: Path) -> None:
    (tmp_path / "two.res").write_text(RECORD + RECORD.replace("2B-1", "2B-2").replace("-1.6E+002", "-158.5"))
    (tmp_path / "two.res.gz").write_bytes(gzip.compress((tmp_path / "two.res").read_bytes()))
    for name in ("two.res", "two.res.gz"):
        first, second = boron.read_res(tmp_path / name)
        assert (first[0], first[2]) == ("2B-1", -160.0)
        assert (second[0], second[2]) == ("2B-2", -158.5)
        assert first[1].lattice.abc == (3.0, 4.0, 2.5)
        np.testing.assert_allclose(first[1].frac_coords, [[-0.25, 0.5, 0], [0.25, 0, 0.5]])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (RECORD.replace("END\n", ""), "the record of line 1 has no END"),
        (RECORD.replace("B      1  0.25 0.0 0.5 1.0\n", ""), "the record of line 1 holds 1 of its 2 atoms"),
        (RECORD + RECORD[:60], "the record of line 10 has no END"),
        (RECORD.replace("0.25 0.0 0.5 1.0", "0.25 0.0"), "the record of line 1: 'B      1  0.25 0.0' is no atom"),
        ("data_x\n_cell_length_a 3\n", "no TITL line, so no SHELX record"),
    ],
)
def test_a_record_cut_short_or_of_another_format_is_refused_by_its_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "some.res").write_text(text)
    with pytest.raises(DataError, match=rf"some\.res: {complaint}"):
        list(boron.read_res(tmp_path / "some.res"))


def test_a_gzipped_file_cut_short_is_refused(tmp_path: Path) -> None:
    noise = "".join(RECORD.replace("2B-1", f"2B-{k}") for k in range(50))
    (tmp_path / "short.res.gz").write_bytes(gzip.compress(noise.encode())[:200])
    with pytest.raises(DataError, match=r"short\.res\.gz: a damaged \.gz file"):
        list(boron.read_res(tmp_path / "short.res.gz"))


def test_another_file_than_the_papers_is_refused_by_its_blob_id(tmp_path: Path) -> None:
    (tmp_path / "sps_all.xyz").write_text("1\n\nB 0 0 0\n")
    with pytest.raises(DataError, match=r"sps_all\.xyz: its git blob id is [0-9a-f]{12}, not 2a3eb0027a94; get that"):
        boron.read_deringer([tmp_path / "sps_all.xyz"])


FRAME = """2
Lattice="3 0 0 0 3 0 0 0 3" pbc="T T T" Properties=species:S:1:pos:R:3 dft_energy=-10.0
B 0 0 0
B 1.5 1.5 1.5
"""


def test_an_extended_xyz_file_is_read_frame_by_frame(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "some.xyz").write_text(FRAME + FRAME.replace("-10.0", "-12.0"))
    crystals = boron.read_extended_xyz(tmp_path / "some.xyz", "some")
    assert crystals.targets.tolist() == [1.0, 0.0]
    assert crystals.n_sites.tolist() == [2, 2]
    assert "2 structures, where the paper has 5038" in caplog.text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (FRAME.replace("dft_energy", "weight"), "frame 0 has no energy among weight"),
        (FRAME + FRAME.replace("B 0", "C 0"), "frame 1 is CB, not boron"),
        (FRAME.replace('Lattice="3 0 0 0 3 0 0 0 3" pbc="T T T" ', ""), "frame 0 has no periodic cell"),
        ("not a number\n", "not an extended XYZ file"),
    ],
)
def test_a_frame_without_energy_cell_or_boron_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "some.xyz").write_text(text)
    with pytest.raises(DataError, match=rf"some\.xyz: {complaint}"):
        boron.read_extended_xyz(tmp_path / "some.xyz", "some")


@pytest.mark.slow
@pytest.mark.public
def test_the_public_set_is_complete_and_its_lowest_is_alpha_boron() -> None:
    crystals = datasets.load("boron")
    assert len(crystals) == 5050
    assert set(crystals.n_sites.tolist()) == {8, 12, 28}
    assert not [name for name in crystals.ids if "-shake-" in name]
    assert float(crystals.targets.min()) == 0
    lowest = int(crystals.targets.argmin())
    sites = pd.DataFrame({"crystal": crystals.ids[lowest], "site": range(12)})
    assert set(name_regions(crystals, sites)["region"]) == {"icosahedral"}


def test_b80_has_sixty_corners_of_equal_edges_and_a_center_in_each_of_twenty_hexagons() -> None:
    cage = b80()
    assert cage.shape == (80, 3)
    distances = cdist(cage, cage)
    bonds = np.abs(distances - 1.70) < 1e-9
    assert (bonds[:60, :60].sum(axis=1) == 3).all()
    assert (bonds[60:, :60].sum(axis=1) == 6).all()
    assert pdist(cage).min() == pytest.approx(1.70)


def test_no_site_of_a_cage_has_a_periodic_image_among_its_neighbors() -> None:
    cage = clusters(["B80 (Ih)"])
    assert cage.ids == ("B80 (Ih)",)
    assert np.isnan(cage.targets).all()
    structure = cage.structure(0)
    farthest = np.sort(cdist(structure.cart_coords, structure.cart_coords))[:, 12].max()
    assert farthest < 5
    for near in structure.get_all_neighbors(farthest + 2):
        assert all(tuple(neighbor.image) == (0, 0, 0) for neighbor in near)


def test_an_unknown_cluster_is_refused_with_the_names_of_those_that_are_known() -> None:
    with pytest.raises(DataError, match=r"B40 \(Cs\): no such cluster; known are B40 \(D2d\), B80 \(Ih\), B35 \(Cs\)"):
        clusters(["B40 (Cs)"])


def test_a_file_without_the_cluster_is_refused_with_the_address_of_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boron").mkdir()
    other = "\n".join(["35", "another B35", *(f"B {k} 0 0" for k in range(35))])
    (tmp_path / "boron" / "B35.xyz").write_text(other)
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"B35\.xyz: no frame of it is B35 \(Cs\); get https://.*/B_qcd_relaxed\.xyz"):
        clusters(["B35 (Cs)"])


@pytest.mark.public
def test_the_clusters_stand_alone_in_their_cells() -> None:
    found = clusters()
    assert dict(zip(found.ids, found.n_sites.tolist(), strict=True)) == {
        "B40 (D2d)": 40,
        "B80 (Ih)": 80,
        "B35 (Cs)": 35,
        "B36 (C6v)": 36,
    }
    for name, n_sites in zip(found.ids, found.n_sites.tolist(), strict=True):
        regions = name_regions(found, pd.DataFrame({"crystal": name, "site": range(n_sites)}))
        assert set(regions["periodicity"]) == {0}
        assert regions["n_bonds"].between(3, 7).all()


@pytest.mark.public
@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_has_the_symmetry_of_its_name(name: str) -> None:
    positions = clusters([name]).structure(0).cart_coords
    symmetry = PointGroupAnalyzer(Molecule(["B"] * len(positions), positions), tolerance=0.2).sch_symbol
    assert name.endswith(f"({symmetry})")


@pytest.mark.public
def test_quasi_planar_clusters_are_flat_and_cages_are_not() -> None:
    found = clusters()
    flatness = {}
    for index, name in enumerate(found.ids):
        positions = found.structure(index).cart_coords
        extents = np.linalg.svd(positions - positions.mean(axis=0))[1]
        flatness[name] = extents[-1] / extents[0]
    assert max(flatness["B35 (Cs)"], flatness["B36 (C6v)"]) < 0.2
    assert min(flatness["B40 (D2d)"], flatness["B80 (Ih)"]) > 0.85


@pytest.fixture(scope="module")
def shapes() -> Crystals:
    """Return an alpha-boron crystal, a honeycomb layer, a dimer and a simple cubic crystal with long bonds."""
    alpha = Structure.from_spacegroup(
        "R-3m", Lattice.hexagonal(4.908, 12.567), ["B", "B"], [[0.119, -0.119, 0.891], [0.197, -0.197, 0.024]]
    )
    honeycomb = Structure(Lattice.hexagonal(2.94, 8), ["B", "B"], [[1 / 3, 2 / 3, 0.5], [2 / 3, 1 / 3, 0.5]])
    dimer = Structure(Lattice.cubic(10), ["B", "B"], [[0.0, 0, 0], [0.17, 0, 0]])
    cubic = Structure(Lattice.cubic(1.9), ["B"], [[0, 0, 0]])
    names = ["alpha", "honeycomb", "dimer", "cubic"]
    return pack([alpha, honeycomb, dimer, cubic], names, [0.0] * 4, "shapes")


@pytest.mark.parametrize(
    ("crystal", "region", "n_bonds", "periodicity"),
    [
        ("alpha", "icosahedral", None, 3),
        ("honeycomb", "layered", 3, 2),
        ("dimer", "disconnected", 1, 0),
        ("cubic", "amorphous", 6, 3),
    ],
)
def test_every_site_of_a_known_shape_is_named_after_it(
    shapes: Crystals, crystal: str, region: str, n_bonds: int | None, periodicity: int
) -> None:
    n_sites = int(shapes.n_sites[shapes.ids.index(crystal)])
    found = name_regions(shapes, pd.DataFrame({"crystal": crystal, "site": range(n_sites)}))
    assert set(found["region"]) == {region}
    assert set(found["periodicity"]) == {periodicity}
    if n_bonds is not None:
        assert set(found["n_bonds"]) == {n_bonds}
