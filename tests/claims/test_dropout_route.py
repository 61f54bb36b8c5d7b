"""C14.13: dropout in a linear student."""

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

from kdtheory import _located
from kdtheory.claims.dropout_route import ALWAYS_TIMID, TURN
from kdtheory.distillation import dropout_student_logits


def test_the_constants_are_the_roots():
    assert pytest.approx(1 + np.exp(-ALWAYS_TIMID), rel=1e-14) == ALWAYS_TIMID
    assert TURN / 2 * np.tanh(TURN / 2) == pytest.approx(1, rel=1e-14)


def _loss_slope(scale: float, chance: float, logit: float) -> float:
    """``E[B sigma(u B)] - sigma(u)`` for two scales of mean one, the first with that chance."""
    other = (1 - chance * scale) / (1 - chance)
    values = [b / (1 + np.exp(-np.clip(logit * b, -700, 700))) for b in (scale, other)]
    return chance * values[0] + (1 - chance) * values[1] - 1 / (1 + np.exp(-logit))


def test_no_two_scales_exaggerate_a_timid_teacher_and_some_do_just_beyond():
    scales = np.concatenate([-np.geomspace(1e3, 1e-3, 60), np.geomspace(1e-3, 1e6, 120)])
    tried = [(b, c) for b, c in itertools.product(scales, np.geomspace(1e-9, 0.5, 60)) if abs(b - 1) > 1e-3]
    assert min(_loss_slope(b, c, ALWAYS_TIMID) for b, c in tried) > -1e-15
    assert _loss_slope(1e6, 1e-9, ALWAYS_TIMID + 0.05) < -1e-6


@pytest.mark.parametrize("features", [2, 3, 5])
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_optimum_over_separate_weights_is_that_of_all_masks(features: int, rate: float):
    """Newton's method on the exact expected loss of a linear model with one weight per input, all masks enumerated."""
    masks = np.array(list(itertools.product([0.0, 1.0], repeat=features)))
    chances = np.prod(np.where(masks > 0, 1 - rate, rate), axis=1)
    inputs, teacher = masks / (1 - rate), 3.0
    label, weights = 1 / (1 + np.exp(-teacher)), np.linspace(0.2, 1.0, features)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chances * (chance - label))
        curvature = (inputs.T * (chances * chance * (1 - chance))) @ inputs
        weights = weights - np.linalg.solve(curvature, slope)
    assert np.ptp(weights) < 1e-9
    assert weights.sum() == pytest.approx(float(dropout_student_logits(teacher, rate, features)), rel=1e-9)


def test_many_inputs_turn_where_little_noise_does():
    def excess(logit: float) -> float:
        return float(dropout_student_logits(logit, 0.5, 4096) / logit) - 1

    assert brentq(excess, 2.0, 3.0) == pytest.approx(TURN, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("pull", lambda m: lambda factor: m.sigma(m.m * factor), {"Stationarity", "Whatever the noise"}),
        ("first_order", lambda m: lambda: m.u / 2 * m.sp.tanh(m.u / 2), {"Little noise", "The turning point"}),
        ("sigma", lambda m: lambda z: 1 / (1 + m.sp.exp(z)), {"Stationarity", "Without weaker masks"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "dropout-route")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
