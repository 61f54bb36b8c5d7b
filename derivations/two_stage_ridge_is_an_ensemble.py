r"""Derivation of C11b, first half, ``two-stage-ridge-is-an-ensemble``: partial fractions of a product of ridge gains.

``python derivations/two_stage_ridge_is_an_ensemble.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, c = sp.symbols("lambda c", positive=True)
penalties = sp.symbols("c_1:5", positive=True)
xi = sp.symbols("xi", real=True)


def gain(penalty: Any) -> Any:
    """Of ridge on the eigenvalue lambda."""
    return lam / (lam + penalty)


def weight(stage: int, stages: int) -> Any:
    """Of the single ridge with that stage's penalty."""
    own = penalties[stage]
    return sp.prod([own / (own - other) for j, other in enumerate(penalties[:stages]) if j != stage])


def limit(student: Any) -> Any:
    """What the ensemble of two becomes as the second penalty approaches the first."""
    return sp.limit(student.subs(penalties[0], c), penalties[1], c)


def ensemble(stages: int) -> list[Step]:
    """The identity for that many stages, and the sum of its weights."""
    taught = sp.prod([gain(penalty) for penalty in penalties[:stages]])
    single = sum(weight(i, stages) * gain(penalties[i]) for i in range(stages))
    total = sum(weight(i, stages) for i in range(stages))
    return [
        Step(
            f"Partial fractions, {stages} stages",
            "A product of ridge gains is a sum of single ones, in every mode.",
            r"\prod_i \frac{\lambda}{\lambda + c_i} = \sum_i w_i \frac{\lambda}{\lambda + c_i}",
            sp.cancel(sp.together(taught - single)) == 0,
        ),
        Step(
            f"Weights, {stages} stages",
            "They sum to one: the ensemble is affine.",
            r"\sum_i \prod_{j \ne i} \frac{c_i}{c_i - c_j} = 1",
            sp.cancel(sp.together(total - 1)) == 0,
        ),
    ]


def two() -> list[Step]:
    """Two stages: the sign of the weights, the limit, the mixture with labels."""
    one, other = penalties[:2]
    student = (one * gain(one) - other * gain(other)) / (one - other)
    mixed = gain(other) * (1 - xi + xi * gain(one))
    return [
        Step(
            "Two stages",
            "The general weights are those of the weighted difference.",
            r"w_1 = \frac{c_1}{c_1 - c_2}, \quad w_2 = -\frac{c_2}{c_1 - c_2}",
            zero(student - weight(0, 2) * gain(one) - weight(1, 2) * gain(other)),
        ),
        Step(
            "One weight is negative",
            "Their product is negative for all positive penalties that differ.",
            r"w_1 w_2 = -\frac{c_1 c_2}{(c_1 - c_2)^2} < 0",
            zero(weight(0, 2) * weight(1, 2) + one * other / (one - other) ** 2) and bool((one * other).is_positive),
        ),
        Step(
            "The limit",
            "As the penalties meet, the student is a step along the ridge path.",
            r"\lim_{c_2 \to c_1 = c} = \frac{\lambda}{\lambda + c} + c \frac{d}{dc} \frac{\lambda}{\lambda + c} "
            r"= \Bigl(\frac{\lambda}{\lambda + c}\Bigr)^2",
            zero(limit(student) - gain(c) - c * sp.diff(gain(c), c)) and zero(limit(student) - gain(c) ** 2),
        ),
        Step(
            "Mixing",
            "With labels mixed in the student is the mixture of two students.",
            r"\frac{\lambda}{\lambda + c_2} \Bigl(1 - \xi + \xi \frac{\lambda}{\lambda + c_1}\Bigr)",
            zero(mixed - (1 - xi) * gain(other) - xi * student),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="two-stage-ridge-is-an-ensemble",
        steps=(*ensemble(2), *ensemble(3), *ensemble(4), *two()),
        not_carried=(
            "From modes to weights: functions of the Gram matrix act on its eigenvectors one by one.",
            "More than four stages: partial fractions of a proper rational function with simple poles.",
        ),
    )


if __name__ == "__main__":
    print(prove())
