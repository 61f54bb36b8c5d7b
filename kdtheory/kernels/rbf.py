"""The Gaussian radial basis function kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kdtheory.kernels.base import Array, Mask
from kdtheory.kernels.products import ProductKernel
from kdtheory.validation import number

# |x|^2 + |x'|^2 - 2 x.x' has lost ten bits of the squared distance where this share of the sum is left.
_CANCELLED = 2.0**-10


@dataclass(frozen=True)
class RBF(ProductKernel):
    r"""Gaussian kernel, :math:`k(x, x') = \exp(-\gamma\, |x - x'|^2)`.

    Parameters
    ----------
    gamma : float
        Above 0. This is scikit-learn's convention (``rbf_kernel``, ``KernelRidge``); with the length scale of GPyTorch
        and of Gaussian processes, :math:`\gamma = 1 / (2\,\text{length scale}^2)`.

    Notes
    -----
    Squared distances come from products of points around their mean, at the speed of matrix multiplication; pairs
    closer than about a thirtieth of their distance from the mean, where these products cancel, are computed from the
    difference of the points: coincident points give exactly 1.

    Source: textbook. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> RBF(gamma=0.5).gram([[0.0], [1.0]]).round(4).tolist()
    [[1.0, 0.6065], [0.6065, 1.0]]
    """

    gamma: float

    translation_invariant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", number("gamma", self.gamma, above=0.0))

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """``exp(-gamma (|x|^2 + |x'|^2 - 2 x.x'))``, elementwise."""
        distances = left_squared + right_squared
        products *= 2.0
        distances -= products
        return self._of_squared_distances(distances)  # where rounding could make one negative, `pairs` answers

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask:
        """Pairs so close that their products cancel."""
        return products > (left_squared + right_squared) * (0.5 - 0.5 * _CANCELLED)

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows, from the differences of the points: shape ``(k, columns)`` to ``(k,)``."""
        difference = left - right
        return self._of_squared_distances(np.einsum("ij,ij->i", difference, difference))

    def _of_squared_distances(self, distances: Array) -> Array:
        distances *= -self.gamma
        return np.exp(distances, out=distances)
