"""What is zero, what is not, and what is too hard: by SymPy's simplification, and before that by a number."""

import pytest
import sympy as sp

from kdtheory.claims import _algebra, zero

x, y = sp.symbols("x y", positive=True)
n = sp.symbols("n", integer=True, positive=True)
w = sp.symbols("w", negative=True)
z = sp.symbols("z")
f = sp.Function("f")

ZERO = {
    "number": sp.Integer(0),
    "rational": (x**2 - y**2) / (x - y) - x - y,
    "roots": sp.sqrt(x) * sp.sqrt(y) / (1 + sp.sqrt(x)) - sp.sqrt(x * y) / (1 + sp.sqrt(x)),
    "logarithms of positive numbers": sp.log(x * y) - sp.log(x) - sp.log(y),
    "whole exponents": sp.cos(sp.pi * n) - (-1) ** n,
    "root of a negative square": sp.sqrt(w**2) + w,
    "unknown function": sp.diff(x * f(x), x) - f(x) - x * sp.diff(f(x), x),
    "undefined at a point": sp.Piecewise((0, x > 0), (1, True)) * z,
}
NOT_ZERO = {
    "number": sp.Rational(1, 7),
    "tiny factor": sp.Rational(1, 10**12) * x,
    "rational": 1 / (x + y) - 1 / x,
    "zero at some points": (x - y) * (x - 1),
    "roots": sp.sqrt(x + y) - sp.sqrt(x) - sp.sqrt(y),
    "whole exponents": sp.cos(sp.pi * n) - 1,
    "root of a negative square": sp.sqrt(w**2) - w,
    "unknown function": f(x) - f(y),
    "infinite": 1 / (z - z * x / x) + x,
    "complex": sp.exp(sp.I * x) - 1,
}


@pytest.mark.parametrize("expression", ZERO.values(), ids=ZERO)
def test_what_is_zero_is_found_to_be(expression):
    assert zero(expression) is True


@pytest.mark.parametrize("expression", NOT_ZERO.values(), ids=NOT_ZERO)
def test_what_is_not_zero_is_not_taken_for_it(expression):
    assert zero(expression) is False


def test_a_number_spares_the_simplification_of_what_is_not_zero(monkeypatch):
    def never(expression):
        raise AssertionError(expression)

    monkeypatch.setattr(sp, "simplify", never)
    assert not zero(sp.exp(x) * sp.gamma(y) - sp.log(1 + x))


def test_values_are_those_that_a_symbol_may_have():
    for symbol in (x, n, w, z, sp.symbols("k", integer=True, nonnegative=True), sp.symbols("s", odd=True)):
        values = [_algebra._value(symbol, number) for number in range(30)]
        known = symbol.assumptions0
        found = [value for value in values if value is not None]
        assert len(set(found)) == len(found) > 0
        assert all(getattr(value, f"is_{name}") == fact for value in found for name, fact in known.items())
    assert _algebra._value(sp.symbols("i", imaginary=True), 0) is None
