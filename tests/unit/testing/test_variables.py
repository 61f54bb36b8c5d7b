"""Numbers of cases: drawn on their scale, simplified to few digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdtheory.errors import InvalidArgument
from kdtheory.testing import Variable, linear, logarithmic, odds

VARIABLES = {
    "linear": linear(-8.0, 8.0),
    "logarithmic": logarithmic(1e-6, 30.0),
    "odds": odds(0.001, 0.999),
}
each = pytest.mark.parametrize("variable", VARIABLES.values(), ids=VARIABLES)


@each
def test_draws_stay_in_range_and_are_uniform_on_the_scale(variable: Variable):
    values = variable.draw(np.random.default_rng(0), 20_000)
    assert variable.low <= values.min() < values.max() <= variable.high
    positions = np.array([variable._position(value) for value in values])
    ends = variable._position(variable.low), variable._position(variable.high)
    share = np.histogram(positions, bins=10, range=ends)[0] / len(values)
    assert np.all(np.abs(share - 0.1) < 5 * np.sqrt(0.1 * 0.9 / len(values)))


@each
@given(data=st.data())
def test_the_strategy_gives_numbers_in_range_of_at_most_four_digits(variable: Variable, data: st.DataObject):
    value = data.draw(variable.strategy())
    assert variable.low <= value <= variable.high
    assert variable.complexity(value)[0] <= 4


@each
@given(seed=st.integers(0, 10_000))
def test_simpler_numbers_are_simpler_sorted_and_in_range(variable: Variable, seed: int):
    value = float(variable.draw(np.random.default_rng(seed), 1)[0])
    simpler = variable.simpler(value)
    assert simpler[0] == variable.simple
    assert all(variable.low <= candidate <= variable.high for candidate in simpler)
    assert all(variable.complexity(candidate) < variable.complexity(value) for candidate in simpler)
    assert simpler == sorted(simpler, key=variable.complexity)


@each
def test_nothing_is_simpler_than_the_simple_number(variable: Variable):
    assert variable.simpler(variable.simple) == []


@pytest.mark.parametrize(
    ("variable", "value", "digits", "rounded"),
    [
        (logarithmic(1e-6, 30.0), 0.0314159, 1, 0.03),
        (logarithmic(1e-6, 30.0), 29.96, 1, 30.0),
        (logarithmic(1e-6, 29.9), 29.86, 1, 29.9),
        (odds(0.001, 0.999), 0.98765, 1, 0.99),
        (odds(0.001, 0.999), 0.98762, 3, 0.9876),
        (odds(0.001, 0.999), 0.0123, 1, 0.01),
        (linear(-8.0, 8.0), -0.0, 1, 0.0),
    ],
)
def test_rounding_keeps_digits_where_the_scale_is_fine(variable: Variable, value: float, digits: int, rounded: float):
    assert variable.rounded(value, digits) == rounded


def test_numbers_next_to_one_are_as_simple_as_numbers_next_to_zero():
    variable = odds(0.0001, 0.9999)
    assert variable.complexity(0.999)[0] == variable.complexity(0.001)[0] == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: linear(1.0, 1.0),
            "variable: expected -inf < low < high < inf with the simple value between low and high, "
            "got low 1, high 1, simple 1; change the range",
        ),
        (
            lambda: logarithmic(0.0, 1.0),
            "variable: expected 0 < low < high < inf with the simple value between low and high, "
            "got low 0, high 1, simple 1; change the range",
        ),
        (
            lambda: odds(0.5, 1.0),
            "variable: expected 0 < low < high < 1 with the simple value between low and high, "
            "got low 0.5, high 1, simple 0.5; change the range",
        ),
        (lambda: linear(float("nan"), 1.0), "low: expected a finite number, got nan; change low"),
        (lambda: linear(0.0, "1"), "high: expected a finite number, got '1'; change high"),  # type: ignore[arg-type]
    ],
)
def test_a_range_that_is_none_is_refused_in_one_line(make: object, message: str):
    with pytest.raises(InvalidArgument) as caught:
        make()  # type: ignore[operator]
    assert str(caught.value) == message
