"""Weight decay: what is special about its boundary."""

from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.procedures import WeightDecayDescent, decay_threshold
from kdtheory.procedures.elasticity import elasticity_estimate


@pytest.mark.parametrize("step", [0.05, 0.3, 0.7])
@pytest.mark.parametrize(("share", "sign"), [(0.98, 1), (1.02, -1)])
def test_literal_steps_change_sides_at_the_threshold(step: float, share: float, sign: int):
    """Long trainings and a real number of steps, whose elasticity is taken between the two whole ones around it."""
    lam = share * float(decay_threshold(1.0, step))
    long, rho, q = 4000, lam / (1 + lam), 1 - step * (1 + lam)
    exact = np.log1p(-rho) / np.log(q)
    # The elasticity of 1 - q^k, for real k, by the formula for a derivative of a power.
    reference = 1 / (1 + lam) + exact * step * lam * q ** (exact - 1) / (1 - q**exact)
    teacher = float(elasticity_estimate(WeightDecayDescent(long, 1.0, step), np.array([lam])).value[0])
    assert np.sign(2 * teacher - reference) == sign


def test_it_is_that_of_the_table_for_gradient_flow():
    assert float(decay_threshold(3.0)) == pytest.approx(3.0 * (np.e - 1.0), rel=1e-15)
    assert kd.claims.get("weight-decay-boundary").margin_of(
        kd.claims.get("weight-decay-boundary").counterexamples[0]
    ) == pytest.approx(np.log(0.6080 / 0.6944), abs=1e-4)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("sigma", lambda m: lambda s: s / ((1 - s) * m.sp.log(1 - s)), "The elasticity"),
        ("K", lambda m: lambda u: -(1 - u) * m.sp.log(1 - u), "The threshold"),
        ("gain", lambda m: lambda k: 1 - (1 - m.eta * (m.lam + m.w)) ** k, "The elasticity"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "weight-decay-boundary")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken in {step.name for step in module.prove().steps if not step.verified}
