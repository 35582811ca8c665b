"""Measure the published maps: their files, crystals that find themselves, and environments that were held out.

It writes ``locate.json`` and takes five minutes on two cores. Run it as ``python benchmarks/locate.py``.
"""

from __future__ import annotations

import dataclasses
import logging
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from cgcnn.analysis import maps
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.analysis.locate import locate
from cgcnn.analysis.map_files import load_map, published_map, save_map
from cgcnn.data import datasets
from cgcnn.files.tables import save_numbers
from cgcnn.paper.mp_coordination import CLASSES
from cgcnn.paper.mp_environments import centers_around
from cgcnn.paper.published_maps import SETS
from cgcnn.training.store import load_run

_logger = logging.getLogger("locate")

# The largest number of seconds in which 100 crystals are to be located, and the share of held-out environments that are
# to land beside their own class. Both were fixed before anything was measured.
LIMITS = {"seconds_for_100_crystals": 10, "share_beside_own_class": 0.9}
N_CRYSTALS = 100
# The environments of a map are divided into so many parts, and the first parts of each set are held out in turn.
N_PARTS = 10
N_HELD_OUT = {"perovskites": 1, "boron": 1, "materials_project": N_PARTS}
# The number of nearest environments whose classes are compared.
N_NEAREST = 10
# The maps do not depend on the number of threads.
N_THREADS = 1
ANIONS = ("O", "S")


def main() -> None:
    """Measure all maps, and write the numbers."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    measured: dict[str, Any] = {}
    for name in SETS:
        drawn = load_map(name)
        _logger.info("%s", drawn.described)
        measured[name] = {
            "n_environments": len(drawn.table),
            "n_all": drawn.n_all,
            "trustworthiness": drawn.trustworthiness,
            "file": _file(name, drawn),
            "crystals_of_the_map": _crystals_of_the_map(name, drawn),
            "held_out": _held_out(drawn),
        }
    here = Path(__file__).resolve().parent
    settings = {"limits": LIMITS, "n_parts": N_PARTS, "n_held_out": N_HELD_OUT, "n_nearest": N_NEAREST}
    save_numbers({**settings, "sets": measured}, here / "locate.json")


def _file(name: str, drawn: EnvironmentMap) -> dict[str, float]:
    """Return the size of a map's file, the seconds in which it is read and rebuilt, and how far new points are off.

    New points are the environments of one part, which are placed on a map of the others: by openTSNE's own map as it
    was drawn, and by the map that was rebuilt from its file.
    """
    path = published_map(name)
    assert path is not None
    began, cpu_began = time.perf_counter(), time.process_time()
    _ = load_map(path).chart
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    kept, out = _parts(len(drawn.table))[0]
    vectors = pd.DataFrame(drawn.vectors)
    first = maps.draw_map(vectors.iloc[kept].reset_index(drop=True), drawn.seed, N_THREADS)
    by_first = maps.place(first, vectors.iloc[out]).to_numpy()
    # Placing has moved the middle of openTSNE's map to the origin.
    points = pd.DataFrame(np.array(first.embedding), columns=["x", "y"])
    table = drawn.table.iloc[kept].reset_index(drop=True).assign(x=points["x"], y=points["y"])
    with tempfile.TemporaryDirectory() as folder:
        save_map(dataclasses.replace(drawn, table=table, vectors=drawn.vectors[kept]), Path(folder) / "map")
        rebuilt = load_map(Path(folder) / "map").chart
    by_rebuilt = maps.place(rebuilt, vectors.iloc[out]).to_numpy()
    return {
        "bytes": path.stat().st_size,
        "seconds_to_rebuild": seconds,
        "cpu_seconds_to_rebuild": cpu_seconds,
        "n_new_points": len(out),
        "new_points_off_by": float(np.abs(by_rebuilt - by_first).max()),
        "width_of_the_map": float(np.ptp(points["x"])),
    }


def _crystals_of_the_map(name: str, drawn: EnvironmentMap) -> dict[str, float]:
    """Locate 100 crystals that have environments on the map."""
    crystals = datasets.load(name)
    places = {crystal: place for place, crystal in enumerate(crystals.ids)}
    known = drawn.table["crystal"].drop_duplicates().sample(N_CRYSTALS, random_state=0)
    chosen = crystals.select([places[crystal] for crystal in known])
    runs = [load_run(name)]
    began, cpu_began = time.perf_counter(), time.process_time()
    sites = locate(runs, drawn, chosen).sites
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    mapped = sites.merge(drawn.table, on=["crystal", "site"], suffixes=("", "_on_map"))
    at_itself = (mapped["distance"] == 0) & (mapped["nearest_1_crystal"] == mapped["crystal"])
    on_its_point = (mapped["x"] == mapped["x_on_map"]) & (mapped["y"] == mapped["y_on_map"])
    return {
        "n_crystals": len(chosen),
        "n_sites": len(sites),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "n_crystals_found_at_distance_0": int(mapped[at_itself & on_its_point]["crystal"].nunique()),
        "n_sites_on_the_map": len(mapped),
        "n_sites_found_at_distance_0": int((at_itself & on_its_point).sum()),
    }


def _held_out(drawn: EnvironmentMap) -> dict[str, Any]:
    """Hold out tenths of the environments in turn, draw the map of the others, and place the tenth on it.

    Returns:
        For each kind of environments the number; for the class and the element the share of the most frequent one,
        which is the share by chance; and the shares of environments whose class or element is that of the nearest
        environment, and of most of the ten nearest, among the vectors and on the plane.
    """
    vectors, rows = pd.DataFrame(drawn.vectors), []
    for part, (kept, out) in enumerate(_parts(len(vectors))[: N_HELD_OUT[drawn.crystals_name]]):
        _logger.info("%s: part %d", drawn.crystals_name, part + 1)
        others = vectors.iloc[kept].reset_index(drop=True)
        first = maps.draw_map(others, drawn.seed, N_THREADS)
        placed = maps.place(first, vectors.iloc[out])
        spaces = {
            "among_vectors": (others, vectors.iloc[out]),
            "on_the_plane": (pd.DataFrame(np.array(first.embedding)), placed),
        }
        for space, (old, new) in spaces.items():
            found = NearestNeighbors(n_neighbors=N_NEAREST).fit(old.to_numpy()).kneighbors(new.to_numpy())[1]
            for of in ("class", "element"):
                labels = drawn.table[of].to_numpy()
                nearest, own = labels[kept][found], labels[out]
                most = pd.DataFrame(nearest).mode(axis=1)[0].to_numpy()
                rows.append(
                    pd.DataFrame(
                        {
                            "space": space,
                            "of": of,
                            "own": own,
                            "nearest": nearest[:, 0] == own,
                            "most_of_ten": most == own,
                        },
                        out,
                    )
                )
    table = pd.concat(rows)
    return {kind: _shares(table[table.index.isin(chosen)]) for kind, chosen in _kinds(drawn.table).items()}


def _shares(table: pd.DataFrame) -> dict[str, Any]:
    shares = table.groupby(["of", "space"])[["nearest", "most_of_ten"]].mean()
    numbers: dict[str, Any] = {"n": int(table.index.nunique())}
    for of, space in shares.index:
        numbers.setdefault(of, {})[space] = shares.loc[(of, space)].to_dict()
    for of, rows in table[table["space"] == table["space"].iloc[0]].groupby("of"):
        numbers[str(of)]["by_chance"] = rows["own"].value_counts(normalize=True).iloc[0]
    return numbers


def _kinds(table: pd.DataFrame) -> dict[str, pd.Index]:
    """Return the rows of all environments, and of the centers around oxygen and sulfur in the classes of Fig. 5."""
    kinds = {"all": table.index}
    for anion in ANIONS:
        around = centers_around(table, anion)
        named = around.index[around["class"].isin(CLASSES)]
        if len(named):
            kinds[f"around_{anion}"] = named
    return kinds


def _parts(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows that are kept and those that are held out, for each part."""
    parts = np.array_split(np.random.default_rng(0).permutation(n), N_PARTS)
    return [(np.setdiff1d(np.arange(n), part), np.sort(part)) for part in parts]


if __name__ == "__main__":
    main()
