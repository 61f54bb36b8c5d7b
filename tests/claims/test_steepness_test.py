"""C8e: whether penalty and mixing together improve on the best ridge."""

import numpy as np
import pytest
import scipy.optimize

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.steepness_test import Formulas, Tuned, TunedRidge, margins, search_margin


@pytest.mark.parametrize("seed", range(12))
def test_a_local_search_from_the_best_penalty_agrees(seed: int):
    """Random problems of ten modes; the best penalty by search, and a descent from nearby."""
    generator = np.random.default_rng(seed)
    lam, c = np.sort(10 ** generator.uniform(-2, 1, 10))[::-1], generator.standard_normal(10)
    problem = kd.risk.oracle_fixed_design(c, 0.3)

    def risk(point):
        g, e = lam / (lam + np.exp(point[0])), np.exp(point[0]) / (lam + np.exp(point[0]))
        return float(problem.total(g - point[1] * g * e, e + point[1] * g * e))

    best = scipy.optimize.minimize_scalar(
        lambda u: risk((u, 0.0)), bounds=(-12, 12), method="bounded", options={"xatol": 1e-9}
    )
    if not -10 < best.x < 10:
        return  # no penalty is best
    g, e = lam / (lam + np.exp(best.x)), np.exp(best.x) / (lam + np.exp(best.x))
    steepness = np.sum(Formulas().steepness(g, e, 0.3 * g - c**2 * e))
    spread = np.sum(Formulas().spread(g, e, c, 0.3))
    if abs(steepness) < 1e-3 * spread:
        return
    around = [(best.x + 1e-2 * np.cos(a), 1e-2 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 720)]
    assert (min(risk(point) for point in around) < best.fun) == (steepness < 0)


def test_both_verdicts_are_drawn_and_ridge_maxima_too():
    case = TunedRidge.draw(np.random.default_rng(0), 4000)
    g, e = case.ridge
    c, s2 = case.coefficients, case.noise_variance
    spread = np.sum(Formulas().spread(g, e, c, s2), axis=-1)
    share = np.sum(Formulas().steepness(g, e, s2 * g - c**2 * e), axis=-1) / spread
    assert np.mean(share < 0) > 0.2
    assert np.mean((share > 0) & (share < 0.5)) > 0.2
    assert np.mean(share > 0.5) > 0.02


def test_hard_verdicts_are_decided_in_more_digits():
    tied = TunedRidge.of([1.0, 0.999], [1.0, 2.0], penalty_ratio=1e3)
    verdict = float(margins(tied, Formulas()).parts["verdict"])
    assert 0 < verdict < 1e-3


def test_the_search_finds_what_the_test_says():
    assert search_margin(Tuned((2.0, 0.0, 0.0))).smallest > 1e-4  # steep: better pairs nearby
    assert search_margin(Tuned((0.0, 1.0, 0.0))).smallest == 1e-9  # flat: none


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("hessian", lambda m: lambda: m.sp.Matrix([[m.A - m.Q, m.A - m.Q], [m.A - m.Q, m.A]]), {"The verdict"}),
        ("student", lambda m: lambda: m.gain(m.u) * (1 + m.xi * (1 - m.gain(m.u))), {"Both slopes", "Mixed"}),
        ("terms", lambda m: lambda: {"A": m.s**2, "Q": m.c, "slope": m.s},
         {"Both slopes", "Steepness", "Along the penalty", "Mixed", "Along the weight"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "steepness-test")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
