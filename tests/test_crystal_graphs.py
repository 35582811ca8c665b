"""Test graphs: what merging keeps and saves, that damaged caches are refused, and what a batch holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build, load_or_build


def test_equal_sites_are_one_node_with_a_multiplicity(embedded: Crystals) -> None:
    crystal = embedded.ids.index("Sr-Ti-O3")
    graph = build(embedded.select([crystal]))
    assert graph.atomic_numbers.tolist() == [22, 38, 8]
    assert graph.multiplicities.tolist() == [1, 1, 3]
    # Ti has 6 O, and 8 Sr share the other 6 places. Sr has 12 O. O has 2 Ti, and 4 Sr and 8 O at one distance share the
    # other 10 places.
    length = float(embedded.lattices[crystal, 0, 0])
    table = list(zip(graph.neighbors.tolist(), graph.distances / length, graph.weights.tolist(), strict=True))
    expected = [
        (1, np.sqrt(3) / 2, 6.0),
        (2, 0.5, 6.0),
        (2, np.sqrt(0.5), 12.0),
        (0, 0.5, 2.0),
        (1, np.sqrt(0.5), 4 * 10 / 12),
        (2, np.sqrt(0.5), 8 * 10 / 12),
    ]
    assert np.allclose(sorted(table), sorted(expected), atol=1e-5)


def test_merged_weights_sum_to_twelve_and_multiplicities_to_the_sites(few: Crystals) -> None:
    graphs = build(few)
    assert np.allclose(np.add.reduceat(graphs.weights, graphs.edge_offsets[:-1]), 12, atol=1e-5)
    assert np.array_equal(np.add.reduceat(graphs.multiplicities, graphs.node_offsets[:-1]), few.n_sites)


def test_sites_of_one_element_in_different_surroundings_stay_apart() -> None:
    # beta-W (A15) has 2 sites with 12 equal neighbors, and 6 sites in chains with 2 nearer neighbors.
    beta = Structure.from_spacegroup("Pm-3n", Lattice.cubic(5.05), ["W", "W"], [[0, 0, 0], [0.25, 0, 0.5]])
    graph = build(pack([beta], ["beta-W"], [0.0], "test"))
    assert sorted(graph.multiplicities.tolist()) == [2, 6]


def test_merging_keeps_fewer_edges_than_the_public_set_is_promised(public: Crystals) -> None:
    sample = public.select(np.arange(0, len(public), 7))
    graphs = build(sample)
    assert 12 * sample.n_sites.sum() / graphs.n_edges >= 2.6


def test_merging_saves_nodes_and_edges_of_the_materials_project_crystals(materials_project: Crystals) -> None:
    assert len(materials_project) == 36_476
    graphs = load_or_build(materials_project)
    assert materials_project.n_sites.sum() / graphs.n_nodes >= 2.6
    assert 12 * materials_project.n_sites.sum() / graphs.n_edges >= 3.2


def test_the_graph_does_not_depend_on_how_many_crystals_are_built_together(few: Crystals) -> None:
    together = build(few)
    for crystal in (0, 151, 299):
        alone = build(few.select([crystal]))
        first, last = together.node_offsets[crystal : crystal + 2]
        edges = slice(together.edge_offsets[first], together.edge_offsets[last])
        for name in ("neighbors", "distances", "weights"):
            assert np.array_equal(getattr(together, name)[edges], getattr(alone, name))


def test_a_batch_holds_the_crystals_asked_for_in_their_order(few: Crystals) -> None:
    graphs = build(few)
    batch = Batcher(graphs)(torch.tensor([200, 3]))
    assert batch.targets.tolist() == pytest.approx([few.targets[200], few.targets[3]])
    assert batch.n_sites.tolist() == [5, 5]
    parts = []
    for crystal in (200, 3):
        first, last = graphs.node_offsets[crystal : crystal + 2]
        parts.append((graphs.atomic_numbers[first:last], graphs.distances[slice(*graphs.edge_offsets[[first, last]])]))
    assert batch.atomic_numbers.tolist() == np.concatenate([part[0] for part in parts]).tolist()
    assert batch.distances.tolist() == np.concatenate([part[1] for part in parts]).tolist()
    n_first = len(parts[0][0])
    assert (batch.neighbors[batch.centers < n_first] < n_first).all()
    assert (batch.neighbors[batch.centers >= n_first] >= n_first).all()


def test_batches_hold_every_crystal_once_and_the_last_one_may_be_smaller(few: Crystals) -> None:
    batcher = Batcher(build(few.select(range(10))))
    batches = list(batcher.batches(torch.tensor([9, 2, 5, 7, 0]), 2))
    assert [len(batch.targets) for batch in batches] == [2, 2, 1]
    found = torch.cat([batch.targets for batch in batches])
    assert found.tolist() == few.targets[[9, 2, 5, 7, 0]].astype(np.float32).tolist()


def test_cached_graphs_equal_built_ones_and_are_memory_mapped(few: Crystals) -> None:
    load_or_build(few)
    mapped, built = load_or_build(few), build(few)
    assert isinstance(mapped.distances, np.memmap)
    assert mapped.digest == built.digest


def test_a_damaged_cache_is_named_and_built_anew(
    few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    good = load_or_build(few)
    (path,) = (tmp_path / "graphs").glob("*.safetensors")
    damaged = bytearray(path.read_bytes())
    damaged[-3] ^= 1
    other = Path(str(path) + ".new")
    other.write_bytes(damaged)
    other.replace(path)
    again = load_or_build(few)
    assert "its bytes are not those that were written" in caplog.text
    assert again.digest == good.digest
    path.write_bytes(path.read_bytes()[:1000])
    assert load_or_build(few).digest == good.digest


def test_parallel_and_serial_builds_are_equal(few: Crystals, monkeypatch: pytest.MonkeyPatch) -> None:
    serial = build(few)
    monkeypatch.setattr(crystal_graphs, "_CRYSTALS_FOR_PARALLEL", 1)
    monkeypatch.setattr(crystal_graphs, "_CRYSTALS_PER_TASK", 70)
    assert build(few).digest == serial.digest
