"""C0a: what is special about closed forms."""

from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims import _closed_forms as closed
from kdtheory.claims.closed_forms_of_procedures import LiteralRun


def test_steps_of_one_and_a_half_gain_as_the_catalogue_says():
    np.testing.assert_allclose(LiteralRun("descent", 1.5, steps=3).positions(), [1.5, 0.75, 1.125], rtol=1e-15)
    np.testing.assert_allclose(closed.descent(1.5, np.arange(1.0, 4.0)), [1.5, 0.75, 1.125], rtol=1e-15)


def test_the_literal_steps_are_those_of_kd_simulate():
    task, model = kd.tasks.from_spectrum([1.0, 0.3], coefficients=[1.0, -2.0], seed=0), kd.LinearModel()
    for run, kind, lookahead in (
        (kd.procedures.HeavyBall(5, 0.4, 0.5), "heavy ball", 0),
        (kd.procedures.Nesterov(5, 0.4, 0.5), "nesterov", 0),
        (kd.procedures.Nesterov(5, 0.4, 0.5, "look-ahead"), "nesterov", 1),
    ):
        result = kd.simulate(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, run))), model, task)
        gains = np.asarray(result["teacher"].on(model.spectrum(task)).gains)
        h, mu = 0.5 * np.array([1.0, 0.3]), np.full(2, 0.4)
        literal = closed.iterated_literally(kind, h, mu, np.full(2, 5.0), np.zeros(2))[lookahead]
        np.testing.assert_allclose(gains, literal, rtol=1e-6)


def test_double_roots_are_the_limit_of_two():
    mu, k = 0.25, np.arange(1.0, 30.0)
    double = closed.heavy_ball((1 - np.sqrt(mu)) ** 2, mu, k)
    near = closed.heavy_ball((1 - np.sqrt(mu)) ** 2 * (1 - 1e-7), mu, k)
    np.testing.assert_allclose(double, near, rtol=1e-6)
    np.testing.assert_allclose(closed.heavy_ball_flow(1.0, 2.0, k), 1 - np.exp(-k) * (1 + k), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("flow", lambda m: lambda t=None: 1 - m.sp.exp(-2 * m.lam * (m.t if t is None else t)), "Gradient flow"),
        ("descent", lambda m: lambda k=None: 1 - (1 + m.h) ** (m.k if k is None else k), "Gradient descent"),
        ("left", lambda m: lambda k: m.p1**k - m.p2**k, "Their solution from rest"),
        ("state", lambda m: lambda gain, retain=None: gain * m.y, "Gradient flow"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "closed-forms-of-procedures")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken in {step.name for step in module.prove().steps if not step.verified}
