"""C6: what switching to the distillation loss during training recovers, and every other schedule of mixing."""

from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._switched_runs import Switched, responses, swept, switched_margin
from kdtheory.claims._switching import Schedules, Span, descent, difference, flow, recovered, retained, weights
from kdtheory.claims.loss_switching import COUNTEREXAMPLES, Formulas, margins
from kdtheory.procedures import (
    GradientDescent,
    GradientFlow,
    HeavyBall,
    HeavyBallFlow,
    Nesterov,
    WeightDecayDescent,
    WeightDecayFlow,
)
from kdtheory.testing import tolerance

CLAIM = kd.claims.get("loss-switching")
progress = st.floats(-8, 1.5).map(lambda power: 10.0**power)


@given(case=Schedules.strategy())
def test_the_law_holds(case: Schedules):
    assert CLAIM(case).smallest > 0


@given(before=progress, after=progress)
def test_the_fraction_is_accurate_against_its_definition_in_60_digits(before: float, after: float):
    with mpmath.workdps(60):
        b, a = mpmath.mpf(before), mpmath.mpf(after)
        exact = mpmath.expm1(-a) / mpmath.expm1(-(a + b))
    relative = float(tolerance(condition=before + after))
    assert float(recovered(flow(before), flow(after))) == pytest.approx(float(exact), rel=relative)
    assert float(retained(flow(before), flow(after))) == pytest.approx(float(1 - exact), rel=relative, abs=1e-300)


# A duration whose product with an eigenvalue is subnormal has lost its digits.
DURATIONS = st.just(0.0) | st.floats(1e-300, 5.0)


@given(st.lists(st.tuples(DURATIONS, st.floats(-1.0, 2.0)), min_size=1, max_size=8), st.floats(0.01, 3.0))
def test_schedules_of_up_to_eight_pieces_are_felt_as_one_mixing(pieces: list[tuple[float, float]], lam: float):
    durations, mixings = np.array(pieces).T
    if durations.sum() == 0:
        return
    felt = weights([flow(lam * duration) for duration in durations])
    assert np.sum(felt) == pytest.approx(1.0, rel=1e-13)
    steps = [(swept(xi), GradientFlow(duration)) for duration, xi in zip(durations, mixings, strict=True)]
    constant = [(swept(felt @ mixings), GradientFlow(durations.sum()))]
    ends = responses({"schedule": steps, "constant": constant}, lam)
    for of in ("labels", "teacher", "start"):
        np.testing.assert_allclose(getattr(ends["schedule"], of), getattr(ends["constant"], of), atol=1e-12)


@pytest.mark.parametrize("lam", [0.01, 1.0, 30.0])
def test_a_ramp_is_felt_as_the_integral_of_the_theorem(lam: float):
    """The density w itself: the ramp xi = tau / H by quadrature, against many pieces that the toolkit runs."""
    density = partial(_density, lam)
    felt, _ = mpmath.quad(lambda tau: density(tau) * tau, [0, 1], error=True)
    pieces = 400
    middle = (np.arange(pieces) + 0.5) / pieces
    ends = responses(
        {
            "ramp": [(swept(xi), GradientFlow(1 / pieces)) for xi in middle],
            "distilled": [(1, GradientFlow(1.0))],
        },
        lam,
    )
    # A piece of width d misses the slope of the weight times d^3 / 12; the weight rises by lam in all.
    allowed = 1.01 * lam / (12 * pieces**2)
    assert (ends["ramp"].teacher / ends["distilled"].teacher).item() == pytest.approx(float(felt), rel=0, abs=allowed)


def _density(lam: float, tau: Any) -> Any:
    return lam * mpmath.exp(-lam * (1 - tau)) / (1 - mpmath.exp(-lam))


@pytest.mark.parametrize("step", [0.05, 0.5, 1.0, 1.5, 1.9])
def test_gradient_descent_step_by_step_has_the_weights_of_the_formula(step: float):
    """The slow obvious twin: every step by hand, each with a mixing of its own."""
    random = np.random.default_rng(3)
    mixings, label, teacher, start = random.normal(size=9), 0.7, -1.3, 2.0
    position = start
    for xi in mixings:
        position += step * ((1 - xi) * label + xi * teacher - position)
    felt = np.asarray(weights([descent(1, step)] * 9))
    mixing = felt @ mixings
    kept = (1 - step) ** 9
    expected = kept * start + (1 - kept) * ((1 - mixing) * label + mixing * teacher)
    assert position == pytest.approx(float(expected), rel=1e-12)


FAMILIES = {
    "flow": (GradientFlow, 1.2, 0.7),
    "descent": (partial(GradientDescent, step_size=0.4), 4, 3),
    "heavy ball": (partial(HeavyBall, momentum=0.9, step_size=0.4), 7, 5),
    "nesterov": (partial(Nesterov, momentum=0.8, step_size=0.4), 7, 5),
    "heavy-ball flow": (partial(HeavyBallFlow, friction=0.5), 2.0, 3.0),
    "decayed flow": (partial(WeightDecayFlow, decay=0.6), 1.2, 0.7),
    "decayed descent": (partial(WeightDecayDescent, decay=0.6, step_size=0.4), 4, 3),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_with_velocity_or_decay_the_fraction_is_that_of_the_gains_and_independence_stays(family: str):
    """Not that velocity makes the fraction depend on the teacher: whatever goes on through the switch is linear."""
    procedure, before, after = FAMILIES[family]
    lam = np.array([1.3, 0.4])
    schedules = {
        "distilled": [(1, procedure(before)), (1, procedure(after))],
        "onehot": [(0, procedure(before)), (0, procedure(after))],
        "switched": [(0, procedure(before)), (1, procedure(after))],
        "reversed": [(1, procedure(before)), (0, procedure(after))],
    }
    ends = responses(schedules, lam)
    phi = procedure(after).gain(lam) / procedure(before + after).gain(lam)
    np.testing.assert_allclose(ends["switched"].teacher, phi * ends["distilled"].teacher, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(
        ends["switched"].labels - ends["onehot"].labels, -phi * ends["distilled"].teacher, rtol=1e-11, atol=1e-13
    )
    run = Switched((1.3, 0.4), procedure, before, after)
    assert float(switched_margin(run).parts["conserved"]) > 1


def test_decay_adds_to_the_eigenvalue():
    lam, decay, before, after = 0.8, 0.6, 1.5, 0.5
    flows = [WeightDecayFlow(time, decay=decay) for time in (before, after)]
    ends = responses({"switched": [(0, flows[0]), (1, flows[1])], "distilled": [(1, flows[0]), (1, flows[1])]}, lam)
    expected = recovered(flow((lam + decay) * before), flow((lam + decay) * after))
    assert (ends["switched"].teacher / ends["distilled"].teacher).item() == pytest.approx(float(expected), rel=1e-13)


def test_solve_on_real_modes_agrees_with_the_first_statement():
    """The recipe that the library offers, with a teacher, against the formula: eight modes over eight decades."""
    lam, target = np.logspace(2, -6, 8), np.linspace(1.0, -2.0, 8)
    task = kd.tasks.from_spectrum(lam, target, seed=1)
    T, s, H = 0.3, 0.5, 1.25
    switched = kd.loss_switching(GradientFlow(T), before=GradientFlow(s), after=GradientFlow(H - s))
    always = kd.self_distillation(GradientFlow(T), GradientFlow(H))
    model = kd.LinearModel()
    ends = [kd.solve(recipe, model, task)["student"].coefficients[:, 0] for recipe in (switched, always)]
    own = model.spectrum(task).coefficients(np.asarray(task.targets))[:, 0]
    gap = difference(np.exp(-lam * T), flow(lam * s), flow(lam * (H - s))) * own
    np.testing.assert_allclose(ends[0] - ends[1], gap, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("before", "after", "expected"), [(0.0, 2.0, 1.0), (2.0, 0.0, 0.0), (3.0, np.inf, 1.0)])
def test_at_the_boundaries_all_or_nothing_is_recovered(before: float, after: float, expected: float):
    assert float(recovered(flow(before), flow(after))) == expected


@given(total=st.integers(2, 40), share=st.floats(0, 1), small=st.floats(1e-3, 0.4), factor=st.floats(1.01, 2.0))
def test_the_fraction_of_descent_with_small_steps_keeps_its_bounds_and_grows(
    total: int, share: float, small: float, factor: float
):
    left = min(max(round(share * total), 1), total - 1)
    spans = [[descent(count, step) for count in (total - left, left)] for step in (small, small * factor)]
    odds = [np.log(recovered(*both)) - np.log(retained(*both)) for both in spans]
    assert np.log(left / (total - left)) < odds[0] < odds[1] < np.inf


def test_the_counterexamples_fail_in_the_way_that_they_say():
    broken = {item.name: _broken(item.case) for item in COUNTEREXAMPLES}
    assert broken == {
        "momentum-carried": {"below_one", "increasing"},
        "momentum-reset": {"conserved"},
        "overshooting-steps": {"below_one"},
        "averaged-output": {"above_uniform"},
        "no-switch": {"above_uniform", "below_one", "increasing"},
    }
    lam = np.array([1.0])
    gains = [HeavyBall(steps, momentum=0.9, step_size=0.3).gain(lam) for steps in (8, 20)]
    assert (gains[0] / gains[1]).item() == pytest.approx(1.21, abs=5e-3)


def _broken(run: Switched) -> set[str]:
    return {name for name, part in switched_margin(run).parts.items() if float(part) <= 0}


@pytest.mark.parametrize("name", ["difference", "recovered", "retained", "weights", "conserved", "flow", "descent"])
def test_a_relative_error_of_1e_10_in_any_formula_is_caught(name: str):
    right = getattr(Formulas(), name)

    def wrong(*arguments: Any) -> Any:
        result = right(*arguments)
        if isinstance(result, Span):
            return Span(result.kept * (1 + 1e-10), result.lost)
        return [each * (1 + 1e-10) for each in result] if isinstance(result, list) else result * (1 + 1e-10)

    cases = Schedules.draw(np.random.default_rng(12), 500)
    assert not margins(cases, Formulas(**{name: wrong})).held.all()


def test_the_derivation_verifies_every_step_and_not_a_wrong_fraction(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "loss-switching")
    derivation = module.prove()
    assert len(derivation.steps) == 15
    assert derivation.not_carried
    exp, lam, H, s = module.sp.exp, module.lam, module.H, module.s
    monkeypatch.setattr(module, "phi", lambda: (1 - exp(-lam * s)) / (1 - exp(-lam * H)))
    failed = {step.name for step in [*module.switching(), *module.schedules()] if not step.verified}
    assert failed == {"The fraction that is recovered", "The reverse switch", "A switch is a schedule"}
