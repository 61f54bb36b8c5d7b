r"""Derivation of C3b and C3c, ``constrained-rounds``: the constraint as a penalty, and what follows from its bounds.

``python derivations/constrained_rounds.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

c, d, y, r, kappa = sp.symbols("c d y r kappa", positive=True)
more, low, high = sp.symbols("delta d_k d_j", positive=True)
f = sp.symbols("f", real=True)


def kept(penalty: Any, eigenvalue: Any) -> Any:
    """Gain of ridge."""
    return eigenvalue / (eigenvalue + penalty)


def left(penalty: Any, eigenvalue: Any) -> Any:
    """What ridge leaves out."""
    return penalty / (eigenvalue + penalty)


def penalty() -> list[Step]:
    """From the constraint to its penalty."""
    lagrangian = f**2 / d + ((f - y) ** 2 - r) / c
    (stationary,) = sp.solve(sp.diff(lagrangian, f), f)
    slope = sp.factor(sp.diff(left(c, d) ** 2, c))
    return [
        Step(
            "The Lagrange function",
            "Mode by mode the Hilbert norm is f^2 / d. With 1/c as the multiplier of the constraint it is smallest, "
            "since it is convex, at the ridge solution of penalty c.",
            r"\frac{\partial}{\partial f} \Bigl(\frac{f^2}{d} + \frac{(f - y)^2}{c}\Bigr) = 0"
            r" \;\Rightarrow\; f = \frac{d}{d + c}\, y",
            zero(stationary - kept(c, d) * y) and bool(sp.diff(lagrangian, f, 2).is_positive),
        ),
        Step(
            "What is left out",
            "The labels less the solution.",
            r"y - \frac{d}{d + c} y = \frac{c}{c + d} y",
            zero(y - kept(c, d) * y - left(c, d) * y),
        ),
        Step(
            "Exactly one penalty",
            "What is left grows strictly with the penalty from nothing to everything: the sum of squares takes the "
            "tolerance's value once, if and only if the labels are longer than it.",
            r"\frac{d}{dc} \Bigl(\frac{c}{c+d}\Bigr)^2 = \frac{2 c d}{(c + d)^3} > 0",
            zero(slope - 2 * c * d / (c + d) ** 3)
            and bool((2 * c * d / (c + d) ** 3).is_positive)
            and sp.limit(left(c, d), c, 0, "+") == 0
            and sp.limit(left(c, d), c, sp.oo) == 1,
        ),
        Step(
            "Penalties grow",
            "The next targets are smaller in every mode, so that at the same penalty less is left than the tolerance.",
            r"\Bigl(\frac{d}{d+c}\Bigr)^2 - 1 = -\frac{c (c + 2d)}{(c + d)^2} < 0",
            zero(kept(c, d) ** 2 - 1 + c * (c + 2 * d) / (c + d) ** 2)
            and bool((c * (c + 2 * d) / (c + d) ** 2).is_positive),
        ),
    ]


def bounds() -> list[Step]:
    """Bounds of the penalty, and of the sparsification."""
    (root,) = sp.solve(sp.Eq(left(c, d), 1 / r), c)
    falls = sp.factor(left(c, d + more) - left(c, d))
    factor = kept(c, high) / kept(c, low)
    grows = sp.factor(sp.diff(factor, c))
    least = factor.subs(c, kappa / (r - 1))
    stated = (r - 1 + kappa / low) / (r - 1 + kappa / high)
    ratio, start = sp.symbols("r r_0", positive=True)
    shrinks = sp.diff(kappa / (ratio - 1), ratio)
    return [
        Step(
            "Bounds of the penalty",
            "What is left falls with the eigenvalue: all modes at the smallest one leave more, at the largest one "
            "less. There the equation is c / (c + d) = 1 / r.",
            r"\frac{c}{c + d} = \frac1r \;\Leftrightarrow\; c = \frac{d}{r - 1}",
            zero(root - d / (r - 1)) and zero(falls + c * more / ((c + d) * (c + d + more))),
        ),
        Step(
            "One round's factor",
            "The ratio of two gains is that of 1 + c/d, and grows with the penalty where the first mode is larger.",
            r"\frac{d_j}{d_j + c} \cdot \frac{d_k + c}{d_k} = \frac{1 + c / d_k}{1 + c / d_j},\quad"
            r" \frac{d}{dc} \propto d_j - d_k",
            zero(factor - (1 + c / low) / (1 + c / high))
            and zero(grows - high * (high - low) / (low * (c + high) ** 2)),
        ),
        Step(
            "All rounds",
            "Ratios of norms fall from round to round, so all penalties are at least d_min / (r_0 - 1): at that "
            "penalty the factor is the one stated.",
            r"c_t \ge \frac{d_{\min}}{r_0 - 1} \;\Rightarrow\; \text{factor} \ge"
            r" \frac{r_0 - 1 + d_{\min}/d_k}{r_0 - 1 + d_{\min}/d_j}",
            zero(least - stated) and zero(shrinks + kappa / (ratio - 1) ** 2) and bool(start.is_positive),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="constrained-rounds",
        steps=(*penalty(), *bounds()),
        not_carried=(
            "The representer theorem: the smallest function lies in the span of the kernel at the inputs.",
            "That a convex problem with an interior point is solved by its Lagrange function, and the intermediate "
            "value theorem.",
            "Summing over the modes, and multiplying over the rounds.",
        ),
    )


if __name__ == "__main__":
    print(prove())
