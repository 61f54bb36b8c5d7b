"""C9, temperature: the limit of high temperatures, against 50 digits and the loss's own derivative."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.temperature_limit import Formulas

logit = st.floats(-6, 6)


@given(z=logit, told=logit, power=st.floats(0, 6))
def test_one_logit_in_50_digits(z: float, told: float, power: float):
    """Far below what float64 resolves; both sides of the bound."""
    with mpmath.workdps(50):
        tau, a, b = mpmath.mpf(10) ** power, mpmath.mpf(max(z, told)), mpmath.mpf(min(z, told))
        slope = tau * (1 / (1 + mpmath.exp(-a / tau)) - 1 / (1 + mpmath.exp(-b / tau)))
        away, room = (a - b) / 4 - slope, (a**3 - b**3) / (48 * tau**2)
        assert -mpmath.mpf("1e-45") <= away <= room + mpmath.mpf("1e-45")


@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 12), power=st.floats(0.5, 4))
def test_any_number_of_classes_keeps_the_bound_in_50_digits(seed: int, classes: int, power: float):
    z, told = np.random.default_rng(seed).normal(size=(2, classes)) * 2
    formulas, tau = Formulas(), 10.0**power
    limit = formulas.centred(z) - formulas.centred(told)
    second = [formulas.second(each - each.mean(), tau) for each in (z, told)]
    allowed = sum(float(formulas.room(np.ptp(each), tau)) for each in (z, told))
    with mpmath.workdps(50):
        rows = [[mpmath.exp(mpmath.mpf(x) / tau) for x in each] for each in (z, told)]
        slopes = [tau * (a / sum(rows[0]) - b / sum(rows[1])) for a, b in zip(*rows, strict=True)]
    rest = np.array([float(slope) for slope in slopes]) - limit - second[0] + second[1]
    assert np.abs(rest).max() <= allowed + 1e-14


def test_the_slope_is_that_of_the_loss_which_the_toolkit_trains():
    task = kd.tasks.from_arrays(np.eye(2), np.array([0, 1]))
    z, told = np.array([[0.3, -0.2], [1.0, 0.4]]), np.array([[2.0, -1.0], [0.1, 0.0]])
    tau = 1e3
    slopes = kd.measures.gradients(
        kd.LinearModel(), task, z, teacher=told, loss=kd.CrossEntropy(temperature=tau)
    ).weights
    np.testing.assert_allclose(slopes, Formulas().centred(z) - Formulas().centred(told), atol=1e-5)


def test_the_derivation_does_not_verify_another_softmax(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "temperature-limit")
    right = module.softmax
    monkeypatch.setattr(module, "softmax", lambda scale: right(2 * scale))
    assert "First and second order" in {step.name for step in module.multiclass() if not step.verified}
