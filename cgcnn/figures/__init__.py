"""Figures that are drawn from tables: the common style, and the figures that any run can have.

==================  ======================================================================================
file                what it is for
==================  ======================================================================================
``style``           fonts, sizes and colors that all figures share
``labels``          names beside points, placed where they cover nothing else
``names``           names of data sets and columns as people read them
``runs``            predictions against targets, and the course of training
``probes``          what linear models predict from vectors, and how similar the vectors of two seeds are
``studies``         learning curves, searches for hyperparameters, and single changes
``elements``        maps of the elements
``periodic_table``  a number of each element on the periodic table
``maps``            maps of many points by kind or by value, and new points on them
``explorer``        maps to explore, whose points show their atoms when they are touched
``comparison``      errors of several methods, and the calibration of uncertainties
``angles``          the network that sees angles beside others, and beside published errors
``drawings``        figures in notebooks, kept as drawings beside the pictures that pages show
``files``           figures as PDF, SVG or PNG, which journals take
==================  ======================================================================================
"""
