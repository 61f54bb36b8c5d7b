"""The known counterexamples by name, their exact numbers, and what lies around them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import Counterexample, _gallery
from kdtheory.claims._gallery import exact_numbers
from kdtheory.claims._surroundings import courses
from kdtheory.errors import UnknownName
from kdtheory.testing import Margin, SpectralProblem, Trainings, TwoModes, lag_margin

CASE = TwoModes(0.0, 0.5, 1.0, 1.0)


def ordered(case: TwoModes) -> Margin:
    return Margin(1 - np.asarray(case.ratio))


def known(failing: float, restored: float, frozen: float) -> Any:
    cases = [TwoModes(0.0, ratio, 1.0, 1.0) for ratio in (failing, restored)]
    item = Counterexample("x", violates="apart", words="", case=cases[0], restored=cases[1], margin=frozen)
    made = kd.claims.claim(id="mine", title="Mine", assumptions={"apart": "They differ."}, counterexamples=[item])
    return _gallery.Known(made(ordered), item)


@pytest.mark.parametrize(
    ("failing", "restored", "frozen", "confirmed"),
    [(1.5, 0.5, -0.5, True), (1.5, 0.5, -0.5000001, False), (1.5, 1.0, -0.5, False), (0.5, 0.5, 0.5, False)],
)
def test_a_counterexample_is_confirmed_if_it_fails_with_its_digits_and_holds_restored(
    failing, restored, frozen, confirmed
):
    run = known(failing, restored, frozen).run
    assert (run.margin, run.restored) == (1 - failing, 1 - restored)
    assert run.confirmed is confirmed


def test_it_knows_the_sentence_that_it_violates_and_its_full_name():
    assert known(1.5, 0.5, -0.5).assumption == "They differ."
    assert known(1.5, 0.5, -0.5).name == "mine/x"


def test_all_of_a_claim_are_found_and_one_by_its_full_name():
    ids = ("exaggerated-bias", "mixing-odds-law")
    listed = kd.claims.counterexamples(ids)
    assert [item.item for item in listed] == [item for id in ids for item in kd.claims.get(id).counterexamples]
    assert kd.claims.counterexample(listed[-1].name).item is listed[-1].item
    with pytest.raises(UnknownName, match=r"^claim: expected one of"):
        kd.claims.counterexample("no-claim/x")


def test_exact_numbers_are_those_of_the_case():
    assert exact_numbers(CASE) == {"log10_largest": 0.0, "ratio": 0.5, "teacher_progress": 1.0, "student_progress": 1.0}
    assert list(exact_numbers(SpectralProblem.of([1.0], [1.0]))) == [
        "modes", "log10_largest", "coefficient_1", "variance", "teacher_progress", "student_progress",
    ]  # fmt: skip

    @dataclass(frozen=True)
    class Odd:
        values: Any
        nested: Any
        function: Any
        bound: Any

    ridge = kd.Ridge(2.0)
    told = exact_numbers(Odd(np.array([1.0, 2.0]), (1, (np.float64(2.5),)), np.exp, ridge.gain))
    assert told == {
        "values": [1.0, 2.0], "nested": [1, [2.5]], "function": "exp",
        "bound": "gain of Ridge(penalty=2.0, center='zero')",
    }  # fmt: skip
    assert exact_numbers(3) == {"case": "3"}


def trainings(times: tuple[float, float]) -> Trainings:
    return Trainings(
        (1.0, 0.5),
        kd.GradientFlow(1.0).gain,
        kd.GradientFlow(2.0).gain,
        lambda t, lam: kd.GradientFlow(t).gain(lam),
        times,
    )


def test_courses_lead_through_the_matched_reference():
    item = trainings((1e-6, 10.0))
    found = courses(item)
    assert found.teacher == tuple(kd.GradientFlow(1.0).gain([1.0, 0.5]))
    assert found.student == pytest.approx(tuple(item.distilled))
    assert found.matched[0] == pytest.approx(found.student[0], rel=1e-12)
    assert found.matched[1] > found.student[1]
    assert np.log(found.matched[1] / found.student[1]) == pytest.approx(lag_margin(item).smallest)
    assert found.matched in [tuple(point) for point in found.reference.tolist()]
    assert np.all(np.diff(found.reference[:, 0]) > 0)


def test_a_reference_of_one_time_is_one_point():
    assert courses(trainings((3.0, 3.0))).reference.shape == (1, 2)
