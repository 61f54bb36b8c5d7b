"""C14.7: the barrier of students that only regularize."""

import numpy as np
import pytest
from scipy.optimize import minimize

from kdtheory import _located
from kdtheory.risk import weak_to_strong_barrier


@pytest.mark.parametrize("error", [0.05, 0.3, 2 / 3, 0.95])
def test_a_search_over_all_filters_ends_at_the_barrier(error: float):
    """Filters of four dimensions as products of rotations and sigmoids, from several starts."""
    generator = np.random.default_rng(0)
    target = np.eye(4)[0]
    direction = np.array([np.sqrt(1 - error), np.sqrt(error), 0.0, 0.0])
    taught = direction * np.sqrt(1 - error)

    def loss(parameters: np.ndarray) -> float:
        basis = np.linalg.qr(parameters[:16].reshape(4, 4))[0]
        values = (1 + np.sin(parameters[16:])) / 2
        return float(np.sum((target - basis @ (values * (basis.T @ taught))) ** 2))

    found = min(minimize(loss, generator.standard_normal(20)).fun for _ in range(6))
    assert found == pytest.approx(float(weak_to_strong_barrier(error)), rel=1e-5)
    assert found > (1 - np.sqrt(1 - error)) ** 2 * 1.01


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("root", lambda m: lambda: 1 - m.sp.sqrt(1 - m.e), {"The distance", "Without cancellation"}),
        ("root", lambda m: lambda: m.e, {"The distance", "At least three quarters of the square"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "weak-to-strong")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
