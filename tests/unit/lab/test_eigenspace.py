"""Numbers of ``eigenspace`` against formulas of one mode, written out."""

import numpy as np
import pytest

from kdtheory.lab._eigenspace import DATA, DIGITS, MODES, TRAININGS, Choice, problem, view

POWER = "power law, exponent 1"
LAM = 1.0 / np.arange(1.0, MODES + 1)


def flow(time):
    return 1.0 - np.exp(-LAM * time)


def test_one_round_is_the_product_of_two_gains():
    seen = view(Choice(data=POWER, teacher=3.0, student=1.5, lower=4))
    assert np.allclose(seen.teacher, flow(3.0), rtol=1e-12)
    assert np.allclose(seen.student, flow(3.0) * flow(1.5), rtol=1e-12)
    assert seen.student_point == pytest.approx(tuple((flow(3.0) * flow(1.5))[[0, 3]]))


def test_the_lag_is_that_of_a_run_on_labels_that_is_as_far_on_mode_1():
    seen = view(Choice(data=POWER, teacher=3.0, student=1.5, lower=4))
    student = flow(3.0) * flow(1.5)
    time = -np.log1p(-student[0])
    assert seen.matched == pytest.approx(1.0 - np.exp(-time / 4), rel=1e-12)
    assert seen.lag == pytest.approx(student[3] / seen.matched, rel=1e-12)
    assert seen.ratio < seen.lag < 1


def test_mixing_and_rounds_follow_their_recursion():
    seen = view(Choice(data=POWER, teacher=3.0, student=1.5, rounds=4, mixing=0.7))
    gains = flow(3.0)
    for _ in range(4):
        before, gains = gains, flow(1.5) * (0.7 * gains + 0.3)
    assert np.allclose(seen.student, gains, rtol=1e-12)
    assert seen.differences["teacher"] == pytest.approx(np.abs(gains - before).max(), rel=1e-9)
    assert np.allclose(seen.limit, 0.3 * flow(1.5) / (1 - 0.7 * flow(1.5)), rtol=1e-12)


def test_a_switch_runs_on_labels_first():
    seen = view(Choice(data=POWER, teacher=3.0, student=2.0, switch=0.25))
    first = flow(0.5)
    assert np.allclose(seen.student, flow(1.5) * flow(3.0) + np.exp(-LAM * 1.5) * first, rtol=1e-12)
    assert seen.limit is None
    assert seen.bound is None


@pytest.mark.parametrize("training", TRAININGS)
def test_the_limits_are_the_teacher_and_the_run_on_labels(training):
    endless = view(Choice(data=POWER, training=training, student=np.inf))
    alone = view(Choice(data=POWER, training=training, mixing=0.0))
    if training != "weight decay":  # which pulls an endless student away from its teacher
        assert endless.differences["teacher"] < 1e-12
        assert endless.lag == pytest.approx(1.0, abs=1e-9)
    assert alone.differences["labels"] == 0
    assert np.array_equal(alone.student, view(Choice(data=POWER, training=training)).teacher)


def test_with_decay_the_run_on_labels_is_matched_along_its_path():
    choice = Choice(data=POWER, training="weight decay", teacher=3.0, student=1.5, lower=4)
    seen = view(choice)

    def decayed(time, lam):
        return lam / (lam + 0.2) * -np.expm1(-(lam + 0.2) * time)

    goal = decayed(3.0, 1.0) * decayed(1.5, 1.0)
    time = -np.log(1 - goal * 1.2) / 1.2
    assert seen.matched == pytest.approx(decayed(time, 0.25), rel=1e-3)


def test_the_students_path_lies_in_the_wedge_and_ends_at_its_teacher():
    seen = view(Choice(data=POWER, teacher=2.0, student=2.0, lower=4))
    x, y = seen.student_path
    inside = (x > 1e-3) & (x < 0.999 * seen.teacher_point[0])
    labels = np.interp(x[inside], *seen.labels_path)
    assert np.all(y[inside] < labels)
    assert np.all(y[inside] > np.interp(x[inside], *seen.bound))
    assert (x[-1], y[-1]) == pytest.approx(seen.teacher_point, abs=1e-9)


def test_the_path_of_a_switched_student_goes_along_the_labels_first():
    seen = view(Choice(data=POWER, teacher=2.0, student=4.0, switch=0.5, lower=4))
    x, y = seen.student_path
    early = x < flow(1.9)[0]
    assert early.any()
    early &= np.arange(len(x)) < np.argmax(x >= flow(2.0)[0] - 1e-12) + 1
    assert np.allclose(y[early], 1 - (1 - x[early]) ** 0.25, rtol=1e-6)


@pytest.mark.parametrize("training", TRAININGS)
def test_the_plane_and_the_bars_say_the_same(training):
    seen = view(Choice(training=training, teacher=3.0, student=1.5, rounds=2, mixing=0.7, switch=0.25, lower=13))
    here = [0, seen.numbers.index(13)]
    assert seen.student_point == pytest.approx(tuple(seen.student[here]), rel=1e-12)
    assert seen.teacher_point == pytest.approx(tuple(seen.teacher[here]), rel=1e-12)
    assert seen.ratio == seen.ratios[here[1]]


def test_nothing_is_compared_where_everything_is_learned():
    seen = view(Choice(data=POWER, student=np.inf, mixing=0.0))
    assert seen.lag is None
    assert seen.matched is None


@pytest.mark.parametrize("data", DATA)
def test_eigenvalues_fall_and_the_shown_modes_exist(data):
    setting = problem(data)
    assert np.all(np.diff(setting.eigenvalues) <= 0)
    assert setting.shown[0] == 1
    assert setting.eigenvalues[setting.shown[-1] - 1] > 0


def test_the_digits_are_500():
    assert problem(DIGITS).task.size == 500
