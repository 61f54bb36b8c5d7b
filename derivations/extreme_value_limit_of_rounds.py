r"""Derivation of the extreme-value theorem of self-distillation, ``extreme-value-limit-of-rounds``.

``python derivations/extreme_value_limit_of_rounds.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

T = sp.symbols("T", positive=True)
lam, c, t, m, p, a, z, k, x, y = sp.symbols("lambda c t m p a z k x y", positive=True)
zeta = sp.symbols("zeta", real=True)

TAILS = {
    "ridge": (c / (lam + c), 1),
    "averaged": ((1 - sp.exp(-lam / c)) / (lam / c), 1),
    "iterated": ((1 + lam / c) ** -2, 2),
}
"""Residuals of procedures with a slow tail (c is the penalty, or one over the time), and the order of the tail."""


def frechet(strength: Any, order: Any = 1) -> Any:
    """The limit of slow tails."""
    return sp.exp(-strength / lam**order)


def depth(tail: Any) -> Any:
    """Minus the log of the gain."""
    return -sp.log(1 - tail)


def bounds() -> list[Step]:
    """Depths between their two bounds."""
    low, high = depth(T) - T, T / (1 - T) - depth(T)
    largest = sp.symbols("F", positive=True)
    return [
        Step(
            "The largest of m numbers",
            "It is at most lambda if all of them are: the product of their distribution functions, as rounds multiply "
            "gains.",
            r"P(\max_i X_i \le \lambda) = F(\lambda)^m",
            zero(sp.log(largest**m).expand(force=True) - m * sp.log(largest)),
        ),
        Step(
            "Bounds of one round's depth",
            "Both differences vanish at T = 0 and grow with T.",
            r"\frac{d}{dT}\bigl(-\log(1-T) - T\bigr) = \frac{T}{1-T},\qquad"
            r" \frac{d}{dT}\Bigl(\frac{T}{1-T} + \log(1-T)\Bigr) = \frac{T}{(1-T)^2}",
            zero(sp.diff(low, T) - T / (1 - T))
            and zero(sp.diff(high, T) - T / (1 - T) ** 2)
            and low.subs(T, 0) == 0
            and high.subs(T, 0) == 0,
        ),
    ]


def slow_tails() -> list[Step]:
    """Frechet limits."""
    order = {name: sp.limit((lam / c) ** q * tail, lam, sp.oo) for name, (tail, q) in TAILS.items()}
    general = m * (c / (lam * m ** (1 / p))) ** p
    exact = m * sp.log(1 + x / m)
    series = sp.series(exact.subs(m, 1 / a), a, 0, 2).removeO()
    return [
        Step(
            "Tails of power",
            "Ridge and averaged flow have tails c/lambda, iterated ridge of order p (here 2) has (c/lambda)^p.",
            r"\lim_{\lambda \to \infty} (\lambda/c)^p\, T(\lambda) = 1",
            all(bool(value == 1) for value in order.values()),
        ),
        Step(
            "The Fréchet limit",
            "At modes that move out like m^(1/p), m times the tail does not depend on m.",
            r"m \Bigl(\frac{c}{\lambda m^{1/p}}\Bigr)^p = \Bigl(\frac{c}{\lambda}\Bigr)^p",
            zero(general - (c / lam) ** p),
        ),
        Step(
            "How fast",
            "For ridge the depth of m rounds is m log(1 + y/m), y = c/lambda rescaled: it falls short of the limit by "
            "y^2/(2m).",
            r"m \log\Bigl(1 + \frac{y}{m}\Bigr) = y - \frac{y^2}{2m} + O(m^{-2})",
            zero(series - (x - a * x**2 / 2)),
        ),
        Step(
            "It distils into itself",
            "Products of such filters are such filters, of the summed strength.",
            r"e^{-k/\lambda^p} e^{-x/\lambda^p} = e^{-(k + x)/\lambda^p}",
            zero(frechet(k, p) * frechet(x, p) - frechet(k + x, p)),
        ),
    ]


def fast_tails() -> list[Step]:
    """The Gumbel shape, and the cut-off."""
    tail = sp.exp(-lam * t)
    place = sp.log(m) / t
    return [
        Step(
            "The Gumbel shape",
            "In a window around log(m)/t, m times the tail of gradient flow does not depend on m.",
            r"m\, e^{-t (\log(m)/t + \zeta/t)} = e^{-\zeta}",
            zero(m * tail.subs(lam, place + zeta / t) - sp.exp(-zeta)),
        ),
        Step(
            "The cut-off",
            "At a times the place of the cut-off the depth is a power of m, which tends to infinity for a < 1 and to 0 "
            "for a > 1.",
            r"m\, e^{-a \log m} = m^{1 - a}",
            zero(m * tail.subs(lam, a * place) - m ** (1 - a)),
        ),
        Step(
            "Only logarithmically",
            "The window in which the gain goes from e^{-x} to e^{-y} has one width, log(x/y)/t, for every number of "
            "rounds; relative to the place of the cut-off that is log(x/y)/log(m).",
            r"\frac{\zeta(y) - \zeta(x)}{\log m} = \frac{\log(x/y)}{\log m}",
            zero((-sp.log(y) + sp.log(x)) - sp.expand_log(sp.log(x / y), force=True)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="extreme-value-limit-of-rounds",
        steps=(*bounds(), *slow_tails(), *fast_tails()),
        not_carried=(
            "That the rounds' depths between two bounds of one limit have that limit.",
            "That there are no other limits than these and that of bounded numbers, which no gain that stays below the "
            "target has (the theorem of Fisher, Tippett and Gnedenko): no step here needs it.",
            "Iterated ridge of other orders than 2 in the step on tails.",
        ),
    )


if __name__ == "__main__":
    print(prove())
