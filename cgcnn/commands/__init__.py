"""The commands of the command line, each with its options and what it does.

===============  ====================================================================
file             what it is for
===============  ====================================================================
``data``         list, describe and fetch data sets
``train``        train a network on data, find the run, or go on from another run
``evaluate``     recompute a run's errors
``predict``      print what a run predicts for crystals
``represent``    write the levels of a run's representation as tables
``maps``         draw the map of crystals by a run
``locate``       place crystals on a finished map
``completion``   let a shell complete the commands
``options``      options that several commands share, and their checks
``places``       the crystals that a person named, as far as they can be predicted
``own_data``     the data that a run was trained on
``errors``       how far a run errs on the parts of its data
``predictions``  predictions of crystals as lines
``results``      results as lines, JSON, CSV, Parquet or pictures
===============  ====================================================================
"""
