"""The matched lag of any procedures against formulas and a literal search."""

import numpy as np
import pytest
from scipy.optimize import brentq

import kdtheory as kd
from kdtheory.procedures import matching
from kdtheory.testing import TwoModes, matched_lag

CASES = TwoModes.draw(np.random.default_rng(0), 200)


def test_it_is_the_closed_form_for_gradient_flow():
    found = matched_lag(
        kd.GradientFlow(CASES.teacher_progress), kd.GradientFlow(CASES.student_progress), kd.GradientFlow, CASES.ratio
    )
    numbers = CASES.teacher_progress, CASES.student_progress, CASES.ratio
    exact = matching.log_lag(matching.residual_gap(*numbers).value, *numbers)
    np.testing.assert_allclose(found, exact, rtol=1e-9, atol=2e-13)


def test_it_is_the_closed_form_for_ridge():
    one, two, ratio = 3.0, 0.5, 0.2
    u, v = 1 / (1 + one), 1 / (1 + two)
    penalty = 1 / (u * v) - 1
    expected = np.log(ratio / (ratio + penalty)) - np.log(ratio / (ratio + one) * ratio / (ratio + two))
    assert float(matched_lag(kd.Ridge(one), kd.Ridge(two), kd.Ridge, ratio)) == pytest.approx(expected, rel=1e-12)


def test_it_is_what_a_literal_search_for_the_matching_time_gives_with_momentum():
    def run(time):
        return kd.HeavyBallFlow(time, friction=0.5)

    teacher, student = run(1.0), kd.GradientFlow(2.0)
    goal = float(teacher.gain(1.0) * student.gain(1.0))
    time = brentq(lambda t: float(run(t).gain(1.0)) - goal, 1e-6, 3.0, xtol=1e-14)
    expected = np.log(run(time).gain(0.3) / (teacher.gain(0.3) * student.gain(0.3)))
    found = matched_lag(teacher, student, run, 0.3, longest=3.0)
    assert float(found) == pytest.approx(float(expected), rel=1e-10)
