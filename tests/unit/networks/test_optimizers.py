"""Step rules of optimizers against torch.optim."""

import pytest
import torch

import kdtheory as kd


def loss(w):
    return (w[0] - 1) ** 4 + 3 * (w[1] * w[0] - 2) ** 2 + w[2] ** 2


def ours(descent):
    position = torch.tensor([0.3, -0.2, 1.0], dtype=torch.float64)
    state = descent.rule.begin(position, position)
    for _ in range(descent.steps):
        state = descent.rule.step(state, torch.func.grad(loss), descent.rates)
    return state["position"]


def theirs(kind, steps, **options):
    w = torch.tensor([0.3, -0.2, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = kind([w], **options)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(w).backward()
        optimizer.step()
    return w.detach()


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_sgd_is_torchs(momentum):
    expected = theirs(torch.optim.SGD, 30, lr=0.01, momentum=momentum)
    torch.testing.assert_close(ours(kd.SGD(momentum).descent(30, 0.01)), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.8), (0.0, 0.9)])
def test_adam_is_torchs(betas):
    adam = kd.Adam(rate=0.05, memory=betas[0], squared_memory=betas[1], epsilon=1e-6)
    expected = theirs(torch.optim.Adam, 30, lr=0.05, betas=betas, eps=1e-6)
    torch.testing.assert_close(ours(adam.descent(30)), expected, rtol=1e-12, atol=0)


def test_adam_has_torchs_defaults():
    torch.testing.assert_close(ours(kd.Adam().descent(30)), theirs(torch.optim.Adam, 30), rtol=1e-12, atol=0)


def test_with_adam_the_scale_of_the_loss_hardly_matters():
    task = kd.tasks.digits(train=40, test=20, seed=0)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(20), kd.CrossEntropy())),
        large=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientDescent(20), kd.CrossEntropy(4.0)), stream="s"),
        small=kd.Fit(
            kd.Phase(kd.output_of("teacher"), kd.GradientDescent(20), kd.CrossEntropy(4.0, scaled=False)), stream="s"
        ),
    )
    nets = kd.train(recipe, kd.networks.MLP(width=32), task, optimizer=kd.Adam(), dtype="float64")
    assert abs(nets["large"].test - nets["small"].test).max() < 1e-3 * abs(nets["large"].test).max()
