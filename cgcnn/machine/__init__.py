"""The processors, hosts and memory that the work is done on.

==============  ===========================================================
file            what it is for
==============  ===========================================================
``devices``     the CPU or a GPU, and how precisely it multiplies
``processes``   several processes that train one network together
``interrupts``  Ctrl-C and SIGTERM, after which the work ends in order
``cluster``     a Dask cluster for independent work
``memory``      memory that one training step frees, kept for the next step
``parallel``    independent tasks on all processors
``progress``    how far long work has come, in a terminal and in a log
==============  ===========================================================
"""
