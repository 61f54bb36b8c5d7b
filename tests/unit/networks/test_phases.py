"""Phases of a fit: one network, one optimizer, one stream of batches."""

import numpy as np
import pytest

import kdtheory as kd

TASK = kd.tasks.digits(train=60, test=20, seed=0)
NET = kd.networks.MLP(width=32, depth=1)
WAYS = {
    "descent": {"step_size": 1e-3},
    "momentum": {"step_size": 1e-3, "optimizer": kd.SGD(momentum=0.9)},
    "adam": {"optimizer": kd.Adam(rate=3e-3)},
}


def phases(*parts, restart=False):
    loss = kd.CrossEntropy(temperature=2.0)
    made = [kd.Phase(target, kd.GradientDescent(steps=steps), loss, restart=restart) for target, steps in parts]
    return kd.Fit(made, stream="student")


def train(way, **fits):
    teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=30), kd.CrossEntropy()))
    return kd.train(kd.Recipe(teacher=teacher, **fits), NET, TASK, batch=kd.Minibatch(16), dtype="float64", **WAYS[way])


@pytest.mark.parametrize("way", WAYS)
def test_cutting_a_phase_in_two_changes_nothing(way):
    result = train(way, whole=phases((kd.labels, 9)), cut=phases((kd.labels, 5), (kd.labels, 4)))
    np.testing.assert_array_equal(result["whole"].test, result["cut"].test)


@pytest.mark.parametrize(("way", "same"), [("descent", True), ("momentum", False), ("adam", False)])
def test_a_restart_forgets_what_the_optimizer_remembers(way, same):
    cut = phases((kd.labels, 5), (kd.labels, 4), restart=True)
    result = train(way, whole=phases((kd.labels, 9)), cut=cut)
    assert np.array_equal(result["whole"].test, result["cut"].test) == same


@pytest.mark.parametrize("way", WAYS)
def test_the_loss_switches_after_exactly_the_steps_of_the_first_phase(way):
    taught = kd.output_of("teacher")
    fits = {f"after_{k}": phases((kd.labels, k), (taught, 10 - k)) for k in (0, 4, 5, 6, 10)}
    result = train(way, **fits, hard=phases((kd.labels, 10)), soft=phases((taught, 10)))
    np.testing.assert_array_equal(result["after_10"].test, result["hard"].test)
    np.testing.assert_array_equal(result["after_0"].test, result["soft"].test)
    by_hand = _by_hand(way, result["teacher"].train[0], switch=5)
    np.testing.assert_allclose(result["after_5"].train[0], by_hand, rtol=0, atol=1e-12)
    for other in ("after_4", "after_6"):
        assert np.abs(result[other].train[0] - by_hand).max() > 1e-6


def _by_hand(way, teacher, switch):
    """The student's ten steps with torch.optim, on the batches and from the weights of its stream."""
    import torch
    from torch.nn import functional as F

    from kdtheory.networks._batches import visits
    from kdtheory.networks.streams import generator

    module = NET.build(64, 10, generator(0, "student", "initialization"))
    batches = visits(kd.Minibatch(16), 60, generator(0, "student", "batches"))
    X, hard, soft = torch.tensor(TASK.inputs), torch.tensor(TASK.targets), torch.softmax(torch.tensor(teacher) / 2, 1)
    initial = module(X).detach()
    optimizer = {
        "descent": lambda p: torch.optim.SGD(p, lr=1e-3),
        "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=3e-3),
    }[way](list(module.parameters()))
    for step in range(10):
        batch = next(batches)
        z = module(X[batch]) - initial[batch]
        hears = F.cross_entropy(z, hard[batch], reduction="sum")
        imitates = 4 * F.cross_entropy(z / 2, soft[batch], reduction="sum")
        optimizer.zero_grad()
        ((hears if step < switch else imitates) * 60 / 16).backward()
        optimizer.step()
    return (module(X) - initial).detach().numpy()


def test_a_change_of_rates_starts_the_velocity_anew():
    def fit(*sizes):
        return kd.Fit([kd.Phase(kd.labels, kd.GradientDescent(3, size)) for size in sizes], stream="student")

    recipe = kd.Recipe(kept=fit(1e-3, 1e-3), new=fit(1e-3, 1.0000001e-3))
    result = kd.train(recipe, NET, TASK, optimizer=kd.SGD(momentum=0.9), dtype="float64")
    assert np.abs(result["kept"].train - result["new"].train).max() > 1e-4
