"""Universal potentials beside this book's networks: the files of what they said, the probes, and the table."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.elements import element_table
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.paper import potentials_figures, potentials_probes, potentials_reading, potentials_table, recipes
from cgcnn.paper.element_categories import categories
from cgcnn.paper.potentials import TITLES, Potential, load_potential
from cgcnn.paper.potentials_reading import Reading, load_measured, measure_potential, random_reading, save_measured
from cgcnn.paper.potentials_sites import measured_folder, read_sites, save_sites
from cgcnn.paper.recipes import DATASETS
from cgcnn.training.config import Config
from cgcnn.training.runs import Run

METALS = tuple("Li Na K Rb Be Mg Ca Sr Ti Zr Hf V Nb Ta Cu Ag Au Zn Cd Hg Al Ga In Tl".split())  # noqa: SIM905  # shorter


def salt(kind: str, length: float) -> Structure:
    return Structure(Lattice.cubic(length), [kind, "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.fixture
def crystals() -> Crystals:
    """Return two oxides, and two crystals of magnesium, of which the second has the lower energy."""
    pure = [Structure(Lattice.cubic(length), ["Mg"], [[0, 0, 0]]) for length in (3.0, 4.0)]
    structures = [salt("Mg", 3.0), salt("Ca", 4.0), *pure]
    return pack(structures, ["a", "b", "c", "d"], [-3.0, -2.0, 0.5, 0.0], "few")


@pytest.fixture
def potential() -> Potential:
    """Return a potential whose site energy is the length of the cell, with 10 eV for each oxygen on top."""

    def sites(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.array(structure.atomic_numbers, dtype=float)
        return np.stack([numbers, numbers + structure.lattice.a], axis=1), np.full(len(structure), structure.lattice.a)

    return Potential("chgnet", np.array([8, 12, 20]), np.eye(3), np.array([10.0, 1.0, 2.0]), sites)


def test_what_a_potential_said_of_sites_comes_back_from_its_file_by_part_and_in_order(
    tmp_path: Path, crystals: Crystals, potential: Potential
) -> None:
    parts = ["B", "O", "O", "S", "test", "test", "test"]
    sites = pd.DataFrame({"part": parts, "crystal": list("babaabb"), "site": [1, 0, 1, 0, 1, 0, 1]})
    names = {"perovskites": "few", "boron": "few", "materials_project": "few"}
    arrays = measure_potential(potential, {"few": crystals}, {"few": sites}, crystals)
    save_measured(arrays, tmp_path / "chgnet.safetensors", {})
    said = load_measured("chgnet", names, tmp_path)
    assert said.vectors["O"].tolist() == [[12, 15], [8, 12]]
    assert said.drawn["B"].tolist() == [4]
    assert said.test["boron"].tolist() == [3, 4, 4]
    assert said.crystals["perovskites"].tolist() == [3, 4]
    assert said.elements["boron"].index.tolist() == ["O", "Mg", "Ca"]
    assert said.of_elements is not None
    # The most stable crystal of magnesium has the cell of 4 angstrom, and 1 eV is added for a site.
    assert said.of_elements["Mg"] == 5
    assert np.isnan(said.of_elements["Ca"])
    assert said.to_formation["Mg"] == -4


def test_a_potential_that_was_not_measured_says_how_to_measure_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="make potentials"):
        load_measured("chgnet", {}, tmp_path)
    with pytest.raises(DataError, match="give one of chgnet, sevennet"):
        load_potential("m3gnet")


@pytest.mark.parametrize(("name", "package"), [("chgnet", "chgnet"), ("sevennet", "sevenn")])
def test_a_potential_without_its_package_says_how_to_install_it(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [package, f"{package}.model", f"{package}.atom_graph_data"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=rf'needs the package {package}.*pip install "cgcnn\[potentials\]"'):
        load_potential(name)


@pytest.mark.skipif(importlib.util.find_spec("chgnet") is None, reason="needs the extra potentials: chgnet")
@pytest.mark.filterwarnings("ignore")
def test_site_energies_of_chgnet_and_its_references_add_up_to_its_energy() -> None:
    from chgnet.model import CHGNet

    structure = salt("Mg", 3.0)
    known = load_potential("chgnet")
    vectors, energies = known.sites(structure)
    assert vectors.shape == (2, 64)
    whole = CHGNet.load(use_device="cpu", verbose=False).predict_structure(structure, task="e")["e"]
    references = known.references[np.array(structure.atomic_numbers) - 1]
    assert (energies + references).mean() == pytest.approx(float(whole), abs=1e-4)


def test_sites_come_back_from_their_table(tmp_path: Path) -> None:
    sites = pd.DataFrame({"part": ["O", "O", "test"], "crystal": ["7", "8", "8"], "site": [3, 0, 11]})
    more = pd.DataFrame({"part": ["B"] * 3, "crystal": ["x"] * 3, "site": [0, 4, 12]})
    save_sites({"one": sites, "two": more}, tmp_path / "sites.csv")
    found = read_sites(tmp_path / "sites.csv")
    pd.testing.assert_frame_equal(found["one"], sites)
    pd.testing.assert_frame_equal(found["two"], more)


def test_the_published_measurements_hold_every_site_of_both_scales_and_are_finite() -> None:
    sites = read_sites()
    measured = [name for name in TITLES if (measured_folder() / f"{name}.safetensors").exists()]
    assert {"chgnet", "chgnet-untrained"} <= set(measured)
    for potential in measured:
        for names in (DATASETS["paper"], DATASETS["embedded"]):
            said = load_measured(potential, {str(name): each for name, each in names.items()})
            for name, dataset in names.items():
                n_test = (sites[dataset]["part"] == "test").sum()
                assert said.test[name].shape == (n_test,)
                assert np.isfinite(said.test[name]).all()
            for part, dataset in (("B", names["boron"]), ("S", names["materials_project"])):
                assert len(said.vectors[part]) == (sites[dataset]["part"] == part).sum()
                assert np.isfinite(said.vectors[part]).all()
    size = sum(path.stat().st_size for path in measured_folder().iterdir())
    assert size < 2.3e6


def reading(vectors: pd.DataFrame, energies: np.ndarray) -> Reading:
    sets = ("perovskites", "boron", "materials_project")
    return Reading(
        {"perovskites": vectors, "materials_project": vectors},
        dict.fromkeys("BOS", np.arange(40.0)[:, None]),
        dict.fromkeys("BOS", np.arange(40.0)),
        dict.fromkeys(sets, energies),
        dict.fromkeys(sets, energies[:4]),
    )


@pytest.fixture
def known() -> potentials_probes.Known:
    """Return two elements with twenty test sites each, whose drawn sites are two halves."""
    table = element_table(METALS)
    labels = categories(METALS)
    half = np.repeat(["Li", "Ti"], 20)
    sites = pd.DataFrame(
        {"element": half, "n_neighbors": np.repeat([4.0, 6.0], 20), "region": half, "density": np.arange(40.0)}
    )
    sets = ("perovskites", "boron", "materials_project")
    shares = pd.DataFrame({"Li": [1.0, 0.0, 0.5, 0.5], "Ti": [0.0, 1.0, 0.5, 0.5]})
    return potentials_probes.Known(
        labels,
        table["group"],
        dict.fromkeys("BOS", sites),
        dict.fromkeys(sets, half),
        dict.fromkeys(sets, np.array([1.0, 2, 3, 4])),
        dict.fromkeys(sets, shares),
    )


@pytest.fixture
def ordered() -> pd.DataFrame:
    """Return vectors that are the group of an element, and a little of its period."""
    table = element_table(METALS)
    return pd.DataFrame({"v0": table["group"].astype(float), "v1": table["period"] / 100})


def test_vectors_that_are_the_group_have_neighbors_of_the_same_group(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    numbers = potentials_probes.element_numbers(reading(ordered, np.arange(40.0)), known)
    assert numbers["same_group_metals"] == numbers["same_group_elements"] == 1
    random = potentials_probes.element_numbers(random_reading(reading(ordered, np.arange(40.0)), 0), known)
    assert random["same_group_metals"] < 0.5
    assert numbers["block"] > random["block"]


def test_nearest_vectors_tell_the_class_the_region_and_the_density_of_sites(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    numbers = potentials_probes.site_numbers(reading(ordered, np.arange(40.0)), known)
    assert numbers["class_O"] > 0.9
    assert numbers["region"] > 0.7
    assert numbers["density"] > 0.9
    random = potentials_probes.site_numbers(random_reading(reading(ordered, np.arange(40.0)), 0), known)
    assert abs(random["region"]) < 0.2
    assert random["density"] < 0.3


def test_site_energies_agree_in_four_ways_of_which_one_knows_no_reference(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    own = np.concatenate([np.arange(20.0), np.arange(20.0) + 100])
    ours = reading(ordered, own)
    symbols = ["Li", "Ti"]
    # The potential orders the sites of one element as ours, but has the two elements at one height. Its fitted energies
    # turn the elements round, and the energies of the elements as they are put them where they belong.
    fitted, of_elements = pd.Series([500.0, 0.0], symbols), pd.Series([500.0, -100.0], symbols)
    flat = own - np.repeat([0.0, 100.0], 20)
    fields = {**vars(reading(ordered, flat)), "fitted": fitted, "of_elements": of_elements}
    numbers = potentials_probes.agreement_numbers(Reading(**fields), ours, known)
    assert numbers["formation_boron"] == pytest.approx(1)
    assert numbers["within_boron"] == pytest.approx(1)
    assert numbers["whole_boron"] < -0.4
    assert 0 < numbers["fitted_boron"] < 0.6
    # The same references put the mean of a crystal on the scale of our targets.
    assert potentials_probes.energy_numbers(ours, known)["crystals_boron"] == pytest.approx(1)


def test_each_of_our_networks_is_read_from_its_own_runs_seed_by_seed(
    crystals: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(of: Crystals, config: Config, sizes: list[None], seeds: list[int], device: str) -> Any:
        return [(of.name, config, each, device) for each in seeds]

    monkeypatch.setattr(potentials_reading, "sweep", known)
    monkeypatch.setattr(potentials_reading, "read_runs", lambda runs, *_: dict(runs))
    names = {"boron": "boron", "perovskites": "perovskites"}
    read: Any = potentials_reading.read_networks(names, dict.fromkeys(names, crystals), {}, [4, 5], "cpu")
    assert list(read) == ["paper", "better", "angles"]
    assert read["angles"] == [
        {name: (crystals.name, recipes.angles_config(name), seed, "cpu") for name in names} for seed in (4, 5)
    ]
    assert read["better"][0]["boron"][1] == recipes.better_config("boron")


def test_a_run_says_of_sites_what_its_representations_hold_in_the_order_of_the_sites(few: Crystals, run: Run) -> None:
    every = represent(run, few.select(np.arange(3))).environments
    chosen = every.iloc[[4, 0, 2]]
    sites = chosen[["crystal", "site"]].assign(part=["O", "test", "test"])
    read = potentials_reading.read_runs({"boron": run}, {"boron": few}, {"boron": sites})
    assert read.test["boron"] == pytest.approx(chosen["local_energy_eV_per_atom"].to_numpy()[1:], abs=1e-5)
    assert read.drawn["O"] == pytest.approx(chosen["local_energy_eV_per_atom"].to_numpy()[:1], abs=1e-5)
    assert read.vectors["O"] == pytest.approx(environment_vectors(chosen.iloc[:1]).to_numpy(), abs=1e-5)


def test_each_network_has_a_map_of_its_own_but_the_untrained_potential(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    names = ("paper", "better", "angles", "chgnet", "chgnet-untrained", "random")
    readings = {name: [reading(ordered, np.arange(40.0))] for name in names}
    planes = potentials_figures.element_planes(readings, known)
    assert len(planes) == 5 * len(known.labels)
    figure = potentials_figures.draw_planes(planes)
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "(a) the paper's network",
        "(b) the better network",
        "(c) the network that sees angles",
        "(d) CHGNet",
        "(e) random numbers",
    ]


def test_site_energies_are_means_over_seeds_and_those_of_a_potential_are_relative_to_the_elements(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    own = np.arange(40.0)
    fitted, of_elements = pd.Series([1.0, 2.0], ["Li", "Ti"]), pd.Series([3.0, 5.0], ["Li", "Ti"])
    potential = Reading(**{**vars(reading(ordered, own)), "fitted": fitted, "of_elements": of_elements})
    readings = {
        "paper": [reading(ordered, own), reading(ordered, own + 2)],
        "angles": [reading(ordered, 3 * own), reading(ordered, 5 * own)],
        "chgnet": [potential],
    }
    sets = ("perovskites", "boron", "materials_project")
    compared = {name: {f"formation_{each}": 0.5 for each in sets} for name in readings}
    energies = potentials_figures.site_energies(readings, known, ["angles", "chgnet"])
    assert energies.columns.tolist() == ["set", "element", "paper_eV", "angles_eV", "chgnet_eV"]
    figure = potentials_figures.draw_site_energies(energies, compared)
    assert len(figure.axes) == 6
    seeing, of_potential = figure.axes[0], figure.axes[3]
    assert seeing.get_ylabel() == "the network that sees angles:\nlocal energy (eV)"
    assert of_potential.get_ylabel() == "CHGNet:\nsite energy (eV)"
    assert np.asarray(seeing.lines[0].get_xdata()) == pytest.approx(own + 1)
    assert np.asarray(seeing.lines[0].get_ydata()) == pytest.approx(4 * own)
    assert np.asarray(of_potential.lines[0].get_ydata()) == pytest.approx(own - np.repeat([2.0, 3.0], 20))


def test_the_lengths_of_vectors_are_those_of_the_readings(ordered: pd.DataFrame) -> None:
    read = reading(ordered, np.arange(40.0))
    found = potentials_table.lengths({"chgnet-untrained": [read]})
    assert found["length_chgnet_untrained_perovskites"] == read.elements["perovskites"].shape[1]
    assert found["length_chgnet_untrained_sites"] == read.vectors["B"].shape[1]


def test_every_network_is_compared_with_the_seeds_of_the_paper_s_and_the_table_has_a_column_each(
    known: potentials_probes.Known, ordered: pd.DataFrame
) -> None:
    own = np.arange(40.0)
    readings = {
        "paper": [reading(ordered, own), reading(ordered, own[::-1])],
        "chgnet": [reading(ordered, own)],
        "angles": [reading(ordered, own), reading(ordered, own[::-1])],
    }
    compared = potentials_table.compare(readings, known)
    by_seed = {name: numbers["by_seed"]["formation_boron"] for name, numbers in compared.items()}
    assert by_seed["paper"] == pytest.approx([-1, -1])
    assert by_seed["chgnet"] == pytest.approx([1, -1])
    assert by_seed["angles"] == pytest.approx([1, 1])
    shown = potentials_table.table(compared)
    assert shown.columns.tolist() == ["the paper's network", "CHGNet", "the network that sees angles"]
    assert shown.loc[("elements: nearest of the same group", "all"), "CHGNet"] == 1
    numbers = potentials_table.result_numbers(compared, [0, 1])
    assert numbers["networks"]["chgnet"]["formation_boron"] == pytest.approx(0)
    assert numbers["by_seed"]["networks.paper.block"] == compared["paper"]["by_seed"]["block"]
    assert potentials_table.texts(compared)["chgnet_formation_boron"] == pytest.approx(0)


def test_a_potential_on_a_set_it_was_not_measured_on_is_refused(
    tmp_path: Path, crystals: Crystals, potential: Potential
) -> None:
    sites = pd.DataFrame({"part": ["O", "S", "B", "test"], "crystal": ["a"] * 4, "site": [0] * 4})
    save_measured(
        measure_potential(potential, {"few": crystals}, {"few": sites}, crystals), tmp_path / "chgnet.safetensors", {}
    )
    with pytest.raises(DataError, match=r"chgnet\.safetensors: no other\.B\.vectors"):
        load_measured("chgnet", {"boron": "other", "materials_project": "other"}, tmp_path)
