"""A table in, a Figure out: the style, and the figures that any run can have.

==============  ===========================================================================
file            what it is for
==============  ===========================================================================
``style``       fonts, sizes and colors that all figures share
``labels``      names beside points, where they cover nothing else
``runs``        predicted against calculated energies, and the course of training
``probes``      what a linear model reads off vectors, and how alike those of two seeds are
``studies``     learning curves, searches for hyperparameters, and single changes
``elements``    maps of the elements
``comparison``  errors of several methods, and the calibration of uncertainties
==============  ===========================================================================
"""
