"""C8f: where the truth is isotropic, tuned ridge has the best gains."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located

LAM = np.array([4.0, 2.0, 1.0, 0.3, 0.1])


@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize(("tau", "s2"), [(1.0, 0.4), (0.2, 3.0)])
def test_no_weights_of_any_number_of_rounds_help(rounds, tau, s2):
    risk, ridge = kd.risk.oracle_fixed_design(np.sqrt(tau * LAM), s2), kd.Ridge(s2 / tau)
    best = kd.risk.oracle_mixings(risk, ridge.gain(LAM), rounds, residuals=ridge.residual(LAM))
    assert best.risk == pytest.approx(risk.total(ridge.gain(LAM)), rel=1e-13)
    np.testing.assert_allclose(ridge.gain(LAM), risk.oracle_gains(), rtol=1e-13)
    for other in (kd.GradientFlow(0.5), kd.GradientDescent(3, 0.2), kd.Ridge(2 * s2 / tau)):
        assert risk.total(other.gain(LAM)) > risk.total(ridge.gain(LAM))


def test_on_average_over_drawn_truths_and_anywhere():
    """2,000 truths: the mean of the exact risks on a shifted population; any other gains are worse."""
    generator = np.random.default_rng(1)
    X, covariance = generator.standard_normal((6, 4)), np.diag([0.1, 5.0, 1.0, 2.0])
    lam = np.linalg.svd(X, compute_uv=False) ** 2
    tuned, other = lam / (lam + 0.5), lam / (lam + 1.5)
    truths = generator.standard_normal((2000, 4))
    risks = [kd.risk.oracle_random_design(X, b, covariance, 0.5) for b in truths]
    differences = np.array([float(risk.total(other) - risk.total(tuned)) for risk in risks])
    right = np.linalg.svd(X)[2]
    said = np.sum((1 + 0.5 / lam) * (other - tuned) ** 2 * np.diag(right @ covariance @ right.T))
    assert abs(differences.mean() - said) < 4 * differences.std() / np.sqrt(2000)
    assert said > 4 * differences.std() / np.sqrt(2000)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("best", lambda m: lambda: m.tau / m.s**2, {"The best gain", "The excess", "The Wiener gains"}),
        ("weight", lambda m: lambda: m.tau + m.s**2, {"The excess"}),
        ("risk", lambda m: lambda a: m.tau * (1 - a) ** 2 + m.s**2 * a**2, {"One direction", "The best gain"}),
        ("ridge", lambda m: lambda c: m.lam / (m.lam + c**2), {"The best gain", "And no others"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "isotropic-prior")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
