"""C11b, second half: the risk of two-stage ridge with any covariance."""

import numpy as np
import pytest

from kdtheory import _located
from kdtheory.claims._two_levels import TwoLevels, root_of_cubic
from kdtheory.claims.anisotropic_limit import limit_and_draws
from kdtheory.risk import Population, oracle_proportional_mixing, proportional_distillation_risk, proportional_risk


def test_draws_of_more_samples_scatter_less_around_the_limit():
    """Both sizes agree with their limits within four standard errors."""
    gaps = []
    for samples, draws in ((40, 40), (320, 5)):
        limit, risks = limit_and_draws((0.02, 0.05), 1.0, features=3 * samples // 4, samples=samples, draws=draws)
        error = np.std(risks, ddof=1) / np.sqrt(draws)
        assert abs(np.mean(risks) - limit) < 4 * error
        gaps.append(np.std(risks, ddof=1) / limit)
    assert gaps[1] < gaps[0] / 1.8


def test_signal_on_strong_directions_lets_a_student_beat_tuned_ridge():
    """Against the best of a fine grid of single ridges, which with equal eigenvalues no student beats."""
    for weak, gains in ((0.1, True), (1.0, False)):
        population = Population([1.0, weak], [1.0, float(weak == 1.0)], 0.5, 0.5)
        grid = np.geomspace(1e-3, 10.0, 2001)
        best = oracle_proportional_mixing(population, grid, grid)
        taught = proportional_distillation_risk(population, grid, grid, best).min()
        ridge = proportional_risk(population, grid[:, None]).min()
        assert (taught < 0.95 * ridge) == gains
        assert taught > 0.9 * ridge


def test_the_cubic_has_the_root_of_one_eigenvalue():
    """Of equal eigenvalues: kappa (1 - gamma / (1 + kappa)) = c, a quadratic."""
    case = TwoLevels(1.0, 0.3, 2.0, 1.0, 1.0, 0.5, 2.0, 1.0)
    root = float(root_of_cubic(case, np.array([0.5]))[0])
    assert root == pytest.approx((1.5 + np.sqrt(1.5**2 + 4 * 0.5)) / 2)


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("kept", lambda m: lambda lam, kappa: lam / (lam + 2 * kappa), {"Convexity", "Bias"}),
        ("shared", lambda m: lambda one, other: m.per_sample(lambda lam: m.kept(lam, one)), {"The divided difference", "Variance", "Bias"}),
        ("penalty", lambda m: lambda k: k * (1 + m.per_sample(lambda lam: m.kept(lam, k))), {"The bracket", "Newton's step"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "anisotropic-limit")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
