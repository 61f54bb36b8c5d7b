"""Cases of C3: rounds within a tolerance, drawn, and rounds that break one of their rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import ConstrainedRounds, constrained_rounds
from kdtheory.testing import SpectralProblem, logarithmic
from kdtheory.testing.spectral_problems import MOST

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ToleratedProblem(SpectralProblem):
    """A problem whose labels are longer than the tolerance, by ``excess`` times it."""

    excess: Annotated[Any, logarithmic(1e-3, 5.0, simple=1.0)]

    @property
    def ratio(self) -> Any:
        """Norm of the labels over what the tolerance allows, at least 1."""
        return 1.0 + np.asarray(self.excess)

    @cached_property
    def norm(self) -> Array:
        """Of the labels, shape (cases,)."""
        return np.sqrt(np.sum(np.square(self.coefficients), axis=-1))

    @cached_property
    def rounds(self) -> ConstrainedRounds:
        """All rounds until the collapse."""
        return self.trained(self.eigenvalues)

    def trained(self, eigenvalues: Array) -> ConstrainedRounds:
        """The rounds with other eigenvalues."""
        return constrained_rounds(eigenvalues, self.coefficients, np.square(self.norm / self.ratio) / MOST)


@dataclass(frozen=True)
class KeptRule:
    """Rounds of one problem in which another rule than "smallest norm within one tolerance" is kept.

    Attributes
    ----------
    eigenvalues, coefficients : tuples of floats
    ratio : norm of the labels over what the tolerance allows
    rule : "tolerance" (the one of the statement), "penalty" (the first one in all rounds), "share" (a tolerance in
        proportion to the targets), "half" (fits twice as closely as the tolerance allows), or "euclidean" (the function
        values themselves are made small, not the Hilbert norm)
    most : how many rounds are tried
    """

    eigenvalues: tuple[float, ...]
    coefficients: tuple[float, ...]
    ratio: float
    rule: str = "tolerance"
    most: int = 200

    def run(self) -> tuple[Array, Array]:
        """Penalties of the rounds, shape (rounds,), and coefficients, shape (rounds + 1, modes)."""
        lam, y = np.array(self.eigenvalues), np.array(self.coefficients)
        radius = float(np.linalg.norm(y)) / self.ratio
        penalties, states = [], [y]
        nothing = 0.0 if self.rule == "share" else radius
        while np.linalg.norm(states[-1]) > nothing and len(penalties) < self.most:
            penalty, fitted = self._round(lam, states[-1], radius, penalties)
            penalties.append(penalty)
            states.append(fitted)
        return np.array(penalties), np.array(states)

    def _round(self, lam: Array, y: Array, radius: float, before: list[float]) -> tuple[float, Array]:
        allowed = {"share": np.linalg.norm(y) / self.ratio, "half": 0.5 * radius}.get(self.rule, radius)
        found = constrained_rounds(lam, y, allowed**2 / lam.size, most=1)
        penalty = before[0] if self.rule == "penalty" and before else found.penalties.item()
        if self.rule == "euclidean":
            return penalty, y * (1.0 - radius / np.linalg.norm(y))
        return penalty, lam / (lam + penalty) * y
