"""Closed forms of cross-entropy's gradient flow on isolated clusters, against numbers found in other ways."""

import mpmath
import numpy as np
import pytest
import scipy.integrate
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory.distillation import margins_on_labels, margins_on_teacher
from kdtheory.errors import InvalidArgument

margin = st.floats(1e-3, 30.0)
classes = st.integers(2, 1000)


def test_two_classes_are_the_wright_omega_function():
    progress = np.geomspace(1e-2, 1e8, 50)
    expected = np.log(scipy.special.wrightomega(1 + 2 * progress))
    np.testing.assert_allclose(margins_on_labels(1.0, progress), expected, rtol=1e-12)


@given(power=st.floats(-12, 12), classes=classes)
def test_labels_against_60_digits(power: float, classes: int):
    progress = 10.0**power
    found = float(margins_on_labels(1.0, progress, classes=classes))
    with mpmath.workdps(60):
        k, wanted = mpmath.mpf(classes - 1), classes * mpmath.mpf(progress)
        exact = mpmath.findroot(lambda m: k * m + mpmath.expm1(m) - wanted, found)
    assert found == pytest.approx(float(exact), rel=1e-14, abs=0)


@given(told=margin, power=st.floats(-12, -1e-3), tau=st.floats(0.5, 20), classes=classes)
def test_soft_labels_return_the_deficit_whose_time_60_digits_give(told: float, power: float, tau: float, classes: int):
    """Down to deficits of which nothing would be left in the difference of margins."""
    left = 10.0**power
    with mpmath.workdps(60):
        k, big = mpmath.mpf(classes - 1), mpmath.mpf(told) / tau
        deficit = big * left
        chance = mpmath.exp(big) / (mpmath.exp(big) + k)
        passed = mpmath.log(mpmath.expm1(-big) / mpmath.expm1(-deficit))
        time = (big - deficit + (mpmath.exp(big) + k) / k * passed) / chance / (1 + 1 / k)
        exact = float(tau * deficit)
    taught = margins_on_teacher(2.0, float(time) / 2, told, temperature=tau, classes=classes)
    late = 1.0 + float(time) * float(chance * (1 - chance) * (1 + 1 / k))
    assert float(taught.deficits) == pytest.approx(exact, rel=4e-14 * late, abs=0)
    assert float(taught.margins) == pytest.approx(told - exact, rel=1e-11)


@pytest.mark.parametrize(("classes", "tau", "progress", "student"), [(2, 1.0, 40.0, 30.0), (5, 4.0, 3.0, 2.0)])
def test_they_solve_their_differential_equations(classes: int, tau: float, progress: float, student: float):
    k = classes - 1

    def chance(m):
        return np.exp(m) / (np.exp(m) + k)

    def grown(speed, time):
        options = {"rtol": 1e-11, "atol": 1e-13, "method": "LSODA"}
        return scipy.integrate.solve_ivp(lambda _, m: (1 + 1 / k) * speed(m), (0, time), [0.0], **options).y[0, -1]

    own = margins_on_labels(1.0, progress, classes=classes)
    assert own == pytest.approx(grown(lambda m: 1 - chance(m), progress), rel=1e-9)
    taught = margins_on_teacher(1.0, student, own, temperature=tau, classes=classes)
    wanted = grown(lambda m: tau * (chance(own / tau) - chance(m / tau)), student)
    assert float(taught.margins) == pytest.approx(wanted, rel=1e-9)


def test_simulated_descent_with_small_steps_comes_to_them():
    inputs = np.repeat(np.eye(3), (4, 2, 1), axis=0)
    task = kd.tasks.from_arrays(inputs, np.repeat([0, 1, 2], (4, 2, 1)))
    run, soft = kd.GradientDescent(1500, 0.002), kd.CrossEntropy(temperature=3.0)
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, run, kd.CrossEntropy()))}
    fits["student"] = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientDescent(300, 0.002), soft))
    ends = kd.simulate(kd.Recipe(**fits), kd.LinearModel(), task)
    found = {}
    for name in fits:
        logits = np.asarray(ends[name].train)[[0, 4, 6]]
        found[name] = np.diag(logits) - np.diag(logits[:, [1, 2, 0]])
        np.testing.assert_allclose(np.diag(logits[:, [1, 2, 0]]), np.diag(logits[:, [2, 0, 1]]), atol=1e-12)
    lam = np.array([4.0, 2.0, 1.0])
    own = margins_on_labels(lam, 3.0, classes=3)
    np.testing.assert_allclose(found["teacher"], own, rtol=0.01)
    taught = margins_on_teacher(lam, 0.6, own, temperature=3.0, classes=3)
    np.testing.assert_allclose(found["student"], taught.margins, rtol=0.01)


def test_edges_are_zero_the_teacher_and_broadcast():
    np.testing.assert_array_equal(margins_on_labels([0.0, 1.0], 0.0), [0.0, 0.0])
    nothing = margins_on_teacher([0.0, 3.0], [[0.0], [1e9]], [2.0, 0.0], temperature=2.0)
    np.testing.assert_array_equal(nothing.margins, np.zeros((2, 2)))
    np.testing.assert_allclose(nothing.deficits, [[2.0, 0.0], [2.0, 0.0]], rtol=1e-15)
    arrived = margins_on_teacher(1.0, 1e9, [1.0, 5.0])
    np.testing.assert_allclose(arrived.margins, [1.0, 5.0], rtol=1e-14)
    assert np.all(np.asarray(arrived.deficits) >= 0)


def test_bad_input_is_one_line():
    with pytest.raises(
        InvalidArgument, match=r"^teacher: expected margins of at most 500 temperatures, got 600; raise"
    ):
        margins_on_teacher(1.0, 1.0, 600.0)
    with pytest.raises(InvalidArgument, match=r"^classes: expected a whole number of at least 2, got 1"):
        margins_on_labels(1.0, 1.0, classes=1)
    with pytest.raises(InvalidArgument, match=r"^time: expected numbers of at least 0, got -1"):
        margins_on_labels(1.0, -1.0)
