import numpy as np
import pytest

import kdtheory as kd
from kdtheory.distillation.results import ArrayFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures import progress

FLOW = kd.GradientFlow(1.0)
RECIPE = kd.self_distillation(FLOW, kd.GradientFlow(kd.axis("time", [0.1, 10.0])))


@pytest.fixture
def task():
    return kd.tasks.from_spectrum([4.0, 1.0, 0.25], coefficients=[[1.0, 0.5], [0.0, 0.0], [-2.0, 1e-3]], seed=3)


def test_a_closed_form_gives_its_own_gains_and_residuals_masked_without_target(task):
    fit = kd.solve(RECIPE, kd.LinearModel(), task)["student"]
    got = progress(fit)
    np.testing.assert_array_equal(np.ma.getmaskarray(got.gains), [[False, True, False]] * 2)
    np.testing.assert_array_equal(got.gains.compressed(), fit.gains[:, [0, 2]].ravel())
    np.testing.assert_array_equal(got.residuals.compressed(), fit.residuals[:, [0, 2]].ravel())
    assert list(got.axes) == ["time"]


def test_every_world_is_measured_alike(task):
    fit = kd.solve(RECIPE, kd.LinearModel(), task)["student"]
    measured = ArrayFit("student", task, fit.axes, fit.train)
    got = progress(measured, fit.spectrum)
    np.testing.assert_allclose(got.gains.compressed(), progress(fit).gains.compressed(), rtol=1e-12)
    np.testing.assert_allclose(got.residuals.compressed(), progress(fit).residuals.compressed(), rtol=1e-12)
    view = progress(measured.on(fit.spectrum))
    np.testing.assert_array_equal(view.gains.filled(0), got.gains.filled(0))
    with pytest.raises(
        InvalidArgument, match=r"^spectrum: expected an eigenbasis for result, got None; pass spectrum="
    ):
        progress(measured)


def test_residuals_of_closed_forms_do_not_cancel():
    task = kd.tasks.from_spectrum([30.0, 25.0], coefficients=[1.0, 1.0])
    fit = kd.solve(kd.self_distillation(FLOW, FLOW), kd.LinearModel(), task)["student"]
    got = progress(fit).residuals
    np.testing.assert_allclose(got, 2 * np.exp([-30.0, -25.0]) - np.exp([-60.0, -50.0]), rtol=1e-13)


def test_a_start_counts_as_progress(task):
    start = kd.Start(weights=np.ones((3, 2)))
    recipe = kd.Recipe(fit=kd.Fit(kd.Phase(kd.labels, FLOW), start=start))
    fit = kd.solve(recipe, kd.LinearModel(), task)["fit"]
    np.testing.assert_allclose(progress(fit).gains.compressed(), fit.on(fit.spectrum).gains.compressed(), rtol=1e-12)
    assert abs(progress(fit).gains[0] - fit.gains[0]) > 1e-3


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.5, r"^result: expected gains of two modes or more, got shape \(\); pass gains of shape \(\*axes, modes\)$"),
        ([0.5], r"^result: expected gains of two modes or more, got shape \(1,\);"),
        ([0.5, np.nan], r"^result: expected finite numbers, got nan"),
        (kd.GradientFlow, r"^result: expected one fit, a mode view or gains, got a value of type .*; pass for example"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(value, message):
    with pytest.raises(InvalidArgument, match=message):
        progress(value)


def test_unlabelled_inputs_have_no_progress(task):
    unlabelled = kd.tasks.from_arrays(task.inputs)
    fit = ArrayFit("student", unlabelled, {}, np.ones((3, 2)))
    with pytest.raises(
        InvalidArgument, match=r"^task: expected a labelled task, got unlabelled inputs; use coefficients"
    ):
        progress(fit, kd.LinearModel().spectrum(unlabelled))


def test_labels_of_another_task_are_not_mistaken_for_progress(task):
    """A teacher of other labels on the same inputs: progress on its own is negative."""
    other = kd.tasks.Task(task.inputs, -task.targets)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, FLOW), task=other),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), FLOW)),
    )
    fit = kd.solve(recipe, kd.LinearModel(), task)["student"]
    np.testing.assert_allclose(progress(fit).gains[0], -np.square(-np.expm1(-4.0)), rtol=1e-12)
    np.testing.assert_allclose(progress(fit).residuals[0], 1 + np.square(np.expm1(-4.0)), rtol=1e-12)
