"""Contests of ``break_the_theorem`` against literal formulas, and counterexamples against their frozen margins."""

import numpy as np
import pytest
from scipy.optimize import brentq

from kdtheory import claims
from kdtheory.lab._break_the_theorem import (
    CLAIMS,
    FAMILIES,
    SAME,
    Choice,
    Given,
    attempt,
    counterexample,
    known,
    verdict,
)
from kdtheory.procedures import GradientFlow, elasticity


def test_gradient_flow_on_two_modes():
    found = attempt(Choice(teacher_time=1.0, student_time=3.0, ratio=0.4))
    u, v = -np.expm1(-1.0), -np.expm1(-3.0)
    time = -np.log1p(-u * v)
    assert found.labels == pytest.approx((u * v, -np.expm1(-0.4 * time)), rel=1e-12)
    assert found.student == pytest.approx((u * v, np.expm1(-0.4) * np.expm1(-1.2)), rel=1e-12)
    assert found.leader == "control"
    assert found.slopes["teacher"] == pytest.approx(np.exp(-1.0) / u, rel=1e-9)
    assert found.slopes["control"] == pytest.approx(time * np.exp(-time) / (u * v), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "momentum without damping"])
@pytest.mark.parametrize("time", [0.5, 20.0])
def test_every_family_is_matched_on_the_leading_mode(name, time):
    found = attempt(Choice(student=name, teacher_time=time, student_time=time, ratio=0.3))
    make = FAMILIES[name].member
    goal = float(make(time).gain(1.0)) ** 2
    log_time = brentq(lambda x: float(make(np.exp(x)).gain(1.0)) - goal, -25, 25, xtol=1e-14)
    assert found.student == pytest.approx((goal, float(make(time).gain(0.3)) ** 2), rel=1e-9)
    assert found.labels == pytest.approx((goal, float(make(np.exp(log_time)).gain(0.3))), rel=1e-6)
    assert found.curves["student"][-1] == pytest.approx(found.curves["control"][-1], rel=1e-9)


def test_a_teacher_of_another_family():
    found = attempt(Choice(teacher="ridge (penalty 1 / time)", teacher_time=9.0, student_time=40.0, ratio=0.1))
    item = counterexample("exaggerated-bias", "ridge-teacher")[1]
    assert np.log(found.ratio) == pytest.approx(-item.margin, rel=1e-9)
    assert found.leader == "student"


def test_a_student_that_no_run_on_labels_matches():
    assert attempt(Choice(student="momentum without damping", teacher_time=3.0, student_time=3.0)) is None


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_counterexample_is_what_its_claim_has_frozen(claim):
    for item in claims.get(claim).counterexamples:
        found = known(item.case)
        if item.name == "tied-eigenvalues":  # whose margin is that of the claim's other parts too
            assert found.ratio == pytest.approx(1.0)
            continue
        assert np.log(found.ratio) == pytest.approx(-item.margin, abs=1e-9)
        assert found.leader == ("nobody" if item.margin == 0 else "student")
        assert known(item.restored).leader == "control"


def test_slopes_explain_every_counterexample_that_has_them():
    for claim in CLAIMS:
        for item in claims.get(claim).counterexamples:
            found = known(item.case)
            if found.slopes is not None and found.leader == "student":
                assert found.slopes["teacher"] + found.slopes["student"] < found.slopes["control"]


def test_where_a_start_adds_to_gains_neither_curves_nor_slopes_are_shown():
    found = known(counterexample("exaggerated-bias", "start-beyond-the-target")[1].case)
    assert found.curves is None
    assert found.slopes is None


def test_a_procedure_known_by_its_gain_has_the_elasticity_of_the_procedure():
    flow = GradientFlow(1.3)
    lam = np.array([0.2, 1.0, 2.0])
    assert np.allclose(elasticity(Given(flow.gain), lam), elasticity(flow, lam), rtol=1e-7)
    assert np.allclose(Given(flow.gain).dual_gain(lam), flow.dual_gain(lam), rtol=1e-12)


@pytest.mark.parametrize(("name", "expected"), [
    ("gradient flow", "holds"), ("ridge (penalty 1 / time)", "holds"), ("momentum without damping", "holds"),
    ("weight decay 2", "holds"), ("weight decay 0.1", "fails"), ("averaged gradient flow", "fails"),
    ("mean of two ridges", "fails"),
])  # fmt: skip
def test_verdicts_are_those_of_the_claim(name, expected):
    found = verdict(name, SAME)
    assert found.verdict == expected
    assert (found.most > 1 + 1e-9) == (expected == "fails")


@pytest.mark.parametrize(("teacher", "student", "expected"), [
    ("ridge (penalty 1 / time)", "gradient flow", "fails"), ("gradient flow", "ridge (penalty 1 / time)", "holds"),
])  # fmt: skip
def test_with_two_families_the_run_on_labels_is_the_students(teacher, student, expected):
    assert verdict(student, teacher).verdict == expected
