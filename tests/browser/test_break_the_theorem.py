"""``break_the_theorem`` in a browser: attempts, predictions, the criterion, and counterexamples one click away."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.procedures import elasticity
from kdtheory.testing import Trainings


def attempt(make, time, ratio):
    """Teacher, student and run on labels of one procedure on eigenvalues 1 and ``ratio``, matched by bisection."""
    run = make(time)
    return Trainings((1.0, ratio), run.gain, run.gain, lambda t, lam: make(t).gain(lam), times=(1e-9, time))


def follows(page, make, time, ratio):
    case = attempt(make, time, ratio)
    (_, student), (_, labels) = case.distilled, case.matched
    page.await_number("ratio", float(student / labels), 1e-8)
    page.await_number("student-lower", float(student), 1e-8)
    page.await_number("slope-teacher", float(elasticity(make(time), 1.0)), 1e-7)
    page.await_number("slope-labels", float(elasticity(make(case.matched_time), 1.0)), 1e-7)

    def drawn(picture):
        points = {name: picture.points(f"{name}-point", "gains", (0, 1), (0, 1))[0] for name in ("student", "control")}
        apart = points["student"] - points["control"]
        assert abs(apart[0]) < 1e-9
        assert np.sign(apart[1]) == np.sign(np.log(student / labels))
        slopes = [picture.height(f"{name}-slope", "slopes", (0, 1)) for name in ("teacher", "control")]
        wanted = [float(elasticity(make(t), 1.0)) for t in (time, case.matched_time)]
        assert slopes[0] / slopes[1] == pytest.approx(wanted[0] / wanted[1], rel=1e-3)

    page.await_drawn(drawn)


def test_every_attempt_asks_for_a_prediction_and_is_then_explained(opened):
    page = opened("break_the_theorem")
    page.await_number("leading", float(kd.GradientFlow(2.0).gain(1.0)) ** 2)
    assert not page.has("ratio")
    page.choose("run on labels")
    follows(page, kd.GradientFlow, 2.0, 0.5)
    page.page.get_by_text("Right.").wait_for()
    page.select("procedure", "weight decay 0.1")
    page.await_number("leading", float(kd.WeightDecayFlow(2.0, 0.1).gain(1.0)) ** 2)
    assert not page.has("ratio")
    page.press("lower / leading", "ArrowLeft", 2)
    page.press("teacher's time", "ArrowRight", 5)
    page.press("student's time", "ArrowRight", 5)
    page.await_number("leading", float(kd.WeightDecayFlow(10.0, 0.1).gain(1.0)) ** 2)
    page.choose("run on labels")
    follows(page, lambda time: kd.WeightDecayFlow(time, 0.1), 10.0, 0.4)
    page.page.get_by_text("No.").wait_for()


def test_answers_can_be_shown_at_once(opened):
    page = opened("break_the_theorem")
    page.page.get_by_role("checkbox").click()
    follows(page, kd.GradientFlow, 2.0, 0.5)
    page.press("student's time", "ArrowRight")
    page.press("teacher's time", "ArrowRight")
    follows(page, kd.GradientFlow, 3.0, 0.5)


def test_a_move_is_answered_once(opened):
    page = opened("break_the_theorem")
    page.page.get_by_role("checkbox").click()
    follows(page, kd.GradientFlow, 2.0, 0.5)
    page.page.wait_for_timeout(1000)
    before = page.pictures
    page.press("lower / leading", "ArrowLeft")
    follows(page, kd.GradientFlow, 2.0, 0.45)
    page.page.wait_for_timeout(1000)
    assert page.pictures == before + 1


def test_every_known_counterexample_is_one_click_away(opened):
    page, first = opened("break_the_theorem"), True
    for claim in ("exaggerated-bias", "which-procedures-exaggerate"):
        known = kd.claims.get(claim)
        for item in known.counterexamples:
            again = item.name == "overshooting-steps" and not first
            page.click(item.name, position=1 if again else 0)
            first = False
            page.await_number("margin", known.margin_of(item), 1e-9)
            page.page.get_by_text(item.words[:40]).first.wait_for()
            assert page.number("restored") > 0
            assert abs(np.log(page.number("ratio")) + item.margin) < 1e-9 or item.name == "tied-eigenvalues"
    page.click("my own attempt again")
    page.page.wait_for_selector("data#leading")


def test_a_run_that_no_reference_matches_is_said_to_be_one(opened):
    page = opened("break_the_theorem")
    page.select("procedure", "momentum without damping")
    page.page.get_by_text("No run on labels comes as far").wait_for()
