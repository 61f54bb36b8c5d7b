"""Every false conjecture is broken within 2,000 examples, and comes back as a case that fits in a sentence."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import Claim, Evidence, _registry
from kdtheory.testing import Case, LinearProblem, SpectralProblem

DRAWS, SHRINKING = 1_970, 30
DIGITS, MODES = 3, 3


def _loaded() -> dict[str, Claim]:
    """Registered as a user's are, and forgotten at once: other tests run over all claims there are."""
    before = dict(_registry._claims)
    try:
        files = sorted(Path(__file__).parent.glob("false_conjectures_*.py"))
        return {id: kd.claims.get(id) for file in files for id in kd.claims.load(file)}
    finally:
        _registry._claims.clear()
        _registry._claims.update(before)


CONJECTURES = _loaded()


# Of module scope, so that tests of one claim follow each other and share its evidence on any number of workers.
@pytest.fixture(scope="module", params=CONJECTURES)
def claim(request: pytest.FixtureRequest) -> Claim:
    return CONJECTURES[request.param]


@pytest.fixture(scope="module")
def evidence(claim: Claim) -> Evidence:
    return kd.claims.check(claim, examples=DRAWS, shrinking=SHRINKING, seed=0, levels=["tested"])


@pytest.fixture
def broken_case(claim: Claim, evidence: Evidence) -> Any:
    assert evidence.tested is not None
    assert evidence.tested.broken is not None, f"{claim.id} was not broken: {evidence.tested.summary}"
    return claim.case(**evidence.tested.broken.case), evidence.tested.broken


def digits(value: float) -> int:
    """Significant digits of a number, or of what it lacks to 1."""
    each = (Decimal(repr(value)), 1 - Decimal(repr(value)))
    return min(len(number.normalize().as_tuple().digits) if number else 0 for number in each)


def modes(case: Case) -> int:
    if isinstance(case, SpectralProblem):
        return int(case.modes)
    return int(case.rank) if isinstance(case, LinearProblem) else 2


def test_there_are_many_of_them():
    assert len(CONJECTURES) >= 25


def test_it_is_broken_and_the_case_is_short(claim: Claim, broken_case: Any):
    case, broken = broken_case
    assert claim(case).smallest == broken.margin <= 0
    assert modes(case) <= MODES
    long = {name: case.values[name] for name in case.varied if digits(case.values[name]) > DIGITS}
    assert long == {}


def test_what_is_printed_of_the_case_is_short(broken_case: Any):
    case, broken = broken_case
    assert broken.words == case.describe()
    assert len(broken.words) < 150


def test_most_of_them_hold_in_many_cases():
    """What fails everywhere is found by anybody."""
    shares = {
        id: np.mean(claim(claim.case.draw(np.random.default_rng(9), 2_000)).held) for id, claim in CONJECTURES.items()
    }
    assert sum(share > 0.3 for share in shares.values()) >= 20
    assert sum(share > 0.9 for share in shares.values()) >= 5
