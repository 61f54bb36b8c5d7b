"""C3b and C3c: what is special about rounds within a tolerance."""

from typing import Any

import numpy as np
import pytest
import scipy.optimize

from kdtheory import _located
from kdtheory.claims.constrained_rounds import Formulas
from kdtheory.distillation import constrained_rounds


def test_a_round_is_what_a_general_optimizer_finds():
    lam, y, tolerance = np.array([4.0, 1.0, 0.25]), np.array([3.0, -2.0, 1.0]), 0.4
    found = constrained_rounds(lam, y, tolerance).coefficients[1]
    within = {"type": "ineq", "fun": lambda f: tolerance - np.mean((f - y) ** 2)}
    best = scipy.optimize.minimize(lambda f: np.sum(f**2 / lam), y, constraints=[within], tol=1e-12)
    np.testing.assert_allclose(found, best.x, rtol=1e-5)


def test_the_sparsity_bound_of_two_modes_by_hand():
    # Ratio 3, smallest eigenvalue 1, modes 4 and 1, two rounds: ((2 + 1) / (2 + 1/4))^2.
    assert float(np.exp(Formulas().sparser(3.0, 1.0, 4.0, 1.0, 2))) == pytest.approx((3 / 2.25) ** 2)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("kept", lambda c, d: d / (2 * d + c), "The Lagrange function"),
        ("left", lambda c, d: c / (2 * c + d), "What is left out"),
        ("left", lambda c, d: c / (c + d / 2), "Bounds of the penalty"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "constrained-rounds")
    monkeypatch.setattr(module, name, wrong)
    assert broken in {step.name for step in module.prove().steps if not step.verified}
