"""Mutations of ``cgcnn/commands``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_PREDICT = "cgcnn/commands/predict.py"
_LOCATE = "cgcnn/commands/locate.py"
_MAPS = "cgcnn/commands/maps.py"
_DATA = "cgcnn/commands/data.py"
_EVALUATE = "cgcnn/commands/evaluate.py"
_ERRORS = "cgcnn/commands/errors.py"
_TRAIN = "cgcnn/commands/train.py"
_PLACES = "cgcnn/commands/places.py"
_REPRESENT = "cgcnn/commands/represent.py"
_LINES = "cgcnn/commands/predictions.py"

_OF_PREDICT = ("tests/test_command_predict.py",)

MUTATIONS = (
    Mutation(
        "The JSON of predictions has other numbers than the table",
        _PREDICT,
        "print_json(records(table.reset_index()))",
        "print_json(records(table.reset_index().round(3)))",
        (
            "tests/test_command_predict.py::test_predict_prints_the_interval_and_whether_a_crystal_is_inside_of_what_was_seen",
        ),
    ),
    Mutation(
        "Predicting returns 0 although a crystal was refused",
        _PREDICT,
        "return 0 if is_whole else 2",
        "return 0",
        (
            "tests/test_command_predict.py::test_predict_finishes_the_good_crystals_and_names_every_other_in_a_line_of_its_own",
        ),
    ),
    Mutation(
        "A crystal with an unknown element is left out without an error",
        _PLACES,
        '            _logger.error("%s", error)\n',
        "            del error\n",
        (
            "tests/test_command_predict.py::test_predict_finishes_the_good_crystals_and_names_every_other_in_a_line_of_its_own",
        ),
    ),
    Mutation(
        "A crystal that was refused for its element counts as done",
        _PLACES,
        "return known, not n_refused and len(known) == len(crystals)",
        "return known, not n_refused",
        (
            "tests/test_command_predict.py::test_predict_returns_2_where_a_crystal_is_refused_and_prints_nothing_where_none_is_left",
        ),
    ),
    Mutation(
        "Files that cannot be read are left out without an error",
        _PLACES,
        "        reading.report()\n",
        "",
        (
            "tests/test_command_predict.py::test_predict_finishes_the_good_crystals_and_names_every_other_in_a_line_of_its_own",
        ),
    ),
    Mutation(
        "The line of a prediction has the ends of the interval swapped",
        _LINES,
        'f"90 %: {row[lower]:.4f} to {row[upper]:.4f}"',
        'f"90 %: {row[upper]:.4f} to {row[lower]:.4f}"',
        (
            "tests/test_command_predict.py::test_predict_prints_the_interval_and_whether_a_crystal_is_inside_of_what_was_seen",
        ),
    ),
    Mutation(
        "The table of environments holds the vectors of crystals",
        _REPRESENT,
        "save_table(getattr(levels, name), path)",
        'save_table(getattr(levels, name.replace("environments", "crystals")), path)',
        (
            "tests/test_command_predict.py::test_represent_writes_the_mean_environment_of_each_crystal_and_the_labels_of_sites",
        ),
    ),
    Mutation(
        "The levels of an ensemble are those of its first run",
        _REPRESENT,
        "    if len(runs) > 1:\n",
        "    if not runs:\n",
        ("tests/test_ensembles.py::test_the_command_line_averages_runs_and_prints_how_far_they_are_apart",),
    ),
    Mutation(
        "Writing levels returns 0 although a crystal was refused",
        _REPRESENT,
        "return 0 if is_whole else 2",
        "return 0",
        (
            "tests/test_command_predict.py::test_represent_writes_the_mean_environment_of_each_crystal_and_the_labels_of_sites",
        ),
    ),
    Mutation(
        "The JSON of located sites has other numbers than the table",
        _LOCATE,
        '"sites": records(located.sites)',
        '"sites": records(located.sites.round(1))',
        (
            "tests/test_command_maps.py::test_sites_are_located_with_the_same_numbers_in_every_form_and_beside_their_own_crystal",
        ),
    ),
    Mutation(
        "The line of a located site has x and y swapped",
        _LOCATE,
        "f\"at {row['x']:.2f} {row['y']:.2f}\"",
        "f\"at {row['y']:.2f} {row['x']:.2f}\"",
        (
            "tests/test_command_maps.py::test_sites_are_located_with_the_same_numbers_in_every_form_and_beside_their_own_crystal",
        ),
    ),
    Mutation(
        "Locating returns 0 although a crystal was refused",
        _LOCATE,
        "    return 0 if is_whole else 2",
        "    return 0",
        (
            "tests/test_command_maps.py::test_sites_are_located_with_the_same_numbers_in_every_form_and_beside_their_own_crystal",
        ),
    ),
    Mutation(
        "A located site stands beside the prediction for another crystal",
        _LOCATE,
        'located.sites.join(located.crystals.add_prefix("crystal_"), on="crystal")',
        'located.sites.join(located.crystals[::-1].set_axis(located.crystals.index).add_prefix("crystal_"), '
        'on="crystal")',
        (
            "tests/test_command_maps.py::test_sites_are_located_with_the_same_numbers_in_every_form_and_beside_their_own_crystal",
        ),
    ),
    Mutation(
        "Drawing a map returns 0 although a crystal was refused",
        _MAPS,
        "    return 0 if is_whole else 2",
        "    return 0",
        (
            "tests/test_command_maps.py::test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused",
        ),
    ),
    Mutation(
        "The number of points that is asked for is ignored",
        _MAPS,
        "options.level, options.points or N_POINTS",
        "options.level, N_POINTS",
        (
            "tests/test_command_maps.py::test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused",
        ),
    ),
    Mutation(
        "The level of a map that is asked for is ignored",
        _MAPS,
        "drawn = draw(run, crystals, options.level,",
        'drawn = draw(run, crystals, "environments",',
        (
            "tests/test_command_maps.py::test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused",
        ),
    ),
    Mutation(
        "A map is said to be of as many environments as it shows",
        _MAPS,
        '"of": drawn.n_all',
        '"of": len(drawn.table)',
        (
            "tests/test_command_maps.py::test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused",
        ),
    ),
    Mutation(
        "The seed of a map that is asked for is ignored",
        _MAPS,
        "options.points or N_POINTS, options.seed, options.device",
        "options.points or N_POINTS, 0, options.device",
        (
            "tests/test_command_maps.py::test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused",
        ),
    ),
    Mutation(
        "Points of a map have the color of their element, whatever is asked for",
        _MAPS,
        'if color == "value" else (color, "")',
        'if color == "value" else ("element", "")',
        ("tests/test_command_maps.py::test_points_have_the_color_that_is_asked_for",),
    ),
    Mutation(
        "The mean target of a set is its median",
        _DATA,
        '"mean": float(targets.mean()),',
        '"mean": float(np.median(targets)),',
        ("tests/test_commands.py::test_data_lists_describes_and_fetches",),
    ),
    Mutation(
        "The check of a folder with errors returns 0",
        _DATA,
        "return 0 if found.is_usable else 2",
        "return 0",
        ("tests/test_command_folders.py::test_a_folder_is_checked_before_anything_is_trained",),
    ),
    Mutation(
        "Evaluating measures the errors on the training crystals",
        _ERRORS,
        "mean_absolute_error(run, crystals, part, device),",
        'mean_absolute_error(run, crystals, "train", device),',
        ("tests/test_command_folders.py::test_train_says_its_sizes_and_errors_with_the_mean_predictor_s_beside_them",),
    ),
    Mutation(
        "The errors of the run and of the mean predictor are swapped",
        _ERRORS,
        "mean_absolute_error(run, crystals, part, device),\n            mean_predictor_error(run, crystals, part),",
        "mean_predictor_error(run, crystals, part),\n            mean_absolute_error(run, crystals, part, device),",
        ("tests/test_command_folders.py::test_train_says_its_sizes_and_errors_with_the_mean_predictor_s_beside_them",),
    ),
    Mutation(
        "The written predictions of an evaluation have targets and predictions swapped",
        _EVALUATE,
        'named("target"): crystals.targets[chosen],\n            named("predicted"): predict_part(',
        'named("predicted"): crystals.targets[chosen],\n            named("target"): predict_part(',
        ("tests/test_command_folders.py::test_evaluate_writes_the_parity_of_validation_and_test_crystals",),
    ),
    Mutation(
        "The written predictions of an evaluation have the names of other crystals",
        _EVALUATE,
        '"crystal": np.array(crystals.ids, dtype=object)[chosen],',
        '"crystal": np.array(crystals.ids, dtype=object)[np.sort(chosen)],',
        ("tests/test_command_folders.py::test_evaluate_writes_the_parity_of_validation_and_test_crystals",),
    ),
    Mutation(
        "Training ignores what the targets are per",
        _TRAIN,
        "options.unit, options.per, options.skip_bad)",
        "options.unit, None, options.skip_bad)",
        ("tests/test_command_folders.py::test_totals_of_cells_are_evaluated_as_they_were_trained_on",),
    ),
    Mutation(
        "Training leaves out bad files without being asked to",
        _TRAIN,
        "options.per, options.skip_bad)",
        "options.per, True)",
        (
            "tests/test_command_folders.py::test_a_folder_is_trained_on_with_its_name_and_unit_and_evaluated_from_anywhere",
        ),
    ),
    Mutation(
        "Training says the number of all crystals as that of the training crystals",
        _TRAIN,
        "n_train = len(run.split.train)",
        "n_train = len(crystals)",
        ("tests/test_command_folders.py::test_train_says_its_sizes_and_errors_with_the_mean_predictor_s_beside_them",),
    ),
    Mutation(
        "Training ignores the parameters that are given beside a network",
        _TRAIN,
        'config = Config(**{**NETWORKS[options.network or "paper"], **changes})',
        'config = Config(**{**changes, **NETWORKS[options.network or "paper"]})',
        (
            "tests/test_command_folders.py::test_parameters_have_precedence_over_the_network_and_another_run_is_replaced_only_where_it_is_said",
        ),
    ),
    Mutation(
        "Training replaces the file of another run without being asked to",
        _TRAIN,
        "if options.output and not options.replace:",
        "if options.output and options.replace:",
        (
            "tests/test_command_folders.py::test_parameters_have_precedence_over_the_network_and_another_run_is_replaced_only_where_it_is_said",
        ),
    ),
    Mutation(
        "A run is evaluated on data that have changed since",
        "cgcnn/commands/own_data.py",
        "                if crystals.digest == run.data_digest:\n                    return crystals\n",
        "                return crystals\n",
        ("tests/test_command_folders.py::test_totals_of_cells_are_evaluated_as_they_were_trained_on",),
    ),
    Mutation(
        "Tables are written with six digits",
        "cgcnn/commands/results.py",
        'whole.to_csv(temporary, index=False, lineterminator="\\n")',
        'whole.to_csv(temporary, index=False, lineterminator="\\n", float_format="%.6g")',
        _OF_PREDICT,
    ),
)
