r"""Derivation of C11f, ``hard-pseudo-labels``: a cluster is one mode, and a sign has forgotten the rest.

``python derivations/hard_pseudo_labels.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

a, n, c, x = sp.symbols("a n c x", positive=True)
theta = sp.symbols("theta", real=True)
majority = sp.symbols("delta", positive=True)  # 1 - 2 theta, where less than half are flipped


def mean_label() -> Any:
    """Of n labels, a share theta of which is flipped."""
    return ((1 - theta) * n - theta * n) / n


def student(targets: Any) -> Any:
    """Output on the cluster of a training on targets that are all the same."""
    return a * targets


def prove() -> Derivation:
    """All steps."""
    teacher = a * mean_label()
    hard = student(sp.sign(a * majority))
    ridge = x * (n * x * mean_label()) / (n * x**2 + c)
    gain = n * x**2 / (n * x**2 + c)
    steps = (
        Step(
            "One mode",
            "Samples that share an input have one output: what a training sees of their labels is the mean.",
            r"\frac{x \sum_i x y_i}{n x^2 + c} = \frac{n x^2}{n x^2 + c}\, \bar y, \quad \bar y = 1 - 2 \theta",
            zero(ridge - gain * mean_label()) and zero(mean_label() - 1 + 2 * theta),
        ),
        Step(
            "The soft student",
            "It is trained on the teacher's output, which is the same for all samples.",
            r"a \cdot a (1 - 2 \theta)",
            zero(student(teacher) - a**2 * (1 - 2 * theta)),
        ),
        Step(
            "The hard student",
            "Where less than half are flipped, the sign is the label: clean, of full size. Where more are, it is "
            "wrong.",
            r"a\, \mathrm{sign}\bigl(a (1 - 2 \theta)\bigr) = \pm a",
            zero(hard - a) and zero(student(sp.sign(-a * majority)) + a),
        ),
        Step(
            "The order",
            "For a below 1 and 0 < 1 - 2 theta < 1, written with positive numbers a = 1 / (1 + x), delta = 1 / "
            "(1 + c).",
            r"a^2 (1 - 2\theta) < a (1 - 2\theta) < a",
            bool(
                sp.factor(
                    sp.together((a * majority - a**2 * majority).subs({a: 1 / (1 + x), majority: 1 / (1 + c)}))
                ).is_positive
            )
            and bool(
                sp.factor(sp.together((a - a * majority).subs({a: 1 / (1 + x), majority: 1 / (1 + c)}))).is_positive
            ),
        ),
        Step(
            "Hard over soft",
            "Noise and the teacher's shrinkage are what rounding undoes.",
            r"\frac{a}{a^2 (1 - 2 \theta)} = \frac{1}{a (1 - 2 \theta)}",
            zero(hard / student(a * majority) - 1 / (a * majority)),
        ),
    )
    return Derivation(
        claim="hard-pseudo-labels",
        steps=steps,
        not_carried=("That inputs orthogonal to the cluster's leave its mode alone (the spectral theorem).",),
    )


if __name__ == "__main__":
    print(prove())
