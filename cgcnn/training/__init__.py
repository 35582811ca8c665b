"""From data and parameters to finished runs, one or many, kept under their addresses.

===============  =============================================================
file             what it is for
===============  =============================================================
``config``       everything that decides what a training gives
``loop``         steps, schedule, averaged weights, validation and checkpoints
``fit``          one run: looked up, or trained
``runs``         what a finished run is, its file, and where it is found
``sweeps``       runs over training sizes and seeds
``search``       the search for hyperparameters on validation data
``ingredients``  what each single change to a network buys
===============  =============================================================
"""
