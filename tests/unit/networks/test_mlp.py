"""What the networks are made of."""

import numpy as np
import pytest
import torch

import kdtheory as kd
from kdtheory.errors import InvalidArgument


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_standard_network_is_initialized_as_torch_does_it():
    ours = kd.networks.MLP(width=6, depth=2).build(3, 2, seeded(5))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        double = {"dtype": torch.float64}
        layers = [torch.nn.Linear(3, 6, **double), torch.nn.Linear(6, 6, **double), torch.nn.Linear(6, 2, **double)]
    relu = torch.nn.ReLU()
    theirs = torch.nn.Sequential(layers[0], relu, layers[1], relu, layers[2])
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=0)
    x = torch.ones(1, 3, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x))


def test_the_ntk_network_is_its_formula():
    module = kd.networks.MLP(width=6, depth=2, parametrization="ntk").build(3, 2, seeded())
    V, W, U = (p.detach().numpy() for p in module.parameters())
    assert [p.shape for p in (V, W, U)] == [(6, 3), (6, 6), (2, 6)]
    x = np.array([[1.0, -2.0, 0.5]])
    h = np.sqrt(2) * np.maximum(x @ V.T / np.sqrt(3), 0)
    h = np.sqrt(2) * np.maximum(h @ W.T / np.sqrt(6), 0)
    np.testing.assert_allclose(module(torch.tensor(x)).detach(), h @ U.T / np.sqrt(6), rtol=1e-13)


def test_ntk_weights_are_standard_normal():
    weights = kd.networks.MLP(width=400, depth=2, parametrization="ntk").build(3, 2, seeded())[2].weight.detach()
    assert weights.mean().abs() < 4 / 400
    assert (weights.square().mean() - 1).abs() < 4 * 2**0.5 / 400


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_depth_counts_hidden_layers_as_the_kernel_does(depth):
    network = kd.networks.MLP(width=5, depth=depth, parametrization="ntk")
    assert network.kernel() == kd.kernels.NTK(depth=depth)
    assert len(list(network.build(3, 2, seeded()).parameters())) == depth + 1


def test_defaults_agree_with_the_kernels():
    assert kd.networks.MLP(parametrization="ntk").kernel() == kd.kernels.NTK()


def test_a_standard_network_has_no_limit_kernel():
    with pytest.raises(InvalidArgument) as raised:
        kd.networks.MLP().kernel()
    assert str(raised.value) == (
        "network: expected a network with a known limit kernel, got MLP(width=512, depth=3, "
        "parametrization='standard'); use MLP(parametrization='ntk')"
    )


def test_networks_are_values():
    assert kd.networks.MLP(8) == kd.networks.MLP(8)
    assert len({kd.networks.MLP(8), kd.networks.MLP(8), kd.networks.MLP(9)}) == 2
