"""C14.5: rounds until a wrong label is outvoted."""

from fractions import Fraction

import pytest

from kdtheory import _located
from kdtheory.risk import oracle_correcting_rounds


@pytest.mark.parametrize(("right", "wrong", "other"), [(3, 1, 0), (4, 3, 1), (2, 1, 1), (5, 4, 0)])
@pytest.mark.parametrize("penalty", [Fraction(1, 2), Fraction(20)])
def test_points_are_corrected_in_the_round_that_exact_fractions_say(right: int, wrong: int, other: int, penalty):
    size, similarity = right + wrong + other, Fraction(1, 3)
    rest = 1 - similarity
    lead = rest + size * similarity
    p, q = lead / (lead + penalty), rest / (rest + penalty)
    # The outputs of each point are its class's mean and its own deviation from it, trained apart.
    labels = [(1, 0)] * right + [(0, 1)] * wrong + [(0, 0)] * other
    mean = [Fraction(sum(column), size) for column in zip(*labels, strict=True)]
    first = next(
        m for m in range(1, 500) if p**m * mean[0] + q**m * (0 - mean[0]) > p**m * mean[1] + q**m * (1 - mean[1])
    )
    bound = float(oracle_correcting_rounds(float(p), float(q), float(Fraction(right - wrong, size))))
    assert first - 1 <= bound < first


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("output", lambda m: lambda label, mean: m.p**m.m * mean - m.q**m.m * (label - mean), {"A mislabelled point"}),
        ("output", lambda m: lambda label, mean: m.p**m.m * mean + m.q**m.m * label, {"A third label"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "label-averaging")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
