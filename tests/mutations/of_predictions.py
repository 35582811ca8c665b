"""Mutations of what runs say in ``cgcnn/analysis``: predictions, levels, ensembles and intervals."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_PREDICTION = "cgcnn/analysis/prediction.py"
_LEVELS = "cgcnn/analysis/representations.py"
_ENSEMBLES = "cgcnn/analysis/ensembles.py"
_CONFORMAL = "cgcnn/analysis/conformal.py"
_RANGES = "cgcnn/analysis/ranges.py"
_PLAUSIBLE = "cgcnn/analysis/plausible.py"

MUTATIONS = (
    Mutation(
        "Predictions have 12 neighbors per site, whatever the run has",
        _PREDICTION,
        "graphs = crystal_graphs.build(crystals, *run.config.of_graphs, merge)",
        "graphs = crystal_graphs.build(crystals, 12, *run.config.of_graphs[1:], merge)",
        ("tests/test_own_neighbors.py::test_predictions_come_from_the_run_s_own_graphs",),
    ),
    Mutation(
        "Errors of parts of the data are measured with 12 neighbors per site, whatever the run has",
        _PREDICTION,
        "graphs = crystal_graphs.load_or_build(crystals, *run.config.of_graphs)",
        "graphs = crystal_graphs.load_or_build(crystals, 12, *run.config.of_graphs[1:])",
        ("tests/test_own_neighbors.py::test_errors_come_from_the_run_s_own_graphs",),
    ),
    Mutation(
        "Predictions ignore the run's tolerance of distances",
        _PREDICTION,
        "graphs = crystal_graphs.build(crystals, *run.config.of_graphs, merge)",
        "graphs = crystal_graphs.build(crystals, run.config.n_neighbors, 1e-3, run.config.angles, merge)",
        ("tests/test_own_neighbors.py::test_predictions_come_from_the_run_s_own_graphs",),
    ),
    Mutation(
        "The graphs of predictions have no angles, whatever the run has",
        _PREDICTION,
        "graphs = crystal_graphs.build(crystals, *run.config.of_graphs, merge)",
        "graphs = crystal_graphs.build(crystals, *run.config.of_graphs[:2], False, merge)",
        ("tests/test_own_neighbors.py::test_predictions_come_from_the_run_s_own_graphs",),
    ),
    Mutation(
        "Errors are averaged over sites and not over crystals",
        _PREDICTION,
        "return float(np.abs(predict_part(run, crystals, chosen, device) - crystals.targets[chosen]).mean())",
        "errors = np.abs(predict_part(run, crystals, chosen, device) - crystals.targets[chosen])\n"
        "    return float(np.average(errors, weights=crystals.n_sites[chosen]))",
        ("tests/test_prediction.py::test_every_crystal_counts_once_in_an_error_however_large_its_cell_is",),
    ),
    Mutation(
        "The test error is that of the validation crystals",
        _PREDICTION,
        "    chosen = getattr(run.split, part)\n",
        "    chosen = run.split.validation\n",
        ("tests/test_prediction.py::test_every_crystal_counts_once_in_an_error_however_large_its_cell_is",),
    ),
    Mutation(
        "Errors are measured on the training crystals",
        _PREDICTION,
        "    chosen = getattr(run.split, part)\n",
        "    chosen = run.split.train\n",
        ("tests/test_prediction.py::test_the_table_of_errors_has_the_validation_error_that_the_run_reached",),
    ),
    Mutation(
        "The mean predictor knows the targets of all crystals",
        _PREDICTION,
        "mean = crystals.targets[run.split.train].mean()",
        "mean = crystals.targets.mean()",
        ("tests/test_prediction.py::test_the_error_of_the_mean_is_that_of_the_training_mean_on_the_other_part",),
    ),
    Mutation(
        "A crystal with an element of no training crystal is predicted without a word",
        _PREDICTION,
        "    refuse_unseen_elements(run, crystals)\n    graphs = crystal_graphs.build(crystals, *run",
        "    graphs = crystal_graphs.build(crystals, *run",
        ("tests/test_prediction.py::test_a_prediction_of_an_unseen_element_is_refused_by_crystal_and_symbol",),
    ),
    Mutation(
        "A crystal counts as known where one of its elements is",
        _PREDICTION,
        "np.logical_and.reduceat(is_seen, crystals.site_offsets[:-1])",
        "np.logical_or.reduceat(is_seen, crystals.site_offsets[:-1])",
        ("tests/test_prediction.py::test_a_crystal_with_an_unseen_element_costs_itself_alone",),
    ),
    Mutation(
        "The validation error of a table is measured on the test crystals",
        _PREDICTION,
        'named("validation_mae"): run.validation_mae,',
        'named("validation_mae"): mean_absolute_error(run, crystals, "test"),',
        ("tests/test_prediction.py::test_the_table_of_errors_has_the_validation_error_that_the_run_reached",),
    ),
    Mutation(
        "The table of test crystals has targets and predictions swapped",
        _PREDICTION,
        'named("target"): crystals.targets[test],\n            named("predicted"): predict_part(run, crystals, test),',
        'named("predicted"): crystals.targets[test],\n            named("target"): predict_part(run, crystals, test),',
        ("tests/test_prediction.py::test_the_table_of_predictions_holds_test_crystals_with_unseen_elements",),
    ),
    Mutation(
        "The numbers of environments stand in reversed columns",
        _LEVELS,
        "environments=pd.concat([environments, _vector_table(of_nodes)], axis=1),",
        "environments=pd.concat([environments, _vector_table(of_nodes[:, ::-1])], axis=1),",
        (
            "tests/test_representations.py::test_a_local_energy_is_what_the_network_reads_from_the_numbers_of_its_environment",
        ),
    ),
    Mutation(
        "The numbers of environments and of crystals stand in reversed columns",
        _LEVELS,
        "of_nodes = torch.cat(vectors).cpu().numpy()",
        "of_nodes = torch.cat(vectors).cpu().numpy()[:, ::-1]",
        (
            "tests/test_representations.py::test_a_crystals_vector_gives_its_energy_since_local_energies_are_linear_in_v",
        ),
    ),
    Mutation(
        "Levels are computed with 12 neighbors per site, whatever the run has",
        _LEVELS,
        "crystal_graphs.build(crystals, *run.config.of_graphs)",
        "crystal_graphs.build(crystals, 12, *run.config.of_graphs[1:])",
        ("tests/test_own_neighbors.py::test_levels_come_from_the_run_s_own_graphs",),
    ),
    Mutation(
        "Each environment is said to stand for one site",
        _LEVELS,
        '"multiplicity": graphs.multiplicities.astype(int),',
        '"multiplicity": np.ones(graphs.n_nodes, dtype=int),',
        ("tests/test_representations.py::test_local_energies_average_to_the_crystals_energy",),
    ),
    Mutation(
        "The vector of a crystal counts merged sites once",
        _LEVELS,
        "weighted = of_nodes.astype(np.float64) * graphs.multiplicities[:, None]",
        "weighted = of_nodes.astype(np.float64)",
        ("tests/test_representations.py::test_a_crystals_vector_is_the_mean_over_all_its_sites_without_merging",),
    ),
    Mutation(
        "An environment has its number among the environments, and not that of its first site",
        _LEVELS,
        '"site": graphs.sites,',
        '"site": np.arange(graphs.n_nodes) - graphs.node_offsets[graphs.crystal_of_node],',
        ("tests/test_representations.py::test_an_environment_is_named_by_the_first_of_its_equal_sites",),
    ),
    Mutation(
        "Every site of a crystal has the label of its first one",
        _LEVELS,
        '"label": site_labels(crystals)[crystals.site_offsets[graphs.crystal_of_node] + graphs.sites],',
        '"label": site_labels(crystals)[crystals.site_offsets[graphs.crystal_of_node]],',
        ("tests/test_representations.py::test_the_labels_of_the_files_name_the_sites",),
    ),
    Mutation(
        "Local energies do not average to the energy of the crystal",
        _LEVELS,
        "local: torch.cat(local_energies).cpu().numpy(),",
        "local: torch.cat(local_energies).cpu().numpy() * graphs.multiplicities,",
        ("tests/test_representations.py::test_local_energies_average_to_the_crystals_energy",),
    ),
    Mutation(
        "Every site of a crystal has the energy of the crystal as its local energy",
        _LEVELS,
        "    return Representations(\n        elements=element_vectors(run),",
        "    environments[local] = totals[graphs.crystal_of_node]\n"
        "    return Representations(\n        elements=element_vectors(run),",
        (
            "tests/test_representations.py::test_a_local_energy_is_what_the_network_reads_from_the_numbers_of_its_environment",
        ),
    ),
    Mutation(
        "An element has the vector of the element before it",
        _LEVELS,
        "vectors = run.network.element_vectors.detach().cpu().numpy()[run.elements]",
        "vectors = run.network.element_vectors.detach().cpu().numpy()[run.elements - 1]",
        ("tests/test_representations.py::test_element_vectors_depend_on_the_element_alone",),
    ),
    Mutation(
        "The prediction of an ensemble is that of its first run",
        _ENSEMBLES,
        "{quantity.column(): table.mean(axis=1),",
        "{quantity.column(): table[0],",
        (
            "tests/test_ensembles.py::test_predictions_are_the_members_mean_and_the_uncertainty_their_standard_deviation",
        ),
    ),
    Mutation(
        "The uncertainty of an ensemble divides by the number of runs, and not by one less",
        _ENSEMBLES,
        "table.std(axis=1, ddof=1)",
        "table.std(axis=1, ddof=0)",
        (
            "tests/test_ensembles.py::test_predictions_are_the_members_mean_and_the_uncertainty_their_standard_deviation",
        ),
    ),
    Mutation(
        "The local energies of an ensemble are those of its first run",
        _ENSEMBLES,
        'environments[quantity.column("local")] = local.mean(axis=0)',
        'environments[quantity.column("local")] = local[0]',
        ("tests/test_ensembles.py::test_a_local_uncertainty_is_the_standard_deviation_of_the_members_local_energies",),
    ),
    Mutation(
        "The uncertainty of a local energy divides by the number of runs, and not by one less",
        _ENSEMBLES,
        "local.std(axis=0, ddof=1)",
        "local.std(axis=0, ddof=0)",
        ("tests/test_ensembles.py::test_a_local_uncertainty_is_the_standard_deviation_of_the_members_local_energies",),
    ),
    Mutation(
        "The error of an ensemble is the target minus the prediction",
        _ENSEMBLES,
        "predicted[quantity.column()] - crystals.targets[test]",
        "crystals.targets[test] - predicted[quantity.column()]",
        ("tests/test_networks.py::test_errors_of_an_ensemble_are_those_of_its_test_crystals",),
    ),
    Mutation(
        "The surer half of the crystals is the less sure one",
        _ENSEMBLES,
        "error[uncertainty <= uncertainty.median()].mean()",
        "error[uncertainty >= uncertainty.median()].mean()",
        ("tests/test_networks.py::test_an_uncertainty_is_worth_something_where_it_orders_the_errors",),
    ),
    Mutation(
        "The quantile of an interval is one place too high",
        _CONFORMAL,
        "float(scores[place - 1])",
        "float(scores[min(place, len(scores) - 1)])",
        ("tests/test_conformal.py",),
    ),
    Mutation(
        "The quantile of an interval leaves out that the new crystal counts too",
        _CONFORMAL,
        "place = math.ceil(coverage * (len(absolute) + 1))",
        "place = math.ceil(coverage * len(absolute))",
        ("tests/test_conformal.py",),
    ),
    Mutation(
        "The growth of an interval is fitted to the errors that it is judged by",
        _CONFORMAL,
        "powers.append(_most_likely_powers(absolute[~is_held], logarithms[:, ~is_held]))",
        "powers.append(_most_likely_powers(absolute, logarithms))",
        ("tests/test_conformal.py",),
    ),
    Mutation(
        "Half widths are in standard deviations of the targets, and not in the unit of the targets",
        _RANGES,
        "each.validation_errors.astype(np.float64) * run.network.target_scale.item() for each",
        "each.validation_errors.astype(np.float64) for each",
        ("tests/test_ranges.py::test_validation_crystals_are_inside_and_in_their_intervals_nine_times_in_ten",),
    ),
    Mutation(
        "The upper end of an interval is as far again from the prediction as the lower one",
        _RANGES,
        "upper: middle + half_widths}",
        "upper: middle + 2 * half_widths}",
        ("tests/test_ranges.py::test_validation_crystals_are_inside_and_in_their_intervals_nine_times_in_ten",),
    ),
    Mutation(
        "A crystal is outside as soon as it is at the edge",
        _RANGES,
        "np.where(distances > outside, 2, np.where(distances > 1, 1, 0))",
        "np.where(distances > 1, 2, 0)",
        (
            "tests/test_ranges.py::test_nine_in_ten_validation_crystals_are_within_the_distance_1_and_one_in_forty_is_outside",
        ),
    ),
    Mutation(
        "Nineteen in twenty validation crystals are inside, and not nine in ten",
        _RANGES,
        "_INSIDE, _NOT_OUTSIDE = 0.9, 0.975",
        "_INSIDE, _NOT_OUTSIDE = 0.95, 0.975",
        (
            "tests/test_ranges.py::test_nine_in_ten_validation_crystals_are_within_the_distance_1_and_one_in_forty_is_outside",
        ),
    ),
    Mutation(
        "The distance of an ensemble is that of its first run",
        _RANGES,
        "return np.mean(new, axis=0) / unit,",
        "return new[0] / unit,",
        ("tests/test_ranges.py::test_the_distance_of_an_ensemble_is_the_mean_of_its_members_in_its_own_unit",),
    ),
    Mutation(
        "Intervals have 12 neighbors per site, whatever the run has",
        _RANGES,
        "key = run.config.of_graphs\n",
        "key = (runs[0].config.n_neighbors, *run.config.of_graphs[1:])\n",
        ("tests/test_own_neighbors.py::test_each_member_of_an_ensemble_has_its_own_graphs",),
    ),
    Mutation(
        "A crystal with lengths beyond those of training is judged by its vector alone",
        _RANGES,
        "    distances = _raised(distances, excess(bounds, found), outside, margin)\n",
        "",
        ("tests/test_ranges.py::test_crystals_that_are_squeezed_or_stretched_are_outside_with_wide_intervals",),
    ),
    Mutation(
        "A volume above that of all training crystals is said to be below it",
        _PLAUSIBLE,
        'word = "most" if comparison.kind == "light" else "least"',
        'word = "least" if comparison.kind == "light" else "most"',
        ("tests/test_plausible.py",),
    ),
)
