"""The best weight of a teacher on held-out targets."""

import numpy as np
import pytest
import scipy.optimize

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument

TASK = kd.tasks.regression([1.0, 0.5, 0.1], [[1.0, 0.5], [2.0, 0.1], [0.3, 3.0]], train=9, test=6, noise_variance=1.0)


def student(mixing, time=0.3, start=None):
    teacher = kd.Fit(kd.Phase(kd.labels, kd.Ridge(2.0)))
    target = mixing * kd.output_of("teacher") + (1 - mixing) * kd.labels
    recipe = kd.Recipe(teacher=teacher, student=kd.Fit(kd.Phase(target, kd.GradientFlow(time)), start=start))
    return kd.solve(recipe, kd.LinearModel(), TASK)["student"]


@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("start", [None, kd.Start(weights=np.ones(3), offset=0.4)])
def test_no_mixing_fits_the_targets_better(on, start):
    """The students are solved again at every mixing that the search asks for."""
    targets = TASK.clean_targets if on == "train" else TASK.test_targets
    found = risk.oracle_mixing(student(0.0, start=start), student(1.0, start=start), targets, on=on)

    def literal(mixing):
        return np.sum((student(float(mixing), start=start).outputs(on) - targets) ** 2)

    assert found == pytest.approx(scipy.optimize.minimize_scalar(literal).x, abs=1e-6)
    assert abs(found) > 0.05  # the search has something to find


def test_sweeps_are_axes():
    times = [0.1, 1.0]
    swept = [student(mixing, kd.axis("time", times)) for mixing in (0.0, 1.0)]
    found = risk.oracle_mixing(*swept, TASK.test_targets)
    alone = [risk.oracle_mixing(student(0.0, time), student(1.0, time), TASK.test_targets) for time in times]
    np.testing.assert_allclose(found, alone, rtol=1e-10)


@pytest.mark.parametrize("size", [1.0, 1e-200, 1e100])
def test_a_teacher_that_changes_nothing_has_no_best_weight(size):
    same = size * np.array([[1.0], [2.0]])
    for other in (same, same * (1 + 1e-16)):
        with pytest.raises(InvalidArgument) as error:
            risk.oracle_mixing(same, other, [1.0, 2.0])
        message = "on_teacher: expected outputs that differ from on_labels, got the same outputs from both; every mixing gives the same student: use a teacher that changes it"
        assert str(error.value) == message
    assert np.isfinite(risk.oracle_mixing(same, 2 * same, [1.0, 2.0]))


def test_other_points_are_refused():
    with pytest.raises(InvalidArgument, match="targets: expected 6 points and 2 output"):
        risk.oracle_mixing(student(0.0), student(1.0), TASK.test_targets[:5])
    with pytest.raises(InvalidArgument, match="targets: expected finite numbers, got nan"):
        risk.oracle_mixing([[1.0]], [[2.0]], [np.nan])
