r"""Derivation of C14.6, ``second-stage-ridge``: the slope of the risk in a student's penalty.

``python derivations/second_stage_ridge.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, c, g, signal, noise = sp.symbols("lambda c g S N", positive=True)
a, one, other = sp.symbols("a a_1 a_2", real=True)


def student(penalty: Any) -> Any:
    """Gain of ridge on the outputs of a teacher with gain g."""
    return g * lam / (lam + penalty)


def risk(gain: Any) -> Any:
    """Squared bias and variance of one mode; S is the signal's square, N the noise variance."""
    return (1 - gain) ** 2 * signal + gain**2 * noise


def prove() -> Derivation:
    """All steps."""
    best = sp.solve(sp.diff(risk(a), a), a)[0]
    slope = sp.diff(risk(student(c)), c)
    excess = risk(a) - risk(best)
    reach = lam * (g / best - 1)
    return Derivation(
        claim="second-stage-ridge",
        steps=(
            Step(
                "The best gain",
                "The risk is a parabola in the gain.",
                r"a^* = \frac{S}{S + N},\quad R(a) - R(a^*) = (S + N)(a - a^*)^2",
                zero(best - signal / (signal + noise)) and zero(excess - (signal + noise) * (a - best) ** 2),
            ),
            Step(
                "The slope at no penalty",
                "By the chain rule.",
                r"\frac{dR}{dc}\Big|_{c = 0} = -2 (S + N)(g - a^*) \frac{g}{\lambda}",
                zero(slope.subs(c, 0) + 2 * (signal + noise) * (g - best) * g / lam),
            ),
            Step(
                "The student shrinks",
                "The gain falls strictly with the penalty.",
                r"\frac{d}{dc} \frac{g \lambda}{\lambda + c} = -\frac{g \lambda}{(\lambda + c)^2} < 0",
                zero(sp.diff(student(c), c) + g * lam / (lam + c) ** 2)
                and bool(sp.simplify(sp.diff(student(c), c)).is_negative),
            ),
            Step(
                "How far it may",
                "From above, the gain comes down to the best one at this penalty; before it the risk falls.",
                r"\frac{g \lambda}{\lambda + c} = a^* \iff c = \lambda \Bigl(\frac{g}{a^*} - 1\Bigr)",
                zero(student(reach) - best),
            ),
            Step(
                "Nearer is better",
                "Between two gains on one side of the best one, the nearer has the smaller risk.",
                r"R(a_1) - R(a_2) = (S + N)(a_1 - a_2)(a_1 + a_2 - 2 a^*)",
                zero(risk(one) - risk(other) - (signal + noise) * (one - other) * (one + other - 2 * best)),
            ),
        ),
        not_carried=(
            "That squared loss lets the modes evolve apart, and that the noise is uncorrelated between modes.",
            "From the sign of the sum of slopes to small penalties: continuity.",
        ),
    )


if __name__ == "__main__":
    print(prove())
