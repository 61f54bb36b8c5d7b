"""Kernels of the angle between points: those of wide ReLU layers."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from kdtheory.kernels._angles import Angles, angles_from_cosines, angles_from_points
from kdtheory.kernels.base import Array, Mask
from kdtheory.kernels.products import ProductKernel

# An angle from its cosine has lost seven bits here: 1 - cosine = 2^-12 is an angle of 0.022.
_CANCELLED = 2.0**-12


class AngularKernel(ProductKernel):
    """A kernel ``(|x| |x'|)^homogeneity`` times a function of the angle; a subclass writes `of_angles`.

    Angles below 0.022, and those as close to a straight angle, are computed from the points and not from rounded
    cosines.
    """

    @property
    def homogeneity(self) -> int:
        """By which power the kernel grows with each norm: 0, 1, 2, ..."""
        return 1

    @abstractmethod
    def of_angles(self, angles: Angles) -> Array:
        """The kernel of unit vectors, elementwise; arrays may be overwritten."""

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """The kernel from (scaled) ``x.x'``, ``|x|^2`` and ``|x'|^2``, elementwise."""
        left_norms, right_norms = np.sqrt(left_squared), np.sqrt(right_squared)
        cosines = products * _inverse(left_norms)
        cosines *= _inverse(right_norms)
        values = self.of_angles(angles_from_cosines(np.clip(cosines, -1.0, 1.0, out=cosines)))
        for _ in range(self.homogeneity):
            values *= left_norms
            values *= right_norms
        return values

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask | None:
        """Pairs that are parallel or opposite within an angle of 0.022."""
        return np.abs(products) > (1 - _CANCELLED) * np.sqrt(left_squared) * np.sqrt(right_squared)

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows, from angles between points: shape ``(k, columns)`` to ``(k,)``."""
        values = self.of_angles(angles_from_points(left, right))
        left_squared, right_squared = (np.einsum("ij,ij->i", side, side) for side in (left, right))
        norms = _geometric_mean(left_squared, right_squared) / (left.shape[1] if self.per_feature else 1)
        for _ in range(self.homogeneity):
            values = values * norms
        return values


class ReluKernel(AngularKernel):
    """A kernel of a network with ``depth`` ReLU layers; without any, the linear kernel over the number of columns."""

    depth: int
    per_feature: ClassVar[bool] = True

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """The kernel from ``x.x' / d``, ``|x|^2 / d`` and ``|x'|^2 / d``, elementwise."""
        return super().formula(products, left_squared, right_squared) if self.depth else products

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask | None:
        """Pairs that are parallel or opposite within an angle of 0.022; none without layers."""
        return super().delicate(products, left_squared, right_squared) if self.depth else None

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        return super().pairs(left, right) if self.depth else np.einsum("ij,ij->i", left, right) / left.shape[1]


def _inverse(norms: Array) -> Array:
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)


def _geometric_mean(left: Array, right: Array) -> Array:
    """``sqrt(left * right)`` without overflow, exact where the two are equal, symmetric to the last bit."""
    small, large = np.minimum(left, right), np.maximum(left, right)
    return large * np.sqrt(np.divide(small, large, out=np.zeros_like(large), where=large > 0))
