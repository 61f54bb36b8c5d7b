"""The loss of a phase against PyTorch's own, values and gradients."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import kdtheory as kd
from kdtheory.networks._losses import phase_loss
from kdtheory.networks.places import Term

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 5, 8)
ONE_HOT, TEACHER, STUDENT = np.eye(5)[LABELS], RNG.normal(size=(8, 5)), torch.tensor(RNG.normal(size=(8, 5)))
EVERYTHING = slice(None)


def gradient(function):
    outputs = STUDENT.clone().requires_grad_()
    value = function(outputs)
    return value.item(), torch.autograd.grad(value, outputs)[0]


def assert_same(loss, terms, reference):
    ours = gradient(lambda outputs: phase_loss(loss, terms, torch.float64)(outputs, EVERYTHING))
    theirs = gradient(reference)
    torch.testing.assert_close(ours[1], theirs[1], rtol=1e-12, atol=1e-14)
    return ours[0], theirs[0]


def test_labels_are_torchs_cross_entropy():
    ours, theirs = assert_same(
        kd.CrossEntropy(temperature=4.0),
        [Term(1.0, ONE_HOT, labels=True)],
        lambda z: F.cross_entropy(z, torch.tensor(LABELS), reduction="sum"),
    )
    assert ours == pytest.approx(theirs, rel=1e-13)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("scaled", [True, False])
def test_a_teacher_is_torchs_kl_divergence_at_its_temperature(temperature, scaled):
    def reference(z):
        said, heard = torch.softmax(torch.tensor(TEACHER) / temperature, 1), F.log_softmax(z / temperature, 1)
        return F.kl_div(heard, said, reduction="sum") * (temperature**2 if scaled else 1)

    loss = kd.CrossEntropy(temperature=temperature, scaled=scaled)
    assert_same(loss, [Term(1.0, TEACHER, labels=False)], reference)  # the two values differ by the teacher's entropy


@pytest.mark.parametrize("temperatures", [(4.0, 1.0), (4.0, 4.0), (2.0, 3.0)])
def test_each_term_of_a_mixture_keeps_its_temperature(temperatures):
    def reference(z):
        T, t = temperatures
        taught = F.cross_entropy(z / T, torch.softmax(torch.tensor(TEACHER) / T, 1), reduction="sum")
        return 0.7 * T**2 * taught + 0.3 * t**2 * F.cross_entropy(z / t, torch.tensor(ONE_HOT), reduction="sum")

    loss = kd.CrossEntropy(temperature=temperatures[0], label_temperature=temperatures[1])
    ours, theirs = assert_same(loss, [Term(0.7, TEACHER, labels=False), Term(0.3, ONE_HOT, labels=True)], reference)
    assert ours == pytest.approx(theirs, rel=1e-13)


def test_squared_error_is_half_the_sum_over_samples_and_outputs():
    ours, theirs = assert_same(
        kd.SquaredError(),
        [Term(1.5, TEACHER, labels=False), Term(-0.5, ONE_HOT, labels=True)],
        lambda z: 0.5 * F.mse_loss(z, torch.tensor(1.5 * TEACHER - 0.5 * ONE_HOT), reduction="sum"),
    )
    assert ours == pytest.approx(theirs, rel=1e-13)


@pytest.mark.parametrize("loss", [kd.SquaredError(), kd.CrossEntropy(temperature=3.0)])
def test_a_batch_is_compared_with_its_own_samples(loss):
    terms, batch = [Term(0.4, TEACHER, labels=False), Term(0.6, ONE_HOT, labels=True)], torch.tensor([6, 1, 1])
    rows = [Term(term.weight, term.values[batch.numpy()], term.labels) for term in terms]
    part = phase_loss(loss, terms, torch.float64)(STUDENT[batch], batch)
    alone = phase_loss(loss, rows, torch.float64)(STUDENT[batch], EVERYTHING)
    torch.testing.assert_close(part, alone, rtol=1e-13, atol=0)


def test_training_descends_that_loss_end_to_end():
    """Two fits, cross-entropy at temperature 4 with mixing, on a linear network, against autograd written out here."""
    task = kd.tasks.from_arrays(RNG.normal(size=(8, 3)), LABELS, classes=5)
    soft, plain = kd.CrossEntropy(temperature=4.0), kd.CrossEntropy()
    mixed = 0.7 * kd.output_of("teacher") + 0.3 * kd.labels
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(6, 0.3), plain)),
        student=kd.Fit(kd.Phase(mixed, kd.GradientDescent(4, 0.2), soft)),
    )
    nets = kd.train(recipe, kd.networks.MLP(depth=0, parametrization="ntk"), task, dtype="float64")

    X, y = torch.tensor(task.inputs) / 3**0.5, torch.tensor(LABELS)

    def descend(loss, steps, size):
        W = torch.zeros(3, 5, dtype=torch.float64, requires_grad=True)
        for _ in range(steps):
            W = (W - size * torch.autograd.grad(loss(X @ W), W)[0]).detach().requires_grad_()
        return (X @ W).detach()

    teacher = descend(lambda z: F.cross_entropy(z, y, reduction="sum"), 6, 0.3)
    said = torch.softmax(teacher / 4, 1)
    student = descend(
        lambda z: (
            0.7 * 16 * F.cross_entropy(z / 4, said, reduction="sum") + 0.3 * F.cross_entropy(z, y, reduction="sum")
        ),
        4,
        0.2,
    )
    np.testing.assert_allclose(nets["teacher"].train[0], teacher, rtol=0, atol=1e-13)
    np.testing.assert_allclose(nets["student"].train[0], student, rtol=0, atol=1e-13)
    assert nets["student"].logits
