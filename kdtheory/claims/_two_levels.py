"""Populations with two eigenvalues, and the literal two-point equivalents on them, for claims about high dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.risk import Population
from kdtheory.testing import Case, linear, logarithmic, odds

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TwoLevels(Case):
    """Inputs whose covariance has the eigenvalues 1 and ``ratio``; a ridge teacher and its ridge student.

    Attributes
    ----------
    ratio, share : between 0 and 1
        The smaller eigenvalue, and the share of the features that has the larger one.
    aspect_ratio : between 0.1 and 10
        Features per sample.
    signal : between 0.001 and 1000
        Squared length of the truth on the smaller eigenvalue, over that on the larger.
    noise_variance : between 0.001 and 10
    penalty : between 0.001 and 10
        Of the teacher, per sample.
    gap : between 1.01 and 100
        The student's penalty over the teacher's.
    mixing : between -1 and 2
    """

    ratio: Annotated[Any, logarithmic(1e-3, 1.0, simple=0.1)]
    share: Annotated[Any, odds(0.01, 0.99)]
    aspect_ratio: Annotated[Any, logarithmic(0.1, 10.0, simple=0.5)]
    signal: Annotated[Any, logarithmic(1e-3, 1e3)]
    noise_variance: Annotated[Any, logarithmic(1e-3, 10.0)]
    penalty: Annotated[Any, logarithmic(1e-3, 10.0)]
    gap: Annotated[Any, logarithmic(1.01, 100.0, simple=2.0)]
    mixing: Annotated[Any, linear(-1.0, 2.0, simple=1.0)]

    @property
    def penalties(self) -> tuple[Array, Array]:
        """Of teacher and student, shape (cases,)."""
        first = np.atleast_1d(self.penalty)
        return first, first * self.gap

    @property
    def population(self) -> Population:
        """One per case."""
        return population(self.ratio, self.share, self.aspect_ratio, self.signal, self.noise_variance)


def population(ratio: Any, share: Any, aspect_ratio: Any, signal: Any, noise_variance: Any) -> Population:
    """The populations of cases, signal in all 1."""
    one, share = np.ones_like(np.atleast_1d(ratio)), np.atleast_1d(share)
    return Population(
        np.stack([one, one * ratio], axis=-1),
        np.stack([one, one * signal], axis=-1) / (1.0 + np.atleast_1d(signal))[:, None],
        np.atleast_1d(aspect_ratio),
        np.atleast_1d(noise_variance),
        np.stack([share, 1.0 - share], axis=-1),
    )


def root_of_cubic(case: Any, penalty: Array) -> Array:
    """The effective penalty as the positive root of the cubic that it solves, from its companion matrix."""
    lam, masses = case.population.eigenvalues, case.population.masses
    one, two, first, second = lam[:, 0], lam[:, 1], masses[:, 0] * lam[:, 0], masses[:, 1] * lam[:, 1]
    # (k - c)(k + l1)(k + l2) = k (m1 l1 (k + l2) + m2 l2 (k + l1))
    a = one + two - penalty - first - second
    b = one * two - penalty * (one + two) - first * two - second * one
    companion = np.zeros((len(penalty), 3, 3))
    companion[:, 1, 0] = companion[:, 2, 1] = 1.0
    companion[:, :, 2] = np.stack([penalty * one * two, -b, -a], axis=-1)
    return np.max(np.linalg.eigvals(companion).real, axis=-1)
