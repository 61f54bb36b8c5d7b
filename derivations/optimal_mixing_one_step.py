r"""Derivation of C8b, ``optimal-mixing-one-step``: the best weight of a teacher for one student.

``python derivations/optimal_mixing_one_step.py`` prints it. Every ``verified`` is computed by SymPy, for two modes.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

MODES = range(2)
g, t, c = (sp.symbols(f"{name}_1:3", positive=True) for name in "gtc")
s, xi = sp.symbols("s", positive=True), sp.symbols("xi", real=True)
f, A, B = (sp.symbols(f"{name}_1:3", real=True) for name in "fAB")


def student(k: int, weight: Any, taught: Any = t) -> Any:
    """Gain of a student trained on (1 - weight) labels + weight teacher."""
    return g[k] * (1 - weight + weight * taught[k])


def risk(weight: Any, taught: Any = t) -> Any:
    """At the train points."""
    return sum(
        (1 - student(k, weight, taught)) ** 2 * c[k] ** 2 + student(k, weight, taught) ** 2 * s**2 for k in MODES
    )


def change(k: int, taught: Any = t) -> Any:
    """What a unit of weight takes away."""
    return g[k] * (1 - taught[k])


def curvature(taught: Any = t) -> Any:
    """Of the parabola, halved."""
    return sum((c[k] ** 2 + s**2) * change(k, taught) ** 2 for k in MODES)


def slope(taught: Any = t) -> Any:
    """The best weight times the curvature."""
    return sum(change(k, taught) * (s**2 * g[k] - c[k] ** 2 * (1 - g[k])) for k in MODES)


def parabola() -> list[Step]:
    """The risk as a function of the weight."""
    best = slope() / curvature()
    return [
        Step(
            "The student",
            "Its gains are affine in the weight.",
            r"h_k = g_k - \xi b_k,\quad b_k = g_k (1 - t_k)",
            all(zero(student(k, xi) - g[k] + xi * change(k)) for k in MODES),
        ),
        Step(
            "The best weight",
            "The slope of the parabola vanishes there.",
            r"\xi^* \sum (c^2 + s^2) b^2 = \sum b\, (s^2 g - c^2 (1 - g))",
            zero(sp.diff(risk(xi), xi) - 2 * (xi * curvature() - slope())),
        ),
        Step(
            "What a weight gains",
            "It helps exactly between 0 and twice the best weight; at weight 1 that is: above one half.",
            r"R(0) - R(\xi) = \xi (2 \xi^* - \xi) \sum (c^2 + s^2) b^2",
            zero((risk(0) - risk(xi)) - xi * (2 * best - xi) * curvature()),
        ),
        Step(
            "Held-out targets",
            "The squared distance of a mixture of predictions from any target is a parabola, too.",
            r"\frac{d}{d \xi} |A + \xi (B - A) - f|^2 = 2 \xi |B - A|^2 - 2 \langle f - A, B - A \rangle",
            zero(
                sp.diff(sum((A[k] + xi * (B[k] - A[k]) - f[k]) ** 2 for k in MODES), xi)
                - 2 * xi * sum((B[k] - A[k]) ** 2 for k in MODES)
                + 2 * sum((f[k] - A[k]) * (B[k] - A[k]) for k in MODES)
            ),
        ),
    ]


def own() -> list[Step]:
    """The teacher is the student's own training."""
    beyond = sum(change(k, g) * (s**2 * g[k] ** 2 - c[k] ** 2 * (1 - g[k] ** 2)) for k in MODES)
    wiener = [c[k] ** 2 / (c[k] ** 2 + s**2) for k in MODES]
    weighted = sum((c[k] ** 2 + s**2) * change(k, g) * (g[k] ** 2 - wiener[k]) for k in MODES)
    loud = sp.limit(slope(g) / s**2, s, sp.oo), sp.limit(curvature(g) / s**2, s, sp.oo)
    return [
        Step(
            "Weights beyond one",
            "The best weight exceeds 1 exactly if squared gains lie above the Wiener gains, on weighted average.",
            r"(\xi^* - 1) \sum (c^2 + s^2) b^2 = \sum (c^2 + s^2) b\, (g^2 - a^*)",
            zero(slope(g) - curvature(g) - weighted) and zero(weighted - beyond),
        ),
        Step(
            "Much noise",
            "The limit exceeds 1, by terms that are all positive.",
            r"\xi^* \to \frac{\sum b g}{\sum b^2},\quad \sum b g - \sum b^2 = \sum b\, g^2",
            zero(loud[0] - sum(change(k, g) * g[k] for k in MODES))
            and zero(loud[1] - sum(change(k, g) ** 2 for k in MODES))
            and zero(loud[0] - loud[1] - sum(change(k, g) * g[k] ** 2 for k in MODES)),
        ),
        Step(
            "No noise",
            "The best weight is below -1, by terms that are all positive.",
            r"s = 0:\quad -\xi^* \sum c^2 b^2 - \sum c^2 b^2 = \sum c^2 b\, (1 - g)^2",
            zero(
                (-slope(g) - curvature(g)).subs(s, 0) - sum(c[k] ** 2 * change(k, g) * (1 - g[k]) ** 2 for k in MODES)
            ),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="optimal-mixing-one-step",
        steps=(*parabola(), *own()),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Sums over more than two modes, which have the same terms.",
            "That sums of positive terms are positive: 0 < g < 1.",
        ),
    )


if __name__ == "__main__":
    print(prove())
