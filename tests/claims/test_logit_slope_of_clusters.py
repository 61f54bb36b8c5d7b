"""C9b and d: slopes of confidence between two clusters."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.logit_slope_of_clusters import Formulas

gain = st.fractions(Fraction(1, 50), Fraction(99, 100), max_denominator=100)


@given(easy=gain, hard=gain)
def test_the_sum_of_gains_in_exact_fractions(easy: Fraction, hard: Fraction):
    if easy != hard:
        assert (easy * easy - hard * hard) / (easy - hard) == Formulas().slope(easy, hard)


@pytest.mark.parametrize("time", [0.05, 0.2, 1.0])
def test_solved_recipes_on_two_clusters_have_that_slope_and_cross_there(time: float):
    task = kd.tasks.from_arrays(np.repeat(np.eye(2), (6, 3), axis=0), np.ones(9))
    flow, lam = kd.GradientFlow(time), np.array([6.0, 3.0])

    def slope(student: kd.GradientFlow) -> float:
        result = kd.solve(kd.self_distillation(flow, student), kd.LinearModel(), task)
        return float(kd.measures.confidence(result["teacher"], result["student"], scale="value").slope)

    assert slope(flow) == pytest.approx(flow.gain(lam).sum(), rel=1e-12)
    crossing = float(Formulas().crossing(*flow.gain(lam), 3.0))
    assert crossing == pytest.approx(kd.measures.exaggeration_time(lam, flow.gain(lam)), rel=1e-12)
    assert slope(kd.GradientFlow(crossing)) == pytest.approx(1.0, rel=1e-12)
    assert slope(kd.GradientFlow(0.9 * crossing)) < 1 < slope(kd.GradientFlow(1.1 * crossing))


def test_labels_mixed_in_bring_the_slope_nearer_to_one():
    gains, mixing = np.array([0.9, 0.7]), 0.6
    reached = gains * ((1 - mixing) + mixing * gains)
    slope = (reached[0] - reached[1]) / (gains[0] - gains[1])
    assert slope == pytest.approx((1 - mixing) + mixing * gains.sum(), rel=1e-12)


def test_the_derivation_does_not_verify_another_crossing(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "logit-slope-of-clusters")
    right = module.crossing()
    monkeypatch.setattr(module, "crossing", lambda: 2 * right)
    assert {step.name for step in module.prove().steps if not step.verified} == {"One crossing"}
