"""C2: which procedures exaggerate."""

from dataclasses import fields, replace
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._comparisons import Boundaries, comparisons
from kdtheory.claims._criterion import RIGHT, Compared, Formulas, holding, margins, trained
from kdtheory.claims._elasticities import Elasticities
from kdtheory.claims.which_procedures_exaggerate import COUNTEREXAMPLES, MUTANTS, condition, table
from kdtheory.procedures.elasticity import elasticity, parameter_at_gain
from kdtheory.procedures.exaggeration import log_ahead
from kdtheory.testing import EPSILON

CLAIM = kd.claims.get("which-procedures-exaggerate")
NUMBER = {comparison.name: index + 0.5 for index, comparison in enumerate(comparisons(RIGHT))}
HOLD = {
    "gradient flow", "descent, step size", "descent", "ridge", "iterated ridge", "undamped flow", "under-damped flow",
    "over-damped flow", "heavy ball", "Nesterov", "Nesterov flow", "little decay", "flow, flow against ridge",
    "ridge, flow against ridge", "flow, ridge against ridge", "iterated, flow against ridge",
}  # fmt: skip
EQUAL = {"shrunk", "stable"}


@given(case=Compared.strategy())
def test_the_law_holds(case: Compared):
    assert CLAIM(case).smallest > 0


def test_it_holds_in_ten_thousand_draws():
    found = CLAIM(Compared.draw(np.random.default_rng(5), 10_000))
    assert found.held.all()
    assert found.parts["local"].min() > 1e-8


def test_the_table_has_the_verdicts_of_the_catalogue():
    computed = {row.comparison.name: row.verdict.verdict for row in table()}
    assert {name for name, verdict in computed.items() if verdict == "holds"} == HOLD == holding()
    assert {name for name, verdict in computed.items() if verdict == "equality"} == EQUAL
    assert set(computed.values()) == {"holds", "fails", "equality"}
    for row in table():
        if row.verdict.verdict == "fails":
            assert row.verdict.slack < -0.01
            assert row.verdict.most > 1.01
        elif row.verdict.verdict == "holds":
            assert row.verdict.slack > 0
            assert row.verdict.most < 1


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("gradient flow", True), ("ridge", True), ("iterated ridge", True), ("descent, step size", True),
     ("undamped flow", True), ("Nesterov flow", True), ("averaged flow", False), ("two ridges", False)],
)  # fmt: skip
def test_the_condition_for_one_family(name: str, verdict: bool):
    found = condition(name, 1 / (1 + 10.0 ** -np.linspace(-4, 4, 81)), order=7.0)
    assert np.all(np.diff(found.value) > found.error[1:] + found.error[:-1]) == verdict


def exactly(name: str, u: float, v: float, ratio: float) -> Any:
    """Log of the reference's gain over the student's on mode 2, in 60 digits, by inverting the gain in closed form."""
    with mpmath.workdps(60):
        u, v, r = mpmath.mpf(u), mpmath.mpf(v), mpmath.mpf(ratio)
        g = {
            "gradient flow": lambda gain: 1 - (1 - gain) ** r,
            "ridge": lambda gain: r * gain / (r * gain + 1 - gain),
            "undamped flow": lambda gain: 1 - mpmath.cos(mpmath.sqrt(r) * mpmath.acos(1 - gain)),
        }[name]
        return mpmath.log(g(u * v)) - mpmath.log(g(u)) - mpmath.log(g(v))


@pytest.mark.parametrize("name", ["gradient flow", "ridge", "undamped flow"])
def test_the_lag_is_that_of_the_definition_in_60_digits_and_its_sign_is_never_in_doubt(name: str):
    case = Compared.draw(np.random.default_rng(6), 300)
    case = replace(case, comparison=np.full(300, NUMBER[name]))
    found = margins(case, Formulas()).parts["lag"]
    # Each log-gain is rounded once or twice, and 1 - gain with it.
    logs = -np.log(case.teacher_share * case.student_share)
    for i in range(300):
        true = float(exactly(name, case.teacher_share[i], case.student_share[i], case.ratio[i]))
        assert found[i] == pytest.approx(true, rel=1e-12, abs=64 * EPSILON * logs[i]), case.at(i)
        assert found[i] > 0


def test_where_the_criterion_fails_the_student_leads_just_below_the_match():
    for row in table():
        if row.verdict.verdict == "fails":
            one = np.ones(1)
            u, v = (np.atleast_1d(gain) for gain in row.verdict.gains)
            top = row.comparison.teacher.top
            scale = 1.0 if top is None else top(row.shape, row.order)
            runs = trained(row.comparison, u / scale, v / scale, row.shape * one, row.order * one)
            assert log_ahead(*runs, 0.9999 * one) - log_ahead(*runs, one) < 0, row.comparison.name


def test_the_counterexamples_have_the_digits_of_the_catalogue():
    cases = {item.name: item.case for item in COUNTEREXAMPLES}
    lead = {name: case.distilled[1] / case.matched[1] for name, case in cases.items()}
    np.testing.assert_allclose(cases["overshooting-steps"].distilled, [1.125, 1.152], rtol=1e-14)
    np.testing.assert_allclose(cases["overshooting-steps"].matched, [1.125, 1.008], rtol=1e-14)
    assert lead["after-the-overshoot"] == pytest.approx(2.0, rel=1e-13)
    decay = cases["little-weight-decay"]
    assert decay.matched_time == pytest.approx(np.log(11) / 11, rel=1e-12)
    assert decay.matched_time == pytest.approx(0.21799, abs=5e-6)
    np.testing.assert_allclose([decay.distilled[1], decay.matched[1]], [0.6944, 0.6080], atol=5e-5)
    averaged = cases["averaged-flow"]
    np.testing.assert_allclose([averaged.distilled[1], averaged.matched[1]], [0.75723, 0.75574], atol=5e-6)
    digits = {"uniform-shrinkage": 1.316, "two-ridges": 5.39, "two-stopping-times": 7.45, "flat-teacher": 2.26}
    for name, value in {**digits, "falling-elasticity": 1.114}.items():
        assert float(f"{lead[name]:.{len(str(value)) - 1}g}") == value


def test_the_match_of_the_overshooting_student_does_not_depend_on_its_time():
    from kdtheory.testing import Trainings

    after = next(item.case for item in COUNTEREXAMPLES if item.name == "after-the-overshoot")
    for time in (0.3, 1.0, 2.5):
        run = kd.procedures.HeavyBallFlow(time, 0.0)
        case = Trainings(after.eigenvalues, after.teacher, run.gain, after.reference, times=(time, time))
        np.testing.assert_allclose(case.distilled / case.matched, [1.0, 2.0], rtol=1e-12)


def test_equal_averages_fail_from_the_threshold_of_the_catalogue_on():
    def slack(time: float) -> float:
        gain = kd.procedures.AveragedFlow(time).gain(1.0)
        times = np.array([time, float(parameter_at_gain(kd.procedures.AveragedFlow, gain**2))])
        long, short = elasticity(kd.procedures.AveragedFlow(times), np.ones(2))
        return float(2 * long - short)

    assert slack(7.6593) > 0 > slack(7.6594)
    assert float(kd.procedures.AveragedFlow(7.6593).gain(1.0)) == pytest.approx(0.8695, abs=5e-5)


def test_a_flat_teacher_gives_2_303_in_the_end_and_more_at_a_higher_gain():
    # The supremum over students of the ridge teacher at .9 is not one over teachers, nor over ratios.
    def lead(gain: float, ratio: float) -> float:
        return ratio * gain / (ratio * gain + 1 - gain) / (1 - (1 - gain) ** ratio)

    assert lead(0.9, 0.1) == pytest.approx(2.303, abs=5e-4)
    assert lead(0.971, 0.1) == pytest.approx(2.583, abs=5e-4)
    assert lead(1 - 1e-6, 1e-5) > 1e3


@pytest.mark.parametrize(("ratio", "holds"), [(1.70, True), (np.e - 1, True), (1.74, False)])
def test_weight_decay_changes_sides_at_e_minus_1(ratio: float, holds: bool):
    long = kd.procedures.WeightDecayFlow(40.0, 1 / ratio)
    reference = parameter_at_gain(lambda t: kd.procedures.WeightDecayFlow(t, 1 / ratio), long.gain(1.0) ** 2)
    lag = log_ahead(long, long, kd.procedures.WeightDecayFlow(reference, 1 / ratio), 0.999)
    assert (lag > 0) == holds


@pytest.fixture(scope="module")
def cases() -> Compared:
    drawn = Compared.draw(np.random.default_rng(11), 1000)
    assert CLAIM(drawn).held.all()
    return drawn


def test_each_formula_has_mutants():
    words = {"slack", "leads", *(mutant.name for mutant in MUTANTS)}
    assert {field.name for field in fields(Formulas)} == {"slack", "log_ahead", "elasticities", "boundaries"}
    for field in (*fields(Elasticities), *fields(Boundaries)):
        stem = field.name.removesuffix("_flow").replace("_", "-").removesuffix("d").removesuffix("age")
        assert any(word.startswith(stem) for word in words), field.name


@pytest.mark.parametrize("field", [field.name for field in fields(Elasticities)])
def test_a_relative_error_of_1e_7_in_any_closed_form_is_caught(field: str, cases: Compared):
    right = getattr(Elasticities(), field)
    wrong = replace(Elasticities(), **{field: lambda *a: right(*a) * (1 + 1e-7)})
    assert not margins(cases, replace(Formulas(), elasticities=wrong)).held.all()


def test_the_derivation_verifies_every_step_and_says_where_momentum_is_proved():
    derivation = _located.load("derivations", "which-procedures-exaggerate").prove()
    assert [step.name for step in derivation.steps if not step.verified] == []
    assert len(derivation.steps) == 19
    assert any("momentum-exaggerates-until-it-overshoots" in words for words in derivation.not_carried)


@pytest.mark.parametrize(
    ("name", "wrong", "group", "broken"),
    [
        ("E_flow", lambda m, u: -(1 - u) * m.sp.log(1 - u), "flow", "Gradient flow"),
        ("E_flow", lambda m, u: -2 * (1 - u) * m.sp.log(1 - u) / u, "decay", "Weight decay"),
        ("E_ridge", lambda m, u: 1 - u**2, "ridge", "Ridge"),
        ("E_iterated", lambda m, u: 1 - u, "ridge", "Iterated Tikhonov"),
        ("elasticity", lambda m, f, x=None: m.sp.diff(f, x or m.z) / f, "criterion", "The stable family"),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, group: str, broken: str
):
    module = _located.load("derivations", "which-procedures-exaggerate")
    monkeypatch.setattr(module, name, partial(wrong, module))
    assert broken in {step.name for step in getattr(module, group)() if not step.verified}


def test_the_bessel_series_needs_enough_terms():
    module = _located.load("derivations", "which-procedures-exaggerate")
    assert not all(step.verified for step in module.nesterov_flow(terms=6))


def test_a_failing_case_is_told_by_the_name_of_its_comparison():
    case = Compared(NUMBER["ridge"], 0.5, 0.5, 0.5, 0.5, 1.0)
    assert case.describe().startswith("ridge: comparison=")
    assert float(CLAIM(case).parts["local"]) == pytest.approx(0.25, rel=1e-2)
