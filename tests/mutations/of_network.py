"""Mutations of ``cgcnn/network``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "The Gaussians are twice as wide as in Eq. 1",
        "cgcnn/network/model.py",
        "return torch.exp(-(((distances[:, None] - centers) / GAUSSIAN_STEP) ** 2))",
        "return torch.exp(-(((distances[:, None] - centers) / (2 * GAUSSIAN_STEP)) ** 2))",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Sigmoid and softplus are swapped in torch's convolution",
        "cgcnn/network/model.py",
        "torch.sigmoid(gate) * functional.softplus(core)",
        "torch.sigmoid(core) * functional.softplus(gate)",
        ("tests/test_model.py",),
    ),
    Mutation(
        "The weights of edges are ignored in torch's convolution",
        "cgcnn/network/model.py",
        "functional.softplus(core) * batch.weights[:, None]",
        "functional.softplus(core)",
        ("tests/test_model.py",),
    ),
    Mutation(
        "A convolution forgets the vectors that it starts from",
        "cgcnn/network/model.py",
        "return vectors + gained",
        "return gained",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Multiplicities are ignored in the mean over the sites",
        "cgcnn/network/model.py",
        "index_add(0, batch.crystals, values * multiplicities) / n_sites",
        "index_add(0, batch.crystals, values) / n_sites",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Multiplicities are ignored in the moments of torch's convolution",
        "cgcnn/network/model.py",
        "z = self.edge_norm(z, batch.multiplicities.index_select(0, batch.centers) * batch.weights)",
        "z = self.edge_norm(z, batch.weights)",
        ("tests/test_gradients.py",),
    ),
    Mutation(
        "The spread of the targets is ignored in the energies",
        "cgcnn/network/model.py",
        "return self.target_mean + self.target_scale * normalized",
        "return self.target_mean + normalized",
        ("tests/test_model.py",),
    ),
    Mutation(
        "The power of distances is ignored",
        "cgcnn/network/model.py",
        ("        if self.distance_power:\n"),
        ("        if self.distance_power > 9:\n"),
        ("tests/test_model.py",),
    ),
    Mutation(
        "The shortest distance is that of the batch and not of the site",
        "cgcnn/network/model.py",
        "return (shortest.index_select(0, centers) / distances) ** power",
        "return (shortest.min() / distances) ** power",
        ("tests/test_model.py",),
    ),
    Mutation(
        "On a GPU the gradient of a neighbor's product is that of the center's edges",
        "cgcnn/network/kernels_gpu.py",
        "e = tl.load(arriving + k, of_edges, 0)",
        "e = k",
        ("tests/test_backends.py",),
    ),
    Mutation(
        "On a GPU the edges that fill a batch up end at its first node",
        "cgcnn/network/loops_gpu.py",
        "torch.where(of_batch, batch.neighbors, len(node_shares))",
        "batch.neighbors",
        ("tests/test_backends.py",),
    ),
    Mutation(
        "The running moments of torch's batch norms do not follow the batches",
        "cgcnn/network/batch_norm.py",
        ("            self.follow(mean, variance)\n"),
        "",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Rows count equally in the moments of batch norms, whatever their weights",
        "cgcnn/network/batch_norm.py",
        "shares = weights / processes.sum_over(weights.sum())",
        "shares = torch.full_like(weights, 1 / len(weights))",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Batch norms use the moments of the batch in evaluation",
        "cgcnn/network/batch_norm.py",
        ("        if self.training:\n            shares"),
        ("        if True:\n            shares"),
        ("tests/test_model.py",),
    ),
    Mutation(
        "The running moments move ten times more slowly",
        "cgcnn/network/batch_norm.py",
        "momentum: float = 0.1",
        "momentum: float = 0.01",
        ("tests/test_model.py",),
    ),
    Mutation(
        "The gradient through the variance of a batch is left out",
        "cgcnn/network/batch_norm.py",
        "return self.factor * gradients, self.factor * self.inverse_deviation**2 * products",
        "return self.factor * gradients, 0 * self.factor * products",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The running moments do not follow the batches of compiled loops",
        "cgcnn/network/fused_convolution.py",
        ("        edge_norm.follow(*moments[:2])\n"),
        "",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Multiplicities are ignored in the moments of compiled loops",
        "cgcnn/network/fused_convolution.py",
        "counts = batch.multiplicities.index_select(0, batch.centers) * batch.weights",
        "counts = batch.weights.clone()",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Merged sites count once in the moments of what compiled loops receive",
        "cgcnn/network/fused_convolution.py",
        "batch.multiplicities / n_nodes, gaussian_step",
        "(0 * batch.multiplicities + 1) / len(batch.multiplicities), gaussian_step",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled gradient forgets the vectors that a convolution starts from",
        "cgcnn/network/fused_convolution.py",
        "torch.addmm(gradient, products_gradient, from_sites.T),",
        "products_gradient @ from_sites.T,",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Compiled loops are chosen in evaluation with a gradient, which they lack",
        "cgcnn/network/fused_convolution.py",
        ("    if not training:\n        return"),
        ("    if not training and False:\n        return"),
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled gradient of the gate is one percent too large",
        "cgcnn/network/kernels_cpu_gates.py",
        "of_gate = arriving * (max(core, _F(0)) + _log_of_one_plus(t)) * (_F(1) - gate)",
        "of_gate = _F(1.01) * arriving * (max(core, _F(0)) + _log_of_one_plus(t)) * (_F(1) - gate)",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled gradient to a neighbor is one percent too small",
        "cgcnn/network/kernels_cpu_terms.py",
        "products_gradient[j, width + f] += row[f]",
        "products_gradient[j, width + f] += _F(0.99) * row[f]",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled gradient misses every third Gaussian",
        "cgcnn/network/kernels_cpu_terms.py",
        ("                            of_edge[first_row + 2, f] += u2 * row[f]\n"),
        "",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Compiled loops miss the last of each four angular sums",
        "cgcnn/network/kernels_cpu_terms.py",
        ("                                + a3 * from_edge[first_row + 3, f]\n"),
        "",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled gradient misses the last of each four angular sums",
        "cgcnn/network/kernels_cpu_terms.py",
        ("                            of_edge[first_row + 3, f] += a3 * row[f]\n"),
        "",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Torch's convolution reads no angular sums",
        "cgcnn/network/model.py",
        "return expanded if batch.angles is None else torch.cat([expanded, batch.angles], 1)",
        "return expanded if batch.angles is None else torch.cat([expanded, 0 * batch.angles], 1)",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Angular sums are not standardized",
        "cgcnn/network/model.py",
        "dataclasses.replace(batch, angles=(batch.angles - self.angle_mean) / self.angle_scale)",
        "batch",
        ("tests/test_model.py",),
    ),
    Mutation(
        "Compiled loops swap sigmoid and softplus",
        "cgcnn/network/kernels_cpu_gates.py",
        "node[f] += weight * _sigmoid(gate) * _softplus(core)",
        "node[f] += weight * _sigmoid(core) * _softplus(gate)",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Compiled loops ignore the weights of edges",
        "cgcnn/network/kernels_cpu_gates.py",
        "node[f] += weight * _sigmoid(gate) * _softplus(core)",
        "node[f] += _sigmoid(gate) * _softplus(core)",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The compiled sigmoid is wrong below zero",
        "cgcnn/network/kernels_cpu_gates.py",
        ("    return r if x >= 0 else t * r\n"),
        ("    return r\n"),
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Compiled loops expand a distance in Gaussians that are not the nearest",
        "cgcnn/network/kernels_cpu_terms.py",
        "nearest - N_NEAREST_GAUSSIANS // 2, 0)",
        "nearest - N_NEAREST_GAUSSIANS // 2 + 2, 0)",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "The moments of the first thread's crystals stand for all",
        "cgcnn/network/loops_cpu.py",
        "return received, moments.sum(0)",
        "return received, moments[0] * len(moments)",
        ("tests/test_fused_convolution.py",),
    ),
    Mutation(
        "Numba changes the number of torch's threads",
        "cgcnn/network/loops_cpu.py",
        "torch.set_num_threads(of_torch)",
        "pass",
        (
            "tests/test_training.py::test_the_first_training_of_a_process_gives_the_same_file_as_the_second_whatever_the_number_of_threads",
        ),
    ),
    Mutation(
        "Energies are predicted with the moments of the batch",
        "cgcnn/network/evaluation.py",
        (
            "    network.eval()\n"
            "    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))\n"
            "    with torch.inference_mode():\n"
            "        found"
        ),
        (
            "    network.train()\n"
            "    indices = torch.from_numpy(np.asarray(crystals, dtype=np.int64))\n"
            "    with torch.inference_mode():\n"
            "        found"
        ),
        ("tests/test_training_steps.py",),
    ),
)
