r"""Derivation of C14.4, ``supervision-complexity``: the norm of a teacher's outputs, and how it grows.

``python derivations/supervision_complexity.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, time, z, more = sp.symbols("lambda T z delta", positive=True)
y, w = sp.symbols("y w", real=True)
e = sp.symbols("e", positive=True)


def gain(progress: Any) -> Any:
    """Of gradient flow."""
    return 1 - sp.exp(-progress)


def complexity(share: Any) -> Any:
    """Of one mode whose output is ``share`` of y."""
    return share**2 * y**2 / lam


def prove() -> Derivation:
    """All steps."""
    phi = gain(lam * time) / (lam * time)
    slope = sp.diff(complexity(gain(lam * time)), time)
    growth = sp.exp(-z) * gain(more) * (gain(z) + gain(z + more))
    return Derivation(
        claim="supervision-complexity",
        steps=(
            Step(
                "The smallest function",
                "In a mode with feature sqrt(lambda) the weight that gives the output a y has this square.",
                r"\sqrt{\lambda}\, w = a y \;\Rightarrow\; w^2 = \frac{a^2 y^2}{\lambda}",
                zero(sp.solve(sp.Eq(sp.sqrt(lam) * w, e * y), w)[0] ** 2 - complexity(e)),
            ),
            Step(
                "The stable form",
                "Without dividing a small square by a small eigenvalue.",
                r"\frac{(1 - e^{-\lambda T})^2}{\lambda} = T^2 \lambda\, \varphi(\lambda T)^2",
                zero(gain(lam * time) ** 2 / lam - time**2 * lam * phi**2),
            ),
            Step(
                "It grows with time",
                "The derivative is a product of positive factors.",
                r"\frac{d}{dT} \frac{a^2 y^2}{\lambda} = 2 e^{-\lambda T} (1 - e^{-\lambda T})\, y^2",
                zero(slope - 2 * sp.exp(-lam * time) * gain(lam * time) * y**2)
                and bool(sp.diff(gain(z), z).is_positive)
                and gain(0) == 0,
            ),
            Step(
                "By how much",
                "From progress z to z + delta, without cancellation.",
                r"a(z + \delta)^2 - a(z)^2 = e^{-z} (1 - e^{-\delta}) \bigl(a(z) + a(z + \delta)\bigr)",
                zero(gain(z + more) ** 2 - gain(z) ** 2 - growth),
            ),
            Step(
                "What the labels have more",
                "With the residual e = 1 - a; positive for 0 < e < 2, that is for gains between -1 and 1.",
                r"1 - a^2 = e (2 - e)",
                zero(1 - (1 - e) ** 2 - e * (2 - e)),
            ),
            Step(
                "The limit",
                "A converged teacher has the labels' complexity.",
                r"\lim_{T \to \infty} a^2 = 1",
                zero(sp.limit(gain(lam * time) ** 2, time, sp.oo) - 1),
            ),
        ),
        not_carried=(
            "That the function of least norm lies in the span of the modes (the representer theorem).",
            "That squared loss lets the modes evolve apart; sums over modes.",
        ),
    )


if __name__ == "__main__":
    print(prove())
