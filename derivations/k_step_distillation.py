r"""Derivation of C8g, ``k-step-distillation``: which gains rounds of self-distillation reach.

``python derivations/k_step_distillation.py`` prints it. Every ``verified`` is computed by SymPy: the step from one
round to the next for general sums, the whole for three rounds and three modes.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

g, x = sp.symbols("g x", real=True)
xi = sp.symbols("xi_1:4", nonzero=True)
nodes, goals = sp.symbols("g_1:4", positive=True), sp.symbols("h_1:4", real=True)
power, s, h = sp.symbols("P s h", positive=True)
ROUNDS = 3


def taught(gain: Any, weight: Any, before: Any) -> Any:
    """Gain of one more round."""
    return gain * (1 - weight + weight * before)


def rounds(gain: Any, weights: Any) -> Any:
    """Gain after these rounds, one by one."""
    found = gain
    for weight in weights:
        found = taught(gain, weight, found)
    return found


def products(weights: Any) -> list[Any]:
    """Products of the last one, two, ... weights."""
    return [sp.prod(weights[-count:]) for count in range(1, len(weights) + 1)]


def reached(gain: Any, last: Any) -> Any:
    """Gain by the products of the last weights."""
    return gain - gain * (1 - gain) * sum(product * gain**m for m, product in enumerate(last))


def peel(polynomial: Any) -> tuple[Any, Any]:
    """The last round's weight, and the polynomial of the rounds before."""
    weight = 1 - polynomial.subs(g, 0)
    return weight, sp.cancel((polynomial - polynomial.subs(g, 0)) / (weight * g))


def interpolated() -> list[Any]:
    """Products with which three rounds have the gains h on three modes."""
    values = [(node - goal) / (node * (1 - node)) for node, goal in zip(nodes, goals, strict=True)]
    polynomial = sp.interpolate(list(zip(nodes, values, strict=True)), g)
    return sp.Poly(polynomial, g).all_coeffs()[::-1]


def pooled() -> Any:
    """The best common gain of three modes whose squared signals sum to P."""
    (best,) = sp.solve(sp.diff(power * (1 - h) ** 2 + 3 * s**2 * h**2, h), h)
    return best


def prove() -> Derivation:
    """All steps."""
    # One more round with weight w puts a constant below the sum and multiplies it by w.
    w, sigma = sp.symbols("w Sigma", real=True)
    longer = g - g * (1 - g) * (w + w * g * sigma)
    polynomial = sp.expand(sp.cancel(rounds(g, xi) / g))
    peeled, rest = [], polynomial
    for _ in range(ROUNDS):
        weight, rest = peel(rest)
        peeled.append(sp.simplify(weight))
    attained = interpolated()
    steps = (
        Step(
            "One more round",
            "It multiplies all products by its weight, shifts them by one, and puts its weight first.",
            r"g \bigl(1 - w + w (g - g (1 - g) \Sigma)\bigr) = g - g (1 - g) (w + w g \Sigma)",
            zero(taught(g, w, g - g * (1 - g) * sigma) - longer),
        ),
        Step(
            "Reachable gains",
            "Three rounds, one by one, against the formula.",
            r"h = g - g (1 - g) \sum_m T_{m+1} g^m",
            zero(rounds(g, xi) - reached(g, products(xi))),
        ),
        Step(
            "Degree and constraint",
            "Over g the gains are a polynomial of a degree of the number of rounds, which is 1 at 1.",
            r"\deg q = k,\quad q(1) = 1",
            sp.degree(polynomial, g) == ROUNDS and zero(polynomial.subs(g, 1) - 1),
        ),
        Step(
            "Peeling off",
            "The weights come back from the polynomial, the last round's first, and the constant 1 is left.",
            r"\xi_j = 1 - q_j(0),\quad q_{j-1} = \frac{q_j - q_j(0)}{\xi_j g}",
            all(zero(one - other) for one, other in zip(peeled, reversed(xi), strict=True)) and zero(rest - 1),
        ),
        Step(
            "All gains",
            "As many rounds as modes interpolate any gains.",
            r"\sum_{m=0}^{d-1} T_{m+1} g_k^m = \frac{g_k - h_k}{g_k (1 - g_k)}",
            len(attained) == ROUNDS
            and all(zero(reached(node, attained) - goal) for node, goal in zip(nodes, goals, strict=True)),
        ),
        Step(
            "Tied modes",
            "Modes of one gain have one gain after every round; the best one pools their signals.",
            r"h = \frac{\sum c_k^2}{\sum c_k^2 + n s^2}",
            zero(pooled() - power / (power + 3 * s**2)),
        ),
    )
    return Derivation(
        claim="k-step-distillation",
        steps=steps,
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Induction over the rounds, of which the first step is the one from k to k + 1.",
            "That polynomials of degree d - 1 interpolate d values at distinct points, for every d.",
        ),
    )


if __name__ == "__main__":
    print(prove())
