"""Rounds and their limits, and up to where weight decay exaggerates, against literal rounds and high precision."""

import mpmath
import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import decay_threshold, gain_of_rounds, limiting_gain

LAM = np.geomspace(1e-3, 1e3, 13)
FAMILIES = [kd.Ridge(2.0), kd.AveragedFlow(0.5), kd.IteratedTikhonov(2.0, 3), kd.GradientFlow(0.5)]


@pytest.mark.parametrize("run", FAMILIES, ids=repr)
def test_rounds_are_those_of_kd_solve(run: kd.procedures.Procedure):
    task, model = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0], seed=0), kd.LinearModel()
    solved = kd.solve(kd.self_distillation(run, run, rounds=5), model, task)
    np.testing.assert_allclose(gain_of_rounds(run, 6, [4.0, 1.0]), solved["student_5"].gains, rtol=1e-13)


@pytest.mark.parametrize("run", FAMILIES, ids=repr)
def test_the_limit_is_approached_and_never_by_eigenvalue_zero(run: kd.procedures.Procedure):
    rounds = 1e12
    exact, limit = gain_of_rounds(run, rounds, LAM * 1e12), limiting_gain(run, rounds, LAM * 1e12)
    np.testing.assert_allclose(exact, limit, rtol=0, atol=1e-11)
    assert limiting_gain(run, 3, [0.0]) == 0
    # Between 0 and 1, the mode that shows the shape.
    shown = {"GradientFlow": np.log(1e12) / 0.5, "IteratedTikhonov": 2e4}.get(type(run).__name__, 2e12)
    assert 0.1 < limiting_gain(run, rounds, shown) < 0.9
    assert gain_of_rounds(run, rounds, shown) == pytest.approx(limiting_gain(run, rounds, shown), rel=1e-3)


def test_the_stable_limits_distil_into_themselves():
    for run in FAMILIES:
        taught = limiting_gain(run, 2.0, LAM) * limiting_gain(run, 5.0, LAM)
        np.testing.assert_allclose(taught, limiting_gain(run, 7.0, LAM), rtol=1e-13)


def test_without_a_known_tail_there_is_no_limit():
    with pytest.raises(InvalidArgument, match=r"^procedure: expected Ridge, .* got a value of type HeavyBall"):
        limiting_gain(kd.HeavyBall(3, 0.1, 0.1), 2, LAM)


@pytest.mark.parametrize("eta", [0.0, 1e-9, 1e-3, 0.2, 0.7, 0.99])
@pytest.mark.parametrize("decay", [1e-6, 1.0, 300.0])
def test_the_threshold_solves_its_equation_in_50_digits(eta: float, decay: float):
    with mpmath.workdps(50):

        def excess(x):
            s = mpmath.mpf(eta) * (1 + x)
            return mpmath.log1p(x) + ((1 - s) * mpmath.log(1 - s) / s if eta else -1)

        top = min(mpmath.e - 1, (1 / mpmath.mpf(eta) - 1) * (1 - mpmath.mpf(10) ** -40)) if eta else mpmath.e - 1
        exact = mpmath.findroot(excess, (mpmath.mpf(10) ** -12, top), solver="anderson") if eta else mpmath.e - 1
    found = float(decay_threshold(decay, eta / decay)) / decay
    assert found == pytest.approx(float(exact), rel=1e-9)


def test_the_threshold_falls_with_the_step_and_scales_with_the_decay():
    found = decay_threshold(1.0, np.linspace(0.0, 0.99, 50))
    assert np.all(np.diff(found) < 0)
    np.testing.assert_allclose(decay_threshold(7.0, 0.3 / 7.0), 7.0 * decay_threshold(1.0, 0.3), rtol=1e-14)
