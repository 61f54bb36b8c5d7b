"""What every claim of the package owes, whatever it says."""

import re
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims import TOPICS, Claim, Derivation, Evidence, Mutate
from kdtheory.claims._derivation import derive
from kdtheory.report import figure

DRAWS = 2_000
IDS = tuple(id for id in kd.claims.names() if kd.claims.get(id).check.__module__.startswith("kdtheory."))


# Of module scope, so that tests of one claim follow each other and share its evidence on any number of workers.
@pytest.fixture(scope="module", params=IDS)
def claim(request: pytest.FixtureRequest) -> Claim:
    return kd.claims.get(request.param)


@pytest.fixture(scope="module")
def derivation(claim: Claim) -> Derivation | None:
    return derive(claim.derivation)


@pytest.fixture(scope="module")
def evidence(claim: Claim) -> Evidence:
    """One run of everything else, for all tests of the claim."""
    return kd.claims.check(claim, examples=DRAWS, shrinking=0, seed=1, levels=("tested", "simulated"))


def test_it_held_at_every_level(derivation: Derivation | None, evidence: Evidence):
    assert derivation is not None, "no derivation"
    assert evidence.tested is not None
    assert evidence.tested.broken is None, evidence.tested.summary
    assert evidence.tested.failures == 0
    assert evidence.simulated is None or evidence.simulated.held, evidence.simulated.summary


def test_the_derivation_verifies_every_step_and_says_what_it_does_not_carry(claim: Claim, derivation: Derivation):
    assert derivation.claim == claim.id
    assert [step.name for step in derivation.steps if not step.verified] == []
    assert derivation.steps
    assert derivation.not_carried


def test_counterexamples_fail_with_their_frozen_digits_and_hold_once_restored(evidence: Evidence):
    runs = evidence.tested.counterexamples
    assert runs, "no counterexample"
    assert [run.name for run in runs if not run.confirmed] == []
    for run in runs:
        assert run.margin == pytest.approx(run.frozen, rel=1e-9, abs=0)
        assert run.margin <= 0
        # Restored by the assumption, not by rounding.
        assert run.restored > 1e-10


def test_every_mutant_is_caught_in_more_than_a_handful_of_draws(evidence: Evidence):
    runs = evidence.tested.mutants
    assert runs, "no mutant"
    assert {run.name: run.caught for run in runs if run.caught < 20} == {}


def test_every_formula_has_a_mutant(claim: Claim):
    module = __import__(claim.check.__module__, fromlist=["mutate"])
    mutate: Any = getattr(module, "mutate", None)
    assert isinstance(mutate, Mutate)
    replaced = {name for mutant in claim.mutants for name in mutant.replaces}
    assert replaced == {field.name for field in fields(mutate.formulas)}


def test_it_holds_wherever_hypothesis_looks(claim: Claim):
    @settings(max_examples=25)
    @given(data=st.data())
    def look(data: st.DataObject):
        assert claim(data.draw(claim.case.strategy())).smallest > 0

    look()


def test_a_batch_gives_the_margins_of_its_cases(claim: Claim):
    batch = claim.case.draw(np.random.default_rng(5), 12)
    together = claim(batch).values
    alone = np.array([claim(batch.at(index)).smallest for index in range(12)])
    # Margins of identities are shares of a tolerance: a rounding more or less moves them.
    np.testing.assert_allclose(alone, together, rtol=1e-6, atol=0.3)
    assert np.all(alone > 0)


def test_it_says_what_a_reader_needs(claim: Claim):
    assert claim.topic in TOPICS[:-1]
    assert claim.statement
    assert claim.words
    assert claim.title[0].isupper()
    assert not claim.title.endswith(".")
    assert claim.assumptions
    for item in (*claim.assumptions, *claim.counterexamples, *claim.mutants):
        words = getattr(item, "sentence", None) or item.words
        assert len(words) > 3
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item.name)


def test_its_sources_are_in_the_bibliography(claim: Claim):
    known = set(re.findall(r"^@\w+\{(\w+),", _located.references().read_text(encoding="utf-8"), re.M))
    keys = set(re.findall(r"\b[a-z]+\d{4}[a-z]?\b", claim.source))
    assert keys <= known
    assert keys or "derived here" in claim.source


def test_its_figure_shows_it(claim: Claim):
    assert claim.id in figure(claim.figure).claims


def test_names_of_counterexamples_and_mutants_are_unique_within_a_claim():
    for id in IDS:
        claim = kd.claims.get(id)
        for items in (claim.counterexamples, claim.mutants):
            names = [item.name for item in items]
            assert len(set(names)) == len(names), id
