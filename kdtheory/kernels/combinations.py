"""Sums, products and multiples of kernels, which are kernels again."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.kernels.base import Array, Kernel
from kdtheory.validation import describe, number


@dataclass(frozen=True, repr=False)
class Pair(Kernel):
    """Two kernels, combined value by value. A Gram matrix needs memory for a second one of its size meanwhile."""

    first: Kernel
    second: Kernel

    def __post_init__(self) -> None:
        for name, kernel in (("first", self.first), ("second", self.second)):
            if not isinstance(kernel, Kernel):
                fix = "pass for example RBF(gamma=1.0), or Function(...) around a Python function"
                raise InvalidArgument(name, expected="a kernel", got=describe(kernel), fix=fix)

    @abstractmethod
    def _combine(self, values: Array, other: Array) -> None:
        """Take ``other`` into ``values``, in place."""

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        values = np.array(self.first.pairs(left, right))
        self._combine(values, self.second.pairs(left, right))
        return values

    def _fill(self, left: Array, right: Array, out: Array) -> None:
        other = np.empty_like(out)
        self.first._fill(left, right, out)
        self.second._fill(left, right, other)
        self._combine(out, other)
        self._refuse_nonfinite(out, (0, 0))

    def _fill_symmetric(self, points: Array, out: Array) -> None:
        other = np.empty_like(out)
        self.first._fill_symmetric(points, out)
        self.second._fill_symmetric(points, other)
        self._combine(out, other)
        self._refuse_nonfinite(out, (0, 0))


@dataclass(frozen=True, repr=False)
class Sum(Pair):
    """``k1(x, x') + k2(x, x')``, written ``k1 + k2``: features side by side."""

    def _combine(self, values: Array, other: Array) -> None:
        values += other

    def __repr__(self) -> str:
        return f"({self.first!r} + {self.second!r})"


@dataclass(frozen=True, repr=False)
class Product(Pair):
    """``k1(x, x') k2(x, x')``, written ``k1 * k2``: all products of two features."""

    def _combine(self, values: Array, other: Array) -> None:
        values *= other

    def __repr__(self) -> str:
        return f"({self.first!r} * {self.second!r})"


@dataclass(frozen=True, repr=False)
class Scaled(Kernel):
    """``factor * k(x, x')``, written ``2.0 * k``, for a factor above 0."""

    factor: float
    kernel: Kernel

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", number("factor", self.factor, above=0.0))

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        return self.factor * self.kernel.pairs(left, right)

    def _fill(self, left: Array, right: Array, out: Array) -> None:
        self.kernel._fill(left, right, out)
        self._scale(out)

    def _fill_symmetric(self, points: Array, out: Array) -> None:
        self.kernel._fill_symmetric(points, out)
        self._scale(out)

    def _scale(self, out: Array) -> None:
        out *= self.factor
        self._refuse_nonfinite(out, (0, 0))

    def __repr__(self) -> str:
        return f"{self.factor!r} * {self.kernel!r}"


def total(left: Kernel, right: object) -> Kernel:
    """``left + right``."""
    if not isinstance(right, Kernel):
        fix = "add a kernel; Function(lambda x, y: 1.0) is a constant one"
        raise InvalidArgument("kernel", expected="a kernel to add", got=describe(right), fix=fix)
    return Sum(left, right)


def product(left: Kernel, right: object) -> Kernel:
    """``left * right`` for a kernel or a positive number."""
    return Product(left, right) if isinstance(right, Kernel) else Scaled(number("factor", right, above=0.0), left)
