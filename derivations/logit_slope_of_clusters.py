r"""Derivation of C9b and d, ``logit-slope-of-clusters``: slopes of confidence between two clusters.

``python derivations/logit_slope_of_clusters.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam1, lam2, s, T, gap = sp.symbols("lambda_1 lambda_2 s T Delta", positive=True)
a1, a2, g1, g2, R1, R2, S2 = sp.symbols("a_1 a_2 g_1 g_2 R_1 R_2 S_2", positive=True)


def slope(easy: Any, hard: Any) -> Any:
    """Student gains to the slope between the clusters."""
    return (easy * a1 - hard * a2) / (a1 - a2)


def crossing() -> Any:
    """Student time at which both clusters lack the same."""
    return sp.log(a1 / a2) / (lam1 - lam2)


def between() -> list[Step]:
    """All parts."""
    flow = slope(1 - sp.exp(-lam1 * s), 1 - sp.exp(-lam2 * s))
    lacking = sp.log(a2) - lam2 * s - sp.log(a1) + lam1 * s
    matched = (R1 - S2) / (R1 - R2)
    return [
        Step(
            "The same training twice",
            "Then the teacher's margins are the gains themselves.",
            r"\frac{g_1^2 - g_2^2}{g_1 - g_2} = g_1 + g_2",
            zero(slope(g1, g2).subs({a1: g1, a2: g2}) - g1 - g2),
        ),
        Step(
            "Gradient flow for any time",
            "The slope is above 1 if the hard cluster lacks more.",
            r"\text{slope} - 1 = \frac{a_2 e^{-\lambda_2 s} - a_1 e^{-\lambda_1 s}}{a_1 - a_2}",
            zero(flow - 1 - (a2 * sp.exp(-lam2 * s) - a1 * sp.exp(-lam1 * s)) / (a1 - a2)),
        ),
        Step(
            "One crossing",
            "The log of the ratio of what they lack vanishes at s_c, and grows with time at the constant rate "
            "lambda_1 - lambda_2 > 0.",
            r"\log \frac{a_2 e^{-\lambda_2 s}}{a_1 e^{-\lambda_1 s}} = 0 \iff s = s_c = "
            "\frac{\\log(a_1/a_2)}{\\lambda_1-\\lambda_2}",
            zero(sp.expand_log(lacking.subs(s, crossing()), force=True))
            and bool(sp.diff(lacking, s).subs(lam1, lam2 + gap).is_positive),
        ),
        Step(
            "From above",
            "What both lack goes to zero, so that the slope goes to 1, through values above it.",
            r"s \to \infty:\ \text{slope} - 1 \to 0",
            zero(sp.limit(sp.exp(-lam1 * s), s, sp.oo)),
        ),
        Step(
            "Against the matched one-hot model",
            "With S_1 = R_1, the slope exceeds 1 by what the student lags on the hard cluster, which is positive by "
            "the claim exaggerated-bias.",
            r"\frac{R_1 - S_2}{R_1 - R_2} - 1 = \frac{R_2 - S_2}{R_1 - R_2}",
            zero(matched - 1 - (R2 - S2) / (R1 - R2)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="logit-slope-of-clusters",
        steps=tuple(between()),
        not_carried=(
            "That squared loss lets clusters with orthogonal kernels evolve apart.",
            "The lag on the hard cluster: it is derived in exaggerated-bias.",
        ),
    )


if __name__ == "__main__":
    print(prove())
