"""C8b, and the weight of C4: the best weight of a teacher for one student."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._risk_cases import NoisyRidge, risk
from kdtheory.claims.optimal_mixing_one_step import Formulas

SAID = Formulas()
gain = st.fractions(Fraction(1, 40), Fraction(39, 40), max_denominator=40)
size = st.fractions(Fraction(0), Fraction(5), max_denominator=10)


@given(
    modes=st.lists(st.tuples(gain, gain, size), min_size=1, max_size=3),
    s2=size,
    xi=st.fractions(-3, 3, max_denominator=20),
)
def test_best_weight_and_improvement_are_those_of_exact_arithmetic(modes, s2, xi):
    def literal(weight):
        students = [(g * (1 - weight + weight * t), c) for g, t, c in modes]
        return sum((1 - h) ** 2 * c**2 + h**2 * s2 for h, c in students)

    curvature = sum(SAID.curvature(g * (1 - t), c, s2) for g, t, c in modes)
    if curvature == 0:
        return
    best = sum(SAID.slope(g * (1 - t), g, 1 - g, c, s2) for g, t, c in modes) / curvature
    assert literal(0) - literal(xi) == SAID.improvement(xi, best) * curvature
    assert (literal(xi) < literal(0)) == (min(0, 2 * best) < xi < max(0, 2 * best))
    assert (literal(1) < literal(0)) == (best > Fraction(1, 2))


@given(modes=st.lists(st.tuples(gain, size), min_size=1, max_size=3), s2=size)
def test_a_best_weight_above_one_and_its_limits(modes, s2):
    changes = [g * (1 - g) for g, _ in modes]
    curvature = sum(SAID.curvature(b, c, s2) for b, (_, c) in zip(changes, modes, strict=True))
    if curvature == 0:
        return
    slope = sum(SAID.slope(b, g, 1 - g, c, s2) for b, (g, c) in zip(changes, modes, strict=True))
    beyond = sum(SAID.beyond(b, g, 1 - g, c, s2) for b, (g, c) in zip(changes, modes, strict=True))
    assert slope - curvature == beyond
    loud = [SAID.noisiest(b, g) for b, (g, _) in zip(changes, modes, strict=True)]
    assert sum(one for one, _ in loud) > sum(other for _, other in loud)
    if s2 == 0:
        assert slope / curvature < -1


@given(case=NoisyRidge.strategy())
def test_the_librarys_weight_is_the_formulas(case):
    (g, e), c, s2 = case.ridge, case.coefficients, case.noise_variance
    problem = kd.risk.oracle_fixed_design(c[case.present], float(s2[0]))
    left = case.flow[1]
    change = g * left
    if np.sum(SAID.curvature(change, c, s2)) < 1e-250:
        return
    found = kd.risk.oracle_step_mixing(
        problem, g[case.present], residuals=e[case.present], teacher_residuals=left[case.present]
    )
    said = np.sum(SAID.slope(change, g, e, c, s2)) / np.sum(SAID.curvature(change, c, s2))
    scale = np.sum(change * (s2 * g + c**2 * e)) / np.sum(SAID.curvature(change, c, s2))
    assert found == pytest.approx(said, abs=1e-12 * scale)


def test_no_weight_is_better_by_search():
    case = NoisyRidge.of([4.0, 1.0, 0.2], [2.0, 1.0, 0.1], variance=0.7)
    best = scipy.optimize.minimize_scalar(lambda xi: float(risk(case, case.students(kd.Ridge, [xi])[0])))
    g, e = case.ridge
    problem = kd.risk.oracle_fixed_design(case.coefficients[:3], 0.7)
    assert kd.risk.oracle_step_mixing(problem, g[:3], residuals=e[:3]) == pytest.approx(best.x, abs=1e-6)


def test_the_held_out_weight_is_the_librarys():
    generator = np.random.default_rng(0)
    labels, teacher, targets = generator.standard_normal((3, 6))
    above, below = (part.sum() for part in SAID.held_out(targets, labels, teacher))
    assert kd.risk.oracle_mixing(labels[:, None], teacher[:, None], targets) == pytest.approx(above / below)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("slope", lambda m: lambda taught=m.t: sum(m.change(k, taught) * m.s**2 * m.g[k] for k in m.MODES),
         {"The best weight", "What a weight gains", "Weights beyond one", "No noise"}),
        ("curvature", lambda m: lambda taught=m.t: sum(m.s**2 * m.change(k, taught) ** 2 for k in m.MODES),
         {"The best weight", "What a weight gains"}),
        ("change", lambda m: lambda k, taught=m.t: m.g[k] * taught[k], {"The student", "The best weight"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "optimal-mixing-one-step")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
