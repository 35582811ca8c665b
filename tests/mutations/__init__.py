"""Small changes of the package that break a promise, and a runner that says which test catches each.

=====================  ========================================================================
file                   what it is for
=====================  ========================================================================
``mutation``           what a mutation is
``catalog``            all mutations
``of_files``           mutations of ``cgcnn/files`` and ``cgcnn/machine``
``of_data``            mutations of ``cgcnn/data``
``of_graphs``          mutations of ``cgcnn/graphs``
``of_network``         mutations of ``cgcnn/network``
``of_training``        mutations of ``cgcnn/training``
``of_predictions``     mutations of predictions, levels, ensembles and intervals
``of_maps``            mutations of maps, probes, pairs and properties
``of_commands``        mutations of ``cgcnn/commands``
``of_sections``        mutations of what the sections of the book compute
``of_paper``           mutations of claims, Table I, rivals and networks
``of_figures``         mutations of figures
``runner``             copies of the working tree, in which mutations are applied and tested
``worker``             one process of the runner, which has imported what every test needs
``__main__``           ``python -m tests.mutations PATTERN`` runs some of them
=====================  ========================================================================

``make trust`` runs all of them, and the usual tests check that each still fits the package.
"""
