r"""Derivation of C10, ``label-smoothing-is-a-flat-gain``: smoothing scales, and its loss is a mixture.

``python derivations/label_smoothing_is_a_flat_gain.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

alpha, K, n = sp.symbols("alpha K n", positive=True)
y = sp.symbols("y_1:4", real=True)
a = sp.symbols("a_1:3", real=True)
v = sp.symbols("v_1:3", real=True)
c, m, hard, uniform = sp.symbols("c m h u", real=True)


def smoothed(label: Any) -> Any:
    """An entry of the target."""
    return (1 - alpha) * label + alpha / K


def best() -> Any:
    """The margin of least loss."""
    return sp.log(1 + (1 - alpha) * K / alpha)


def flat() -> list[Step]:
    """Squared loss."""
    mean, level = sum(y) / 3, sum(smoothed(each) for each in y) / 3
    power = sum(each**2 for each in v)
    distance: Any = sum((g * each - c * each) ** 2 for g, each in zip(a, v, strict=True))
    (nearest,) = sp.solve(sp.diff(distance, c), c)
    share = v[0] ** 2 / power
    return [
        Step(
            "Centred targets",
            "The constant drops out, the rest is scaled (three samples stand for any number).",
            r"(1 - \alpha) y_i + \frac{\alpha}{K} - \text{mean} = (1 - \alpha) (y_i - \bar y)",
            all(zero(smoothed(each) - level - (1 - alpha) * (each - mean)) for each in y),
        ),
        Step(
            "The nearest smoothing of a teacher",
            "Two modes: the weighted mean of its gains; what is left is their weighted deviation.",
            r"\min_c \frac{\sum_k (a_k - c)^2 y_k^2}{\sum_k y_k^2} = w (1 - w) (a_1 - a_2)^2,\quad"
            r" w = \frac{y_1^2}{y_1^2 + y_2^2}",
            zero(distance.subs(c, nearest) / power - share * (1 - share) * (a[0] - a[1]) ** 2),
        ),
    ]


def entropy() -> list[Step]:
    """Cross-entropy."""
    wrong = sp.exp(-m) / (1 + (K - 1) * sp.exp(-m))
    right = 1 / (1 + (K - 1) * sp.exp(-m))
    logs = sp.symbols("l_1:4", real=True)
    label = (1, 0, 0)
    ours = -sum((1 - alpha) * e * g + alpha / 3 * g for e, g in zip(label, logs, strict=True))
    parts = -(1 - alpha) * logs[0] - alpha * sum(logs) / 3
    return [
        Step(
            "The loss",
            "Cross-entropy is linear in the target (three classes).",
            r"\ell_{LS} = (1 - \alpha)\, \ell(e_y) + \alpha\, \ell(\text{uniform})",
            zero(ours - parts),
        ),
        Step(
            "The best margin",
            "There the softmax is the target: right and wrong classes.",
            r"m^* = \log \left( 1 + \frac{(1 - \alpha) K}{\alpha} \right)",
            zero(right.subs(m, best()) - smoothed(1)) and zero(wrong.subs(m, best()) - smoothed(0)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="label-smoothing-is-a-flat-gain",
        steps=(*flat(), *entropy()),
        not_carried=(
            "That training from zero is linear in the centred targets, so that a factor of the targets is one of the "
            "outputs.",
            "That cross-entropy is least where the softmax is the target (Gibbs' inequality).",
            "From two modes to any number: a weighted variance vanishes only where all gains are equal.",
        ),
    )


if __name__ == "__main__":
    print(prove())
