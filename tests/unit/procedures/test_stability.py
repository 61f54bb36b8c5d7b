"""Step sizes: the default, the limit, and its one line."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import procedures as p
from kdtheory.errors import InvalidArgument

ADVICE = "take a smaller step, or step_size=None for half of 1 / {}"


def limit(low, got, where="largest eigenvalue 4", rate="largest eigenvalue"):
    return f"step_size: expected less than {low}, the stability limit at {where}, got {got}; {ADVICE.format(rate)}"


CASES = {
    "gradient descent": (lambda step: p.GradientDescent(3, step), 0.5, limit),
    "averaged descent": (lambda step: p.AveragedDescent(3, step), 0.5, limit),
    "heavy ball": (lambda step: p.HeavyBall(3, 0.5, step), 0.75, limit),
    "Nesterov": (lambda step: p.Nesterov(3, 0.5, step), 0.375, limit),
    "weight decay": (
        lambda step: p.WeightDecayDescent(3, 1.0, step),
        0.4,
        lambda *a: limit(*a, where="largest eigenvalue 4 and decay 1", rate="(largest eigenvalue + decay)"),
    ),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@each_case
def test_an_unstable_step_names_the_limit(case):
    make, largest, line = case
    make(largest * (1 - 1e-9)).gain([4.0, 1.0])
    for step in (largest, 2 * largest):
        with pytest.raises(InvalidArgument) as caught:
            make(step).gain([4.0, 1.0])
        assert str(caught.value) == line(f"{largest:g}", f"{step:g}")


@each_case
def test_the_limit_is_where_the_run_stops_converging(case):
    make, largest, _ = case
    assert abs(make(largest * (1 - 1e-3)).resolved(4.0).largest_stable_eigenvalue - 4.0) < 0.01
    long = type(make(largest))(**{**make(largest * 0.999).parameters, "steps": 10**6})
    if not isinstance(long, p.AveragedDescent):
        assert abs(long.retain([4.0]).item()) < 1e-6


@each_case
def test_the_maps_of_memory_are_refused_too(case):
    make, largest, line = case
    if isinstance(make(largest), p.Remembering):
        with pytest.raises(InvalidArgument) as caught:
            make(largest).transition([4.0])
        assert str(caught.value) == line(f"{largest:g}", f"{largest:g}")


def test_weight_decay_must_be_stable_on_null_modes_too():
    with pytest.raises(
        InvalidArgument,
        match=r"^step_size: expected less than 0.5, the stability limit at largest eigenvalue 0 and decay 4, got 0.6",
    ):
        p.WeightDecayDescent(3, 4.0, 0.6).gain([0.0])


def test_in_a_sweep_the_worst_step_is_named():
    swept = p.HeavyBall(3, np.array([[0.0], [0.5]]), np.array([[0.6], [0.7]]))
    with pytest.raises(InvalidArgument, match=r"expected less than 0.5, .* got 0.6;"):
        swept.gain([4.0])


@pytest.mark.parametrize("make", [
    lambda **options: p.GradientDescent(3, **options), lambda **options: p.AveragedDescent(3, **options),
    lambda **options: p.HeavyBall(3, 0.5, **options), lambda **options: p.Nesterov(3, 0.5, **options),
])  # fmt: skip
def test_the_default_step_is_half_of_the_inverse_of_the_largest_eigenvalue(make):
    assert make().resolved(4.0) == make(step_size=0.125)
    assert make(step_size=0.1).resolved(4.0) == make(step_size=0.1)
    assert make().resolved(0.0) == make(step_size=1.0)


def test_the_default_step_under_weight_decay_counts_the_decay_in():
    assert p.WeightDecayDescent(3, 4.0).resolved(4.0).step_size == 0.0625
    assert p.WeightDecayDescent(3, np.array([0.0, 4.0])).resolved(0.0).step_size.tolist() == [1.0, 0.125]
    swept = p.WeightDecayDescent(3, kd.axis("decay", [0.0, 4.0])).resolved(4.0).step_size
    assert (swept.name, swept.values.tolist(), swept.coordinates.tolist()) == ("decay", [0.125, 0.0625], [0.0, 4.0])


def test_a_descent_without_a_step_says_what_to_do():
    with pytest.raises(InvalidArgument, match=r"^step_size: expected a number, got None; pass numbers here, or let"):
        p.GradientDescent(steps=3).gain([1.0])


def test_infinite_rounds_are_as_stable_as_one():
    with pytest.raises(InvalidArgument, match=r"^step_size: expected less than 0.5, the stability limit"):
        p.InfiniteRounds(p.GradientDescent(3, 0.5), mixing=0.5).gain([4.0])
