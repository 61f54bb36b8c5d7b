"""What a kernel is: one formula for a pair of points, and Gram matrices made of it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_CHUNK = 2**18  # numbers in one batch of points: 2 MiB
_ASYMMETRY = 1e-8  # relative; rounding in a user's function stays far below


class Kernel(ABC):
    """A symmetric function of two points, ``k(x, x') = k(x', x)``.

    A subclass is a frozen dataclass of checked parameters, so that kernels are equal and hash by value and can be keys
    of a cache. Its author writes one formula: `pairs` here, or the much faster `ProductKernel.formula` where the kernel
    is a function of inner products; for a plain Python function there is `Function`. All values are float64.

    Sums, products and positive multiples of kernels are kernels: ``k1 + k2``, ``k1 * k2``, ``2.0 * k1``.

    >>> from kdtheory.kernels import RBF, Linear
    >>> (2.0 * RBF(gamma=1.0) + Linear()).gram([[1.0], [1.0]]).tolist()
    [[3.0, 3.0], [3.0, 3.0]]
    """

    __array_ufunc__ = None  # numbers of NumPy's types, too, leave `factor * kernel` to the kernel

    @abstractmethod
    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``, each pair on its own."""

    def gram(self, left: ArrayLike, right: ArrayLike | None = None) -> Array:
        """Values for every row of ``left`` with every row of ``right``.

        Parameters
        ----------
        left : array of shape (n, columns)
        right : array of shape (m, columns), optional
            Without it, ``left`` is compared with itself: half the work, and the result is exactly symmetric.

        Returns
        -------
        array of shape (n, m), float64
            Memory beyond it is bounded by a few copies of the inputs.

        Raises
        ------
        InvalidArgument
            Inputs that are not finite two-dimensional arrays with equal numbers of columns; a kernel that is not
            symmetric (looked at on one pair), or whose values are not finite.
        """
        rows = np.ascontiguousarray(finite_array("left", left, ndim=2))
        if right is None:
            self._refuse_asymmetric(rows)
            gram = np.empty((len(rows), len(rows)))
            with np.errstate(all="ignore"):  # what overflows is refused, with its place
                self._fill_symmetric(rows, gram)
            return gram
        columns = np.ascontiguousarray(finite_array("right", right, ndim=2))
        _same_columns(rows, columns)
        gram = np.empty((len(rows), len(columns)))
        with np.errstate(all="ignore"):
            self._fill(rows, columns, gram)
        return gram

    def diagonal(self, inputs: ArrayLike) -> Array:
        """Values of each row of ``inputs``, shape ``(n, columns)``, with itself: shape ``(n,)``.

        Raises `InvalidArgument` as `gram` does.
        """
        points = finite_array("inputs", inputs, ndim=2)
        return self._values(points, points)

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Value for one pair of points, two vectors of equal length. Raises `InvalidArgument` as `gram` does."""
        left, right = finite_array("x", x, ndim=1)[None], finite_array("y", y, ndim=1)[None]
        _same_columns(left, right, names=("x", "y"))
        return float(self._values(left, right)[0])

    def __add__(self, other: object) -> Kernel:
        from kdtheory.kernels.combinations import total

        return total(self, other)

    def __mul__(self, other: object) -> Kernel:
        from kdtheory.kernels.combinations import product

        return product(self, other)

    __radd__ = __add__  # of what is no kernel: an error
    __rmul__ = __mul__  # of a number

    def _fill(self, left: Array, right: Array, out: Array) -> None:
        for i in range(len(left)):
            out[i] = self._values(np.broadcast_to(left[i], right.shape), right, (i, 0))

    def _fill_symmetric(self, points: Array, out: Array) -> None:
        for i in range(len(points)):
            rest = points[i:]
            out[i, i:] = self._values(np.broadcast_to(points[i], rest.shape), rest, (i, i))
            out[i:, i] = out[i, i:]

    def _values(self, left: Array, right: Array, corner: tuple[int, int] = (0, 0)) -> Array:
        """`pairs` in batches, checked; ``corner`` is the place of the first pair in the Gram matrix."""
        values = np.empty(len(left))
        size = max(1, _CHUNK // left.shape[1])
        for start in range(0, len(left), size):
            batch = slice(start, start + size)
            with np.errstate(all="ignore"):
                values[batch] = self.pairs(left[batch], right[batch])
        self._refuse_nonfinite(values[None], corner)
        return values

    def _refuse_nonfinite(self, values: Array, corner: tuple[int, int]) -> None:
        finite = np.isfinite(values)
        if finite.all():
            return
        i, j = (int(index) for index in np.argwhere(~finite)[0])
        raise InvalidArgument(
            "kernel",
            expected=f"finite values of {self}",
            got=f"{values[i, j]} for the pair {[corner[0] + i, corner[1] + j]}",
            fix="rescale the inputs, or correct the formula",
        )

    def _refuse_asymmetric(self, points: Array) -> None:
        first, last = points[:1], points[-1:]
        end = len(points) - 1
        there, back = self._values(first, last, (0, end))[0], self._values(last, first, (end, 0))[0]
        if abs(there - back) > _ASYMMETRY * max(abs(there), abs(back)):
            raise InvalidArgument(
                "kernel",
                expected=f"a symmetric function, k(x, y) = k(y, x), of {self}",
                got=f"{there:g} and {back:g} for the first and the last input",
                fix="make the formula symmetric, or pass both sets of inputs if you want its values as they are",
            )


def _same_columns(left: Array, right: Array, names: tuple[str, str] = ("left", "right")) -> None:
    if left.shape[1] != right.shape[1]:
        raise InvalidArgument(
            names[1],
            expected=f"points with {left.shape[1]} column(s), as in {names[0]}",
            got=f"{right.shape[1]}",
            fix="pass points of the same space",
        )
