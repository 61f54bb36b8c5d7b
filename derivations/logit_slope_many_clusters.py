r"""Derivation of C9c, ``logit-slope-many-clusters``: covariance of gains with their squares.

``python derivations/logit_slope_many_clusters.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

gains = sp.symbols("g_1:4", real=True)
sizes = sp.symbols("n_1:4", positive=True)


def moment(values: Any) -> Any:
    """Mean over points."""
    return sum(n * v for n, v in zip(sizes, values, strict=True)) / sum(sizes)


def law() -> Any:
    """Twice the mean plus the third over the second central moment."""
    mean = moment(gains)
    second, third = (moment([(g - mean) ** power for g in gains]) for power in (2, 3))
    return 2 * mean + third / second


def slope() -> list[Step]:
    """Three clusters stand for any number."""
    mean, squares = moment(gains), moment([g**2 for g in gains])
    covariance = moment([(g - mean) * (g**2 - squares) for g in gains])
    second, third = (moment([(g - mean) ** power for g in gains]) for power in (2, 3))
    return [
        Step(
            "The covariance of gains with their squares",
            "Student margins are squares of teacher margins.",
            r"\text{Cov}(g, g^2) = 2 \bar g\, \mu_2 + \mu_3",
            zero(covariance - 2 * mean * second - third),
        ),
        Step(
            "The slope",
            "Covariance over variance.",
            r"\frac{\text{Cov}(g, g^2)}{\mu_2} = 2 \bar g + \frac{\mu_3}{\mu_2}",
            zero(covariance / second - law()),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="logit-slope-many-clusters",
        steps=tuple(slope()),
        not_carried=(
            "That the least-squares slope with intercept is covariance over variance.",
            "From three clusters to any number: a polynomial identity in the moments 1 to 3.",
        ),
    )


if __name__ == "__main__":
    print(prove())
