"""By how much a statement held."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe

Array = NDArray[np.float64]


class Margin:
    """By how much a statement held in each case: positive where it held, zero or negative where it failed.

    Parameters
    ----------
    values : array of shape (cases,) or number
        Margin of a statement that has one part.
    **parts : arrays
        Margins by name of a statement that has several; it holds where all of them are positive.

    Notes
    -----
    Give margins in logs or residuals, never as differences of gains near one: they lose their digits there.

    Examples
    --------
    >>> margin = Margin(lag=[0.5, 0.1], bound=[0.2, -0.3])
    >>> margin.values.tolist(), margin.held.tolist(), margin.describe()
    ([0.2, -0.3], [True, False], 'bound -0.3')
    """

    __slots__ = ("_parts",)

    def __init__(self, values: ArrayLike | None = None, /, **parts: ArrayLike) -> None:
        if values is not None:
            parts = {"margin": values, **parts}
        if not parts:
            fix = "pass Margin(values), or Margin(lag=..., bound=...)"
            raise InvalidArgument("margin", expected="at least one array of margins", got="none", fix=fix)
        arrays = {name: _numbers(name, part) for name, part in parts.items()}
        try:
            shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            fix = "give one margin per case in each part"
            raise InvalidArgument("margin", expected="parts of one shape", got=shapes, fix=fix) from None
        self._parts = MappingProxyType({name: np.broadcast_to(array, shape) for name, array in arrays.items()})

    @classmethod
    def within(cls, error: ArrayLike, tolerance: ArrayLike) -> Margin:
        """Of an identity: ``1 - |error| / tolerance``, the share of the tolerance that was not needed."""
        return cls(1.0 - np.abs(np.asarray(error, dtype=float)) / np.asarray(tolerance, dtype=float))

    @property
    def parts(self) -> Mapping[str, Array]:
        """Margins by the name of the part, each of shape (cases,)."""
        return self._parts

    @property
    def values(self) -> Array:
        """The smallest part in each case; NaN where a part is NaN."""
        return np.min(np.stack(list(self._parts.values())), axis=0)

    @property
    def held(self) -> NDArray[np.bool_]:
        """Whether the statement held in each case."""
        return self.values > 0

    @property
    def smallest(self) -> float:
        """The smallest margin of all parts and cases."""
        return float(np.min(self.values))

    @property
    def size(self) -> int:
        """Number of cases."""
        return int(self.values.size)

    @property
    def worst(self) -> int:
        """Index of the case with the smallest margin."""
        return int(np.argmin(self.values))

    def describe(self, index: int | None = None) -> str:
        """Name and value of the part that decides one case (default: the worst one)."""
        where = self.worst if index is None else index
        at = {name: float(part.reshape(-1)[where]) for name, part in self._parts.items()}
        name = min(at, key=lambda key: at[key])
        return f"{name} {at[name]:.6g}"

    def __repr__(self) -> str:
        return f"Margin({self.size} case(s), smallest: {self.describe()})"


def _numbers(name: str, part: object) -> Array:
    try:
        array = np.asarray(part)
    except (ValueError, TypeError):
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or array.size == 0:
        fix = "return by how much it held, not whether it held" if array.dtype.kind == "b" else "return real numbers"
        got = "True or False" if array.dtype.kind == "b" else describe(part)
        raise InvalidArgument(name, expected="margins as an array of numbers", got=got, fix=fix)
    return array.astype(float)
