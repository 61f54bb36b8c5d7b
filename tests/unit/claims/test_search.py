"""False conjectures are broken, and come back as small cases that fail when they are run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import _search, _shrink
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import matching
from kdtheory.testing import Margin, TwoModes


def lag(case: TwoModes) -> Any:
    progress = case.teacher_progress, case.student_progress, case.ratio
    return matching.log_lag(matching.residual_gap(*progress).value, *progress)


def lags_by_half_of_the_bound(case: TwoModes) -> Margin:
    return Margin(lag(case) - 0.5 * np.log(1 / np.asarray(case.ratio)))


def lags_at_most_by_nine_tenths_of_the_bound(case: TwoModes) -> Margin:
    return Margin(0.9 * np.log(1 / np.asarray(case.ratio)) - lag(case))


def student_trains_longer(case: TwoModes) -> Margin:
    return Margin(np.asarray(case.student_progress) - case.teacher_progress)


def narrow(case: TwoModes) -> Margin:
    """Fails in 1 to 2 percent of the draws."""
    fails = (np.asarray(case.ratio) > 0.9) & (case.teacher_progress > 3) & (case.log10_largest < -2.35)
    return Margin(np.where(fails, -1.0, 1.0))


CONJECTURES = [lags_by_half_of_the_bound, lags_at_most_by_nine_tenths_of_the_bound, student_trains_longer, narrow]


@pytest.mark.parametrize("check", CONJECTURES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_false_conjecture_comes_back_as_a_case_of_short_round_numbers(check: Callable[..., Margin], seed: int):
    claim = kd.claims.claim(id="false", title="False")(check)
    evidence = kd.claims.check(claim, examples=2_000, shrinking=100, seed=seed, levels=["tested"])
    tested = evidence.tested
    assert not evidence.held
    assert tested is not None
    assert not tested.held
    assert tested.failures > 0
    assert tested.broken is not None
    case = TwoModes(**tested.broken.case)
    assert check(case).smallest == tested.broken.margin <= 0
    digits = [variable.complexity(case.values[name])[0] for name, variable in TwoModes.variables().items()]
    assert max(digits) <= 2
    assert sum(digits) <= 5
    assert tested.summary == f"broken (margin {tested.broken.margin:.6g}) at {case.describe()} (seed {seed})"


def test_hypothesis_alone_breaks_and_shrinks_a_false_conjecture():
    smallest: dict[str, tuple[float, Any]] = {}
    found = _search._by_hypothesis(lags_by_half_of_the_bound, TwoModes, 300, 0, smallest)
    assert not lags_by_half_of_the_bound(found).held
    assert found.complexity()[0] <= 4


def test_hypothesis_breaks_a_false_conjecture_that_draws_never_meet():
    def never_round(case: TwoModes) -> Margin:
        return Margin(np.where(np.isin(case.ratio, [0.4, 0.5, 0.6]), -1.0, 1.0))

    claim = kd.claims.claim(id="false", title="False")(never_round)
    tested = kd.claims.check(claim, examples=2_000, shrinking=300, levels=["tested"]).tested
    assert tested is not None
    assert tested.failures == 0
    assert not tested.held
    assert tested.broken is not None
    assert tested.broken.words == "log10_largest=0, ratio=0.5, teacher_progress=1, student_progress=1"


def test_draws_alone_break_a_false_conjecture_that_hypothesis_does_not_meet():
    claim = kd.claims.claim(id="false", title="False")(narrow)
    tested = kd.claims.check(claim, examples=2_000, shrinking=0, levels=["tested"]).tested
    assert tested is not None
    assert tested.broken is not None
    assert tested.broken.words == "log10_largest=-3, ratio=0.91, teacher_progress=4, student_progress=1"


def test_a_true_claim_has_no_counterexample_and_its_smallest_margin_with_its_case():
    def mostly(case: TwoModes) -> Margin:
        return Margin(lag=lag(case), ratio=1 - np.asarray(case.ratio))

    claim = kd.claims.claim(id="true", title="True")(mostly)
    tested = kd.claims.check(claim, examples=3_000, shrinking=50, levels=["tested"]).tested
    assert tested is not None
    assert tested.held
    assert tested.broken is None
    for part, extreme in tested.smallest.items():
        assert mostly(TwoModes(**extreme.case)).parts[part] == pytest.approx(extreme.margin, rel=1e-12, abs=0)
    batches = [TwoModes.draw(np.random.default_rng([0, number]), size) for number, size in enumerate((2_000, 1_000))]
    assert tested.smallest["lag"].margin <= min(mostly(batch).parts["lag"].min() for batch in batches)


def test_the_same_seed_gives_the_same_evidence_and_another_seed_another():
    claim = kd.claims.claim(id="false", title="False")(lags_by_half_of_the_bound)
    runs = [kd.claims.check(claim, examples=500, shrinking=30, seed=seed, levels=["tested"]) for seed in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]
    draws = [kd.claims.check(claim, examples=500, shrinking=0, seed=seed, levels=["tested"]).tested for seed in (5, 6)]
    assert draws[0] is not None
    assert draws[1] is not None
    assert draws[0].smallest != draws[1].smallest


def test_a_check_that_is_not_deterministic_is_refused_in_one_line():
    calls = []

    def fickle(case: TwoModes) -> Margin:
        calls.append(1)
        return Margin(np.full(case.size, -1.0 if len(calls) == 1 else 1.0))

    claim = kd.claims.claim(id="fickle", title="Fickle")(fickle)
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.check(claim, examples=1, shrinking=0, levels=["tested"])
    assert str(caught.value).startswith(
        "check: expected the same margin for the same case, got a failure and then margin 1 at TwoModes("
    )
    calls.clear()
    with pytest.raises(
        InvalidArgument, match="^check: expected the same margin for the same case, got a failure that did"
    ):
        _search._by_hypothesis(fickle, TwoModes, 20, 0, {})


def test_simplification_never_leaves_the_failing_cases():
    start = TwoModes.draw(np.random.default_rng(1), 1).at(0)

    def check(case: TwoModes) -> Margin:
        return Margin(np.where(np.asarray(case.ratio) == start.ratio, -1.0, 1.0))

    found = _shrink.simplified(check, start)
    assert found == TwoModes(0.0, start.ratio, 1.0, 1.0)


def test_cases_of_any_class_that_can_be_drawn_are_searched():
    from hypothesis import strategies

    class Pair:
        size = 1

        def __init__(self, left: Any, right: Any) -> None:
            self.left, self.right = np.asarray(left), np.asarray(right)
            self.size = self.left.size

        @classmethod
        def draw(cls, generator: np.random.Generator, size: int) -> "Pair":
            return cls(*generator.normal(size=(2, size)))

        @classmethod
        def strategy(cls) -> Any:
            return strategies.builds(cls, strategies.integers(-9, 9), strategies.integers(-9, 9))

        def at(self, index: int) -> "Pair":
            return Pair(self.left.reshape(-1)[index], self.right.reshape(-1)[index])

        def __repr__(self) -> str:
            return f"Pair({self.left:g}, {self.right:g})"

    found = _search.search(
        lambda pair: Margin(pair.left + pair.right), Pair, examples=10, shrinking=50, seed=0, advance=lambda cases: None
    )
    assert found.failures > 0
    assert repr(found.counterexample).startswith("Pair(")
