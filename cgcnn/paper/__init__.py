"""What only this paper needs: regions, cages, rivals, claims, recipes, and its figures.

======================  =========================================================
file                    what it is for
======================  =========================================================
``section``             how a section of the book begins and ends
``recipes``             how each data set is trained on
``claims``              the paper's claims, judged by thresholds fixed beforehand
``learning_curves``     what Fig. 2 says, in numbers
``claims_figure``       the figure of the verdicts
``element_categories``  the metals of Fig. 3, and the categories of Table II (S)
``element_probes``      what element vectors know of the elements (Fig. 3)
``element_likeness``    how the map of the elements grows with the data (Fig. S1)
``networks``            how the errors of two networks compare
``levels``              whether the three levels still stand in another network
``table_1``             Table I on the same crystals: rivals and this book
``literature``          errors that others published, beside ours
``rivals``              models without a graph, on the same crystals
``network_diagram``     Fig. 1
``perovskite_drawing``  Fig. 3(a)
``perovskite_tables``   the perovskites' number, unit, and merged graphs
``agreement``           how far runs from different random starts agree
``boron_regions``       the regions of the boron map, by geometry
``boron_icosahedra``    whole icosahedra in a crystal
``boron_cages``         boron fullerenes
``boron_tables``        boron's structures, errors and local energies by region
``boron_map``           the map of boron environments
``boron_placed``        the ground state and cages on the finished map
``boron_figures``       Figs. 4, S2 and S3
``mp_coordination``     environments around oxygen and sulfur: Figs. 5 and S5
``mp_maps``             their maps: the clusters and shapes of Fig. 5
``mp_pairs``            what Fig. 6 says, in numbers
``mp_figures``          Figs. 5, 6 and S5
``speed``               tables of the benchmark
``speed_figures``       figures of the benchmark
======================  =========================================================
"""
