"""The extreme-value theorem of self-distillation: what is special about it."""

from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.procedures import gain_of_rounds

LAM = np.geomspace(1e-3, 1e3, 4001)


@pytest.mark.parametrize(("rounds", "error"), [(1e2, 1.5e-3), (1e4, 1.5e-5), (1e6, 1.5e-7)])
def test_ridge_at_one_leading_gain_approaches_its_limit_like_one_over_the_rounds(rounds: float, error: float):
    ridge = kd.Ridge(np.expm1(1.0 / rounds))
    assert np.max(np.abs(gain_of_rounds(ridge, rounds, LAM) - np.exp(-1.0 / LAM))) == pytest.approx(error, rel=0.04)


def test_gradient_flow_is_no_cut_off_even_after_a_million_rounds():
    gain = gain_of_rounds(kd.GradientFlow(np.log(1e6)), 1e6, np.array([0.8, 1.0, 1.2]))
    np.testing.assert_allclose(gain, [np.exp(-(1e6**0.2)), np.exp(-1.0), np.exp(-(1e6**-0.2))], rtol=1e-3)
    assert 0.05 < 1 - gain[2] < 0.07


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("TAILS", lambda m: {"ridge": (m.c / (m.lam + m.c), 2)}, "Tails of power"),
        ("frechet", lambda m: lambda k, p=1: m.sp.exp(-(k**2) / m.lam**p), "It distils into itself"),
        ("depth", lambda m: lambda tail: tail, "Bounds of one round's depth"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "extreme-value-limit-of-rounds")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken in {step.name for step in module.prove().steps if not step.verified}
