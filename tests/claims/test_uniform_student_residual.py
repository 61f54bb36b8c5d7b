"""C7d: residuals of soft and of one-hot labels, in exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdtheory import _located

weights = st.lists(st.integers(0, 20), min_size=2, max_size=7).filter(any)


@given(soft=weights, student=st.lists(st.integers(0, 20), min_size=7, max_size=7).filter(lambda w: w[0] + w[1] > 0))
def test_in_exact_fractions_for_any_number_of_classes(soft: list[int], student: list[int]):
    size = len(soft)
    q = [Fraction(w, sum(soft)) for w in soft]
    p = [Fraction(w, sum(student[:size])) for w in student[:size]]

    def squared(one, other):
        return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))

    labels = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    uniform, power = [Fraction(1, size)] * size, sum(x * x for x in q)
    assert squared(uniform, q) == power - Fraction(1, size)
    assert squared(uniform, labels[0]) == 1 - Fraction(1, size)
    assert (squared(uniform, q) == squared(uniform, labels[0])) == (max(q) == 1)
    drawn = sum(x * squared(p, label) for x, label in zip(q, labels, strict=True))
    assert drawn == squared(p, q) + 1 - power


def test_the_derivation_does_not_verify_another_residual(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "uniform-student-residual")
    monkeypatch.setattr(module, "soft", lambda: sum(each**2 for each in module.q))
    assert {step.name for step in module.prove().steps if not step.verified} == {"The soft label's residual"}
