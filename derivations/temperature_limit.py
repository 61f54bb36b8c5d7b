r"""Derivation of C9, temperature, ``temperature-limit``: soft labels at high temperatures.

``python derivations/temperature_limit.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

x, u, s, z, told, tau = sp.symbols("x u s z z_T tau", real=True)
c = sp.symbols("c_1 c_2", real=True)


def sigma(logit: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + sp.exp(-logit))


def row() -> tuple[Any, ...]:
    """Three centred logits."""
    return (*c, -c[0] - c[1])


def softmax(scale: Any) -> list[Any]:
    """Probabilities of the centred logits, multiplied by ``scale``."""
    grown = [sp.exp(scale * each) for each in row()]
    return [each / sum(grown) for each in grown]


def binary() -> list[Step]:
    """One logit."""
    slope = sp.diff(sigma(x), x)
    return [
        Step(
            "The slope of the logistic function",
            "A quarter at most, and less by a square.",
            r"\sigma'(x) = \frac{1}{4} - \frac{1}{4} \tanh^2 \frac{x}{2}",
            zero((slope - sp.Rational(1, 4) + sp.tanh(x / 2) ** 2 / 4).rewrite(sp.exp)),
        ),
        Step(
            "The square is small",
            "u - tanh u is 0 at 0 and its slope is a square, so that tanh^2 (x/2) is at most x^2 / 4.",
            r"\frac{d}{du} (u - \tanh u) = \tanh^2 u \ge 0",
            zero(sp.diff(u - sp.tanh(u), u) - sp.tanh(u) ** 2) and (u - sp.tanh(u)).subs(u, 0) == 0,
        ),
        Step(
            "The bound",
            "The integral of x^2 / 16 from the teacher's to the student's logit, both over tau, times tau.",
            r"\tau \int_{z_T/\tau}^{z/\tau} \frac{x^2}{16}\, dx = \frac{z^3 - z_T^3}{48\, \tau^2}",
            zero(tau * sp.integrate(x**2 / 16, (x, told / tau, z / tau)) - (z**3 - told**3) / (48 * tau**2)),
        ),
    ]


def multiclass() -> list[Step]:
    """Three classes stand for any number."""
    first = softmax(s)[0]
    mean = sum(each**2 for each in row()) / 3
    chances, values = softmax(s), row()
    level = sum(p * v for p, v in zip(chances, values, strict=True))
    spread, third = (sum(p * (v - level) ** m for p, v in zip(chances, values, strict=True)) for m in (2, 3))
    away = values[0] - level
    literal = sp.diff(first, s, 3) - first * (away**3 - 3 * away * spread - third)
    at = {c[0]: sp.Rational(3, 7), c[1]: -sp.Rational(2, 5), s: sp.Rational(5, 3)}
    return [
        Step(
            "First and second order",
            "Along a line of centred logits, at its beginning.",
            r"p_j(c s) = \frac{1}{K} + \frac{c_j}{K} s + \frac{c_j^2 - \overline{c^2}}{2 K} s^2 + \dots",
            zero(sp.diff(first, s).subs(s, 0) - c[0] / 3)
            and zero(sp.diff(first, s, 2).subs(s, 0) - (c[0] ** 2 - mean) / 3),
        ),
        Step(
            "Two classes",
            "Centred logits of two classes are c and -c: their squares are equal, and the second order vanishes.",
            r"c^2 - \tfrac{1}{2} (c^2 + (-c)^2) = 0",
            zero(c[0] ** 2 - (c[0] ** 2 + (-c[0]) ** 2) / 2),
        ),
        Step(
            "Third order",
            "With deviations d from the mean logit, its variance and third central moment (a rational point stands for "
            "all, to 40 digits).",
            r"p_j^{(3)} = p_j\, (d_j^3 - 3 d_j\, \text{Var} - \mu_3)",
            bool(abs(sp.N(literal.subs(at), 40)) < sp.Float("1e-35")),
        ),
        Step(
            "The bound",
            "Deviations are at most the range R, the variance at most R^2 / 4, the third moment at most R^3, p_j at "
            "most 1: a sixth of that is below one half.",
            r"\frac{1}{6} \left( 1 + \frac{3}{4} + 1 \right) = \frac{11}{24} < \frac{1}{2}",
            bool((1 + sp.Rational(3, 4) + 1) / 6 == sp.Rational(11, 24))
            and bool(sp.Rational(11, 24) < sp.Rational(1, 2)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="temperature-limit",
        steps=(*binary(), *multiclass()),
        not_carried=(
            "Taylor's theorem with the remainder of third order.",
            "From three classes to any number: the derivatives of a softmax along a line are cumulants.",
            "That a variance within a range R is at most R^2 / 4.",
        ),
    )


if __name__ == "__main__":
    print(prove())
