"""Cross-entropy as PyTorch computes it: the gradient of a simulated step is that of torch's loss, in float64."""

import numpy as np
import pytest
import torch
from torch.nn import functional

import kdtheory as kd

SAMPLES, CLASSES, STEP = 6, 3, 0.25


@pytest.fixture(params=[0, 1])
def logits(request):
    """Labels, logits of a teacher and of a student: what any model could say."""
    draw = np.random.default_rng(request.param)
    return draw.integers(0, CLASSES, SAMPLES), *(5 * draw.standard_normal((2, SAMPLES, CLASSES)))


def simulated_gradient(loss, mixing, labels, teacher, student):
    """The gradient that one step of size ``STEP`` took: on unit inputs, weights are logits."""
    task = kd.tasks.from_arrays(np.eye(SAMPLES), labels, classes=CLASSES)
    target = mixing * kd.output_of("teacher") + (1 - mixing) * kd.labels
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(0)), start=kd.Start(weights=teacher)),
        student=kd.Fit(kd.Phase(target, kd.GradientDescent(1, STEP), loss), start=kd.Start(weights=student)),
    )
    after = kd.simulate(recipe, kd.LinearModel(), task)["student"]
    assert after.logits
    return (student - after.weights) / STEP


def torch_gradient(loss, mixing, labels, teacher, student):
    outputs = torch.tensor(student, requires_grad=True)
    hot, cold = loss.temperature, loss.label_temperature
    soft = functional.softmax(torch.tensor(teacher) / hot, dim=1)
    imitation = functional.cross_entropy(outputs / hot, soft, reduction="sum")
    supervision = functional.cross_entropy(outputs / cold, torch.tensor(labels), reduction="sum")
    if loss.scaled:
        imitation, supervision = hot**2 * imitation, cold**2 * supervision
    (mixing * imitation + (1 - mixing) * supervision).backward()
    return outputs.grad.numpy()


@pytest.mark.parametrize("mixing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("temperatures", [(1.0, 1.0), (4.0, 1.0), (4.0, 2.0), (0.5, 3.0)])
def test_a_mixture_of_labels_and_teacher_has_the_gradient_of_pytorch(logits, mixing, scaled, temperatures):
    loss = kd.CrossEntropy(temperature=temperatures[0], label_temperature=temperatures[1], scaled=scaled)
    ours, theirs = simulated_gradient(loss, mixing, *logits), torch_gradient(loss, mixing, *logits)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13 * 16 / STEP)


def test_extreme_logits_neither_overflow_nor_vanish(logits):
    labels, teacher, student = logits
    loss = kd.CrossEntropy(temperature=4.0)
    ours = simulated_gradient(loss, 0.5, labels, 1e4 * teacher, 1e4 * student)
    theirs = torch_gradient(loss, 0.5, labels, 1e4 * teacher, 1e4 * student)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_many_steps_of_a_distilled_student_are_those_of_a_pytorch_loop():
    """Teacher, then a student that switches from labels to the teacher: the whole path, with an offset."""
    draw = np.random.default_rng(5)
    inputs, labels, offset = draw.standard_normal((8, 4)), draw.integers(0, CLASSES, 8), np.array([0.5, 0.0, -1.0])
    task = kd.tasks.from_arrays(inputs, labels, classes=CLASSES)
    hard, soft = kd.CrossEntropy(), kd.CrossEntropy(temperature=4.0)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(7, 0.1), hard), start=kd.Start(offset=offset)),
        student=kd.Fit(
            [
                kd.Phase(kd.labels, kd.GradientDescent(5, 0.05), hard),
                kd.Phase(0.75 * kd.output_of("teacher") + 0.25 * kd.labels, kd.GradientDescent(9, 0.1), soft),
            ]
        ),
    )
    simulated = kd.simulate(recipe, kd.LinearModel(), task)
    x, y, zero = torch.tensor(inputs), torch.tensor(labels), torch.zeros(4, CLASSES, dtype=torch.float64)

    def walk(weights, steps, size, constant, teacher=None):
        for _ in range(steps):
            weights = weights.detach().requires_grad_()
            outputs = x @ weights + constant
            loss = functional.cross_entropy(outputs, y, reduction="sum")
            if teacher is not None:
                told = functional.softmax(teacher / 4, dim=1)
                loss = 0.25 * loss + 0.75 * 16 * functional.cross_entropy(outputs / 4, told, reduction="sum")
            loss.backward()
            weights = (weights - size * weights.grad).detach()
        return weights

    teacher = x @ walk(zero, 7, 0.1, torch.tensor(offset)) + torch.tensor(offset)
    student = walk(walk(zero, 5, 0.05, 0.0), 9, 0.1, 0.0, teacher)
    np.testing.assert_allclose(simulated["teacher"].train, teacher.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(simulated["student"].weights, student.numpy(), rtol=0, atol=1e-12)
