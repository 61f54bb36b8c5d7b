"""Kernels that are functions of the distance between points."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from kdtheory.kernels.base import Array, Mask
from kdtheory.kernels.products import ProductKernel

# |x|^2 + |x'|^2 - 2 x.x' has lost ten bits of the squared distance where this share of the sum is left.
_CANCELLED = 2.0**-10


class DistanceKernel(ProductKernel):
    """A kernel of ``|x - x'|``; a subclass writes `of_squared_distances`.

    Squared distances come from products of points around their mean, at the speed of matrix multiplication; pairs
    closer than about a thirtieth of their distance from the mean, where these products cancel, are computed from the
    difference of the points: coincident points have distance exactly 0.
    """

    translation_invariant: ClassVar[bool] = True

    @abstractmethod
    def of_squared_distances(self, distances: Array) -> Array:
        """The kernel, elementwise, from ``|x - x'|^2``, which may be overwritten."""

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """The kernel of ``|x|^2 + |x'|^2 - 2 x.x'``, elementwise."""
        distances = left_squared + right_squared
        products *= 2.0
        distances -= products
        return self.of_squared_distances(distances)  # where rounding could make one negative, `pairs` answers

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask:
        """Pairs so close that their products cancel."""
        return products > (left_squared + right_squared) * (0.5 - 0.5 * _CANCELLED)

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows, from the differences of the points: shape ``(k, columns)`` to ``(k,)``."""
        difference = left - right
        return self.of_squared_distances(np.einsum("ij,ij->i", difference, difference))
