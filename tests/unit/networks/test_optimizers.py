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


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_weight_decay_is_torchs(decay):
    expected = theirs(torch.optim.AdamW, 30, lr=0.05, weight_decay=decay)
    torch.testing.assert_close(ours(kd.Adam(rate=0.05, weight_decay=decay).descent(30)), expected, rtol=1e-12, atol=0)
    expected = theirs(torch.optim.SGD, 30, lr=0.01, momentum=0.5, weight_decay=decay)
    sgd = kd.SGD(0.5, weight_decay=decay).descent(30, 0.01)
    torch.testing.assert_close(ours(sgd), expected, rtol=1e-12, atol=0)


def test_a_schedule_is_torchs_linear_warmup_and_cosine():
    schedule = kd.networks.Schedule(warmup=0.25, decay="cosine")
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.2, total_iters=4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=15)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, cosine], milestones=[5])
    expected = []
    for _ in range(20):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        both.step()
    assert [schedule.factor(step, 20) for step in range(20)] == pytest.approx(expected, rel=1e-9)


def test_a_schedule_runs_over_all_phases_of_a_fit():
    task, net = kd.tasks.digits(train=40, test=20, seed=0), kd.networks.MLP(width=16, depth=1)
    adam = kd.Adam(1e-2, schedule=kd.networks.Schedule(warmup=0.2, decay="cosine"))

    def run(*steps):
        phases = [kd.Phase(kd.labels, kd.GradientDescent(count), kd.CrossEntropy()) for count in steps]
        return kd.train(kd.Recipe(one=kd.Fit(phases)), net, task, optimizer=adam, dtype="float64")["one"].test

    assert abs(run(10) - run(4, 6)).max() == 0
    assert abs(run(10) - kd.train(
        kd.Recipe(one=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(10), kd.CrossEntropy()))),
        net, task, optimizer=kd.Adam(1e-2), dtype="float64",
    )["one"].test).max() > 1e-3  # fmt: skip
