"""C4: rounds with labels mixed in multiply the odds of every gain by the labels' weight."""

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._mixed_rounds import Formulas, MixedRounds, _exact_order, margins
from kdtheory.claims._rounds import Rounds
from kdtheory.claims.mixing_odds_law import COUNTEREXAMPLES
from kdtheory.procedures import HeavyBall, InfiniteRounds

CLAIM = kd.claims.get("mixing-odds-law")
PLAIN = MixedRounds(0.0, 0.5, 1.0, 1.0, mixing=0.5, rounds=3.0, overshoot=0.5)
FORMULAS = Formulas()


@given(case=MixedRounds.strategy())
@example(replace(PLAIN, mixing=0.999, student_progress=30.0))
@example(replace(PLAIN, mixing=0.001, ratio=0.999, student_progress=1e-6))
@example(replace(PLAIN, mixing=0.001, student_progress=30.0, rounds=100.0))
def test_the_law_holds(case: MixedRounds):
    assert CLAIM(case).smallest > 0


fraction = st.fractions(Fraction(-2), Fraction(2), max_denominator=50)


@given(gain=fraction, weight=fraction, teacher=fraction, rounds=st.integers(0, 12))
def test_transient_limit_and_odds_are_those_of_exact_arithmetic(gain, weight, teacher, rounds):
    """Any gain, label weight and teacher; the rounds literally, in fractions."""
    factor = (1 - weight) * gain
    if factor == 1:
        return
    literal = teacher
    for _ in range(rounds):
        literal = gain * (weight * 1 + (1 - weight) * literal)
    fixed = Fraction(FORMULAS.limit(gain, 1 - gain, 1 - weight))
    assert gain * (weight + (1 - weight) * fixed) == pytest.approx(float(fixed), rel=1e-12, abs=1e-12)
    exact = weight * gain / (1 - factor)
    assert float(FORMULAS.limit(float(gain), float(1 - gain), float(1 - weight))) == pytest.approx(float(exact))
    assert FORMULAS.transient(rounds, teacher, exact, FORMULAS.factor(gain, 1 - weight)) == literal
    assert 1 - exact == (1 - gain) / (1 - gain + weight * gain)
    if gain != 1:
        assert exact / (1 - exact) == weight * gain / (1 - gain)


@pytest.mark.parametrize(
    "run",
    [kd.GradientFlow(0.4), kd.Ridge(3.0), kd.GradientDescent(3, 0.3), HeavyBall(steps=3, momentum=0.6, step_size=0.1)],
    ids=lambda run: type(run).__name__,
)
def test_150_solved_rounds_arrive_at_the_odds(run):
    mixings = np.array([0.7, 0.3, -0.7])
    task = kd.tasks.from_spectrum([4.0, 1.0, 0.01], coefficients=[1.0, -2.0, 3.0], seed=1)
    recipe = kd.self_distillation(run, run, mixing=kd.axis("mixing", mixings), rounds=150)
    solved = kd.solve(recipe, kd.LinearModel(), task)
    last, first = solved["student_150"], solved["teacher"]
    shift = (last.gains / last.residuals) / (first.gains / first.residuals)
    assert shift.shape == (3, 3)
    np.testing.assert_allclose(shift, np.broadcast_to(1 - mixings[:, None], (3, 3)), rtol=1e-8)


def test_infinitely_many_ridge_rounds_are_ridge_with_the_penalty_over_the_label_weight():
    lam = np.array([0.0, 1e-6, 1.0, 30.0])
    ridge, limit = kd.Ridge(2.0), InfiniteRounds(kd.Ridge(2.0), mixing=0.75)
    np.testing.assert_allclose(limit.gain(lam), kd.Ridge(8.0).gain(lam), rtol=1e-14)
    assert np.all(limit.gain(lam)[1:] < ridge.gain(lam)[1:])
    reduced = InfiniteRounds(kd.Ridge(2.0), mixing=-0.6)
    np.testing.assert_allclose(reduced.gain(lam), kd.Ridge(1.25).gain(lam), rtol=1e-14)
    assert np.all(reduced.gain(lam)[1:] > ridge.gain(lam)[1:])


@pytest.mark.parametrize("weight", [0.01, 0.5, 1.5, 1.99])
def test_the_flow_time_runs_from_the_label_weight_to_one(weight: float):
    progress = np.geomspace(1e-9, 500.0, 200)
    time = FORMULAS.flow_progress(progress, 1 - weight) / progress
    assert time[0] == pytest.approx(weight, rel=1e-7)
    assert time[-1] == pytest.approx(1.0, abs=0.01)
    steps = np.diff(time)
    assert np.all(steps[progress[1:] > 1e-6] * (1 - weight) > 0)


def test_without_labels_everything_collapses_that_is_not_learned_exactly():
    pure = InfiniteRounds(kd.GradientDescent(1, 1.0), mixing=1.0)
    np.testing.assert_array_equal(pure.gain([0.0, 0.3, 0.999, 1.0]), [0.0, 0.0, 0.0, 1.0])
    assert Rounds(gains=(0.9,), label_weights=(0.0,), rounds=500).path[-1] < 1e-20
    assert Rounds(gains=(1.0,), label_weights=(0.0,), rounds=500).path[-1] == 1.0


@given(case=MixedRounds.strategy(), power=st.integers(-20, 20))
def test_units_of_time_do_not_matter(case: MixedRounds, power: int):
    shifted = replace(case, log10_largest=case.log10_largest + power)
    one, two = (margins(c, FORMULAS).parts for c in (case, shifted))
    assert {name: float(part) for name, part in one.items()} == {name: float(part) for name, part in two.items()}


@given(case=MixedRounds.strategy())
def test_the_order_of_flow_times_is_that_of_60_digits(case: MixedRounds):
    parts = margins(case, FORMULAS).parts
    for name in ("no_single_time", "above_share", "below_whole"):
        exact = min(_exact_order(case, name, index) for index in range(2))
        assert float(parts[name]) == pytest.approx(exact, rel=1e-2)


def test_draws_overshoot_too():
    steps = MixedRounds.draw(np.random.default_rng(6), 1000).steps[0]
    assert np.mean(steps > 1) > 0.25
    assert steps.max() < 2


def test_the_catalogues_overshoot_diverges():
    item = next(item for item in COUNTEREXAMPLES if item.name == "overshooting-gain")
    assert np.exp(-CLAIM.margin_of(item)) == pytest.approx(1.33, rel=1e-12)
    path = np.abs(Rounds(gains=(1.9,), label_weights=(0.3,), rounds=50).path)
    assert path[-1] > 1e5
    with pytest.raises(kd.errors.InvalidArgument, match="mixing"):
        InfiniteRounds(kd.GradientDescent(1, 1.9), mixing=0.7).gain([1.0])


def test_every_restored_case_of_rounds_differs_in_one_field():
    for item in COUNTEREXAMPLES:
        names = [field.name for field in fields(item.case)]
        assert sum(getattr(item.case, name) != getattr(item.restored, name) for name in names) == 1, item.name


@pytest.mark.parametrize("name", [field.name for field in fields(Formulas)])
def test_a_relative_error_of_1e_12_in_any_formula_is_caught(name: str):
    cases = MixedRounds.draw(np.random.default_rng(12), 500)
    right: Callable[..., Any] = getattr(FORMULAS, name)
    found = margins(cases, replace(FORMULAS, **{name: lambda *given: right(*given) * (1 + 1e-12)}))
    assert not found.held.all()


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("taught", lambda m: lambda gain: m.g * (1 - m.alpha + m.alpha * gain), {"The fixed point", "Contraction"}),
        ("odds", lambda m: lambda gain: gain / (1 + gain), {"The odds law"}),
        ("limit", lambda m: lambda gain=m.g: m.alpha * gain, {"The fixed point", "Ridge", "Gradient flow"}),
        ("after", lambda m: lambda j: m.limit() + m.g**j * (m.g0 - m.limit()), {"The transient, continued"}),
    ],
    ids=["weights", "odds", "limit", "transient"],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "mixing-odds-law")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}


def test_rounding_uses_less_than_half_of_its_tolerance():
    found = kd.claims.check("mixing-odds-law", examples=10_000, shrinking=0, levels=["tested"])
    assert found.held
    assert found.tested is not None
    # Identities use less than half of their tolerance, so that one more rounding breaks nothing.
    identities = ("odds", "limit", "transient", "toolkit", "ridge", "flow")
    assert min(found.tested.smallest[name].margin for name in identities) > 0.5
