"""``gradient_denoising`` in a browser: bias and variance, the point where the teacher hurts, and the floor of SGD."""

from dataclasses import replace

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.lab._gradient_denoising import DRAWS

TIMES, RATIOS = (0.1, 100.0), (0.01, 20.0)
FLOOR = ((-0.04, 1.04), (-0.05, 1.1))


@pytest.fixture(scope="module")
def parity():
    """The demonstration's problem, made anew: principal components of digits as inputs, odd or even as targets."""
    digits = kd.tasks.digits(train=500, test=1, seed=0)
    inputs = np.asarray(digits.inputs) - np.asarray(digits.inputs).mean(axis=0)
    left, singular, _ = np.linalg.svd(inputs, full_matrices=False)
    targets = np.where(np.asarray(digits.labels) % 2, -1.0, 1.0)
    task = kd.tasks.from_arrays(left[:, :16] * singular[:16], targets - targets.mean())
    return task, kd.LinearModel(), singular[0] ** 2


def moments(parity, time, noise=0.0, batch=50, position=0.0):
    task, model, largest = parity
    flow = kd.GradientFlow(time / largest)
    teacher = kd.solve(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, flow))), model, task)["teacher"]
    truth = {"oracle_targets": task.targets, "oracle_noise_variance": noise**2}
    return kd.measures.gradient_denoising(teacher, position * teacher.train, batch=batch, **truth)


def follows(page, parity, time, **settings):
    """Table, ratio and the point in the picture are those of the library."""
    found = moments(parity, time, **settings)
    unit = float(found.one_hot.total_error)
    page.await_number("ratio", float(found.total_ratio))
    page.await_number("teacher-bias", float(found.distillation.total_squared_bias) / unit)
    page.await_number("teacher-variance", float(found.distillation.total_variance) / unit)
    page.await_number("control-variance", 1.0)

    def drawn(picture):
        (point,) = picture.points("teacher-point", "errors", TIMES, RATIOS, (True, True))
        assert np.allclose(np.log(point), np.log([time, float(found.total_ratio)]), atol=1e-3)

    page.await_drawn(drawn)


def test_sliders_move_bias_variance_and_the_marked_point(opened, parity):
    page = opened("gradient_denoising")
    assert not page.has("ratio")
    page.choose("yes, always")
    follows(page, parity, 2.0)
    page.press("teacher's time", "ArrowLeft", 3)
    follows(page, parity, 0.7)
    page.press("noise of labels", "ArrowRight", 4)
    follows(page, parity, 0.7, noise=1.0)
    page.press("batch size", "ArrowRight")
    page.press("student's way", "ArrowRight", 5)
    follows(page, parity, 0.7, noise=1.0, batch=100, position=0.5)


def test_the_point_where_the_teacher_starts_to_hurt_is_marked_where_the_errors_are_equal(opened, parity):
    page = opened("gradient_denoising")
    page.choose("no")
    page.page.wait_for_selector("data#break-even")
    even = page.number("break-even")
    # Found between the times of a curve: the errors there agree to the precision of a picture.
    assert abs(float(moments(parity, even).total_ratio) - 1.0) < 5e-3
    assert float(moments(parity, 0.9 * even).total_ratio) > 1 > float(moments(parity, 1.1 * even).total_ratio)

    def drawn(picture):
        line = picture.points("break-even", "errors", TIMES, RATIOS, (True, True))
        assert np.allclose(np.log(line[:, 0]), np.log(even), atol=1e-3)

    page.await_drawn(drawn)


def test_without_noise_of_labels_a_student_at_its_teacher_has_gradients_without_noise(opened, parity):
    page = opened("gradient_denoising")
    page.choose("no")
    page.press("student's way", "End")
    page.await_number("teacher-variance", 0.0, 1e-20)

    def collapsed(picture):
        cloud, wide = (np.ptp(picture.points(f"{name}-cloud", "plane", (0, 1), (0, 1)), axis=0).max()
                       for name in ("teacher", "control"))  # fmt: skip
        assert cloud < 1e-6 < 0.3 < wide

    page.await_drawn(collapsed)


def paid(parity, time, noise, batch, mixing):
    """What the mixing costs in bias, in units of the noise with labels: of a dataset whose noise is the drawn one."""
    task, model, largest = parity
    generator = np.random.default_rng(0)
    labels = np.asarray(task.targets) + noise * generator.normal(size=(500, DRAWS))[:, :1]
    drawn, sampling = replace(task, targets=labels), kd.Minibatch(batch, replace=True)
    teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time / largest)))
    taught = kd.solve(kd.Recipe(teacher=teacher), model, drawn)["teacher"].train
    rate = 0.2 * kd.risk.sgd_step_limit(task.inputs, sampling)
    onehot, mixed = (
        kd.risk.sgd_stationary(task.inputs, each, step_size=rate, batch=sampling)
        for each in (labels, (1 - mixing) * labels + mixing * taught)
    )
    return 0.5 * np.sum((task.inputs @ (onehot.mean - mixed.mean)) ** 2) / onehot.excess_loss(task.inputs)


def test_the_floor_of_sgd_follows_the_mixing(opened, parity):
    page = opened("gradient_denoising")
    assert not page.has("floor")
    page.choose("a quarter")
    page.await_number("floor", 0.25)
    page.press("mixing", "ArrowRight", 4)
    page.await_number("floor", (1 - 0.7) ** 2)
    page.await_number("paid", float(paid(parity, 2.0, 0.0, 50, 0.7)))

    def drawn(picture):
        (point,) = picture.points("student-chosen", "floor", *FLOOR)
        assert np.allclose(point, [0.7, 0.09], atol=1e-3)

    page.await_drawn(drawn, position=1)
    page.press("teacher's time", "ArrowLeft", 3)
    page.await_number("paid", float(paid(parity, 0.7, 0.0, 50, 0.7)))
    page.press("noise of labels", "ArrowRight", 4)
    page.press("batch size", "ArrowRight")
    page.await_number("paid", float(paid(parity, 0.7, 1.0, 100, 0.7)))
    page.press("student's way", "ArrowRight", 5)
    page.await_number("paid", float(paid(parity, 0.7, 1.0, 100, 0.7)))
