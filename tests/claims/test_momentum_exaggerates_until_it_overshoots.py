"""Momentum: what is special about its exaggeration."""

from typing import Any

import mpmath
import numpy as np
import pytest

from kdtheory import _located
from kdtheory.claims.momentum_exaggerates_until_it_overshoots import overshoot
from kdtheory.procedures import HeavyBallFlow

L = mpmath.mpf


def growth(kind: str, m: Any, w: Any, k: Any) -> tuple[Any, Any, Any]:
    """``(M c_w)' / c_w``, ``c_w`` and ``phi - w phi'`` from the formulas of the derivation, in 40 digits."""
    log_sinhc = lambda y: mpmath.log(mpmath.sinh(y / 2) / (y / 2))  # noqa: E731  a formula
    slope = lambda y: mpmath.coth(y / 2) / 2 - 1 / y  # noqa: E731
    tilt = mpmath.tanh(w) if kind == "nesterov" else L(0)
    phi = w / 2 + (log_sinhc(m + w) - log_sinhc(m - w)) / 2
    rise = L(1) / 2 + (slope(m + w) * (1 - tilt) + slope(m - w) * (1 + tilt)) / 2
    p1, p2, z = mpmath.exp(w - m), mpmath.exp(-w - m), w * k + phi
    gain = 1 - ((1 - p2) * p1 ** (k + 1) - (1 - p1) * p2 ** (k + 1)) / (p1 - p2)
    density = ((1 - p2) * (m - w) * p1 ** (k + 1) - (1 - p1) * (m + w) * p2 ** (k + 1)) / (p1 - p2)
    c, M = -m + w * mpmath.coth(z), gain / density
    c_w = tilt + mpmath.coth(z) - w * (k + rise) / mpmath.sinh(z) ** 2
    moved = 2 * w / mpmath.sinh(z) ** 2 * (w * (k + rise) * mpmath.coth(z) - 1)
    return ((1 - c * M) * c_w + M * moved) / c_w, c_w, phi - w * rise


@pytest.mark.parametrize("kind", ["heavy ball", "nesterov"])
def test_what_the_proof_says_of_steps_holds_in_40_digits_at_adverse_places(kind: str):
    rng = np.random.default_rng(2)
    with mpmath.workdps(40):
        bend = 2 * 6 * mpmath.zeta(3) / (8 * mpmath.pi**3) + L(1) / 4
        for _ in range(300):
            m = L(10 ** rng.uniform(-3, 2))
            w = m * (1 - L(10 ** rng.uniform(-4, -0.001)))
            grows, positive, below = growth(kind, m, w, L(10 ** rng.uniform(-4, 3)))
            assert grows > 0.5
            assert positive > 0
            assert 0 <= below <= bend * w**3 / 3


def test_without_friction_the_overshoot_is_at_a_quarter_turn_and_critical_friction_has_none():
    assert float(overshoot(1e-12)) == pytest.approx(np.pi / 2, rel=1e-11)
    assert HeavyBallFlow(float(overshoot(0.3)), 0.6).gain(1.0) == pytest.approx(1.0, rel=1e-14)
    assert HeavyBallFlow(1e3, 2.0).gain(1.0) <= 1.0


@pytest.mark.parametrize(
    ("name", "wrong", "group", "broken"),
    [
        ("slope_of_flow", lambda m: lambda: m.w * m.sp.tanh(m.w * m.k), "flow", "Over-damped"),
        ("L", lambda m: lambda y: m.sp.log(m.sp.cosh(y / 2)), "steps", "The shift is concave"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, group: str, broken: str
):
    module = _located.load("derivations", "momentum-exaggerates-until-it-overshoots")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken in {step.name for step in getattr(module, group)() if not step.verified}
