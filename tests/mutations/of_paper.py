"""Mutations of claims, Table I, rivals, networks and the frame of a section in ``cgcnn/paper``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_CLAIMS = "cgcnn/paper/claims.py"
_TABLE_1 = "cgcnn/paper/table_1.py"
_RIVALS = "cgcnn/paper/rivals.py"
_SECTION = "cgcnn/paper/section.py"
_NETWORKS = "cgcnn/paper/networks.py"
_LEVELS = "cgcnn/paper/levels.py"
_AGREEMENT = "cgcnn/paper/agreement.py"
_RECIPES = "cgcnn/paper/recipes.py"
_YOURS = "cgcnn/paper/your_crystals.py"

_OF_CLAIMS = ("tests/test_claims.py",)

MUTATIONS = (
    Mutation(
        "A number that just reaches the threshold does not reach it",
        _CLAIMS,
        "return True if low >= bound else",
        "return True if low > bound else",
        _OF_CLAIMS,
    ),
    Mutation(
        "The inequality of a highest value is turned round",
        _CLAIMS,
        'sign, bound, threshold = -1, claim["at_most"]',
        'sign, bound, threshold = 1, claim["at_most"]',
        _OF_CLAIMS,
    ),
    Mutation(
        "A claim that holds in part is said to hold",
        _CLAIMS,
        "    if all(is_reached):\n",
        "    if any(is_reached):\n",
        _OF_CLAIMS,
    ),
    Mutation(
        "The verdict is that of the first number of a claim alone",
        _CLAIMS,
        '    names = claim["values"]\n',
        '    names = claim["values"][:1]\n',
        _OF_CLAIMS,
    ),
    Mutation(
        "A claim whose number is missing is judged by the others",
        _CLAIMS,
        "    if len(found) < len(looked_up):\n",
        "    if not found:\n",
        _OF_CLAIMS,
    ),
    Mutation(
        "The tally counts claims that hold in part among those that hold",
        "cgcnn/paper/claims_tables.py",
        'verdicts = pd.Series([claim.verdict for claim in judged], name="verdict")',
        'verdicts = pd.Series([claim.verdict.removesuffix(" in part") for claim in judged], name="verdict")',
        _OF_CLAIMS,
    ),
    Mutation(
        "The interval of a claim's number is not shown",
        _CLAIMS,
        'return f"{value:.3g} ± {half:.2g}"',
        'return f"{value:.3g}"',
        _OF_CLAIMS,
    ),
    Mutation(
        "A number whose interval contains the threshold fails it",
        _CLAIMS,
        "False if high < bound else None",
        "False",
        _OF_CLAIMS,
    ),
    Mutation(
        "One seed decides a claim",
        _CLAIMS,
        "values.get(BY_SEED, {}).get(name, ())) == 1",
        "values.get(BY_SEED, {}).get(name, ())) == 0",
        _OF_CLAIMS,
    ),
    Mutation(
        "The number of a seed stands under the name of another",
        "cgcnn/paper/seed_numbers.py",
        "[numbers[name] for numbers in flat] for name in names",
        "[numbers[names[0]] for numbers in flat] for name in names",
        ("tests/test_seed_numbers.py",),
    ),
    Mutation(
        "The interval of seeds and folds leaves out the folds",
        "cgcnn/paper/seed_numbers.py",
        "(halves[0] ** 2 + halves[1] ** 2) ** 0.5",
        "halves[0]",
        ("tests/test_seed_numbers.py",),
    ),
    Mutation(
        "The variance of leaving out one seed is that of a mean over the seeds",
        "cgcnn/paper/seed_numbers.py",
        "variance = (n_seeds - 1) / n_seeds *",
        "variance = 1 / n_seeds *",
        ("tests/test_seed_numbers.py",),
    ),
    Mutation(
        "Claims of the paper are judged by the numbers of one's own data",
        _CLAIMS,
        "not file.is_file() or NOT_JUDGED in json.loads(file.read_text())",
        "not file.is_file()",
        _OF_CLAIMS,
    ),
    Mutation(
        "The error of a rival in Table I is that of the first set for all sets",
        _TABLE_1,
        "split, targets = splits[name], crystals[name].targets",
        "split, targets = splits[name], next(iter(crystals.values())).targets",
        ("tests/test_table_1.py::test_the_errors_of_two_sets_are_of_their_own_targets_and_their_own_splits",),
    ),
    Mutation(
        "Table I compares with the network of another set",
        _TABLE_1,
        "over_paper = errors / of_the_papers_network(methods, quantity)[sets].to_numpy()",
        "over_paper = errors / of_the_papers_network(methods, quantity)[sets].to_numpy()[::-1]",
        ("tests/test_table_1.py::test_each_rival_is_divided_by_the_networks_of_its_own_set",),
    ),
    Mutation(
        "Of the descriptors of a set, the worst one is compared with",
        _TABLE_1,
        'described = methods[methods["method"].isin(DESCRIPTORS)].groupby("set")[quantity.with_unit(_MAE)].min()',
        'described = methods[methods["method"].isin(DESCRIPTORS)].groupby("set")[quantity.with_unit(_MAE)].max()',
        ("tests/test_table_1.py::test_the_best_of_several_descriptors_is_compared_with",),
    ),
    Mutation(
        "The best of this book is its worst network",
        _TABLE_1,
        'return methods[methods["ours"]].groupby("set")[quantity.with_unit(_MAE)].min()',
        'return methods[methods["ours"]].groupby("set")[quantity.with_unit(_MAE)].max()',
        ("tests/test_table_1.py::test_a_rival_is_beaten_by_the_network_whose_error_is_lower",),
    ),
    Mutation(
        "The ratio to the other implementation is the other way round",
        _TABLE_1,
        "[error / errors[name, seed] for seed",
        "[errors[name, seed] / error for seed",
        (
            "tests/test_table_1.py::test_ratios_to_the_peer_are_of_runs_of_one_seed_and_leave_out_what_has_not_converged",
        ),
    ),
    Mutation(
        "A rival that was stopped while it still learned counts as beaten",
        _TABLE_1,
        "np.where(is_open, _NOT_CONVERGED, beaten)",
        "beaten",
        ("tests/test_table_1.py::test_a_peer_that_has_not_converged_is_not_said_to_be_beaten",),
    ),
    Mutation(
        "The best trial of a search is repeated with the paper's hyperparameters",
        "cgcnn/paper/hyperparameters.py",
        "_BEST: config.replace(**searched)",
        "_BEST: config",
        ("tests/test_hyperparameters.py",),
    ),
    Mutation(
        "Errors of later methods are divided by ours on another set",
        "cgcnn/paper/literature.py",
        '_NEAREST = {"perovskites": "perovskites", "Materials": "materials_project"}',
        '_NEAREST = {"perovskites": "materials_project", "Materials": "perovskites"}',
        ("tests/test_table_1.py::test_leaders_are_compared_with_the_best_of_ours_on_the_nearest_set",),
    ),
    Mutation(
        "The rivals' hyperparameters are chosen on the test crystals",
        _RIVALS,
        "np.abs(predicted(model, split.validation) - crystals.targets[split.validation]).mean()",
        "np.abs(predicted(model, split.test) - crystals.targets[split.test]).mean()",
        ("tests/test_rivals.py::test_a_rival_s_predictions_do_not_depend_on_targets_that_it_must_not_know",),
    ),
    Mutation(
        "The sine matrix is standardized over the test crystals too",
        _RIVALS,
        "StandardScaler().fit(eigenvalues[split.train]).transform(eigenvalues)",
        "StandardScaler().fit(eigenvalues).transform(eigenvalues)",
        ("tests/test_rivals.py::test_what_a_rival_says_of_a_crystal_does_not_depend_on_the_other_test_crystals",),
    ),
    Mutation(
        "The random forest is fitted to the validation crystals too",
        _RIVALS,
        "forest.fit(features.iloc[split.train], crystals.targets[split.train])",
        "fitted = np.concatenate([split.train, split.validation])\n"
        "    forest.fit(features.iloc[fitted], crystals.targets[fitted])",
        ("tests/test_rivals.py::test_a_rival_s_predictions_do_not_depend_on_targets_that_it_must_not_know",),
    ),
    Mutation(
        "The mean predictor of Table I knows the validation targets",
        _RIVALS,
        "crystals.targets[split.train].mean())",
        "crystals.targets[np.concatenate([split.train, split.validation])].mean())",
        ("tests/test_rivals.py::test_the_constant_is_the_mean_of_the_training_crystals_alone",),
    ),
    Mutation(
        "Features of the composition count each element once",
        _RIVALS,
        "mean = np.add.reduceat(of_sites, starts) / n_sites",
        "mean = (np.minimum.reduceat(of_sites, starts) + np.maximum.reduceat(of_sites, starts)) / 2",
        ("tests/test_rivals.py::test_composition_features_are_magpies_statistics",),
    ),
    Mutation(
        "The test error of a section is its validation error",
        _SECTION,
        "{part: row[named(part)] for part in parts}",
        '{part: row[named("validation_mae")] for part in parts}',
        ("tests/test_section.py::test_numbers_over_seeds_are_their_mean_and_their_deviation",),
    ),
    Mutation(
        "The number of validation crystals is given as that of test crystals",
        _SECTION,
        '"n_test": len(split.test),',
        '"n_test": len(split.validation),',
        ("tests/test_section.py::test_the_numbers_of_runs_are_in_the_unit_of_the_runs",),
    ),
    Mutation(
        "Claims are judged although the data are not the paper's",
        _SECTION,
        "    own = not section.of_the_paper\n",
        "    own = False\n",
        ("tests/test_section.py::test_on_one_s_own_data_no_claim_is_judged_and_what_is_missing_is_none",),
    ),
    Mutation(
        "The validation error of a network is its test error",
        _NETWORKS,
        "errors[validation_mae].mean(), test.mean(), test.std()))",
        "test.mean(), test.mean(), test.std()))",
        ("tests/test_networks.py::test_each_network_has_a_row_alone_and_one_together",),
    ),
    Mutation(
        "The error of several runs together is the mean of their errors",
        _NETWORKS,
        'len(some)} together", np.nan, of_all, np.nan))',
        'len(some)} together", np.nan, test.mean(), np.nan))',
        ("tests/test_networks.py::test_each_network_has_a_row_alone_and_one_together",),
    ),
    Mutation(
        "The gain of the better network is a share of its own error",
        _NETWORKS,
        '"gain": 1 - together / paper,',
        '"gain": paper / together - 1,',
        ("tests/test_networks.py::test_gains_are_against_one_of_the_papers_networks",),
    ),
    Mutation(
        "The levels of networks are compared on their validation crystals",
        _LEVELS,
        "chosen = predictable(first, data, first.split.test)",
        "chosen = predictable(first, data, first.split.validation)",
        ("tests/test_networks.py::test_levels_are_compared_on_the_test_crystals_by_the_energies_of_the_same_sites",),
    ),
    Mutation(
        "The agreement of seeds on the shares of sites is that on their energies",
        _AGREEMENT,
        "shared = [of_site - of_crystal for of_site, of_crystal in zip(local, crystal, strict=True)]",
        "shared = [of_site for of_site, of_crystal in zip(local, crystal, strict=True)]",
        ("tests/test_agreement.py",),
    ),
    Mutation(
        "What is given beside a recipe does not replace its parameters",
        _RECIPES,
        "return Config(**{**recipe(dataset).training, **NETWORKS[network], **given})",
        "return Config(**{**given, **recipe(dataset).training, **NETWORKS[network]})",
        ("tests/test_recipes.py::test_the_published_runs_have_the_parameters_of_their_recipes",),
    ),
    Mutation(
        "The better network of boron has 12 neighbors",
        _RECIPES,
        'better_network="better-24",\n        angles_trial={"epochs": 60',
        'better_network="better",\n        angles_trial={"epochs": 60',
        ("tests/test_recipes.py::test_the_published_runs_have_the_parameters_of_their_recipes",),
    ),
    Mutation(
        "The line of our learning curve ends at our own number of crystals",
        "cgcnn/paper/angles_leaders.py",
        'ends = [int(ours["training_size"].min()), LEADERS_TRAINING_SIZE]',
        'ends = [int(ours["training_size"].min()), int(ours["training_size"].max())]',
        ("tests/test_angles_figures.py",),
    ),
    Mutation(
        "Half of an interval is shown as the whole",
        "cgcnn/paper/angles_ranges.py",
        "(table[_UPPER] - table[_LOWER]) / 2",
        "(table[_UPPER] - table[_LOWER])",
        ("tests/test_angles_ranges.py",),
    ),
    Mutation(
        "The slope of boron is compared with the steeper of the others",
        "cgcnn/paper/learning_curves.py",
        "laws[_BORON], max(laws[_PEROVSKITES]",
        "laws[_BORON], min(laws[_PEROVSKITES]",
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "The interval of the ratio of two slopes forgets the error of the slope that is divided by",
        "cgcnn/paper/learning_curves.py",
        "hypot(boron.slope_error, ratio * flatter.slope_error)",
        "hypot(boron.slope_error, 0)",
        ("tests/test_learning_curves.py",),
    ),
    Mutation(
        "An energy per atom is taken for one per cell",
        "cgcnn/paper/perovskite_tables.py",
        "[ATOMS_PER_FORMULA_UNIT * target, target]",
        "[target, ATOMS_PER_FORMULA_UNIT * target]",
        ("tests/test_perovskite_tables.py::test_a_target_per_atom_means_five_times_as_much_for_a_formula_unit",),
    ),
    Mutation(
        "A target outside of its interval counts as covered",
        _YOURS,
        "(lower <= crystals.targets) & (crystals.targets <= upper)",
        "(lower <= crystals.targets) | (crystals.targets <= upper)",
        ("tests/test_your_crystals.py::test_errors_and_intervals_are_told_apart_by_how_far_the_crystals_are",),
    ),
    Mutation(
        "Each validation of a measured training is said to have taken all its seconds",
        "cgcnn/paper/speed.py",
        'run["seconds"] * epoch / run["epochs"][-1]',
        'run["seconds"] * (epoch > 0)',
        ("tests/test_speed.py::test_an_epoch_of_the_race_takes_its_share_of_the_run",),
    ),
    Mutation(
        "Missing crystals are expected to be like those of their energy, whatever their ids",
        "cgcnn/paper/mp_missing.py",
        "return alike.fillna(by_energy)",
        "return by_energy.fillna(alike)",
        ("tests/test_mp_missing.py",),
    ),
)
