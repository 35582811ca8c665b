"""The published maps: they belong to the published runs, cover their sets, and do what the benchmark measured."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.environment_map import EnvironmentMap, choose
from cgcnn.analysis.locate import locate
from cgcnn.analysis.map_files import load_map, map_path, published_map
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.files.paths import models_directory, project_root
from cgcnn.graphs import crystal_graphs
from cgcnn.paper.mp_coordination import CLASSES, chemistry_classes
from cgcnn.paper.mp_environments import centers_around
from cgcnn.paper.published_maps import SETS, classes
from cgcnn.training.store import find_run, load_run

MEASURED = json.loads((project_root() / "benchmarks" / "locate.json").read_text())


@pytest.fixture(scope="module", params=SETS)
def published(request: pytest.FixtureRequest) -> EnvironmentMap:
    """Return each published map in turn."""
    return load_map(str(request.param))


def test_a_published_map_belongs_to_the_published_run_of_its_set(published: EnvironmentMap) -> None:
    run = load_run(published.run_dataset)
    assert published.run_key == run.key
    assert published.crystals_name == run.dataset
    assert published_map(run.dataset) == map_path(published, models_directory())
    found = find_run(run.key)
    assert found is not None
    assert found.name.startswith("paper-random-"), "a map is never taken for its run"


def test_a_published_map_is_small_and_shows_all_elements_of_the_run(published: EnvironmentMap) -> None:
    path = published_map(published.run_dataset)
    assert path is not None
    assert path.stat().st_size < 1.5e6
    run = load_run(published.run_dataset)
    assert set(published.table["element"]) == set(ELEMENT_SYMBOLS[run.elements])
    assert not published.table.duplicated(["crystal", "site"]).any()


def test_the_map_of_the_materials_project_shows_every_class_around_oxygen_and_sulfur() -> None:
    table = load_map("materials_project").table
    assert (table["class"] == chemistry_classes(table["element"])).all()
    for anion in ("O", "S"):
        counts = centers_around(table, anion)["class"].value_counts()
        assert (counts[list(CLASSES)] >= 10).all(), counts


def test_the_measured_limits_hold() -> None:
    limits, sets = MEASURED["limits"], MEASURED["sets"]
    assert set(sets) == set(SETS)
    for name, measured in sets.items():
        found = measured["crystals_of_the_map"]
        assert found["n_crystals_found_at_distance_0"] == found["n_crystals"] == 100
        assert found["n_sites_found_at_distance_0"] == found["n_sites_on_the_map"]
        assert found["cpu_seconds"] < limits["seconds_for_100_crystals"]
        assert measured["file"]["new_points_off_by"] < 1e-6
        path = published_map(name)
        assert path is not None
        assert measured["file"]["bytes"] == path.stat().st_size
        assert measured["n_environments"] == len(load_map(name).table)
    held_out = sets["materials_project"]["held_out"]
    for kind in ("all", "around_O", "around_S"):
        for space in ("among_vectors", "on_the_plane"):
            assert held_out[kind]["class"][space]["nearest"] >= limits["share_beside_own_class"], (kind, space)


def test_titanium_is_on_the_b_site_of_strontium_titanate(embedded: Crystals) -> None:
    place = embedded.ids.index("Sr-Ti-O3")
    sites = pd.DataFrame({"crystal": "Sr-Ti-O3", "site": np.arange(5)})
    found = dict(
        zip(
            ELEMENT_SYMBOLS[embedded.atomic_numbers[embedded.sites(place)]],
            classes("perovskites", embedded, sites),
            strict=True,
        )
    )
    assert found == {"Sr": "A site", "Ti": "B site", "O": "anion"}


def test_the_sites_of_perovskites_are_named_by_their_kind(public: Crystals) -> None:
    table = load_map("perovskites").table
    assert (table["class"] == classes("perovskites", public, table)).all()
    every = pd.DataFrame({"crystal": np.repeat(public.ids[:500], 5), "site": np.tile(np.arange(5), 500)})
    counts = pd.crosstab(every["crystal"], classes("perovskites", public, every))
    assert (counts[["A site", "B site", "anion"]] == [1, 1, 3]).all(axis=None)
    formulas = public.reduced_formulas()
    for formula, on_b in {"SrTiO3": "Ti", "BaZrO3": "Zr", "NaNbO3": "Nb", "LaAlO3": "Al"}.items():
        # Of the two crystals with this formula, the known mineral is the one of lower energy.
        both = np.flatnonzero(formulas == formula)
        mineral = both[public.targets[both].argmin()]
        sites = pd.DataFrame({"crystal": public.ids[mineral], "site": np.arange(5)})
        symbols = ELEMENT_SYMBOLS[public.atomic_numbers[public.sites(int(mineral))]]
        assert symbols[classes("perovskites", public, sites) == "B site"].tolist() == [on_b]


def test_the_published_points_are_those_that_the_rule_chooses_with_the_run_s_own_vectors(public: Crystals) -> None:
    published, run = load_map("perovskites"), load_run("perovskites")
    graphs = crystal_graphs.load_or_build(public, run.config.n_neighbors, run.config.tolerance)
    chosen = choose(np.asarray(graphs.atomic_numbers), len(published.table), published.seed)
    assert published.n_all == graphs.n_nodes
    expected = pd.DataFrame(
        {"crystal": np.array(public.ids)[graphs.crystal_of_node[chosen]], "site": graphs.sites[chosen]}
    )
    pd.testing.assert_frame_equal(published.table[["crystal", "site"]], expected, check_dtype=False)
    some = public.select([public.ids.index(name) for name in dict.fromkeys(expected["crystal"].head(200))])
    environments = represent(run, some, "cpu").environments.merge(expected.head(200), on=["crystal", "site"])
    np.testing.assert_allclose(published.vectors[:200], environment_vectors(environments), rtol=1e-4, atol=1e-4)
    located = locate([run], published, some).sites.merge(expected.head(200), on=["crystal", "site"])
    assert (located["distance"] == 0).all()
    assert (located["nearest_1_crystal"] == located["crystal"]).all()
