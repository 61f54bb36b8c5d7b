"""Random linear problems, wide, square and tall, of full rank and below it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing.cases import Case
from kdtheory.testing.seeded import seeded_by_name
from kdtheory.testing.variables import linear

Array = NDArray[np.float64]
LARGEST = 8
_TESTS = 5


@dataclass(frozen=True)
class LinearProblem(Case):
    """A linear regression problem drawn by its singular values; a batch stacks problems of different shapes.

    Arrays have the shape of the largest problem, 8 samples and 8 features. Smaller ones are filled up with samples and
    features that are zero, which change no training and no prediction.

    Attributes
    ----------
    seed : between 0 and 1e9
        Of singular vectors, singular values, targets, test inputs and starts.
    samples, features : between 1 and 8
        Rounded to whole numbers.
    lost : between 0 and 2
        By how much the rank falls short of the smaller of the two, rounded; at least one direction is left.
    decades : between 0 and 6
        Powers of ten over which the eigenvalues are spread.
    log10_largest : between -8 and 8
        Decimal logarithm of the largest eigenvalue of the Gram matrix.

    Examples
    --------
    >>> problem = LinearProblem(
    ...     seed=0, samples=2, features=3, lost=0, decades=1, log10_largest=2
    ... )
    >>> problem.inputs.shape, int(np.linalg.matrix_rank(problem.inputs))
    ((8, 8), 2)
    >>> float(np.linalg.norm(problem.inputs, 2).round(9))
    10.0
    """

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    samples: Annotated[Any, linear(1.0, float(LARGEST), simple=2.0)]
    features: Annotated[Any, linear(1.0, float(LARGEST), simple=2.0)]
    lost: Annotated[Any, linear(0.0, 2.0, simple=0.0)]
    decades: Annotated[Any, linear(0.0, 6.0, simple=0.0)]
    log10_largest: Annotated[Any, linear(-8.0, 8.0, simple=0.0)]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Numbers of samples and features."""
        return np.rint(self.samples).astype(int), np.rint(self.features).astype(int)

    @property
    def rank(self) -> Any:
        """Number of eigenvalues that are not zero."""
        return np.maximum(np.minimum(*self.shape) - np.rint(self.lost).astype(int), 1)

    @property
    def largest(self) -> Any:
        """The largest eigenvalue of the Gram matrix."""
        return 10.0 ** np.asarray(self.log10_largest)

    @property
    def condition(self) -> Any:
        """Largest over smallest singular value, without the zeros."""
        return 1.0 / np.min(np.where(self._seen(self.rank), self._relative, 1.0), axis=-1)

    @property
    def inputs(self) -> Array:
        """Training inputs, shape (8, 8) or (cases, 8, 8)."""
        sizes = np.sqrt(self.largest)[..., None] * self._relative * self._seen(self.rank)
        return (self._left * sizes[..., None, :]) @ np.swapaxes(self.row_space, -1, -2)

    @property
    def row_space(self) -> Array:
        """Orthonormal basis of the row space in the first ``rank`` columns, zeros in the others."""
        return self._orthonormal("right", self.shape[1])

    @property
    def projector(self) -> Array:
        """Onto the row space."""
        return self.row_space @ np.swapaxes(self.row_space, -1, -2)

    @property
    def targets(self) -> Array:
        """Targets of unit size, partly out of reach where samples outnumber the rank; shape (8,) or (cases, 8)."""
        return self._random["targets"] * self._seen(self.shape[0])

    @property
    def test_inputs(self) -> Array:
        """Inputs that leave the row space, of the size of the largest singular value, shape (5, 8) or (cases, 5, 8)."""
        size = np.sqrt(self.largest)[..., None, None]
        return size * self._random["test"] * self._seen(self.shape[1])[..., None, :]

    @property
    def starts(self) -> tuple[Array, Array]:
        """Two initial weights whose predictions have unit size, each of shape (8,) or (cases, 8)."""
        size = self._seen(self.shape[1]) / np.sqrt(self.largest)[..., None]
        return self._random["first"] * size, self._random["second"] * size

    @property
    def _left(self) -> Array:
        return self._orthonormal("left", self.shape[0])

    @property
    def _relative(self) -> Array:
        """Singular values over the largest one."""
        exponents = self._random["sizes"] * (np.arange(LARGEST) > 0)
        return 10.0 ** (-0.5 * np.asarray(self.decades)[..., None] * exponents)

    def _orthonormal(self, side: str, length: Any) -> Array:
        """Orthonormal columns, ``rank`` of them, that vanish beyond ``length``."""
        mask = self._seen(length)[..., :, None] * self._seen(self.rank)[..., None, :]
        return np.linalg.qr(self._random[side] * mask)[0] * mask

    def _seen(self, count: Any) -> Array:
        """1 for the first ``count`` of all places, 0 for the others."""
        return (np.arange(LARGEST) < np.asarray(count)[..., None]).astype(float)

    @cached_property
    def _random(self) -> dict[str, Array]:
        from scipy.special import ndtr

        shapes = {"left": (LARGEST, LARGEST), "right": (LARGEST, LARGEST), "test": (_TESTS, LARGEST)}
        shapes |= dict.fromkeys(("sizes", "targets", "first", "second"), (LARGEST,))
        found = seeded_by_name(self.seed, shapes)
        return {**found, "sizes": ndtr(found["sizes"])}
