"""C8g: what rounds of self-distillation reach."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.k_step_distillation import Formulas, _peel, _polynomial

SAID = Formulas()
number = st.fractions(Fraction(-3), Fraction(3), max_denominator=12)


@given(gain=number, weights=st.lists(number, min_size=1, max_size=6))
def test_products_of_weights_are_those_of_exact_arithmetic(gain, weights):
    outputs = gain
    for weight in weights:
        outputs = gain * (1 - weight + weight * outputs)
    products = np.cumprod(np.array(weights[::-1], dtype=object))
    series = sum(product * gain**m for m, product in enumerate(products))
    assert SAID.reached(gain, 1 - gain, series) == outputs


def test_peeling_needs_weights_that_are_not_zero():
    weights = np.array([0.5, -1.0, 2.0])
    np.testing.assert_allclose(_peel(SAID, _polynomial(weights)), weights, rtol=1e-13)
    lost = _peel(SAID, _polynomial(np.array([0.5, 0.0, 2.0])))
    assert lost[1:].tolist() == [0.0, 2.0]
    assert not np.isfinite(lost[0])


def _problem(size: int):
    return np.linspace(2.0, 1.0, size), kd.risk.oracle_fixed_design([100.0] + [0.0] * (size - 1), 1.0)


@pytest.mark.parametrize(("size", "none", "one"), [(2, 2.0, 1.2), (4, 4.0, 2.4), (8, 8.0, 4.7), (16, 16.0, 9.4)])
def test_the_catalogues_table(size: int, none: float, one: float):
    """Ridge and one round over the Wiener risk, penalty tuned; the latter falls to its limit as penalties grow."""
    lam, risk = _problem(size)
    least = risk.total(risk.oracle_gains())

    def once(log_penalty: float, rounds: int) -> float:
        run = kd.Ridge(np.exp(log_penalty))
        g, e = run.gain(lam), run.residual(lam)
        move = rounds * kd.risk.oracle_step_mixing(risk, g, residuals=e) * g * e
        return float(risk.total(g - move, e + move) / least)

    tuned = scipy.optimize.minimize_scalar(lambda u: once(u, 0), bounds=(-20, 5), method="bounded")
    assert tuned.fun == pytest.approx(none, abs=0.05)
    grid = [once(u, 1) for u in np.linspace(-10, 20, 121)]
    assert min(grid) == pytest.approx(one, abs=0.05)
    assert np.argmin(grid) == len(grid) - 1
    assert min(grid) == pytest.approx(np.sum((lam / lam[0]) ** 2), rel=1e-3)  # the limit, for much signal


@pytest.mark.parametrize("size", [2, 4, 6])
def test_as_many_rounds_as_modes_reach_the_wiener_risk_as_a_recipe(size: int):
    lam, risk = _problem(size)
    ridge = kd.Ridge(1.0)
    best = kd.risk.oracle_mixings(risk, ridge.gain(lam), size, residuals=ridge.residual(lam))
    task = kd.tasks.from_spectrum(lam, coefficients=[100.0] + [0.0] * (size - 1))
    recipe = kd.self_distillation(ridge, ridge, mixing=best.mixings, rounds=size)
    found = kd.solve(recipe, kd.LinearModel(), task)[f"student_{size}"]
    total = kd.risk.decompose(found, clean_targets=task.targets, noise_variance=1.0).total
    assert total == pytest.approx(float(risk.total(risk.oracle_gains())), rel=1e-6)
    before = kd.risk.oracle_mixings(risk, ridge.gain(lam), size - 1, residuals=ridge.residual(lam))
    assert before.risk > 1.01 * best.risk


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("products", lambda m: lambda w: [m.sp.prod(w[:n]) for n in (1, 2, 3)], {"Reachable gains"}),
        ("reached", lambda m: lambda g, last: g - g * sum(t * g**n for n, t in enumerate(last)), {"Reachable gains", "All gains"}),
        ("taught", lambda m: lambda g, w, before: g * (1 + w * before), {"One more round", "Degree and constraint"}),
        ("peel", lambda m: lambda q: (q.subs(m.g, 0), m.sp.cancel((q - q.subs(m.g, 0)) / m.g)), {"Peeling off"}),
        ("pooled", lambda m: lambda: m.power / (m.power + m.s**2), {"Tied modes"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "k-step-distillation")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
