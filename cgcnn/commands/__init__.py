"""The commands of the command line, each with its options and what it does.

=============  ======================================================
file          what it is for
=============  ======================================================
``train``      train a network on a data set, or find the run
``evaluate``   recompute a run's errors
``predict``    print what a run predicts for crystals
``represent``  write the levels of a run's representation as tables
``data``       list the data sets
``options``    options and texts that several commands share
=============  ======================================================
"""
