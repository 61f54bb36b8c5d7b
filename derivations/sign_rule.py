r"""Derivation of C8c, ``sign-rule``: distilled ridge moves along its own path of penalties.

``python derivations/sign_rule.py`` prints it. Every ``verified`` is computed by SymPy, for two features.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

c, lam = sp.symbols("c lambda", positive=True)
xi = sp.symbols("xi", real=True)
x, y, z = sp.symbols("x y z", positive=True)
moment: Any = sp.Matrix([[x, z], [z, y]])  # X^T X
right = sp.Matrix(sp.symbols("u v", real=True))  # X^T y
point, step, goal = (sp.Matrix(sp.symbols(f"{name}_1:3", real=True)) for name in "pdq")
spread = sp.Matrix([[sp.Symbol("m"), sp.Symbol("n")], [sp.Symbol("n"), sp.Symbol("o")]])


def ridge(target: Any) -> Any:
    """Weights of ridge whose labels y have ``X^T y = target``."""
    return (moment + c * sp.eye(2)).inv() * target


def student(weight: Any) -> Any:
    """Weights of a student of the same penalty, taught by ridge with that weight."""
    return ridge((1 - weight) * right + weight * moment * ridge(right))


def path(weight: Any) -> Any:
    """A step along the path of penalties."""
    return ridge(right) + weight * c * sp.diff(ridge(right), c)


def risk(weights: Any) -> Any:
    """A quadratic risk."""
    return ((weights - goal).T * spread * (weights - goal))[0]


def prove() -> Derivation:
    """All steps."""
    gain = lam / (lam + c)
    along = risk(point + xi * c * step)
    square = (step.T * spread * step)[0]
    slope: Any = sp.diff(risk(point + xi * step), xi).subs(xi, 0)  # by the penalty, if step is the weights' derivative
    best = -slope / (2 * c * square)
    steps = (
        Step(
            "A gain on the path",
            "What distillation takes from a gain is the penalty times the gain's derivative.",
            r"c\, \frac{d}{dc} \frac{\lambda}{\lambda + c} = -g (1 - g)",
            zero(c * sp.diff(gain, c) + gain * (1 - gain)),
        ),
        Step(
            "The student's weights",
            "The same for weights, for all inputs and labels: no eigenvector is needed.",
            r"b_c(\xi) = b_c + \xi\, c\, b_c'",
            all(zero(entry) for entry in student(xi) - path(xi)),
        ),
        Step(
            "The slope",
            "By the chain rule the risk starts along distillation as it does along the penalty, times c.",
            r"\frac{d}{d \xi} R(b_c + \xi c b_c') \Big|_{\xi = 0} = c R'(c)",
            zero(sp.diff(along, xi).subs(xi, 0) - c * slope),
        ),
        Step(
            "The best weight",
            "The parabola's slope vanishes there.",
            r"\xi^* = -\frac{R'(c)}{2 c\, |\Sigma^{1/2} b_c'|^2}",
            zero(sp.diff(along, xi).subs(xi, best)) and zero(sp.diff(along, xi, 2) - 2 * c**2 * square),
        ),
        Step(
            "What it gains",
            "A square: nothing is gained only where the slope is 0.",
            r"R(c) - R(b_c(\xi^*)) = \frac{R'(c)^2}{4\, |\Sigma^{1/2} b_c'|^2}",
            zero(risk(point) - along.subs(xi, best) - slope**2 / (4 * square)),
        ),
    )
    return Derivation(
        claim="sign-rule",
        steps=steps,
        not_carried=(
            "More than two features, and that ridge towards other weights is ridge on shifted labels.",
            "Expectations over the labels: the risk stays quadratic, with expectations of its three coefficients.",
        ),
    )


if __name__ == "__main__":
    print(prove())
