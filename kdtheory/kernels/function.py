"""Any Python function of two points, as a kernel."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.kernels.base import Array, Kernel
from kdtheory.validation import describe


@dataclass(frozen=True)
class Function(Kernel):
    r"""The kernel :math:`k(x, x')` that a Python function computes, one pair at a time.

    Slow and obvious: a Gram matrix of ``n`` points calls it ``n (n + 1) / 2`` times, and twice more to see whether it
    is symmetric. A kernel that is used often deserves a `ProductKernel`.

    Parameters
    ----------
    pair : callable
        Takes two vectors of shape ``(columns,)``, which it must not change, and returns one real number. Two such
        kernels are equal when their functions are; two lambdas with the same text are not.

    Notes
    -----
    Shapes and errors: `Kernel.gram`; besides, `InvalidArgument` when the function fails or returns anything but one
    real number.

    Examples
    --------
    >>> import numpy as np
    >>> laplace = Function(lambda x, y: np.exp(-np.abs(x - y).sum()))
    >>> laplace.gram([[0.0], [1.0]]).round(4).tolist()
    [[1.0, 0.3679], [0.3679, 1.0]]
    """

    pair: Callable[[Array, Array], Any]

    def __post_init__(self) -> None:
        if not callable(self.pair) or isinstance(self.pair, type) or not isinstance(self.pair, Hashable):
            fix = "pass a function such as lambda x, y: x @ y"
            raise InvalidArgument("pair", expected="a function of two points", got=describe(self.pair), fix=fix)

    def __repr__(self) -> str:
        """The function's name, without its address: reports must be the same in every run."""
        name = getattr(self.pair, "__name__", type(self.pair).__name__)
        return f"Function({name})"

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        return np.array([self._one(x, y) for x, y in zip(left, right, strict=True)])

    def _one(self, x: Array, y: Array) -> float:
        try:
            value = self.pair(x, y)
        except Exception as error:
            fix = "correct the function: it gets two vectors of shape (columns,)"
            got = f"{type(error).__name__}: {error}"
            raise InvalidArgument("pair", expected="a function of two points", got=got, fix=fix) from error
        number = np.asarray(value)
        if number.ndim or number.dtype.kind not in "fiub":
            fix = "let the function return a scalar"
            raise InvalidArgument("pair", expected="one real number per pair of points", got=describe(value), fix=fix)
        return float(number)
