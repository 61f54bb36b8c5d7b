r"""Derivation of C14.12, ``no-exaggeration-at-temperature-one``: at temperature 1 confident clusters lack the same.

``python derivations/no_exaggeration_at_temperature_one.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

k, M, e, w, T, lam, tau = sp.symbols("k M e w T lambda tau", positive=True)
A, B = sp.symbols("A B", positive=True)
L = sp.symbols("L", negative=True)


def ratio() -> Any:
    """S / T of the closed forms, with e = -log(1 - e^{-delta}) and L = log(1 - e^{-M})."""
    return (1 + k * sp.exp(-M)) * (k * w + (k + sp.exp(M)) * (e + L)) / (k * M + sp.exp(M) - 1)


def excess() -> Any:
    """What s / T is more than e, times the denominator, with A = k e^{-M} and B = e^{-M}."""
    return A * (1 + A) * w + (1 + A) ** 2 * L + e * (2 * A + A**2 + B - A * M)


def neutral() -> list[Step]:
    """The common deficit."""
    small = {A: k * sp.exp(-M), B: sp.exp(-M)}
    exact = ratio() - e - (excess() / (1 + A * M - B)).subs(small)
    top = sp.exp(-2)
    return [
        Step(
            "What is over",
            "The exact difference of s / T and -log(1 - e^{-delta}).",
            r"\frac{s}{T} - e = \frac{A (1 + A) w + (1 + A)^2 L + e\, (2 A + A^2 + B - A m_T)}{1 + A m_T - B}",
            zero(exact),
        ),
        Step(
            "From above: the first term",
            "w is at most m_T, B at most A, m_T at least 2, so that the denominator is at least 1 + A.",
            r"\frac{A (1 + A)\, m_T}{1 + A} = A\, m_T \le A\, (m_T + 1)",
            zero(A * (1 + A) * M / (1 + A) - A * M) and zero((1 + A * 2 - A) - (1 + A)),
        ),
        Step(
            "From above: what is multiplied by e",
            "With B <= A <= e^{-2} and m_T >= 2 it is at most A (3 + A - 2), below A (m_T + 1) >= 3 A.",
            r"2 A + A^2 + B - A m_T \le A (1 + A) \le 3 A",
            bool(sp.N(1 + top) < 3) and zero((2 * A + A**2 + A - 2 * A) - A * (1 + A)),
        ),
        Step(
            "From below",
            "-L is at most B / (1 - B), and (1 + A)^2 / (1 - B) at most 1.5 with A, B <= e^{-2}; what is multiplied "
            "by e is at least -A (m_T - 2).",
            r"\frac{(1 + e^{-2})^2}{1 - e^{-2}} < \frac{3}{2} < 3",
            bool(sp.N((1 + top) ** 2 / (1 - top)) < sp.Rational(3, 2)) and zero((2 * A - A * M) + A * (M - 2)),
        ),
        Step(
            "The margin",
            "Where s / T = -log(1 - e^{-delta}).",
            r"e^{-\delta} = 1 - e^{-s/T},\quad m = m_T + \log(1 - e^{-s/T})",
            zero(sp.exp(-e).subs(e, -sp.log(1 - B)) - (1 - B)),
        ),
    ]


def late() -> list[Step]:
    """The late speed."""
    W = M / tau
    p = 1 / (1 + k * sp.exp(-W))
    progress = (k * M + sp.exp(M) - 1) / (k + 1)
    speed = progress * (k + 1) / k * p * (1 - p)
    law = ((k + 1) * progress) ** (1 - 1 / tau)
    factor = ((1 + k * M * sp.exp(-M) - sp.exp(-M)) ** (1 / tau)) * p**2
    power = {k: sp.Rational(3), M: sp.Rational(7, 2), tau: sp.Rational(5, 3)}
    return [
        Step(
            "The late speed",
            "lambda (K / k) p (1 - p) at the teacher's own probability, times its time; the power law, and what is "
            "over (the identity is decided at temperature 1 by algebra, at a rational point to 40 digits).",
            r"T v = (K \lambda T)^{1 - 1/\tau} \left( 1 + k m_T e^{-m_T} - e^{-m_T} \right)^{1/\tau} p^2",
            zero(sp.simplify((speed - law * factor).subs(tau, 1)))
            and bool(abs(sp.N((speed - law * factor).subs(power), 40)) < sp.Float("1e-35")),
        ),
        Step(
            "What is over is small",
            "log(1 + x) is at most x, and -log p at most k e^{-m_T / tau}.",
            r"\frac{d}{dx} (x - \log(1 + x)) = \frac{x}{1 + x} \ge 0",
            zero(sp.diff(A - sp.log(1 + A), A) - A / (1 + A)) and bool((A / (1 + A)).is_positive),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="no-exaggeration-at-temperature-one",
        steps=(*neutral(), *late()),
        not_carried=(
            "The closed forms: they are derived in exaggeration-under-cross-entropy.",
            "That bounds of the parts add up to the bound of the whole.",
        ),
    )


if __name__ == "__main__":
    print(prove())
