"""C0b and C0c: what is special about digits."""

from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest

from kdtheory import _located
from kdtheory.claims._many_digits import distance, exactly
from kdtheory.claims.stable_formulas import NAIVE, NAMES, STABLE, OneFormula, _at, margins


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_drawn_and_held_with_digits_to_spare(name: str):
    cases = OneFormula.draw(np.random.default_rng(3), 60)
    cases = replace(cases, formula=np.full(60, NAMES.index(name) + 0.5))
    assert margins(cases, STABLE).values.min() > 0.5
    assert not margins(cases, NAIVE).held.all()


@pytest.mark.parametrize("name", NAMES)
def test_a_relative_error_of_3e_13_is_caught(name: str):
    cases = OneFormula.draw(np.random.default_rng(4), 60)
    cases = replace(cases, formula=np.full(60, NAMES.index(name) + 0.5))
    right = getattr(STABLE, name)
    off = replace(STABLE, **{name: lambda *given: [part * (1 + 3e-13) for part in right(*given)]})
    assert not margins(cases, off).held.all()


def test_the_textbook_average_loses_everything_at_short_times():
    case = _at("averaged_flow", log10_eigenvalue=-8.0, log10_time=-6.0)
    assert float(margins(case, NAIVE).parts["gain"]) < -1e19
    assert float(margins(case, STABLE).parts["gain"]) > 0.99


def test_eighty_digits_are_enough():
    """Two independent precisions agree to far more digits than a double has."""
    gain, _ = exactly("averaged_flow", 1e-8, 1e-6)
    with mpmath.workdps(200):
        z = mpmath.mpf(1e-8) * mpmath.mpf(1e-6)
        assert abs(mpmath.mpf(gain) / (1 - (1 - mpmath.exp(-z)) / z) - 1) < mpmath.mpf(10) ** -40


def test_what_is_not_a_number_is_infinitely_wrong():
    assert distance(float("nan"), mpmath.mpf(1)) == np.inf


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("slow", lambda g, w, lam: lam / (g / 2 - w), "The slow rate"),
        ("homogeneous", lambda order, total, product: total**order, "Where two rates meet"),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "stable-formulas")
    monkeypatch.setattr(module, name, wrong)
    assert broken in {step.name for step in module.prove().steps if not step.verified}
