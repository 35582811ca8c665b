"""Eqs. 1 to 5 of the paper, and a compiled second copy of Eq. 3.

=======================  =======================================================
file                     what it is for
=======================  =======================================================
``model``                the network of the paper
``batch_norm``           batch normalization with weights, over all processes
``fused_convolution``    Eq. 3 with its gradient, by compiled loops
``edge_loops``           what these loops do, whatever the processor
``loops_cpu``            the loops on the CPU: threads, parts and arrays
``kernels_cpu_terms``    the code that is compiled for the CPU: z and its gradients
``kernels_cpu_gates``    the same: what a node receives, and its gradient
``kernels_cpu_vectors``  what both share: vectors, and how it is compiled
``loops_gpu``            the loops on a GPU: launches and arrays
``kernels_gpu``          the code that is compiled for a GPU
``evaluation``           the energies that a network predicts, batch by batch
=======================  =======================================================
"""
