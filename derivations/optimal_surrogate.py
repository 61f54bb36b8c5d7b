r"""Derivation of C11c, ``optimal-surrogate``: risk, best surrogate, its excess, and when it amplifies.

``python derivations/optimal_surrogate.py`` prints it. Every ``verified`` is computed by SymPy. The one- and two-point
equivalents at penalty 0 are taken from ``anisotropic-limit``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

a, r, w, d = sp.symbols("A r W d", positive=True)  # r: eigenvalue over effective penalty
f, f2, b = sp.symbols("f f_2 b", real=True)
s = sp.symbols("s", positive=True)


def cost(surrogate: Any, kept: Any = a) -> Any:
    """Risk of one direction with truth b, per eigenvalue."""
    return (kept * surrogate - b) ** 2 + w * (1 - kept) ** 2 * surrogate**2


def best() -> Any:
    """The surrogate of least risk."""
    (found,) = sp.solve(sp.diff(cost(f), f), f)
    return found


def amplification(kept: Any) -> Any:
    """The best surrogate over the truth."""
    return kept / (kept**2 + (1 - kept) ** 2 * w)


def own_risk() -> Any:
    """Two-point equivalent of the error against the surrogate itself, one direction; W is D / (1 - D)."""
    lost = (1 - a) ** 2 * f**2
    return (s**2 + lost) / (1 - d) - s**2


def prove() -> Derivation:
    """All steps."""
    moved = own_risk() - 2 * (1 - a) * f * (f - b) + (f - b) ** 2
    stated = (cost(f) + w * s**2).subs(w, d / (1 - d))
    curvature = a**2 + (1 - a) ** 2 * w
    gap = amplification(r / (1 + r)) - 1
    steps = (
        Step(
            "From the surrogate to the truth",
            "The student's error against the surrogate, of which the mean is -(1 - A) b^s, moved by b^s - b^*.",
            r"R_s - 2 (1 - A) b^s (b^s - b^*) + (b^s - b^*)^2 = (A b^s - b^*)^2 + W \bigl(s^2 + (1 - A)^2 "
            r"(b^s)^2\bigr)",
            zero(moved - stated),
        ),
        Step(
            "The best surrogate",
            "Direction by direction the risk is a parabola with positive curvature; the noise is not in it.",
            r"b^s = \frac{A\, b^*}{A^2 + (1 - A)^2 W}",
            zero(best() - amplification(a) * b)
            and zero(sp.diff(cost(f), f, 2) - 2 * curvature)
            and bool((a**2 + w).is_positive)
            and best().free_symbols.isdisjoint({s}),
        ),
        Step(
            "The excess",
            "Completing the square.",
            r"R(b^s) - R_{min} = \bigl(A^2 + (1 - A)^2 W\bigr) (b^s - b^s_{best})^2",
            zero(cost(f) - cost(best()) - curvature * (f - best()) ** 2),
        ),
        Step(
            "Amplification",
            "With A = r / (1 + r), r = lambda / kappa: what the best surrogate adds has the sign of r - W.",
            r"\frac{b^s}{b^*} - 1 = \frac{r - W}{r^2 + W}",
            zero(gap - (r - w) / (r**2 + w)),
        ),
        Step(
            "The true labels' loss",
            "What the truth as surrogate costs beyond the least risk is a square, zero only in balance.",
            r"R(b^*) - R_{min} = \frac{(r - W)^2}{(1 + r)^2 (r^2 + W)}\, b^{*2}",
            zero((cost(b) - cost(best())).subs(a, r / (1 + r)) - (r - w) ** 2 * b**2 / ((1 + r) ** 2 * (r**2 + w))),
        ),
        Step(
            "One eigenvalue",
            "With p = gamma n isotropic features r = W: the true labels are best.",
            r"A = \frac1\gamma, \quad \frac{\lambda}{\kappa} = \frac{1}{\gamma - 1} = "
            r"\frac{A^2 \gamma}{1 - A^2 \gamma}",
            zero(1 / (f2 - 1) - (1 / f2) / (1 - 1 / f2)),
        ),
    )
    return Derivation(
        claim="optimal-surrogate",
        steps=steps,
        not_carried=(
            "The two-point equivalent, which is that of ridge as its penalty goes to zero, and the one-point "
            "equivalent of the student's mean.",
            "That the least-norm interpolator is the limit of ridge.",
        ),
    )


if __name__ == "__main__":
    print(prove())
