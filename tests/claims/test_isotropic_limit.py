"""C11a: isotropic inputs in high dimension."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.isotropic_limit import IsotropicProblem, density, stieltjes, support
from kdtheory.risk import isotropic_risk

CLAIM = kd.claims.get("isotropic-limit")


@pytest.mark.parametrize("ratio", [0.2, 1.0, 5.0])
def test_the_density_has_the_moments_of_the_law(ratio):
    """Mean 1, second moment 1 + gamma, third 1 + 3 gamma + gamma^2."""
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    x = (low + high) / 2 + (high - low) / 2 * np.cos(angle)
    rho = density(x, ratio) * (high - low) / 2 * np.sin(angle) * np.pi / 2000
    moments = [np.sum(x**order * rho) for order in (1, 2, 3)]
    np.testing.assert_allclose(moments, [1, 1 + ratio, 1 + 3 * ratio + ratio**2], rtol=1e-9)


@pytest.mark.parametrize("ratio, penalty", [(0.5, 0.1), (2.0, 0.1), (1.0, 3.0), (5.0, 0.01)])
def test_the_transform_solves_its_equation_and_is_a_mean_over_eigenvalues(ratio, penalty):
    m, square = stieltjes(penalty, ratio)
    assert ratio * penalty * m**2 + (1 - ratio + penalty) * m == pytest.approx(1.0, rel=1e-12)
    step = 1e-5 * penalty
    slope = (stieltjes(penalty + step, ratio)[0] - stieltjes(penalty - step, ratio)[0]) / (2 * step)
    assert square == pytest.approx(-slope, rel=1e-6)
    inputs = np.random.default_rng(0).standard_normal((300, round(300 * ratio)))
    x = np.linalg.svd(inputs, compute_uv=False) ** 2 / 300
    unseen = inputs.shape[1] - len(x)
    assert m == pytest.approx((np.sum(1 / (x + penalty)) + unseen / penalty) / inputs.shape[1], rel=0.01)


def test_the_nodes_lie_on_the_support():
    x, width = support(np.array([0.5, 1.0]))
    assert np.all(x > [[(1 - np.sqrt(0.5)) ** 2], [0.0]])
    assert np.all(np.ptp(x, axis=1) < width[:, 0])


def test_one_draw_of_800_samples_is_within_three_percent():
    """What the catalogue saw, for ridge and flow and their students on either side of gamma = 1."""
    gaps = []
    for ratio in (0.5, 2.0):
        inputs = np.random.default_rng(0).standard_normal((800, round(800 * ratio)))
        x = np.clip(np.linalg.eigvalsh(inputs.T @ inputs / 800), 0, None)
        for run in (kd.Ridge(0.5 * ratio), kd.GradientFlow(2.0)):
            for power in (1, 2):
                h = run.gain(x) ** power
                dual = np.divide(h, x, out=np.zeros_like(h), where=x > 1e-10)
                drawn = np.mean((1 - h) ** 2) + 0.5 * np.sum(h * dual) / 800
                limit = float(isotropic_risk(lambda x, run=run, k=power: run.gain(x) ** k, ratio, 0.5))
                gaps.append(abs(drawn / limit - 1))
    assert max(gaps) < 0.028


def test_tuned_ridge_is_a_stationary_point_among_all_filters():
    """Moving it by any function changes the risk at second order only."""
    ridge = kd.Ridge(0.8).gain
    least = float(isotropic_risk(ridge, 2.0, 0.4))
    for bump in (np.sin, lambda x: x * np.exp(-x)):
        rises = [
            float(isotropic_risk(lambda x, bump=bump, e=e: ridge(x) + e * bump(x), 2.0, 0.4)) - least
            for e in (0.02, 0.01)
        ]
        assert rises[0] > 0
        assert rises[0] / rises[1] == pytest.approx(4.0, rel=1e-6)


def test_the_closed_form_is_positive_over_the_cases():
    case = IsotropicProblem.draw(np.random.default_rng(0), 1000)
    m, square = stieltjes(case.penalty, case.aspect_ratio)
    assert np.all(square > m**2)


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("integrand", lambda m: lambda gain: (1 - gain) ** 2 + m.s**2 * gain**2 / m.x, {"The best gain", "The excess"}),
        ("excess", lambda m: lambda gain: (gain - m.best()) ** 2, {"The excess"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "isotropic-limit")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
