r"""Derivation of C8a, ``wiener-gain``: risk at the train points is a weighted distance from the Wiener gains.

``python derivations/wiener_gain.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

a = sp.symbols("a", real=True)
c, s = sp.symbols("c s", positive=True)
noise, square = sp.symbols("epsilon epsilon_2", real=True)


def risk(gain: Any) -> Any:
    """Of one mode."""
    return (1 - gain) ** 2 * c**2 + gain**2 * s**2


def best() -> Any:
    """The Wiener gain."""
    return c**2 / (c**2 + s**2)


def excess(gain: Any) -> Any:
    """Weighted squared distance from the Wiener gain."""
    return (c**2 + s**2) * (gain - best()) ** 2


def prove() -> Derivation:
    """All steps."""
    error = sp.expand((a * (c + noise) - c) ** 2)
    expected = error.coeff(noise, 0) + error.coeff(noise, 2) * s**2
    steps = (
        Step(
            "The expected error of a mode",
            "The error is affine in the noise; its linear term has mean zero, the square has mean s^2.",
            r"E\, (a (c + \varepsilon) - c)^2 = (1 - a)^2 c^2 + a^2 s^2",
            zero(expected - risk(a)) and zero(error - sum(error.coeff(noise, n) * noise**n for n in range(3))),
        ),
        Step(
            "The best gain",
            "The slope vanishes at one gain, and the curvature is positive.",
            r"R'(a^*) = 0,\quad R'' = 2 (c^2 + s^2) > 0",
            zero(sp.diff(risk(a), a).subs(a, best()))
            and zero(sp.diff(risk(a), a, 2) - 2 * (c**2 + s**2))
            and bool((c**2 + s**2).is_positive),
        ),
        Step(
            "The excess",
            "Completing the square.",
            r"R(a) - R(a^*) = (c^2 + s^2) (a - a^*)^2",
            zero(risk(a) - risk(best()) - excess(a)),
        ),
        Step(
            "The least risk",
            "What no gains go below.",
            r"R(a^*) = \frac{c^2 s^2}{c^2 + s^2}",
            zero(risk(best()) - c**2 * s**2 / (c**2 + s**2)),
        ),
    )
    return Derivation(
        claim="wiener-gain",
        steps=steps,
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "The sum over modes, and c = s = 0, where the risk of the mode is 0 for every gain.",
        ),
    )


if __name__ == "__main__":
    print(prove())
