r"""Derivation of C12, ``cross-kernel-spectrum``: eigenvalues of a product of two filters.

Algebra carries the steps for filters in the plane, which is where two directions meet; Horn's inequality for any size
is quoted. ``python derivations/cross_kernel_spectrum.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

a1, a2, b1, b2, mu = sp.symbols("alpha_1 alpha_2 beta_1 beta_2 mu", positive=True)
angle = sp.symbols("theta", real=True)


def turned(one: Any, two: Any) -> Any:
    """Filter with these gains whose eigenvectors are turned by the angle."""
    turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    return turn * sp.diag(one, two) * turn.T


def prove() -> Derivation:
    """All steps."""
    student, teacher = sp.diag(a1, a2), turned(b1, b2)
    y: Any = sp.Matrix(sp.symbols("y_1:3", real=True))
    root = sp.diag(sp.sqrt(a1), sp.sqrt(a2))
    similar: Any = root * teacher * root
    product = student * teacher
    trace, determinant = sp.simplify(product.trace()), sp.simplify(product.det())
    unequal = (a1 - a2) * (b1 - b2) * sp.sin(angle) ** 2
    discriminant = sp.simplify(similar[0, 0] - similar[1, 1]) ** 2 + 4 * similar[0, 1] ** 2
    kept = y.dot(y) - (student * y).dot(student * y)
    along = (teacher[0, :] * teacher[0, :].T)[0]
    return Derivation(
        claim="cross-kernel-spectrum",
        steps=(
            Step(
                "Similar to a symmetric matrix",
                "The product has the eigenvalues of a symmetric matrix: they are real.",
                r"A_S^{-1/2} (A_S A_T) A_S^{1/2} = A_S^{1/2} A_T A_S^{1/2}",
                all(zero(x) for x in root.inv() * product * root - similar) and similar.is_symmetric(),
            ),
            Step(
                "Real, in the plane",
                "The discriminant of the symmetric form is a sum of squares.",
                r"(\mu_1 - \mu_2)^2 = (s_{11} - s_{22})^2 + 4 s_{12}^2",
                zero(sp.expand_trig(sp.expand(trace**2 - 4 * determinant - discriminant))),
            ),
            Step(
                "Determinants multiply",
                "With equality for all directions together.",
                r"\mu_1 \mu_2 = \alpha_1 \alpha_2 \beta_1 \beta_2",
                zero(determinant - a1 * a2 * b1 * b2),
            ),
            Step(
                "Aligned filters are the most unequal",
                "The trace falls with the angle; at fixed determinant, so does the larger eigenvalue.",
                r"\mu_1 + \mu_2 = \alpha_1 \beta_1 + \alpha_2 \beta_2 - (\alpha_1 - \alpha_2)(\beta_1 - \beta_2) "
                r"\sin^2\theta",
                zero(trace - (a1 * b1 + a2 * b2 - unequal)),
            ),
            Step(
                "The larger eigenvalue",
                "The characteristic polynomial at alpha_1 beta_1 is not negative: the larger root is at most that.",
                r"p(\alpha_1 \beta_1) = \alpha_1 \beta_1 (\alpha_1 - \alpha_2)(\beta_1 - \beta_2) \sin^2\theta \ge 0",
                zero((mu**2 - trace * mu + determinant).subs(mu, a1 * b1) - a1 * b1 * unequal),
            ),
            Step(
                "The trace",
                "Replacing the student's filter by I adds a trace of a product of positive semidefinite matrices.",
                r"\mathrm{tr}\, A_T - \mathrm{tr}\, A_S A_T = (1 - \alpha_1)\, t_{11} + (1 - \alpha_2)\, t_{22} \ge 0",
                zero(teacher.trace() - trace - (1 - a1) * teacher[0, 0] - (1 - a2) * teacher[1, 1]),
            ),
            Step(
                "No larger than what was taught",
                "Gains up to 1 shrink every coefficient.",
                r"|z|^2 - |A_S z|^2 = \sum_k (1 - \alpha_k)(1 + \alpha_k)\, z_k^2",
                zero(kept - (1 - a1) * (1 + a1) * y[0] ** 2 - (1 - a2) * (1 + a2) * y[1] ** 2),
            ),
            Step(
                "The expected square",
                "For labels of covariance I it is the squared norm of a row of the teacher's filter.",
                r"E \langle v_1, A_T y \rangle^2 = |A_T v_1|^2 = \cos^2\theta\, \beta_1^2 + \sin^2\theta\, \beta_2^2",
                zero(along - sp.cos(angle) ** 2 * b1**2 - sp.sin(angle) ** 2 * b2**2),
            ),
        ),
        not_carried=(
            "Horn's inequality for partial products of more than two eigenvalues (singular values of a product).",
            "Filters with gains 0: by continuity.",
        ),
    )


if __name__ == "__main__":
    print(prove())
