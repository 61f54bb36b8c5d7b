r"""Derivation of C3a, ``rounds-sharpen-geometrically``: gains multiply up.

``python derivations/rounds_sharpen_geometrically.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

g1, g2, y1, y2, a = sp.symbols("g_1 g_2 y_1 y_2 a", positive=True)
z, r, share = sp.symbols("z r p", positive=True)
m = sp.symbols("m", integer=True, nonnegative=True)


def after(gain: Any, target: Any, rounds: Any) -> Any:
    """Coefficient of a mode after that many rounds."""
    return gain**rounds * target


def sharpness(rounds: Any) -> Any:
    """Ratio of the two modes' coefficients, relative to the labels'."""
    return after(g1, y1, rounds) / y1 / (after(g2, y2, rounds) / y2)


def prove() -> Derivation:
    """All steps."""
    needed = sp.log(share) / sp.log(g1 / g2)
    gains = {"flow": 1 - sp.exp(-z), "ridge": z / (1 + z), "iterated": 1 - (1 + z) ** -a}
    slopes = [sp.simplify(sp.diff(gain, z)) for gain in gains.values()]
    steps = (
        Step(
            "One more round",
            "A round trains on the outputs before it, from zero: it multiplies every coefficient by its gain.",
            r"g \cdot g^m y = g^{m + 1} y",
            zero(g1 * after(g1, y1, m) - after(g1, y1, m + 1)) and zero(after(g1, y1, 0) - y1),
        ),
        Step(
            "The ratio",
            "Relative to the labels, the two modes' coefficients have the m-th power of the ratio of gains.",
            r"\frac{g_1^m}{g_2^m} = \Bigl(\frac{g_1}{g_2}\Bigr)^m",
            zero(sp.log(sharpness(m)).expand(force=True) - m * (sp.log(g1) - sp.log(g2))),
        ),
        Step(
            "Geometric growth",
            "Every round multiplies it by one factor, which is above 1 exactly if the leading gain is larger.",
            r"\frac{S_{m+1}}{S_m} = \frac{g_1}{g_2}",
            zero(sharpness(m + 1) / sharpness(m) - g1 / g2),
        ),
        Step(
            "How many rounds",
            "The ratio reaches p after log p / log(g_1/g_2) rounds.",
            r"\Bigl(\frac{g_1}{g_2}\Bigr)^{\log p / \log(g_1 / g_2)} = p",
            zero(needed * sp.log(g1 / g2) - sp.log(share)),
        ),
        Step(
            "Gains that rise",
            "Gradient flow, ridge and iterated ridge have gains whose slope is positive.",
            r"(1 - e^{-z})' = e^{-z},\quad \bigl(\tfrac{z}{1+z}\bigr)' = (1+z)^{-2},\quad"
            r" (1 - (1+z)^{-a})' = a (1+z)^{-a-1}",
            zero(slopes[0] - sp.exp(-z))
            and zero(slopes[1] - (1 + z) ** -2)
            and zero(slopes[2] - a * (1 + z) ** (-a - 1))
            and all(bool(slope.is_positive) for slope in (sp.exp(-z), (1 + z) ** -2, a * (1 + z) ** (-a - 1))),
        ),
    )
    return Derivation(
        claim="rounds-sharpen-geometrically",
        steps=steps,
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Induction over the rounds.",
        ),
    )


if __name__ == "__main__":
    print(prove())
