"""Kernels that are functions of inner products: Gram matrices at the speed of matrix multiplication."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from kdtheory.kernels.base import Array, Kernel, Mask

_BLOCK = 512  # rows and columns of one matrix product
_STRIP = 32  # rows of a block that go through the formula together, so that temporaries stay in the cache
_BATCH = 2**16  # numbers in the points of delicate pairs that are computed together


class ProductKernel(Kernel):
    """A kernel of ``x.x'``, ``|x|^2`` and ``|x'|^2``; a subclass writes `formula`.

    Where products lose the digits that the kernel needs (a distance from large norms, a small angle from its cosine),
    it also marks these pairs in `delicate` and computes them from the points in `pairs`.

    Attributes
    ----------
    per_feature : bool
        The formula gets all three divided by the number of columns.
    translation_invariant : bool
        The kernel depends on ``x - x'`` alone: the Gram matrix is computed around the mean of the points.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Square(ProductKernel):
    ...     def formula(self, products, left_squared, right_squared):
    ...         return products**2
    >>> Square().gram([[1.0, 2.0]], [[1.0, 1.0], [2.0, -1.0]]).tolist()
    [[9.0, 0.0]]
    """

    per_feature: ClassVar[bool] = False
    translation_invariant: ClassVar[bool] = False

    @abstractmethod
    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """The kernel, elementwise, for arrays that broadcast to the shape of ``products``, which may be overwritten."""

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask | None:
        """Where `pairs` must be asked instead: booleans of the shape of ``products``, or None for nowhere."""
        return None

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        scale = left.shape[1] if self.per_feature else 1
        left_squared, right_squared = _row_products(left, left), _row_products(right, right)
        return self.formula(_row_products(left, right) / scale, left_squared / scale, right_squared / scale)

    def _fill(self, left: Array, right: Array, out: Array) -> None:
        origin = (left.sum(axis=0) + right.sum(axis=0)) / (len(left) + len(right))
        one, two = self._shifted(left, origin), self._shifted(right, origin)
        squared = self._squared(one), self._squared(two)
        for rows in _slices(len(left), _BLOCK):
            for columns in _slices(len(right), _BLOCK):
                self._fill_block((left, right), (one, two), squared, (rows, columns), out)

    def _fill_symmetric(self, points: Array, out: Array) -> None:
        shifted = self._shifted(points, points.mean(axis=0))
        squared = self._squared(shifted)
        for rows in _slices(len(points), _BLOCK):
            for columns in _slices(len(points), _BLOCK, start=rows.start):
                self._fill_block((points, points), (shifted, shifted), (squared, squared), (rows, columns), out)
                if columns.start > rows.start:
                    out[columns, rows] = out[rows, columns].T
                else:
                    _mirror(out[rows, rows])

    def _fill_block(
        self,
        points: tuple[Array, Array],
        shifted: tuple[Array, Array],
        squared: tuple[Array, Array],
        place: tuple[slice, slice],
        out: Array,
    ) -> None:
        rows, columns = place
        np.matmul(shifted[0][rows], shifted[1][columns].T, out=out[rows, columns])
        across = squared[1][columns][None, :]
        for strip in _slices(rows.stop, _STRIP, start=rows.start):
            values, down = out[strip, columns], squared[0][strip][:, None]
            if self.per_feature:
                values /= shifted[0].shape[1]
            delicate = self.delicate(values, down, across)
            values[...] = self.formula(values, down, across)
            if delicate is not None and delicate.any():
                i, j = np.nonzero(delicate)
                self._replace(values, points[0][strip], points[1][columns], i, j)
            self._refuse_nonfinite(values, (strip.start, columns.start))

    def _replace(self, values: Array, left: Array, right: Array, i: np.ndarray, j: np.ndarray) -> None:
        size = max(1, _BATCH // left.shape[1])
        for some in _slices(len(i), size):
            values[i[some], j[some]] = self.pairs(left[i[some]], right[j[some]])

    def _shifted(self, points: Array, origin: Array) -> Array:
        return points - origin if self.translation_invariant else points

    def _squared(self, points: Array) -> Array:
        return _row_products(points, points) / (points.shape[1] if self.per_feature else 1)


def _row_products(left: Array, right: Array) -> Array:
    return np.einsum("ij,ij->i", left, right)


def _slices(size: int, step: int, start: int = 0) -> Iterator[slice]:
    return (slice(i, min(i + step, size)) for i in range(start, size, step))


def _mirror(block: Array) -> None:
    """Copy the upper triangle onto the lower one."""
    np.copyto(block, block.T.copy(), where=np.tri(len(block), k=-1, dtype=bool))
