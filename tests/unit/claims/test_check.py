"""What a check runs, and what it says when a user's function goes wrong."""

import math
from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import Claim, Counterexample, Derivation, Mutant, Step, _derivation
from kdtheory.errors import InvalidArgument
from kdtheory.testing import Margin, TwoModes

CASE = TwoModes(0.0, 0.5, 1.0, 1.0)


def ordered(case: TwoModes) -> Margin:
    return Margin(1 - np.asarray(case.ratio))


def always(case: TwoModes) -> Margin:
    return Margin(np.ones(case.size))


def make(check: Any = ordered, *, id: str = "mine", **settings: Any) -> Claim:
    return kd.claims.claim(id=id, title="Mine", **settings)(check)


def drawn(claim: Claim, **settings: Any) -> Any:
    return kd.claims.check(claim, levels=["tested"], **{"examples": 100, "shrinking": 5, **settings}).tested


def scalar(case: TwoModes) -> Margin:
    return Margin(1 - math.exp(-case.ratio))


def test_a_check_of_single_numbers_runs_with_vectorized_false():
    assert drawn(make(scalar, vectorized=False)).held


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (
            lambda case: case.ratio,
            "mine: expected a check that returns a Margin, got an array of shape (100,) and type float64; "
            "return kd.testing.Margin(values)",
        ),
        (
            lambda case: None,
            "mine: expected a check that returns a Margin, got None; return kd.testing.Margin(values)",
        ),
        (
            lambda case: Margin(1.0),
            "mine: expected a check that returns one margin per case, 100 here, got 1; "
            "compute with the case's arrays, or pass vectorized=False to the decorator",
        ),
        (
            lambda case: Margin(1 / 0),
            "mine: expected a check that takes 100 case(s), got ZeroDivisionError: division by zero; "
            "use NumPy functions, or pass vectorized=False to the decorator",
        ),
    ],
)
def test_a_check_that_goes_wrong_is_one_line(check: Any, message: str):
    check.__annotations__["case"] = TwoModes
    with pytest.raises(InvalidArgument) as caught:
        drawn(make(check))
    assert str(caught.value) == message


def test_a_check_of_single_numbers_that_gets_arrays_is_one_line_that_says_how():
    with pytest.raises(InvalidArgument) as caught:
        drawn(make(scalar))
    assert str(caught.value) == (
        "mine: expected a check that takes 100 case(s), got TypeError: only 0-dimensional arrays can be converted to "
        "Python scalars; use NumPy functions, or pass vectorized=False to the decorator"
    )


def test_nan_margins_are_one_line_with_the_first_case():
    def undefined(case: TwoModes) -> Margin:
        return Margin(fine=np.ones(case.size), broken=np.where(np.asarray(case.ratio) > 0.9, np.nan, 1.0))

    with pytest.raises(InvalidArgument) as caught:
        drawn(make(undefined))
    assert str(caught.value).startswith("mine: expected margins that are numbers, got NaN (broken) in ")
    assert "of 100 case(s), first TwoModes(log10_largest=" in str(caught.value)
    assert str(caught.value).endswith("; restrict the case, or use a formula that is defined there")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"examples": 0}, "examples: expected a whole number of at least 1, got 0; change examples"),
        ({"shrinking": -1}, "shrinking: expected a whole number of at least 0, got -1; change shrinking"),
        ({"seed": -1}, "seed: expected a whole number of at least 0, got -1; change seed"),
        (
            {"levels": ["proved"]},
            "levels: expected one of 'derived', 'tested', 'simulated', got 'proved'; choose one of them",
        ),
    ],
)
def test_bad_settings_are_one_line(settings: dict[str, Any], message: str):
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.check(make(), **settings)
    assert str(caught.value) == message


def test_a_mutant_that_no_draw_catches_is_evidence_against_the_claim():
    sound, blind = Mutant("flipped", "", lambda case: Margin(-ordered(case).values)), Mutant("same", "", ordered)
    result = drawn(make(mutants=[sound, blind]))
    assert [run.caught for run in result.mutants] == [2000, 0]
    assert not result.held
    assert result.summary.endswith("; 1 of 2 mutants caught")
    assert drawn(make(mutants=[sound])).held


def test_a_check_that_cannot_fail_is_shown_up_by_its_mutants_and_counterexamples():
    tie = Counterexample("tie", "apart", "", TwoModes(0.0, 1.0, 1.0, 1.0), CASE, margin=0.0)
    honest = make(ordered, assumptions={"apart": "."}, counterexamples=[tie])
    assert drawn(honest).held
    blind = make(always, id="blind", assumptions={"apart": "."}, counterexamples=[tie])
    assert not drawn(blind).held


@pytest.mark.parametrize(
    ("case", "restored", "frozen", "confirmed"),
    [
        (1.5, 0.5, -0.5, True),
        (1.5, 0.5, -0.5000001, False),  # not the frozen digits
        (1.5, 1.0, -0.5, False),  # fails when restored
        (0.5, 0.5, 0.5, False),  # does not fail
    ],
)
def test_a_counterexample_is_confirmed_by_its_frozen_digits_and_its_restored_case(
    case: float, restored: float, frozen: float, confirmed: bool
):
    cases = TwoModes(0.0, case, 1.0, 1.0), TwoModes(0.0, restored, 1.0, 1.0)
    claim = make(assumptions={"apart": "."}, counterexamples=[Counterexample("c", "apart", "", *cases, margin=frozen)])
    result = drawn(claim)
    assert result.counterexamples[0].confirmed is confirmed
    assert result.held is confirmed


def test_a_simulation_is_run_and_reported():
    passed = kd.claims.check(make(simulation=lambda: Margin(lag=0.5, bound=[1.0, 0.25])), levels=["simulated"])
    assert passed.simulated is not None
    assert passed.simulated.margins == {"lag": 0.5, "bound": 0.25}
    assert passed.simulated.summary == "held step by step (lag 0.5, bound 0.25)"
    failed = kd.claims.check(make(simulation=lambda: Margin(-1.0)), levels=["simulated"])
    assert not failed.held


def test_a_users_claim_without_derivation_or_simulation_has_nothing_at_these_levels():
    found = kd.claims.check(make(), examples=10, shrinking=0)
    assert (found.derived, found.simulated, found.networks) == (None, None, None)
    assert found.held


def test_progress_is_told_up_to_the_end():
    told: list[tuple[int, int, str]] = []
    claim = make(mutants=[Mutant("flipped", "", lambda case: Margin(-ordered(case).values))])
    kd.claims.check(claim, examples=4500, shrinking=10, progress=lambda *now: told.append(now))
    assert [done for done, _, _ in told] == [0, 2000, 4000, 4500, 4510, 6510]
    assert {total for _, total, _ in told} == {6510}
    assert {doing for _, _, doing in told} == {"deriving", "drawing cases", "trying mutants"}


def test_progress_of_a_budget_of_time_is_its_share_of_the_time():
    told: list[tuple[int, int, str]] = []
    kd.claims.check(make(), seconds=0.3, shrinking=0, progress=lambda *now: told.append(now))
    drawing = [(done, total) for done, total, doing in told if doing == "drawing cases"]
    shares = [done / total for done, total in drawing]
    assert shares == sorted(shares)
    assert shares[0] < 0.7
    assert shares[-1] == pytest.approx(1.0, abs=1e-3)


class Module:
    def __init__(self, prove: Any) -> None:
        if prove is not None:
            self.prove = prove


@pytest.mark.parametrize(
    ("prove", "got"),
    [
        (None, "no prove()"),
        (lambda: True, "True"),
        (lambda: Derivation("mine", (Step("a", "", "", "yes"),)), "a value of type Derivation"),  # type: ignore[arg-type]
    ],
)
def test_a_derivation_that_proves_nothing_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, prove: Any, got: str):
    monkeypatch.setattr(_derivation._located, "available", lambda kind: ("mine",))
    monkeypatch.setattr(_derivation._located, "load", lambda kind, name: Module(prove))
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.check(make(), levels=["derived"])
    assert str(caught.value) == (
        f"derivations/mine: expected prove() -> Derivation, got {got}; "
        "return Derivation(claim, steps) with steps verified by True or False"
    )


def test_one_step_that_is_not_verified_fails_the_level(monkeypatch: pytest.MonkeyPatch):
    steps = (Step("first", "one", "1", True), Step("second", "two", "2", False))
    derivation = Derivation("mine", steps, not_carried=("the rest",))
    monkeypatch.setattr(_derivation._located, "available", lambda kind: ("mine",))
    monkeypatch.setattr(_derivation._located, "load", lambda kind, name: Module(lambda: derivation))
    found = kd.claims.check(make(), levels=["derived"])
    assert found.derived is not None
    assert not found.held
    assert found.derived.summary == "1 of 2 steps verified by computer algebra (SymPy)"
    assert not derivation.verified
    assert not Derivation("mine", ()).verified
    assert "1. first [verified]" in str(derivation)
    assert "2. second [NOT VERIFIED]" in str(derivation)
    assert str(derivation).endswith("What algebra does not carry:\n- the rest\n")
