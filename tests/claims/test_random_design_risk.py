"""C8a: bias and variance on new inputs."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._risk_cases import NoisyDesign
from kdtheory.claims.random_design_risk import Draws, formula_margin

PLAIN = NoisyDesign(
    seed=3.0, samples=5.0, features=4.0, lost=1.0, decades=2.0, log10_largest=1.0, variance=0.5, penalty_ratio=0.1, mixing=-1.0
)  # fmt: skip


def test_the_mean_error_of_noisy_labels_is_the_formula_within_four_standard_errors():
    """4,000 draws of the noise; the whole student is trained on each."""
    X, truth, tests = PLAIN.inputs, PLAIN.starts[0], PLAIN.test_inputs
    noise = np.sqrt(0.5) * np.random.default_rng(0).standard_normal((8, 4000))
    weights = PLAIN.student((X @ truth)[:, None] + noise, PLAIN.mixing)
    errors = np.sum((tests @ (weights - truth[:, None])) ** 2, axis=0)
    lam = np.linalg.svd(X, compute_uv=False)[: PLAIN.rank] ** 2
    g = lam / (lam + PLAIN.penalty)
    found = kd.risk.oracle_random_design(X, truth, tests.T @ tests, 0.5).total(g * (2 - g))
    assert abs(errors.mean() - found) < 4 * errors.std() / np.sqrt(4000)
    assert errors.std() / np.sqrt(4000) < 0.03 * found


@pytest.mark.parametrize(
    "case", [Draws(noise=((2.0, 0.0), (0.0, 1.0))), Draws(beyond=(0.1, 0.0)), Draws(start=(0.0, 0.3))]
)
def test_any_departure_is_seen(case):
    assert formula_margin(case).smallest < -1e-5
    assert formula_margin(Draws()).smallest > 0


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("variance", lambda m: lambda: m.s**2 * sum(m.a[k] ** 2 / m.lam[k] for k in range(2)), {"The variance"}),
        ("fitted", lambda m: lambda y: m.decomposition()[2] * m.sp.diag(*m.a) * m.decomposition()[0].T * y,
         {"The gains", "The mean", "The variance"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "random-design-risk")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
