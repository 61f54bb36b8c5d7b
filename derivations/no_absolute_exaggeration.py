r"""Derivation of C9a, ``no-absolute-exaggeration``: the slope through the origin is a mean of gains.

``python derivations/no_absolute_exaggeration.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

sizes = sp.symbols("n_1:4", positive=True)
margins = sp.symbols("a_1:4", positive=True)
gains = sp.symbols("g_1:4", positive=True)
above, x = sp.symbols("d x", positive=True)


def slope() -> Any:
    """Of the line through the origin, from the zero of the derivative of its squared error."""
    error = sum(n * (g * a - x * a) ** 2 for n, a, g in zip(sizes, margins, gains, strict=True))
    (found,) = sp.solve(sp.diff(error, x), x)
    return found


def weights() -> list[Any]:
    """Of the gains in the slope."""
    return [n * a**2 for n, a in zip(sizes, margins, strict=True)]


def line() -> list[Step]:
    """Three clusters stand for any number."""
    total = sum(weights())
    mean = sum(w * g for w, g in zip(weights(), gains, strict=True)) / total
    highest = sum(w * (above - g) for w, g in zip(weights(), gains, strict=True)) / total
    return [
        Step(
            "The slope",
            "Least squares through the origin, each cluster with its number of points.",
            r"\text{arg min}_x \sum_k n_k (g_k a_k - x a_k)^2 = \frac{\sum_k n_k a_k^2 g_k}{\sum_k n_k a_k^2}",
            zero(slope() - mean),
        ),
        Step(
            "Between the smallest and the largest gain",
            "For any number d, the distance from it is the mean of distances, with positive weights: none is negative "
            "if d is the largest gain, none positive if it is the smallest. With d = 1 it is positive while one gain "
            "is below 1.",
            r"d - \text{slope} = \frac{\sum_k n_k a_k^2 (d - g_k)}{\sum_k n_k a_k^2}",
            zero(above - mean - highest) and all(bool((w / total).is_positive) for w in weights()),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="no-absolute-exaggeration",
        steps=tuple(line()),
        not_carried=(
            "That the labels' squared coefficients take the place of the numbers of points when the clusters' "
            "eigenvectors are normalized: clusters of n points have the eigenvalue n and the coefficient sqrt(n).",
            "From three clusters to any number: sums of the same terms.",
        ),
    )


if __name__ == "__main__":
    print(prove())
