"""Mutations of what the sections on elements, boron and the Materials Project compute in ``cgcnn/paper``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_REGIONS = "cgcnn/paper/boron_regions.py"
_ICOSAHEDRA = "cgcnn/paper/boron_icosahedra.py"
_BORON_MAP = "cgcnn/paper/boron_map.py"
_PLACED = "cgcnn/paper/boron_placed.py"
_BORON = "cgcnn/paper/boron_tables.py"
_ERRORS = "cgcnn/paper/boron_errors.py"
_SPREAD = "cgcnn/paper/boron_spread.py"
_PAIRS = "cgcnn/paper/mp_pairs.py"
_SUBSTITUTIONS = "cgcnn/paper/substitutions.py"
_CENTERS = "cgcnn/paper/mp_coordination.py"
_CLUSTERS = "cgcnn/paper/mp_clusters.py"
_ENVIRONMENTS = "cgcnn/paper/mp_environments.py"
_PROBES = "cgcnn/paper/element_probes.py"
_RADIUS = "cgcnn/paper/element_radius.py"
_ACCURACIES = "cgcnn/paper/element_accuracies.py"
_PUBLISHED = "cgcnn/paper/published_maps.py"

_OF_REGIONS = ("tests/test_boron_regions.py",)

MUTATIONS = (
    Mutation(
        "Boron atoms up to 2.6 angstrom apart count as bonded",
        _REGIONS,
        "\nBOND = 2.1\n",
        "\nBOND = 2.6\n",
        _OF_REGIONS,
    ),
    Mutation(
        "A site with two bonds is not at an edge",
        _REGIONS,
        "_BONDS_AT_AN_EDGE = 2",
        "_BONDS_AT_AN_EDGE = 1",
        _OF_REGIONS,
    ),
    Mutation(
        "A chain is not disconnected",
        _REGIONS,
        "or periodicity[site] < 2:",
        "or periodicity[site] < 1:",
        _OF_REGIONS,
    ),
    Mutation(
        "A site counts as layered where atoms lie twenty degrees beyond its plane",
        _REGIONS,
        "_BEYOND = 0.087",
        "_BEYOND = 0.342",
        _OF_REGIONS,
    ),
    Mutation(
        "A site whose near atoms all lie on one side is not layered",
        _REGIONS,
        "elif periodicity[site] == 2 or is_one_sided:",
        "elif periodicity[site] == 2:",
        _OF_REGIONS,
    ),
    Mutation(
        "A corner of an icosahedron with few bonds is disconnected",
        _REGIONS,
        '        if site in corners:\n            region = "icosahedral"\n'
        '        elif n_bonds <= _BONDS_AT_AN_EDGE or periodicity[site] < 2:\n            region = "disconnected"\n',
        '        if n_bonds <= _BONDS_AT_AN_EDGE or periodicity[site] < 2:\n            region = "disconnected"\n'
        '        elif site in corners:\n            region = "icosahedral"\n',
        _OF_REGIONS,
    ),
    Mutation(
        "Counts are shown with decimals",
        "cgcnn/paper/shown.py",
        "is_whole and number % 1 == 0",
        "is_whole and number % 1 == 2",
        ("tests/test_shown.py",),
    ),
    Mutation(
        "Local energies on a page have the unit of crystals",
        "cgcnn/paper/shown.py",
        're.search("local|seeds", told) is not None',
        're.search("local|seeds", told) is None',
        ("tests/test_shown.py",),
    ),
    Mutation(
        "A typical example is the one that is farthest from all others",
        "cgcnn/paper/boron_map.py",
        "[:, 0].argmin())]])",
        "[:, 0].argmax())]])",
        ("tests/test_boron_map.py",),
    ),
    Mutation(
        "Eleven atoms make an icosahedron",
        _ICOSAHEDRA,
        "        for bottom in set.intersection(*(_around(neighbors, node) for node in lower)) - upper - set(lower):\n"
        "            corners = (top, *ring, *lower, bottom)\n"
        "            if len({number for number, _ in corners}) == 12:\n",
        "        for bottom in (set.intersection(*(_around(neighbors, node) for node in lower)) - upper) or [top]:\n"
        "            corners = (top, *ring, *lower, bottom)\n"
        "            if len({number for number, _ in corners}) >= 11:\n",
        ("tests/test_boron_icosahedra.py",),
    ),
    Mutation(
        "Atoms 2.9 angstrom apart touch each other in an icosahedron",
        _ICOSAHEDRA,
        "EDGE = 2.3",
        "EDGE = 2.9",
        ("tests/test_boron_icosahedra.py",),
    ),
    Mutation(
        "A point of the boron map is one of its own ten nearest",
        _BORON_MAP,
        "self.regions, _N_NEAREST + 1).iloc[:, 1:]",
        "self.regions, _N_NEAREST + 1).iloc[:, :-1]",
        ("tests/test_boron_map.py::test_regions_in_clusters_of_their_own_lie_together_and_mixed_ones_do_not",),
    ),
    Mutation(
        "The environments of the lowest structure stay on the map of boron",
        _BORON_MAP,
        'return np.setdiff1d(np.union1d(drawn, rare), np.flatnonzero(environments["crystal"] == left_out))',
        "return np.union1d(drawn, rare)",
        ("tests/test_boron_map.py::test_rare_environments_are_added_to_the_draw_and_one_crystal_is_left_out",),
    ),
    Mutation(
        "Densities are those of the cell's mass over the volume per atom",
        _BORON_MAP,
        "volume_per_atom = np.abs(np.linalg.det(crystals.lattices)) / crystals.n_sites",
        "volume_per_atom = np.abs(np.linalg.det(crystals.lattices))",
        ("tests/test_boron_map.py::test_alpha_boron_has_its_density",),
    ),
    Mutation(
        "Cages are so close to their images that they are neighbors",
        "cgcnn/paper/boron_clusters.py",
        "_VACUUM = 15.0",
        "_VACUUM = 2.0",
        ("tests/test_boron.py::test_no_site_of_a_cage_has_a_periodic_image_among_its_neighbors",),
    ),
    Mutation(
        "The mean local energy of a cage counts each distinct site once",
        _SPREAD,
        'np.average(sites["local_energy_eV_per_atom"], weights=sites["multiplicity"])',
        'np.average(sites["local_energy_eV_per_atom"])',
        ("tests/test_boron_spread.py::test_clusters_are_told_by_what_they_are_near_and_how_far_they_spread",),
    ),
    Mutation(
        "Copies of the ground state count as other icosahedra",
        _PLACED,
        "_NEAR_OTHERS: (mapped.near(points, ~is_copy) == _ICOSAHEDRAL).sum(axis=1),",
        "_NEAR_OTHERS: (mapped.near(points) == _ICOSAHEDRAL).sum(axis=1),",
        ("tests/test_boron_placed.py::test_copies_of_the_ground_state_do_not_count_as_other_icosahedra",),
    ),
    Mutation(
        "The spread of the quasi-planar cluster is divided by that of B80",
        _SPREAD,
        "_ratio(spread, two_holes, spread, cage)",
        "_ratio(spread, two_holes, spread, symmetric_cage)",
        ("tests/test_boron_spread.py::test_ratios_are_those_of_the_claims_and_only_cages_count_as_fullerenes",),
    ),
    Mutation(
        "Quasi-planar clusters count as fullerenes",
        _SPREAD,
        'placed[placed["crystal"].isin(CAGES)]',
        "placed",
        ("tests/test_boron_spread.py::test_ratios_are_those_of_the_claims_and_only_cages_count_as_fullerenes",),
    ),
    Mutation(
        "Twins of test structures are searched in validation too",
        _ERRORS,
        "np.isin(np.arange(len(crystals)), split.train)",
        "~np.isin(np.arange(len(crystals)), split.test)",
        ("tests/test_boron_errors.py",),
    ),
    Mutation(
        "The share above chance is not relative to the most that it can be",
        _BORON_MAP,
        "(same - chance) / (1 - chance)",
        "same - chance",
        ("tests/test_boron_map.py",),
    ),
    Mutation(
        "The map of another run keeps the local energies of the first",
        _BORON_MAP,
        "**{local: sample[local], ",
        "**{",
        ("tests/test_boron_map.py",),
    ),
    Mutation(
        "The table of boron's regions is that of the first seed",
        "cgcnn/paper/boron_tables.py",
        "mean = sum(tables[1:], tables[0]) / len(tables)",
        "mean = tables[0]",
        ("tests/test_boron_seeds.py", "tests/test_boron_tables.py::test_the_mean_table_keeps_whole_numbers_whole"),
    ),
    Mutation(
        "The region of highest energy is compared with the lowest one",
        _BORON,
        'energy["disconnected"] - energy.drop("disconnected").max()',
        'energy["disconnected"] - energy.drop("disconnected").min()',
        ("tests/test_boron_tables.py::test_regions_are_compared_with_the_next_one",),
    ),
    Mutation(
        "The error on structures of low energy is that of all of them",
        _ERRORS,
        '"within_1_eV": crystals.targets[test] <= MODERATE,',
        '"within_1_eV": np.full(len(test), True),',
        ("tests/test_boron_errors.py::test_errors_of_parts_are_of_the_test_crystals_in_them",),
    ),
    Mutation(
        "The diagonal of Fig. 6 is the mean over all pairs",
        _PAIRS,
        "for chosen in (is_diagonal, ~is_diagonal))",
        "for chosen in (is_diagonal | True, ~is_diagonal))",
        ("tests/test_mp_pairs.py::test_pairs_of_one_element_are_set_beside_all_others",),
    ),
    Mutation(
        "The highest pairs of Fig. 6 are called the lowest",
        _PAIRS,
        ".sort_values(quantity.column(_MEAN_LOCAL)).head(n_pairs)",
        ".sort_values(quantity.column(_MEAN_LOCAL), ascending=False).head(n_pairs)",
        ("tests/test_mp_pairs.py::test_the_lowest_pairs_come_first_and_are_judged_by_center_and_neighbor",),
    ),
    Mutation(
        "Metals of group 3 do not count as metals of high valence",
        _PAIRS,
        ".between(3, 6)",
        ".between(4, 6)",
        ("tests/test_mp_pairs.py::test_metals_of_high_valence_are_those_of_groups_3_to_6_and_of_the_f_block",),
    ),
    Mutation(
        "Atoms of the anion count as centers that it coordinates",
        _ENVIRONMENTS,
        '(environments["first_neighbor"] == anion) & (environments["element"] != anion)',
        '(environments["first_neighbor"] == anion)',
        ("tests/test_mp_environments.py::test_centers_around_an_anion_are_other_elements_with_it_as_first_neighbor",),
    ),
    Mutation(
        "Local energies are correlated with the atomic number instead of the electronegativity",
        _CENTERS,
        'spearmanr(known["electronegativity"], known[',
        'spearmanr(known["atomic_number"], known[',
        ("tests/test_mp_centers.py::test_energies_of_centers_are_ranked_beside_their_electronegativities",),
    ),
    Mutation(
        "The spread of the energies of a center is the error of its mean",
        _CENTERS,
        'local.agg(["mean", "std", "size"])',
        'local.agg(["mean", "sem", "size"])',
        (
            "tests/test_mp_centers.py::test_energies_of_centers_are_means_deviations_and_numbers_sorted_by_atomic_number",
        ),
    ),
    Mutation(
        "Hydrogen counts as an alkali metal",
        _CENTERS,
        'energy[(group == 1) & (group.index != "H")].mean()',
        "energy[group == 1].mean()",
        ("tests/test_mp_centers.py::test_hydrogen_is_no_alkali_metal",),
    ),
    Mutation(
        "A map shows centers that are more electronegative than the anion",
        _ENVIRONMENTS,
        "(values < values[anion]) |",
        "(values < 9) |",
        (
            "tests/test_mp_environments.py::test_the_draw_takes_centers_less_electronegative_than_the_anion_where_there_are_enough",
        ),
    ),
    Mutation(
        "A class that is as frequent as another one counts as the most frequent one",
        _CLUSTERS,
        "(of_own > counts.max(axis=1))",
        "(of_own >= counts.max(axis=1))",
        (
            "tests/test_mp_clusters.py::test_environments_lie_together_where_their_class_is_the_most_frequent_of_the_ten_nearest_others",
        ),
    ),
    Mutation(
        "The place of an oxide among the residuals is counted from the highest",
        _CENTERS,
        "(y - slope * x - start).sort_values()",
        "(y - slope * x - start).sort_values(ascending=False)",
        ("tests/test_mp_centers.py::test_the_oxides_have_their_places_among_all_centers_by_their_residuals",),
    ),
    Mutation(
        "The silhouette of the clusters is that of the chemical classes",
        _CLUSTERS,
        '"kmeans_on_map": _silhouette(drawn.points, found),',
        '"kmeans_on_map": _silhouette(drawn.points, classes),',
        (
            "tests/test_mp_clusters.py::test_silhouettes_are_of_the_classes_among_vectors_and_on_the_map_and_of_the_clusters_on_the_map",
        ),
    ),
    Mutation(
        "The silhouette among the vectors is that on the map",
        _CLUSTERS,
        "_silhouette(drawn.vectors[is_named].to_numpy(), classes[is_named])",
        "_silhouette(drawn.points[is_named], classes[is_named])",
        (
            "tests/test_mp_clusters.py::test_silhouettes_are_of_the_classes_among_vectors_and_on_the_map_and_of_the_clusters_on_the_map",
        ),
    ),
    Mutation(
        "The purity of clusters counts the largest class of the whole map",
        _CLUSTERS,
        "counts.max(axis=1).sum() / counts.to_numpy().sum()",
        "counts.sum().max() / counts.to_numpy().sum()",
        (
            "tests/test_mp_clusters.py::test_clusters_on_a_map_are_its_corners_and_purity_the_share_of_their_largest_class",
        ),
    ),
    Mutation(
        "The radius is correlated over the alkali metals too",
        _RADIUS,
        "return properties.index.difference(alkali_metals(properties), sort=False)",
        "return properties.index",
        ("tests/test_element_radius.py::test_the_radius_is_correlated_without_the_alkali_metals",),
    ),
    Mutation(
        "The element whose radius is predicted is among those that the model is fitted to",
        _RADIUS,
        "predicted = cross_val_predict(model, x, y, cv=LeaveOneOut())",
        "predicted = model.fit(x, y).predict(x)",
        ("tests/test_element_radius.py::test_each_element_is_predicted_from_all_others",),
    ),
    Mutation(
        "Of the p-values of several runs, the smallest is given",
        _PROBES,
        'largest = max(numbers["same_group_p_value"] for numbers in of_seeds)',
        'largest = min(numbers["same_group_p_value"] for numbers in of_seeds)',
        ("tests/test_element_probes.py::test_numbers_are_given_for_each_run_with_the_largest_p_value",),
    ),
    Mutation(
        "Correlations of opposite sign cancel in the mean over runs",
        _RADIUS,
        '"radius_pc2_rank_correlation": abs(radius_correlation(plane, properties)),',
        '"radius_pc2_rank_correlation": radius_correlation(plane, properties),',
        ("tests/test_element_radius.py::test_numbers_are_given_by_run_with_their_sign_in_each_block",),
    ),
    Mutation(
        "The accuracy of random vectors is given as that of the learned ones",
        _ACCURACIES,
        'LEARNED: "lr_accuracy", UNIT_START: "lr_accuracy_unit_start", RANDOM: "lr_accuracy_random"',
        'RANDOM: "lr_accuracy", UNIT_START: "lr_accuracy_unit_start", LEARNED: "lr_accuracy_random"',
        ("tests/test_element_accuracies.py::test_numbers_over_runs_are_means_deviations_and_the_gain_in_them",),
    ),
    Mutation(
        "The interval of an accuracy is that of the seeds alone, without the folds",
        _ACCURACIES,
        'intervals[f"lr_accuracy.{name}"] = crossed_interval(learned)',
        'intervals[f"lr_accuracy.{name}"] = crossed_interval(learned[:, [0, 0]])',
        ("tests/test_element_accuracies.py",),
    ),
    Mutation(
        "Non-metals are among the metals of Fig. 3",
        "cgcnn/paper/element_categories.py",
        'chosen = table[table["is_metal"] & ~table["is_radioactive"]]',
        'chosen = table[~table["is_radioactive"]]',
        ("tests/test_elements.py::test_the_metals_are_the_52_of_the_perovskites",),
    ),
    Mutation(
        "A sites and B sites of perovskites are swapped",
        _PUBLISHED,
        'np.where(has_anion, "B site", "A site")',
        'np.where(has_anion, "A site", "B site")',
        ("tests/test_published_maps.py::test_titanium_is_on_the_b_site_of_strontium_titanate",),
    ),
    Mutation(
        "The folds of a cross-validation overlap",
        "cgcnn/data/perovskite_folds.py",
        "test, following = folds[fold - 1],",
        "test, following = folds[0],",
        ("tests/test_perovskite_folds.py::test_each_crystal_is_a_test_crystal_in_exactly_one_fold",),
    ),
    Mutation(
        "Energies of test crystals decide what the element map suggests",
        _SUBSTITUTIONS,
        "known = np.sort(np.concatenate([split.train, split.validation]))",
        "known = np.sort(np.concatenate([split.train, split.validation, split.test]))",
        ("tests/test_substitutions.py::test_no_energy_of_a_test_crystal_enters_a_suggestion",),
    ),
    Mutation(
        "A replaced cation may come with other anions",
        _SUBSTITUTIONS,
        "np.nonzero(same_anions & (differs.sum(axis=2) == 1))",
        "np.nonzero(differs.sum(axis=2) == 1)",
        ("tests/test_substitutions.py::test_a_replacement_changes_one_cation_and_no_anion",),
    ),
    Mutation(
        "A reason of a miss counts a swapped perovskite that is on the same side",
        "cgcnn/paper/discovery_misses.py",
        "twins.fillna(value=False).astype(bool).to_numpy() != own)",
        "twins.fillna(value=False).astype(bool).to_numpy() == own)",
        (
            "tests/test_discovery.py::test_a_twin_in_training_on_the_other_side_is_a_reason_and_one_in_the_test_part_is_not",
        ),
    ),
    Mutation(
        "Examples of angles are compared by the first energy less the second",
        "cgcnn/paper/angle_examples.py",
        "difference = of_seeds[second] - of_seeds[first]",
        "difference = of_seeds[first] - of_seeds[second]",
        ("tests/test_angle_examples.py",),
    ),
    Mutation(
        "Double hexagonal close packing is stacked like the hexagonal one",
        "cgcnn/paper/angle_examples.py",
        '"ABAC"',
        '"ABAB"',
        ("tests/test_angle_examples.py",),
    ),
    Mutation(
        "The time of an epoch of a larger set grows in proportion, whatever slope was measured",
        "cgcnn/paper/scaling.py",
        "(crystals / int(largest)) ** slope",
        "(crystals / int(largest))",
        ("tests/test_scaling.py::test_epochs_grow_with_the_measured_slope_and_all_else_in_proportion",),
    ),
    Mutation(
        "A figure whose crowded marks became a picture stays a picture",
        "cgcnn/figures/drawings.py",
        "artist.set_rasterized(False)",
        "artist.set_rasterized(True)",
        ("tests/test_drawings.py",),
    ),
    Mutation(
        "Small pictures lose most of their colors",
        "cgcnn/paper/small_pictures.py",
        "N_COLORS = 256",
        "N_COLORS = 4",
        ("tests/test_small_pictures.py",),
    ),
    Mutation(
        "Coordinates of drawings are whole points",
        "cgcnn/paper/small_pictures.py",
        "_DECIMALS = 2",
        "_DECIMALS = 0",
        ("tests/test_small_pictures.py",),
    ),
    Mutation(
        "The picture of a figure is that of the next figure with a name",
        "cgcnn/paper/notebook_figures.py",
        "if name and pictures:",
        "if pictures:",
        ("tests/test_notebook_figures.py",),
    ),
    Mutation(
        "A cell of Fig. 6 shows one environment only",
        "cgcnn/paper/explorers.py",
        "_N_OF_PAIR = 2",
        "_N_OF_PAIR = 1",
        ("tests/test_explorers.py",),
    ),
    Mutation(
        "Families of elements have other colors in maps to explore than in printed ones",
        "cgcnn/figures/explorer.py",
        "(present or kind_colors(kinds))",
        "kind_colors(kinds)",
        ("tests/test_explorers.py",),
    ),
)
