"""C8c: distilled ridge moves along its own path."""

import numpy as np
import pytest
import scipy.optimize

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.sign_rule import Path, _flow, _ridge, rule_margin

TASK = kd.tasks.regression([1.0, 0.5, 0.1], [1.0, 2.0, 0.3], train=9, test=40, noise_variance=1.0)


@pytest.mark.parametrize("penalty", [0.05, 0.5, 5.0, 50.0])
def test_on_held_out_targets_the_best_weight_has_the_sign_of_minus_the_slope(penalty: float):
    """The toolkit's students on noisy test targets; the slope by differences, the weight by search."""

    def loss(c, xi=0.0):
        fit = kd.solve(kd.self_distillation(kd.Ridge(c), kd.Ridge(c), mixing=xi), kd.LinearModel(), TASK)["student"]
        return float(np.sum((fit.test - TASK.test_targets) ** 2))

    slope = (loss(penalty * (1 + 1e-5)) - loss(penalty * (1 - 1e-5))) / (2e-5 * penalty)
    square = (loss(penalty, 1.0) + loss(penalty, -1.0) - 2 * loss(penalty)) / (2 * penalty**2)
    best = scipy.optimize.minimize_scalar(lambda xi: loss(penalty, float(xi))).x
    assert best == pytest.approx(-slope / (2 * penalty * square), rel=1e-4)
    assert best * slope < 0


def test_the_cases_cover_both_signs():
    assert rule_margin(Path(_ridge)).smallest == pytest.approx(1.0)
    assert rule_margin(Path(_ridge, coefficients=(1.0, 0.0))).smallest == pytest.approx(1.0)
    assert rule_margin(Path(_flow)).smallest < 0.999


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("path", lambda m: lambda xi: m.ridge(m.right) - xi * m.c * m.sp.diff(m.ridge(m.right), m.c), {"The student's weights"}),
        ("student", lambda m: lambda xi: m.ridge((1 + xi) * m.right - xi * m.moment * m.ridge(m.right)), {"The student's weights"}),
        ("risk", lambda m: lambda b: ((b - m.goal).T * m.spread * (b - m.goal))[0] + b[0] ** 3, {"The best weight", "What it gains"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "sign-rule")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
