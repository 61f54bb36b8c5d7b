r"""Derivation of C8a, ``random-design-risk``: bias and variance on new inputs, given the training inputs.

``python derivations/random_design_risk.py`` prints it. Every ``verified`` is computed by SymPy, with two samples and
three features; rotations are written out by the tangents of half their angles, so that the steps hold for all of that
shape. The second moment is that of one direction, of which every other is a sum.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

alpha, beta, gamma = sp.symbols("alpha beta gamma", real=True)
lam = sp.symbols("lambda_1 lambda_2", positive=True)
a = sp.symbols("a_1 a_2", real=True)
b = sp.Matrix(sp.symbols("b_1 b_2 b_3", real=True))
s = sp.symbols("s", positive=True)
roots = sp.Matrix(1, 3, sp.symbols("r_1:4", real=True))


def turn(tangent: Any, size: int, first: int, second: int) -> Any:
    """A rotation of two coordinates."""
    matrix = sp.eye(size)
    matrix[first, first] = matrix[second, second] = (1 - tangent**2) / (1 + tangent**2)
    matrix[second, first] = 2 * tangent / (1 + tangent**2)
    matrix[first, second] = -matrix[second, first]
    return matrix


def decomposition() -> tuple[Any, Any, Any]:
    """Left vectors, square roots of the eigenvalues, right vectors (three features, two of them seen)."""
    left = turn(alpha, 2, 0, 1)
    right = (turn(beta, 3, 0, 1) * turn(gamma, 3, 1, 2))[:, :2]
    return left, sp.diag(*[sp.sqrt(value) for value in lam]), right


def fitted(labels: Any) -> Any:
    """Weights of a fit with the gains a."""
    left, sizes, right = decomposition()
    return right * sizes.inv() * sp.diag(*a) * left.T * labels


def variance() -> Any:
    """As the statement has it."""
    _, _, right = decomposition()
    seen = [(roots * right[:, k]).dot(roots * right[:, k]) for k in range(2)]
    return s**2 * sum(a[k] ** 2 / lam[k] * seen[k] for k in range(2))


def prove() -> Derivation:
    """All steps."""
    left, sizes, right = decomposition()
    inputs = left * sizes * right.T
    map_of_labels = roots * fitted(sp.eye(2))
    literal = s**2 * sum(entry**2 for entry in map_of_labels)
    mean = fitted(inputs * b) - right * sp.diag(*a) * right.T * b
    steps = (
        Step(
            "The decomposition",
            "Left and right vectors are orthonormal.",
            r"U^T U = V^T V = I",
            all(zero(entry) for frame in (left, right) for entry in frame.T * frame - sp.eye(2)),
        ),
        Step(
            "The gains",
            "Weights V diag(a / sqrt(lambda)) U^T y give fitted values with gains a.",
            r"X b = U \mathrm{diag}(a) U^T y",
            all(zero(entry) for entry in inputs * fitted(sp.eye(2)) - left * sp.diag(*a) * left.T),
        ),
        Step(
            "The mean",
            "On clean labels the weights are shrunk along the right vectors, and lost off the row space.",
            r"E b = V \mathrm{diag}(a) V^T b^*",
            all(zero(entry) for entry in mean),
        ),
        Step(
            "The variance",
            "Uncorrelated noise of one variance passes through the map from labels to predictions.",
            r"s^2\, |\Sigma^{1/2} V \mathrm{diag}(a / \sqrt{\lambda}) U^T|^2 "
            r"= s^2 \sum_k \frac{a_k^2}{\lambda_k} v_k^T \Sigma v_k",
            zero(literal - variance()),
        ),
    )  # fmt: skip
    return Derivation(
        claim="random-design-risk",
        steps=steps,
        not_carried=(
            "Other numbers of samples and features: the same matrix algebra.",
            "That the cross term of mean and noise has expectation zero.",
        ),
    )


if __name__ == "__main__":
    print(prove())
