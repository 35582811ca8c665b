"""Mutations of maps, probes, pairs and properties in ``cgcnn/analysis``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_MAPS = "cgcnn/analysis/maps.py"
_DRAWN = "cgcnn/analysis/environment_map.py"
_LOCATE = "cgcnn/analysis/locate.py"
_FILES = "cgcnn/analysis/map_files.py"
_PROBES = "cgcnn/analysis/probes.py"
_ELEMENTS = "cgcnn/analysis/elements.py"
_CURVES = "cgcnn/analysis/learning_curves.py"
_PAIRS = "cgcnn/analysis/pairs.py"
_GEOMETRY = "cgcnn/analysis/site_geometry.py"

MUTATIONS = (
    Mutation(
        "Maps are drawn of standardized numbers, and not of the vectors",
        _MAPS,
        ").fit(vectors.to_numpy(dtype=np.float64))",
        ").fit(((vectors - vectors.mean()) / vectors.std()).to_numpy(dtype=np.float64))",
        (
            "tests/test_maps.py::test_a_map_keeps_the_distances_of_the_vectors_as_they_are_and_does_not_standardize_them",
        ),
    ),
    Mutation(
        "Every drawing of a map has a seed of its own",
        _MAPS,
        "random_state=seed,",
        "random_state=None,",
        ("tests/test_maps.py::test_the_same_seed_gives_the_same_map",),
    ),
    Mutation(
        "New points are placed about the center of the map instead of its origin",
        _MAPS,
        'return pd.DataFrame(np.asarray(placed) - shift, vectors.index, ["x", "y"])',
        'return pd.DataFrame(np.asarray(placed), vectors.index, ["x", "y"])',
        ("tests/test_maps.py::test_new_points_have_the_origin_of_the_map_though_the_embedding_moves_its_own",),
    ),
    Mutation(
        "The trustworthiness is that of five neighbors instead of twelve",
        _MAPS,
        "_N_TRUSTED = 12",
        "_N_TRUSTED = 5",
        ("tests/test_maps.py::test_the_trustworthiness_is_that_of_twelve_neighbors_or_of_half_of_a_small_map",),
    ),
    Mutation(
        "A point takes part in the prediction of its own value",
        _MAPS,
        "[[k for k in row if k != i][:n_neighbors] for i, row in enumerate(nearest)]",
        "[list(row)[:n_neighbors] for row in nearest]",
        ("tests/test_maps.py::test_smoothness_is_one_for_a_value_told_by_its_place_and_zero_for_noise",),
    ),
    Mutation(
        "The distance to a class is the mean distance to its vectors",
        _MAPS,
        "return distances.T.groupby(level=0).min().T",
        "return distances.T.groupby(level=0).mean().T",
        ("tests/test_maps.py::test_distances_to_a_label_are_those_to_its_nearest_vector",),
    ),
    Mutation(
        "All points of a map are chosen at random, so that rare elements are missing",
        _DRAWN,
        "turns = pd.Series(elements[others]).groupby(elements[others]).cumcount().to_numpy()",
        "turns = np.arange(len(others))",
        (
            "tests/test_environment_map.py::test_half_of_the_environments_are_drawn_at_random_and_half_by_turns_over_the_elements",
        ),
    ),
    Mutation(
        "A map is drawn of crystals with elements that the run cannot know",
        _DRAWN,
        "known = crystals.select(seen(run, crystals)[0])",
        "known = crystals",
        ("tests/test_environment_map.py::test_crystals_with_an_element_that_the_run_cannot_know_are_left_out",),
    ),
    Mutation(
        "The middle of a map is not moved to the origin",
        _DRAWN,
        "points = drawn.points - (drawn.points.max() + drawn.points.min()) / 2",
        "points = drawn.points",
        (
            "tests/test_environment_map.py::test_the_middle_of_a_map_is_the_origin_so_that_new_points_are_placed_beside_old_ones",
        ),
    ),
    Mutation(
        "Environments of a map are chosen and named by graphs of 12 neighbors, whatever the run has",
        _DRAWN,
        "graphs = crystal_graphs.load_or_build(known, *run.config.of_graphs)",
        "graphs = crystal_graphs.load_or_build(known, 12, *run.config.of_graphs[1:])",
        (
            "tests/test_own_neighbors.py::test_a_map_and_what_is_placed_on_it_have_the_environments_of_the_run_s_own_graphs",
        ),
    ),
    Mutation(
        "Located sites have 12 neighbors, whatever the run of the map has",
        _LOCATE,
        "graphs = crystal_graphs.build(known, *own.config.of_graphs)",
        "graphs = crystal_graphs.build(known, 12, *own.config.of_graphs[1:])",
        (
            "tests/test_own_neighbors.py::test_a_map_and_what_is_placed_on_it_have_the_environments_of_the_run_s_own_graphs",
        ),
    ),
    Mutation(
        "Nearest environments are those of another run than the map's",
        _LOCATE,
        "environments = levels[list(runs).index(own)].environments",
        "environments = levels[0].environments",
        ("tests/test_locate.py::test_local_values_average_to_the_prediction_over_all_runs",),
    ),
    Mutation(
        "A located site has the local energy of one run, and the crystal the mean of all",
        _LOCATE,
        "sites[local] = np.mean([level.environments[local] for level in levels], axis=0)",
        "sites[local] = levels[0].environments[local]",
        ("tests/test_locate.py::test_local_values_average_to_the_prediction_over_all_runs",),
    ),
    Mutation(
        "Whether a site is outside is decided by the spacing of the nearest half of the map",
        _LOCATE,
        "_INSIDE, _NOT_OUTSIDE = 0.9, 0.975",
        "_INSIDE, _NOT_OUTSIDE = 0.45, 0.5",
        ("tests/test_locate.py::test_most_crystals_of_the_same_kind_are_inside",),
    ),
    Mutation(
        "The label of the nearest environment is that of the second nearest",
        _LOCATE,
        'sites[f"nearest_{rank + 1}_{name}"] = rows[name].to_numpy()',
        'sites[f"nearest_{rank + 1}_{name}"] = on.table.iloc[found[:, rank - 1]][name].to_numpy()',
        ("tests/test_locate.py::test_a_crystal_of_the_map_finds_itself_at_distance_0_and_at_its_own_point",),
    ),
    Mutation(
        "A map of another run is taken",
        _LOCATE,
        "        if run.key == on.run_key:\n",
        "        if run.dataset == on.run_dataset or len(runs) == 1:\n",
        ("tests/test_locate.py::test_a_map_of_another_run_or_of_crystals_is_refused_by_name",),
    ),
    Mutation(
        "The places of a map that is read have x and y swapped",
        _FILES,
        '{"x": places[:, 0], "y": places[:, 1]}',
        '{"x": places[:, 1], "y": places[:, 0]}',
        ("tests/test_map_files.py::test_a_map_read_back_is_the_map_that_was_written",),
    ),
    Mutation(
        "The map of another run is read where one run is asked for",
        _FILES,
        "if run_key is not None and drawn.run_key != run_key:",
        "if run_key is not None and not drawn.run_key:",
        ("tests/test_map_files.py",),
    ),
    Mutation(
        "The first two principal components are swapped",
        _PROBES,
        'vectors.index, ["pc1", "pc2"])',
        'vectors.index, ["pc2", "pc1"])',
        ("tests/test_probes.py",),
    ),
    Mutation(
        "The kernels of the alignment keep their diagonals, so that random vectors look alike",
        _PROBES,
        "(each - np.diag(np.diag(each)) for each in (k, other))",
        "(each for each in (k, other))",
        ("tests/test_probes.py",),
    ),
    Mutation(
        "A row is its own nearest neighbor",
        _PROBES,
        "np.fill_diagonal(distances, np.inf)",
        "np.fill_diagonal(distances, 0)",
        ("tests/test_probes.py",),
    ),
    Mutation(
        "The folds leak: a linear model is fitted to the elements that it is judged by",
        _PROBES,
        "model.fit(x[train], y[train])",
        "model.fit(x, y)",
        ("tests/test_probes.py",),
    ),
    Mutation(
        "The folds leak: numbers are standardized over the held-out elements too",
        _PROBES,
        "            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))\n",
        "            from sklearn.preprocessing import FunctionTransformer\n\n"
        "            scaled = FunctionTransformer(StandardScaler().fit(x).transform)\n"
        "            model = make_pipeline(scaled, LogisticRegression(C=strength, max_iter=1000))\n",
        ("tests/test_probes.py",),
    ),
    Mutation(
        "Every repeat of the cross-validation has the same folds",
        _PROBES,
        "for train, held_out in _folds(y, n_folds, seed + repeat):",
        "for train, held_out in _folds(y, n_folds, seed):",
        ("tests/test_probes.py",),
    ),
    Mutation(
        "Elements are sorted by atomic number, whatever they are to be sorted by",
        _ELEMENTS,
        ".sort_values(by).index]",
        '.sort_values("atomic_number").index]',
        ("tests/test_elements.py",),
    ),
    Mutation(
        "The covalent radius is that of another table",
        _ELEMENTS,
        'elements["covalent_radius_cordero"]',
        'elements["covalent_radius_pyykko"]',
        ("tests/test_elements.py",),
    ),
    Mutation(
        "Numeric properties are in the order of the symbols, so that an element has those of another",
        _ELEMENTS,
        '.set_index("symbol").sort_values("atomic_number")',
        '.set_index("symbol").sort_index()',
        ("tests/test_boron_map.py", "tests/test_rivals.py"),
    ),
    Mutation(
        "The slope of a learning curve is fitted to the numbers, and not to their logarithms",
        _CURVES,
        "x, y = np.log10(np.asarray(sizes, float)), np.log10(np.asarray(errors, float))",
        "x, y = np.asarray(sizes, float), np.asarray(errors, float)",
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "The error of several seeds is their median",
        _CURVES,
        'by_size.agg(["mean", "std"]).reset_index().rename(columns={"mean": error,',
        'by_size.agg(["median", "std"]).reset_index().rename(columns={"median": error,',
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "The interval of a slope is too narrow",
        _CURVES,
        "t.ppf(0.975, n_sizes - 2)",
        "t.ppf(0.95, n_sizes - 2)",
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "A size whose seeds agree by chance decides the weighted line alone",
        _CURVES,
        "1 / np.maximum(relative, _LEAST_RELATIVE_ERROR) ** 2",
        "1 / relative**2",
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "The first neighbor is the farthest one",
        _PAIRS,
        "nearest = order[np.asarray(graphs.edge_offsets[:-1])]",
        "nearest = order[np.asarray(graphs.edge_offsets[1:]) - 1]",
        ("tests/test_pairs.py",),
    ),
    Mutation(
        "Of equally near neighbors, the first in the order of the sites counts",
        _PAIRS,
        "order = np.lexsort((numbers, steps, centers))",
        "order = np.lexsort((steps, centers))",
        ("tests/test_pairs.py",),
    ),
    Mutation(
        "The bonded neighbor is the one at the least distance",
        _PAIRS,
        "- radii[numbers] - radii[graphs.atomic_numbers][centers]",
        "- 0 * radii[numbers] - radii[graphs.atomic_numbers][centers]",
        ("tests/test_pairs.py",),
    ),
    Mutation(
        "The mean energy of a pair is its lowest one",
        _PAIRS,
        '.agg(["mean", "size"])',
        '.agg(["min", "size"])',
        ("tests/test_pairs.py",),
    ),
    Mutation(
        "Centers and first neighbors of pairs are swapped",
        _PAIRS,
        'pd.Index(["center", "first_neighbor", quantity',
        'pd.Index(["first_neighbor", "center", quantity',
        ("tests/test_pairs.py",),
    ),
    Mutation(
        "The coordination of a crystal's first site is given for all its sites",
        _GEOMETRY,
        "(crystals.structure(int(c)), int(s))",
        "(crystals.structure(int(c)), 0 * int(s))",
        ("tests/test_site_geometry.py",),
    ),
    Mutation(
        "Octahedral and tetrahedral order are swapped",
        _GEOMETRY,
        'LocalStructOrderParams(["oct", "tet"])',
        'LocalStructOrderParams(["tet", "oct"])',
        ("tests/test_site_geometry.py",),
    ),
    Mutation(
        "The coordination of sites that were described before is given for other sites",
        _GEOMETRY,
        'key = f"{_VERSION} {crystals.digest} {of_sites}"',
        'key = f"{_VERSION} {crystals.digest} {len(of_sites)}"',
        ("tests/test_site_geometry.py",),
    ),
    Mutation(
        "The median target of a set is its mean",
        "cgcnn/analysis/set_size.py",
        "np.median(crystals.targets)",
        "np.mean(crystals.targets)",
        ("tests/test_perovskite_tables.py",),
    ),
)
