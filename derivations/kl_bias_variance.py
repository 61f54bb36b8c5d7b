r"""Derivation of C7e, ``kl-bias-variance``: divergence, the geometric mean, and what is left.

``python derivations/kl_bias_variance.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

w = sp.symbols("w", positive=True)
y = sp.symbols("y_1:4", positive=True)
logs = [sp.symbols(f"l_{name}1:4", real=True) for name in ("a", "b")]
lu = sp.symbols("l_y1:4", real=True)
C = sp.symbols("C", real=True)
LAST = {y[2]: 1 - y[0] - y[1]}


def mean() -> list[Any]:
    """Log of the geometric mean, with the constant C that normalizes it."""
    return [w * one + (1 - w) * two + C for one, two in zip(*logs, strict=True)]


def divergence(weights: Any, first: Any, second: Any) -> Any:
    """Kullback-Leibler divergence from probabilities and both logs."""
    return sum(p * (one - two) for p, one, two in zip(weights, first, second, strict=True))


def decomposition() -> list[Step]:
    """Two models and three classes stand for any number."""
    centre = mean()
    own = sp.symbols("m_1:4", positive=True)
    total = w * divergence(y, lu, logs[0]) + (1 - w) * divergence(y, lu, logs[1])
    bias = divergence(y, lu, centre)
    variance = w * divergence(own, centre, logs[0]) + (1 - w) * divergence(own, centre, logs[1])
    normal = {own[2]: 1 - own[0] - own[1]}
    return [
        Step(
            "The variance",
            "The logs of the mean are those of the models on average, up to the constant: it is all that is left.",
            r"E_D\, \text{KL}(\bar p \| p_D) = C",
            zero(variance.subs(normal) - C),
        ),
        Step(
            "The bias",
            "The same constant is subtracted here, for any target.",
            r"\text{KL}(y \| \bar p) = E_D\, \text{KL}(y \| p_D) - C",
            zero(sp.expand((total - bias - C).subs(LAST))),
        ),
        Step(
            "The decomposition",
            "Their sum; since the divergence from the mean is not negative, no distribution is nearer to all models.",
            r"E_D\, \text{KL}(y \| p_D) = \text{KL}(y \| \bar p) + E_D\, \text{KL}(\bar p \| p_D)",
            zero(sp.expand(total.subs(LAST) - bias.subs(LAST) - variance.subs(normal))),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="kl-bias-variance",
        steps=tuple(decomposition()),
        not_carried=(
            "From two models and three classes to any number: everything is linear in the logs.",
            "That a divergence is not negative (Gibbs' inequality).",
        ),
    )


if __name__ == "__main__":
    print(prove())
