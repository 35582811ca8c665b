"""What the boron section measures on each seed: the same environments for all seeds, and the numbers of each."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.maps import Map
from cgcnn.paper import boron_seeds
from cgcnn.paper.boron_map import BoronMap
from cgcnn.paper.boron_regions import REGIONS

N = 40


def environments(shift: float) -> pd.DataFrame:
    """Return forty environments, ten per region; the local energies of a seed are higher by a shift."""
    return pd.DataFrame(
        {
            "crystal": [f"c{k % 8}" for k in range(N)],
            "region": np.repeat(REGIONS, N // 4),
            "n_bonds": np.tile([2, 5], N // 2),
            "has_pentagon": np.tile([True, False], N // 2),
            "periodicity": np.tile([3, 2], N // 2),
            "local_energy_eV_per_atom": np.repeat([4.0, 1.0, 2.0, 0.0], N // 4) + shift,
        }
    )


def of_seed(shift: float, seed: int) -> BoronMap:
    rng = np.random.default_rng(seed)
    points = pd.DataFrame(rng.normal(size=(N, 2)), columns=["x", "y"])
    given = {"n_neighbors": np.repeat([2.0, 6.0, 4.0, 6.0], N // 4) + np.tile([0.0, 1.0], N // 2)}
    same = {name: np.arange(N) for name in ("density_g_per_cm3", "neighbor_distance_angstrom")}
    table = environments(shift).assign(**given, **same)
    return BoronMap(np.arange(N), table, points, Map(points, None, 0.9 + seed / 100))


@pytest.fixture(scope="module")
def mapped() -> list[BoronMap]:
    return [of_seed(0.0, 0), of_seed(0.5, 1)]


def test_regions_are_named_once_and_joined_to_the_environments_of_every_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def name_regions(*given: object) -> pd.DataFrame:
        calls.append(given)
        return pd.DataFrame({"region": ["layered", "amorphous"]})

    monkeypatch.setattr(boron_seeds, "name_regions", name_regions)
    levels = [SimpleNamespace(environments=pd.DataFrame({"energy": [seed, seed + 1.0]})) for seed in range(3)]
    found = boron_seeds.environments_of_seeds(levels, "crystals", has_regions=True)  # type: ignore[arg-type]  # replaced
    assert len(calls) == 1
    assert [each["energy"].tolist() for each in found] == [[0, 1], [1, 2], [2, 3]]
    assert all(each["region"].tolist() == ["layered", "amorphous"] for each in found)
    plain = boron_seeds.environments_of_seeds(levels, "crystals", has_regions=False)  # type: ignore[arg-type]  # replaced
    assert "region" not in plain[0]
    assert len(calls) == 1


def test_the_order_of_the_maps_has_a_row_and_a_number_per_seed(mapped: list[BoronMap]) -> None:
    table, numbers = boron_seeds.order(mapped, [5, 9])
    assert table.index.tolist() == [5, 9]
    assert numbers["by_seed"]["trustworthiness"] == pytest.approx([0.9, 0.91])
    assert numbers["by_seed"]["knn_r2.local_energy"] == pytest.approx(table["knn_r2.local_energy"].tolist())
    assert numbers["knn_r2"]["density"] == pytest.approx(table["knn_r2.density"].mean())


def test_regions_compare_by_seed_and_what_no_seed_decides_has_no_seeds(mapped: list[BoronMap]) -> None:
    energies = pd.Series({f"c{k}": float(k) for k in range(8)})
    table, numbers = boron_seeds.regions([environments(0.0), environments(0.5)], mapped, energies)
    assert table.index.tolist() == list(REGIONS)
    assert table["local energy (eV)"].tolist() == pytest.approx([4.25, 1.25, 2.25, 0.25])
    assert numbers["by_seed"]["mean_local_energy.layered"] == pytest.approx([2.0, 2.5])
    assert numbers["by_seed"]["icosahedral_below_next"] == pytest.approx([1.0, 1.0])
    assert numbers["disconnected_fewer_neighbors"] == pytest.approx(2.0)
    assert "disconnected_fewer_neighbors" not in numbers["by_seed"]
    assert numbers["n_icosahedral"] == 10
    without = mapped[0].table.query("region != 'layered'")
    some = BoronMap(without.index.to_numpy(), without, mapped[0].vectors, mapped[0].chart)
    assert boron_seeds.regions([without], [some], energies)[1] == {}


def test_togetherness_is_the_mean_of_the_seeds(mapped: list[BoronMap]) -> None:
    table, numbers = boron_seeds.together(mapped)
    each = [of_map.togetherness()["above chance"]["layered"] for of_map in mapped]
    assert numbers["by_seed"]["together_above_chance.layered"] == pytest.approx(each)
    assert table["above chance"]["layered"] == pytest.approx(np.mean(each))


def test_the_text_of_a_section_without_regions_lacks_their_numbers() -> None:
    numbers = {"train_mae": 0.1, "test_mae": 0.2, "local_energy_seed_difference_over_test_mae": 1.0}
    texts = boron_seeds.texts(numbers)
    assert texts["n_icosahedral"] is None
    assert texts["train_share"] == "50 %"
    assert texts["ratio_b35"] == texts["density_by_vectors"] == "not measured here"
