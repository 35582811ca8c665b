"""The three levels: their rows, their sums, the crystals that are refused, and the command that writes them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from pymatgen.core import Element, Lattice, Structure

from cgcnn.__main__ import main
from cgcnn.analysis.prediction import predict
from cgcnn.analysis.representations import element_vectors, represent, site_labels
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.training.runs import Run, save_run


def test_element_vectors_depend_on_the_element_alone(few: Crystals, run: Run) -> None:
    one, other = represent(run, few.select([0])), represent(run, few.select([299, 17]))
    pd.testing.assert_frame_equal(one.elements, other.elements)
    for symbol, row in one.elements.iterrows():
        assert torch.equal(torch.tensor(row.to_numpy()), run.network.element_vectors[Element(str(symbol)).Z])


def test_element_vectors_are_those_of_the_training_crystals(few: Crystals, run: Run) -> None:
    trained = few.select(run.split.train).atomic_numbers
    assert element_vectors(run).index.tolist() == [Element.from_Z(int(z)).symbol for z in np.unique(trained)]


def test_local_energies_average_to_the_crystals_energy(few: Crystals, run: Run) -> None:
    levels = represent(run, few)
    environments = levels.environments
    total = environments["local_energy_eV_per_atom"] * environments["multiplicity"]
    by_crystal = total.groupby(environments["crystal"]).sum() / environments.groupby("crystal")["multiplicity"].sum()
    assert np.allclose(by_crystal[list(few.ids)], predict(run, few), atol=1e-5)
    assert np.allclose(levels.energies["energy_eV_per_atom"][list(few.ids)], predict(run, few), atol=1e-5)


def test_each_environment_names_a_site_of_its_element(few: Crystals, run: Run) -> None:
    chosen = few.select([0, 299])
    environments = represent(run, chosen).environments
    assert environments.groupby("crystal")["multiplicity"].sum().tolist() == [5, 5]
    for row in environments.itertuples():
        structure = chosen.structure(chosen.ids.index(str(row.crystal)))
        assert structure[int(str(row.site))].specie.symbol == row.element


def test_an_environment_is_named_by_the_first_of_its_equal_sites(run: Run) -> None:
    places = [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0, 0, 0], [0.5, 0.5, 0.5]]
    titanate = Structure(Lattice.cubic(3.9), ["O", "O", "O", "Ti", "Sr"], np.array(places))
    environments = represent(run, pack([titanate], ["it"], [0.0], "one")).environments
    names = environments[["site", "label", "element", "multiplicity"]].to_numpy().tolist()
    assert names == [[0, "O1", "O", 3], [3, "Ti1", "Ti", 1], [4, "Sr1", "Sr", 1]]


def test_a_crystals_vector_is_the_mean_over_all_its_sites_without_merging(few: Crystals, run: Run) -> None:
    chosen = few.select([0, 1, 299])
    graphs = build(chosen, run.config.n_neighbors, run.config.tolerance, merge=False)
    (batch,) = Batcher(graphs).batches(torch.arange(3), 3)
    with torch.inference_mode():
        of_sites = run.network.environments(batch).numpy()
    assert len(of_sites) == chosen.n_sites.sum() > len(represent(run, chosen).environments)
    means = pd.DataFrame(of_sites).groupby(np.repeat(chosen.ids, chosen.n_sites), sort=False).mean()
    found = represent(run, chosen).crystals
    assert found.index.tolist() == list(chosen.ids)
    assert found.columns.tolist() == [f"v{k}" for k in range(run.config.width)]
    np.testing.assert_allclose(found, means, atol=1e-5)


def test_a_crystals_vector_gives_its_energy_since_local_energies_are_linear_in_v(few: Crystals, run: Run) -> None:
    levels = represent(run, few)
    with torch.inference_mode():
        of_means = run.network.local_energies(torch.from_numpy(levels.crystals.to_numpy()))
    np.testing.assert_allclose(of_means, levels.energies["energy_eV_per_atom"], atol=1e-5)


def test_a_local_energy_is_what_the_network_reads_from_the_numbers_of_its_environment(few: Crystals, run: Run) -> None:
    environments = represent(run, few).environments
    vectors = torch.from_numpy(environments[[f"v{k}" for k in range(run.config.width)]].to_numpy())
    with torch.inference_mode():
        read = run.network.local_energies(vectors)
    np.testing.assert_allclose(environments["local_energy_eV_per_atom"], read, atol=1e-5)
    assert environments.groupby("crystal")["local_energy_eV_per_atom"].std().min() > 1e-3  # its sites differ


def test_a_site_without_a_label_is_named_by_its_element_and_its_number_in_the_crystal(few: Crystals, run: Run) -> None:
    titanate = Structure(Lattice.cubic(3.9), ["O", "Ti", "O", "Sr", "O"], np.arange(15).reshape(5, 3) / 16)
    halide = Structure(Lattice.cubic(4), ["Cs", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    packed = pack([titanate, halide], ["a", "b"], [0.0, 0.0], "two")
    assert site_labels(packed).tolist() == ["O1", "Ti1", "O2", "Sr1", "O3", "Cs1", "O1"]
    environments = represent(run, few.select([5, 6])).environments
    assert environments.columns.tolist()[:5] == ["crystal", "site", "label", "element", "multiplicity"]
    assert environments["label"].str.rstrip("0123456789").tolist() == environments["element"].tolist()


def test_the_labels_of_the_files_name_the_sites(few: Crystals, run: Run) -> None:
    two = few.select([5, 6])
    labels = np.array([f"label {site}" for site in range(len(two.atomic_numbers))])
    labelled = dataclasses.replace(two, site_labels=labels)
    environments = represent(run, labelled).environments
    places = environments["crystal"].map(dict(zip(two.ids, two.site_offsets[:-1], strict=True))) + environments["site"]
    assert environments["label"].tolist() == [f"label {place}" for place in places]


def test_predict_prints_crystal_energy_and_unit(
    few: Crystals, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(run, tmp_path / "run.safetensors")
    cif = tmp_path / "some.cif"
    few.structure(3).to(filename=str(cif))
    assert main(["predict", str(tmp_path / "run.safetensors"), str(cif)]) == 0
    crystal, energy, unit = capsys.readouterr().out.strip().split("\t")[:3]
    assert (crystal, unit) == (str(cif), "eV/atom")
    assert float(energy) == pytest.approx(predict(run, few.select([3]))[0], abs=2e-4)


def test_represent_writes_the_three_levels_as_tables(few: Crystals, run: Run, tmp_path: Path) -> None:
    save_run(run, tmp_path / "run.safetensors")
    few.structure(3).to(filename=str(tmp_path / "some.cif"))
    assert main(["represent", *(str(tmp_path / name) for name in ("run.safetensors", "out", "some.cif"))]) == 0
    assert pd.read_csv(tmp_path / "out" / "elements.csv", keep_default_na=False).shape[1] == 17
    environments = pd.read_csv(tmp_path / "out" / "environments.csv")
    assert environments["multiplicity"].sum() == 5
    assert environments["label"].str.fullmatch(r"[A-Z][a-z]?\d").all()
    assert len(pd.read_csv(tmp_path / "out" / "energies.csv")) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "nowhere.safetensors", "some.cif"], "nowhere.safetensors: no such file"),
        (["train", "no/such/folder"], "no such folder"),
        (["train", "perovskites-embedded", "--epochs", "0"], "epochs=0: must be above 0"),
    ],
)
def test_the_command_line_prints_one_line_and_exits_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert printed.count("\n") == 1
    assert message in printed


def test_train_writes_a_run_that_predicts_from_any_folder(few: Crystals, tmp_path: Path) -> None:
    for crystal in range(20):
        few.structure(crystal).to(filename=str(tmp_path / f"{few.ids[crystal]}.cif"))
    rows = [f"{few.ids[crystal]},{few.targets[crystal]}\n" for crystal in range(20)]
    (tmp_path / "id_prop.csv").write_text("".join(rows))
    command = [sys.executable, "-m", "cgcnn"]
    settings = ["--epochs", "2", "--width", "8", "--device", "cpu", "--output", "run.safetensors"]
    trained = subprocess.run(
        [*command, "train", f"../{tmp_path.name}", *settings], cwd=tmp_path, capture_output=True, text=True
    )
    assert trained.returncode == 0, trained.stderr
    assert "validation MAE" in trained.stdout
    cif = f"{few.ids[0]}.cif"
    predicted = subprocess.run(
        [*command, "predict", "run.safetensors", cif], cwd=tmp_path, capture_output=True, text=True
    )
    assert predicted.stdout.split("\t")[0] == cif, predicted.stderr


@pytest.mark.parametrize("device", ["abacus", "cuda:71"])
def test_a_device_that_is_not_there_is_refused_by_name(run: Run, few: Crystals, device: str) -> None:
    with pytest.raises(DataError, match=f"device='{device}': no such device on this machine; give auto"):
        predict(run, few.select([0]), device=device)
