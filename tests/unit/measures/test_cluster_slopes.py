"""Closed-form slopes of confidence on clusters, against solved recipes and their measured confidence."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import cluster_slopes, exaggeration_time

SIZES = (5, 3, 1)
TASK = kd.tasks.from_arrays(np.repeat(np.eye(3), SIZES, axis=0), np.ones(9))
LAM = np.asarray(SIZES, dtype=float)


def solved(teacher, student):
    result = kd.solve(kd.self_distillation(teacher, student), kd.LinearModel(), TASK)
    return result["teacher"], result["student"]


@pytest.mark.parametrize(
    ("teacher", "student"),
    [(kd.GradientFlow(0.4), kd.GradientFlow(0.9)), (kd.Ridge(2.0), kd.Ridge(2.0)), (kd.Ridge(1.0), kd.GradientFlow(0.1))],
)  # fmt: skip
def test_they_are_the_slopes_that_confidence_measures(teacher, student):
    own, taught = solved(teacher, student)
    slopes = cluster_slopes(teacher.gain(LAM), student.gain(LAM), SIZES)
    measured = kd.measures.confidence(own, taught, scale="value")
    assert slopes.least_squares == pytest.approx(measured.slope, rel=1e-12)
    x, y = (np.asarray(each.train)[:, 0] for each in (own, taught))
    assert slopes.through_origin == pytest.approx(x @ y / (x @ x), rel=1e-12)
    rows = [0, 5, 8]
    np.testing.assert_allclose(slopes.neighbours, np.diff(y[rows]) / np.diff(x[rows]), rtol=1e-12)


def test_from_the_exaggeration_time_on_the_slope_is_above_one():
    teacher = kd.GradientFlow(0.5)
    crossing = exaggeration_time(LAM[:2], teacher.gain(LAM[:2]))
    for factor, sign in ((0.9, -1), (1.1, 1), (5.0, 1)):
        own, taught = solved(teacher, kd.GradientFlow(factor * crossing))
        x, y = (np.asarray(each.train)[:, 0] for each in (own, taught))
        assert np.sign((y[0] - y[5]) / (x[0] - x[5]) - 1) == sign


def test_axes_stay_and_equal_gains_have_no_slope():
    gains = np.array([[0.9, 0.5], [0.4, 0.4]])
    slopes = cluster_slopes(gains, gains)
    np.testing.assert_allclose(slopes.neighbours[0], [1.4])
    assert np.isnan(slopes.neighbours[1, 0])
    assert np.isnan(slopes.least_squares[1])
    np.testing.assert_allclose(slopes.through_origin, [(0.9**3 + 0.5**3) / (0.9**2 + 0.5**2), 0.4])
    np.testing.assert_allclose(
        exaggeration_time([[2.0, 1.0], [3.0, 1.0]], [0.8, 0.4]), np.log(2) / np.array([1.0, 2.0])
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cluster_slopes([0.5], [0.5]), r"^teacher: expected gains of two clusters or more, got shape \(1,\);"),
        (lambda: cluster_slopes([0.5, 0.1], [0.5, 0.2, 0.1]), r"^student: expected as many clusters as the teacher, got 2 a"),
        (lambda: cluster_slopes([0.5, 0.1], [0.5, 0.2], [1, 2, 3]), r"^sizes: expected 2 positive numbers, got 3, the"),
        (lambda: exaggeration_time([1.0, 2.0], [0.9, 0.5]), r"^eigenvalues: expected the larger one first, got \[1. 2.\];"),
        (lambda: exaggeration_time([2.0, 1.0], [0.9]), r"^margins: expected two along the last axis, got shape \(1,\);"),
        (lambda: exaggeration_time([2.0, 1.0], [0.9, 0.0]), r"^margins: expected the larger one first, got \[0.9 0. \];"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()
