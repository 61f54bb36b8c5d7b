"""Cases: single or in batches, drawn in two ways."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from kdtheory.errors import InvalidArgument
from kdtheory.testing import Case, TwoModes, decided, linear, tolerance

SEARCH = settings(
    max_examples=300, derandomize=True, database=None, deadline=None, phases=[Phase.generate, Phase.shrink]
)


def test_a_batch_gives_its_cases_one_by_one():
    batch = TwoModes.draw(np.random.default_rng(3), 4)
    assert batch.size == 4
    assert TwoModes.batch([batch.at(index) for index in range(4)]).ratio.tolist() == batch.ratio.tolist()
    assert batch.at(2) == TwoModes(**{name: float(values[2]) for name, values in batch.values.items()})


def test_the_same_seed_draws_the_same_batch():
    one, two = (TwoModes.draw(np.random.default_rng(7), 5) for _ in range(2))
    assert all(np.array_equal(one.values[name], two.values[name]) for name in one.values)


def test_single_cases_can_be_compared_hashed_and_read():
    case = TwoModes(0.0, 0.5, 1.0, 3)
    assert case == TwoModes(0.0, 0.5, 1.0, 3.0)
    assert len({case, TwoModes(0.0, 0.5, 1.0, 3.0)}) == 1
    assert case.describe() == "log10_largest=0, ratio=0.5, teacher_progress=1, student_progress=3"


@given(case=TwoModes.strategy())
def test_two_modes_have_what_their_numbers_say(case: TwoModes):
    largest, second = case.eigenvalues
    assert 0 < second < largest
    assert largest * case.teacher_time == pytest.approx(case.teacher_progress, rel=float(tolerance()), abs=0)
    assert largest * case.student_time == pytest.approx(case.student_progress, rel=float(tolerance()), abs=0)


@pytest.mark.parametrize(
    ("fails", "smallest"),
    [
        (lambda case: True, TwoModes(0.0, 0.5, 1.0, 1.0)),
        (lambda case: case.ratio > 0.7, TwoModes(0.0, 0.8, 1.0, 1.0)),
        (lambda case: case.teacher_progress < 0.0123, TwoModes(0.0, 0.5, 0.01, 1.0)),
    ],
)
def test_hypothesis_shrinks_to_short_round_numbers(fails: Any, smallest: TwoModes):
    found = find(TwoModes.strategy(), fails, settings=SEARCH)
    assert fails(found)
    assert found.complexity()[0] <= smallest.complexity()[0]


def test_a_case_simplifies_one_field_at_a_time():
    case = TwoModes(2.47, 0.5, 1.0, 1.0)
    assert all(simpler.ratio == 0.5 and simpler.complexity() < case.complexity() for simpler in case.simpler())
    assert case.simpler()[0] == TwoModes(0.0, 0.5, 1.0, 1.0)


def test_a_field_without_a_range_is_refused_in_one_line():
    @dataclass(frozen=True)
    class Bare(Case):
        time: float

    with pytest.raises(InvalidArgument) as caught:
        Bare.draw(np.random.default_rng(0), 1)
    assert str(caught.value) == (
        "Bare.time: expected an annotation with its range, got none; "
        "write time: Annotated[Any, kd.testing.logarithmic(low, high)]"
    )


def test_fields_of_different_lengths_and_nan_are_refused_in_one_line():
    @dataclass(frozen=True)
    class Pair(Case):
        one: Annotated[Any, linear(0.0, 1.0)]
        two: Annotated[Any, linear(0.0, 1.0)]

    with pytest.raises(InvalidArgument) as caught:
        Pair([0.0, 1.0], [0.0, 1.0, 0.5])
    assert str(caught.value) == (
        "case: expected fields of one length, got one (2,), two (3,); pass numbers, or arrays of one length"
    )
    with pytest.raises(InvalidArgument, match=r"^one: expected no NaN, got nan;"):
        Pair(float("nan"), 0.0)
    with pytest.raises(InvalidArgument, match=r"^size: expected a whole number of at least 1, got 0; change size$"):
        Pair.draw(np.random.default_rng(0), 0)


def test_only_doubtful_signs_are_decided_in_higher_precision():
    asked: list[int] = []

    def exactly(index: int) -> float:
        asked.append(index)
        return -1e-30

    values = decided([1.0, -1e-20, 0.0, -1.0, np.nan], 1e-16, exactly)
    assert values.tolist() == [1.0, -1e-30, -1e-30, -1.0, -1e-30]
    assert asked == [1, 2, 4]
    assert decided(1e-20, 1e-16, exactly) == -1e-30


def test_tolerances_grow_with_size_and_condition():
    assert tolerance(size=100) == pytest.approx(10 * tolerance())
    assert tolerance(condition=[0.1, 1.0, 5.0]).tolist() == pytest.approx((np.array([1, 1, 5]) * tolerance()).tolist())
    assert tolerance(operations=1) == np.finfo(float).eps
