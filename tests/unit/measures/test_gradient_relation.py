from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import gradient_relation, gradients

LINEAR = kd.LinearModel()
ROUNDING = 1e-13


@pytest.fixture
def task():
    generator = np.random.default_rng(2)
    return kd.tasks.from_arrays(generator.normal(size=(7, 4)), generator.normal(size=(7, 2)))


def fitted(procedure, task, model=LINEAR, start=None):
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, procedure), start=start))
    return kd.solve(recipe, model, task)["teacher"]


def weights(draw):
    return np.random.default_rng(draw).normal(size=(4, 2))


PROCEDURES = [
    kd.GradientFlow(0.2),
    kd.GradientDescent(5, 0.02),
    kd.Ridge(1.0, center="start"),
    kd.procedures.HeavyBall(steps=6, step_size=0.02, momentum=0.8),
]


@pytest.mark.parametrize("procedure", PROCEDURES, ids=str)
def test_at_every_point_it_is_the_one_hot_gradient_minus_that_at_the_teacher(task, procedure):
    start = kd.Start(weights=weights(1))
    teacher = fitted(procedure, task, start=start)
    for draw in range(3):
        sides = gradient_relation(LINEAR, task, teacher, kd.Start(weights=weights(draw)))
        b, b_teacher = weights(draw), teacher.weights
        literal = [task.inputs.T @ (task.inputs @ each) for each in (b - b_teacher, b, b_teacher)]
        moment = task.inputs.T @ task.targets
        np.testing.assert_allclose(sides.distillation.weights, literal[0], atol=1e-12)
        np.testing.assert_allclose(sides.one_hot.weights, literal[1] - moment, atol=1e-12)
        np.testing.assert_allclose(sides.anchor.weights, literal[2] - moment, atol=1e-12)
        assert sides.difference <= ROUNDING
        spectrum = LINEAR.spectrum(task)
        moved = spectrum.coefficients(task.inputs @ (b - weights(1)))
        beyond = np.sqrt(spectrum.eigenvalues)[:, None] * teacher.residuals[:, None] * moved
        np.testing.assert_allclose(sides.distillation.modes - sides.low_pass, beyond, atol=1e-12)
        # The low-pass form holds at the teacher's start, draw 1, and nowhere else.
        assert sides.low_pass_difference <= ROUNDING if draw == 1 else sides.low_pass_difference > 1e-2


def test_of_gradient_flow_the_anchor_is_the_filtered_first_gradient(task):
    start, time = weights(3), 0.3
    teacher = fitted(kd.GradientFlow(time), task, start=kd.Start(weights=start))
    filtered = scipy.linalg.expm(-time * task.inputs.T @ task.inputs)
    sides = gradient_relation(LINEAR, task, teacher, kd.Start(weights=start))
    anchor = -filtered @ task.inputs.T @ (task.targets - task.inputs @ start)
    np.testing.assert_allclose(sides.anchor.weights, anchor, atol=1e-12)
    np.testing.assert_allclose(sides.distillation.weights, (np.eye(4) - filtered) @ sides.one_hot.weights, atol=1e-12)


def test_the_anchor_of_a_long_trained_teacher_keeps_its_digits():
    task = kd.tasks.from_spectrum([1.0], coefficients=[1.0])
    sides = gradient_relation(LINEAR, task, fitted(kd.GradientFlow(100.0), task))
    np.testing.assert_allclose(sides.anchor.weights, [[-np.exp(-100.0)]], rtol=1e-13)
    assert sides.one_hot.weights - sides.distillation.weights == 0  # lost in outputs


def test_a_penalty_centred_at_zero_keeps_the_relation_and_breaks_the_low_pass_form(task):
    start = kd.Start(weights=weights(1))
    teacher = fitted(kd.Ridge(1.0), task, start=start)
    sides = gradient_relation(LINEAR, task, teacher, start)
    assert sides.difference <= ROUNDING
    assert sides.low_pass_difference > 1e-2
    assert gradient_relation(LINEAR, task, teacher).low_pass_difference <= ROUNDING  # centred there


def test_every_minibatch_obeys_the_relation_and_has_no_low_pass_form(task):
    teacher = fitted(kd.GradientFlow(0.2), task)
    for samples in ([0], [3, 3, 6], range(7)):
        sides = gradient_relation(LINEAR, task, teacher, kd.Start(weights=weights(4)), samples=list(samples))
        rows = task.inputs[samples]
        literal = 7 / len(samples) * rows.T @ rows @ (weights(4) - teacher.weights)
        np.testing.assert_allclose(sides.distillation.weights, literal, atol=1e-12)
        assert sides.difference <= ROUNDING
        assert sides.low_pass is None
        assert sides.low_pass_difference is None


def test_kernels_offsets_and_centred_tasks_obey_it_too(task):
    model = kd.KernelModel(kd.kernels.RBF(gamma=0.2))
    teacher = fitted(kd.GradientFlow(0.7), task, model, kd.Start(offset=lambda x: np.sin(x[:, :2])))
    sides = gradient_relation(model, task, teacher, kd.Start(offset=lambda x: np.sin(x[:, :2])))
    assert max(sides.difference, sides.low_pass_difference) <= ROUNDING
    centred = replace(task, targets=task.targets + 3.0).centered()
    sides = gradient_relation(LINEAR, centred, fitted(kd.GradientFlow(0.7), centred))
    assert max(sides.difference, sides.low_pass_difference) <= ROUNDING


def test_a_sweep_keeps_its_axes_and_differs_from_other_teachers(task):
    teacher = fitted(kd.GradientFlow(kd.axis("teacher_time", [0.1, 1.0, 5.0])), task)
    at = np.random.default_rng(0).normal(size=(2, 1, 7, 2))
    sides = gradient_relation(LINEAR, task, teacher)
    assert list(sides.axes) == ["teacher_time"]
    assert sides.low_pass.shape == (3, 7, 2)
    assert sides.difference.shape == sides.low_pass_difference.shape == (3,)
    assert np.all(sides.difference <= ROUNDING)
    assert gradient_relation(LINEAR, task, teacher.train, at).difference.shape == (2, 3)
    swapped = replace(sides, distillation=replace(sides.distillation, slopes=sides.distillation.slopes[::-1]))
    assert swapped.difference[0] > 1e-2  # the check can fail
    flipped = replace(sides, anchor=replace(sides.anchor, slopes=-sides.anchor.slopes))
    assert np.all(flipped.difference > 1e-6)


def test_cross_entropy_obeys_it_at_equal_temperatures_only(classes):
    generator = np.random.default_rng(5)
    teacher, at = generator.normal(size=(2, 8, 3))
    for loss, holds in [
        (kd.CrossEntropy(), True),
        (kd.CrossEntropy(temperature=4.0, label_temperature=4.0), True),
        (kd.CrossEntropy(temperature=4.0), False),
    ]:
        sides = gradient_relation(LINEAR, classes, teacher, at, loss=loss)
        assert sides.gains is None
        assert (sides.difference <= ROUNDING) == holds
        np.testing.assert_array_equal(
            sides.distillation.slopes, gradients(LINEAR, classes, at, teacher=teacher, loss=loss).slopes
        )


def test_labels_of_ones_own_are_used_on_both_sides(task):
    teacher, other = fitted(kd.GradientFlow(0.2), task), -2.0 * task.targets
    sides = gradient_relation(LINEAR, task, teacher, labels=other)
    np.testing.assert_allclose(sides.anchor.slopes, teacher.train - other, atol=1e-13)
    np.testing.assert_array_equal(sides.one_hot.slopes, -other)
    assert sides.difference <= ROUNDING


def test_a_teacher_of_another_model_or_task_is_refused(task):
    kernel = kd.KernelModel(kd.kernels.RBF(gamma=1.0))
    with pytest.raises(InvalidArgument, match=r"^teacher: expected a fit of LinearModel\(\), got one of KernelModel\("):
        gradient_relation(LINEAR, task, fitted(kd.Ridge(1.0), task, kernel))
    other = replace(task, inputs=2 * task.inputs)
    with pytest.raises(InvalidArgument, match=r"^teacher: expected the training inputs of Task\(.*got other inputs"):
        gradient_relation(LINEAR, task, fitted(kd.Ridge(1.0), other))


def test_where_all_gradients_vanish_the_difference_is_zero():
    task = kd.tasks.from_arrays([[1.0]], [0.0])
    assert gradient_relation(LINEAR, task, [[0.0]]).difference == 0.0
