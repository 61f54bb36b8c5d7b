"""Budgets by name."""

import pytest

import kdtheory as kd
from kdtheory.errors import UnknownName
from kdtheory.testing import PROFILES, Margin, TwoModes, profile


def test_profiles_grow_and_deep_is_what_is_asked_of_a_publication():
    sizes = [(PROFILES[name].examples, PROFILES[name].shrinking) for name in ("quick", "ci", "deep")]
    assert sizes == sorted(sizes)
    assert sizes[-1] >= (10_000, 300)
    assert all(profile(name).name == name for name in PROFILES)


def test_an_unknown_profile_is_one_line():
    with pytest.raises(UnknownName) as caught:
        profile("slow")
    assert str(caught.value) == "profile: expected one of quick, ci, deep, got 'slow'; check the spelling"


def test_a_check_takes_its_numbers_from_the_profile_and_from_what_is_given():
    def positive(case: TwoModes) -> Margin:
        return Margin(case.ratio)

    made = kd.claims.Claim(
        "mine", "Mine", "your own", "", "", (), "", TwoModes, positive, (), (), "none", "none", None, None, True
    )

    def numbers(**settings):
        tested = kd.claims.check(made, levels=["tested"], **settings).tested
        return tested.examples, tested.shrinking_examples

    assert numbers(profile="quick") == (2_000, 30)
    assert numbers(profile="quick", examples=10) == (10, 30)
    assert numbers(profile="quick", shrinking=0) == (2_000, 0)
    drawn, _ = numbers(profile="quick", seconds=0.3, shrinking=0)
    assert drawn % 2_000 == 0
    assert drawn > 2_000
    assert numbers(examples=50, seconds=60.0, shrinking=0) == (50, 0)
