"""Losses over large sweeps, found in a small space of filters, against one solve per point of the sweep."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.distillation import surface
from kdtheory.distillation.results import FitResult

SHAPES = {"linear": kd.LinearModel(), "kernel": kd.KernelModel(kd.kernels.RBF(gamma=0.3))}


def problem():
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(*(generator.normal(size=s) for s in ((30, 4), (30, 3), (11, 4), (11, 3))))


def sweep(largest):
    times = np.geomspace(0.1, 1e4, 8) / largest
    return kd.axis("teacher_time", times), kd.axis("student_time", times), kd.axis("mixing", [0.0, 0.5, 1.0])


def phases(teacher_time, student_time, mixing, start=None):
    first = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(teacher_time)), start=start)
    target = mixing * kd.output_of("teacher") + (1 - mixing) * kd.labels
    return kd.Recipe(teacher=first, student=kd.Fit(kd.Phase(target, kd.GradientFlow(student_time)), start=start))


@pytest.mark.parametrize("model", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("started", [False, True])
def test_every_loss_of_a_surface_is_that_of_its_own_recipe(model, on, started):
    task = problem()
    weights = np.ones((4, 3)) if isinstance(model, kd.LinearModel) else None
    start = kd.Start(weights=weights, offset=lambda x: np.sin(x[:, :3])) if started else None
    axes = sweep(model.spectrum(task).largest)
    student = kd.solve(phases(*axes, start), model, task)["student"]
    losses = student.loss(on=on)
    assert losses.shape == (8, 8, 3)
    singles = np.empty(losses.shape)
    for index in np.ndindex(losses.shape):
        values = [float(axis.values[i]) for axis, i in zip(axes, index, strict=True)]
        singles[index] = kd.solve(phases(*values, start), model, task)["student"].loss(on=on)
    np.testing.assert_allclose(losses, singles, rtol=1e-12, atol=1e-12 * singles.max())


def test_a_large_sweep_takes_the_short_way_and_forms_no_predictions(monkeypatch):
    task = problem()
    student = kd.solve(phases(*sweep(100.0)), kd.LinearModel(), task)["student"]
    monkeypatch.setattr(FitResult, "outputs", lambda *_: pytest.fail("predictions were formed"))
    assert student.loss().shape == student.loss(on="train").shape == (8, 8, 3)


def test_losses_of_interpolating_fits_keep_their_relative_accuracy():
    task = kd.tasks.from_spectrum([2.0, 1.0], coefficients=[1.0, 1.0])
    times = kd.axis("time", np.linspace(20.0, 60.0, 200))
    losses = kd.solve(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(times)))), kd.LinearModel(), task)
    expected = 0.5 * (np.exp(-4 * times.values) + np.exp(-2 * times.values))
    np.testing.assert_allclose(losses["teacher"].loss(on="train"), expected, rtol=1e-12)


def test_filters_that_span_too_much_are_not_forced_into_a_small_space():
    """Random filters span as many directions as were sampled; the short way is not taken then."""
    task = kd.tasks.from_spectrum(np.geomspace(1.0, 1e-3, 400), coefficients=np.ones(400))
    student = kd.solve(phases(*sweep(1.0)), kd.LinearModel(), task)["student"]
    generator = np.random.default_rng(0)

    def noise(state):
        return generator.normal(size=(1, *np.shape(state.shown.residual)))

    assert surface._few_modes(student, noise) is None


def test_the_errors_of_a_fit_are_its_values_minus_the_labels():
    task = problem()
    model = kd.LinearModel()
    student = kd.solve(phases(0.01, 0.02, 0.5, kd.Start(offset=1.0)), model, task)["student"]
    expected = model.spectrum(task).coefficients(student.train - task.targets)
    np.testing.assert_allclose(student.errors, expected, rtol=0, atol=1e-13)
