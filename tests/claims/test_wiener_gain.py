"""C8a: risk is a weighted distance from the Wiener gains."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._risk_cases import NoisyRidge, risk_over_all_signs
from kdtheory.claims.wiener_gain import Formulas, Outcomes

fraction = st.fractions(Fraction(-3), Fraction(3), max_denominator=40)


@given(gain=fraction, c=fraction, s=fraction)
def test_the_excess_is_that_of_exact_arithmetic(gain, c, s):
    if c == 0 or s == 0:
        return
    literal = sum((gain * (c + sign * s) - c) ** 2 for sign in (1, -1)) / 2
    said, best = Formulas(), Formulas().best(c, s**2)
    least = sum((best * (c + sign * s) - c) ** 2 for sign in (1, -1)) / 2
    assert said.bias(1 - gain, c) + said.variance(gain, s**2) == literal
    assert literal - least == said.weight(c, s**2) * (gain - best) ** 2


def test_the_library_says_the_same():
    case = NoisyRidge.of([4.0, 1.0, 0.2], [2.0, 1.0, 3.0], variance=0.7, mixing=-1.0)
    (student,) = case.students(kd.GradientFlow, [-1.0])
    c = case.coefficients[:3]
    best = kd.risk.oracle_wiener_gains(c, 0.7)
    least = kd.risk.oracle_fixed_design(c, 0.7).total(best)
    excess = kd.risk.oracle_excess_risk(student[0][:3], c, 0.7)
    assert least + excess == pytest.approx(float(risk_over_all_signs(case, student)), rel=1e-12)


def test_the_students_of_the_check_are_those_of_a_recipe_on_all_modes():
    case = NoisyRidge.of([4.0, 1.0], [2.0, 1.0], mixing=1.7, penalty_ratio=0.3, teacher_progress=0.4)
    (student,) = case.students(kd.GradientFlow, [case.mixing])
    recipe = kd.self_distillation(kd.GradientFlow(0.1), kd.Ridge(1.2), mixing=1.7)
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[2.0, 1.0])
    np.testing.assert_allclose(student[0][:2], kd.solve(recipe, kd.LinearModel(), task)["student"].gains, rtol=1e-13)


def test_noise_need_not_be_independent_across_modes():
    """Both modes share every sign: the risk is the same."""
    c, a = np.array([2.0, 0.5]), np.array([0.7, -0.3])
    shared = Outcomes(((1.0, 1.0), (-1.0, -1.0)), lambda y: a, coefficients=(2.0, 0.5))
    apart = Outcomes(tuple(product((1.0, -1.0), repeat=2)), lambda y: a, coefficients=(2.0, 0.5))
    assert shared.risk == pytest.approx(apart.risk) == pytest.approx(np.sum((1 - a) ** 2 * c**2 + a**2))


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("best", lambda m: lambda: m.c / (m.c + m.s), {"The best gain", "The excess", "The least risk"}),
        ("risk", lambda m: lambda a: (1 - a) * m.c**2 + a**2 * m.s**2, {"The expected error of a mode", "The excess"}),
        ("excess", lambda m: lambda a: m.c**2 * (a - m.best()) ** 2, {"The excess"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "wiener-gain")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
