"""C5: distillation in a linear model does something only if teacher and student are both stopped early."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from hypothesis import example, given

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._taught_problems import Formulas, TaughtProblem, margins
from kdtheory.claims.no_early_stopping_no_effect import COUNTEREXAMPLES, TALL

CLAIM = kd.claims.get("no-early-stopping-no-effect")
FORMULAS = Formulas()
SHAPES = {"wide": (3, 6), "square": (5, 5), "tall": (7, 3), "deficient": (5, 5)}


def problem(name: str, seed: int = 0) -> TaughtProblem:
    samples, features = SHAPES[name]
    lost = 2 if name == "deficient" else 0
    return TaughtProblem(
        seed, samples, features, lost, decades=2, log10_largest=1, teacher_progress=2, student_progress=3, penalty=0.1
    )


@given(case=TaughtProblem.strategy())
@example(replace(problem("wide"), teacher_progress=30, student_progress=30, decades=6))
@example(replace(problem("deficient"), teacher_progress=1e-3, student_progress=30, decades=6, log10_largest=-8))
@example(replace(problem("tall"), penalty=1e-6, decades=6, log10_largest=8))
def test_the_law_holds(case: TaughtProblem):
    assert CLAIM(case).smallest > 0


def literal(case: TaughtProblem, time: float, targets: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Weights after gradient flow, by the matrix exponential of the linear equation: no singular values."""
    x = case.inputs
    size = x.shape[1]
    generator = np.zeros((size + 1, size + 1))
    generator[:size, :size], generator[:size, size] = -x.T @ x, x.T @ targets
    return (scipy.linalg.expm(time * generator) @ np.append(start, 1.0))[:size]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_the_statement_holds_in_matrix_exponentials_and_pseudo_inverses(shape: str, seed: int):
    case = problem(shape, seed)
    x, y, (own, other) = case.inputs, case.targets, case.starts
    inverse = np.linalg.pinv(x, rcond=1e-10)
    seen = inverse @ x
    teacher_time, time = (progress / case.largest for progress in (case.teacher_progress, case.student_progress))

    def end(targets: np.ndarray, start: np.ndarray) -> np.ndarray:
        return inverse @ targets + start - seen @ start

    converged, stopped = end(y, own), literal(case, teacher_time, y, own)
    onehot = literal(case, time, y, other)
    np.testing.assert_allclose(literal(case, time, x @ converged, other), onehot, atol=1e-12)
    early = literal(case, time, x @ stopped, other)
    lam, basis = np.linalg.eigh(x.T @ x)
    effect = FORMULAS.effect(np.maximum(lam, 0), teacher_time, time) * (basis.T @ x.T @ (y - x @ own))
    np.testing.assert_allclose(early - onehot, basis @ effect, atol=1e-12)
    assert np.abs(early - onehot).max() > 1e-3
    faithful = end(x @ stopped, other)
    np.testing.assert_allclose(x @ faithful, x @ stopped, atol=1e-12)
    gap = FORMULAS.gap(lambda weights: seen @ weights, stopped, other)
    np.testing.assert_allclose(faithful - stopped, gap, atol=1e-12)
    assert (np.abs(gap).max() > 1e-3) == (case.shape[1] > case.rank)
    penalty = case.penalty * case.largest
    ridge = np.linalg.solve(x.T @ x + penalty * np.eye(len(x.T)), x.T @ y)
    np.testing.assert_allclose(end(x @ ridge, 0 * own), ridge, atol=1e-12)


@pytest.mark.parametrize("mixing", [1.0, 0.4, -0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_solve_says_the_same(shape: str, mixing: float):
    """The recipe of the statement, in the toolkit; a converged teacher changes nothing in any mixture."""
    case = problem(shape)
    task = kd.tasks.from_arrays(case.inputs, case.targets, case.test_inputs, np.zeros(5))
    own, other = (kd.Start(weights=start) for start in case.starts)
    run, end = kd.GradientFlow(case.student_progress / case.largest), kd.GradientFlow(np.inf)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, end), start=own),
        student=kd.Fit(kd.Phase(mixing * kd.output_of("teacher") + (1 - mixing) * kd.labels, run), start=other),
        onehot=kd.Fit(kd.Phase(kd.labels, run), start=other),
        stopped=kd.Fit(kd.Phase(kd.labels, run), start=own),
        faithful=kd.Fit(kd.Phase(kd.output_of("stopped"), end), start=other),
    )
    solved = kd.solve(recipe, kd.LinearModel(), task)
    np.testing.assert_allclose(solved["student"].weights, solved["onehot"].weights, atol=1e-13)
    np.testing.assert_allclose(solved["faithful"].train, solved["stopped"].train, atol=1e-12)
    gap = FORMULAS.gap(lambda weights: case.projector @ weights, solved["stopped"].weights[:, 0], case.starts[1])
    np.testing.assert_allclose(
        (solved["faithful"].test - solved["stopped"].test)[:, 0], case.test_inputs @ gap, atol=1e-12
    )


def test_draws_have_all_shapes_and_ranks():
    draws = TaughtProblem.draw(np.random.default_rng(3), 2000)
    samples, features = draws.shape
    full = draws.rank == np.minimum(samples, features)
    for kind in (samples < features, samples == features, samples > features):
        assert np.mean(kind & full) > 0.03
        assert np.mean(kind & ~full) > 0.05


def test_every_assumption_but_the_loss_has_a_counterexample():
    assert {a.name for a in CLAIM.assumptions} - {item.violates for item in COUNTEREXAMPLES} == {"squared-loss"}


def test_digits_of_the_counterexamples_by_hand():
    margin = {item.name: item.margin for item in COUNTEREXAMPLES}
    # The unseen direction of the wide inputs is (-1, -2, 2) / 3: the third coordinate of what stays of (0, 0, 1) is 4/9.
    assert margin["other-frozen-start"] == pytest.approx(-4 / 9, abs=2e-9)
    # The direction that no weights reach is (-1, -2, 2) / 3, too, and 1 keeps -1/3 of it: 2/9 at most.
    assert margin["offset-of-the-student"] == pytest.approx(-2 / 9, abs=2e-9)
    inputs, targets = TALL.inputs, TALL.targets
    misfit = (inputs @ np.linalg.pinv(inputs) @ targets - targets)[0, 0]
    assert margin["one-sample-at-a-time"] == pytest.approx(-2 * abs(misfit), abs=2e-9)


@pytest.mark.parametrize("name", [field.name for field in fields(Formulas)])
def test_a_relative_error_of_1e_10_in_any_formula_is_caught(name: str):
    cases = TaughtProblem.draw(np.random.default_rng(12), 500)
    right: Callable[..., Any] = getattr(FORMULAS, name)
    found = margins(cases, replace(FORMULAS, **{name: lambda *given: right(*given) * (1 + 1e-10)}))
    assert not found.held.all()


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("outputs", lambda m: lambda weights: weights, {"(a) No effect", "(b) The seen coordinates"}),
        ("teacher", lambda m: lambda time=m.T: m.trained(m.y, 0).subs(m.t, time), {"The effect of stopping"}),
        ("converged", lambda m: lambda target, start: start + target / m.sigma, {"(a) A converged teacher"}),
    ],
    ids=["outputs", "start", "end"],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "no-early-stopping-no-effect")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}


def test_rounding_uses_less_than_half_of_its_tolerance():
    found = kd.claims.check("no-early-stopping-no-effect", examples=10_000, shrinking=0, levels=["tested"])
    assert found.held
    assert found.tested is not None
    # Rounding uses less than half of its tolerance.
    assert min(smallest.margin for smallest in found.tested.smallest.values()) > 0.5
