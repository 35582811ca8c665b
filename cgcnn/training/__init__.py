"""From data and parameters to finished runs, one or many, kept under their addresses.

====================  =============================================================
file                  what it is for
====================  =============================================================
``config``            the parameters of a run
``parameter_bounds``  the bounds of each parameter of a run, with the reason
``start``             the weights with which a training starts
``loop``              a training with its checkpoints, and how it ends
``epochs``            steps, validations and epochs, as a sequence that can be stopped after each step
``steps``             what a step is, its learning rate, and steps taken one by one
``replayed_steps``    steps that a GPU records once and replays
``state``             all that changes in a training
``checkpoints``       the state of a training in two files, from which it goes on
``workers``           the threads and processes of a training, which decide its last bits
``fit``               one run, which is looked up or trained
``runs``              what a finished run is, and its file
``seen``              what a run has seen, by which its predictions are judged
``representatives``   a few vectors that stand for many, and the distance to them
``bounds``            the shortest and longest distances of training crystals
``store``             where finished runs are kept and found
``fine_tuning``       runs that go on from the weights of another run
``sweeps``            runs over training sizes and seeds
``search``            the search for hyperparameters on validation data
``ingredients``       the gain of each single change to a network
``repeats``           chosen runs once more, with further seeds
====================  =============================================================
"""
