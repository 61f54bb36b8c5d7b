"""Named axes: a sweep over a parameter that becomes a leading axis of everything that depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array


@dataclass(frozen=True, eq=False)
class Axis:
    """One swept parameter: ``values`` are used in formulas, ``coordinates`` label the axis of the result.

    Built by `axis`. Sums and products with numbers change the values and keep the coordinates, so that
    ``1 - kd.axis("mixing", [0, 1])`` is still the axis ``mixing`` with coordinates 0 and 1.
    """

    name: str
    coordinates: NDArray[np.float64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def __mul__(self, factor: float) -> Axis:
        if not isinstance(factor, Real):
            return NotImplemented
        return replace(self, values=self.values * factor)

    __rmul__ = __mul__

    def __add__(self, term: float) -> Axis:
        if not isinstance(term, Real):
            return NotImplemented
        return replace(self, values=self.values + term)

    __radd__ = __add__

    def __neg__(self) -> Axis:
        return self * -1.0

    def __sub__(self, term: float) -> Axis:
        return self + (-term)

    def __rsub__(self, term: float) -> Axis:
        return -self + term

    def __repr__(self) -> str:
        return f"axis({self.name!r}, {np.array2string(self.values, threshold=6)})"


def axis(name: str, values: ArrayLike) -> Axis:
    """Sweep a parameter over ``values`` (shape ``(size,)``) along an axis called ``name``.

    >>> import kdtheory as kd
    >>> recipe = kd.self_distillation(
    ...     kd.Ridge(penalty=1.0), kd.Ridge(penalty=kd.axis("penalty", [0.1, 1.0]))
    ... )
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> kd.solve(recipe, kd.LinearModel(), task)["student"].gains.shape
    (2, 2)
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise InvalidArgument(
            "name",
            expected="an identifier such as 'teacher_time'",
            got=repr(name),
            fix="name the axis after what it sweeps",
        )
    swept = finite_array("values", values, ndim=1, infinity=True)
    return Axis(name, swept, swept)


def collect(parameters: Iterable[object]) -> dict[str, Axis]:
    """Axes among ``parameters`` by name, in order of first appearance; two of one name must agree."""
    found: dict[str, Axis] = {}
    for parameter in parameters:
        if not isinstance(parameter, Axis):
            continue
        known = found.setdefault(parameter.name, parameter)
        if not np.array_equal(known.coordinates, parameter.coordinates):
            raise InvalidArgument(
                "axis",
                expected=f"one set of values for the axis {parameter.name!r}",
                got=f"{len(known)} values and {len(parameter)} different values",
                fix="give the two sweeps different names, or the same values",
            )
    return found


def on_grid(names: Sequence[str]) -> Callable[[Any], Any]:
    """A function that replaces an `Axis` by its values, shaped to broadcast against ``(*names, modes)``."""

    def place(parameter: Any) -> Any:
        if not isinstance(parameter, Axis):
            return parameter
        shape = [1] * (len(names) + 1)
        shape[list(names).index(parameter.name)] = len(parameter)
        return parameter.values.reshape(shape)

    return place


def at_points(indices: Mapping[str, NDArray[np.intp]]) -> Callable[[Any], Any]:
    """A function that replaces an `Axis` by its values at some points of the grid, of shape ``(points, 1)``."""

    def place(parameter: Any) -> Any:
        return parameter.values[indices[parameter.name], None] if isinstance(parameter, Axis) else parameter

    return place
