"""C11c: surrogate labels."""

import numpy as np
import pytest

from kdtheory import _located
from kdtheory.claims.optimal_surrogate import LEVELS, interpolate
from kdtheory.risk import Population, effective_penalty, oracle_surrogate, surrogate_risk

POPULATION = Population(*LEVELS, aspect_ratio=2.5, noise_variance=0.1)


def test_strong_directions_are_amplified_and_weak_ones_shrunk():
    best = oracle_surrogate(POPULATION)
    lam, kappa = POPULATION.eigenvalues, float(effective_penalty(POPULATION, 0.0))
    shared = np.sum(np.square(lam / (lam + kappa))) / 200
    np.testing.assert_array_equal(best > 1, lam / kappa > shared / (1 - shared))
    assert 0 < np.sum(best > 1) < len(lam)


def test_draws_are_within_six_percent_of_the_limit_and_the_surrogate_pays():
    """200 samples, 500 features, 40 draws: as the catalogue has it, at its size."""
    best = oracle_surrogate(POPULATION)
    true, taught = interpolate(1.0, draws=40), interpolate(best, draws=40)
    assert np.mean(true) == pytest.approx(float(surrogate_risk(POPULATION)), rel=0.06)
    assert np.mean(taught) == pytest.approx(float(surrogate_risk(POPULATION, best)), rel=0.06)
    gap = true - taught
    assert np.mean(gap) > 4 * np.std(gap, ddof=1) / np.sqrt(40)


@pytest.mark.parametrize("factor", [0.0, 0.9, 1.1, 2.0])
def test_moving_one_direction_off_the_best_costs_a_square(factor):
    best = oracle_surrogate(POPULATION)
    moved = np.where(np.arange(500) < 50, factor * best, best)
    lam, kappa = POPULATION.eigenvalues, float(effective_penalty(POPULATION, 0.0))
    kept = lam / (lam + kappa)
    shared = np.sum(kept**2) / 200
    curvature = kept**2 + (1 - kept) ** 2 * shared / (1 - shared)
    expected = np.sum(POPULATION.strengths * curvature * (moved - best) ** 2)
    gained = float(surrogate_risk(POPULATION, moved)) - float(surrogate_risk(POPULATION, best))
    assert gained == pytest.approx(expected, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("cost", lambda m: lambda f, kept=m.a: (kept * f - m.b) ** 2 + m.w * kept**2 * f**2, {"The best surrogate", "The excess"}),
        ("amplification", lambda m: lambda kept: 1 / kept, {"The best surrogate", "Amplification"}),
        ("own_risk", lambda m: lambda: (1 - m.a) ** 2 * m.f**2 / (1 - m.d), {"From the surrogate to the truth"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "optimal-surrogate")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
