"""Cases: what a claim is checked on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.testing.variables import Variable
from kdtheory.validation import count, finite_array

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class Case:
    """Base of case classes: frozen dataclasses whose annotated fields say how each number is drawn.

    One object is a single case (its fields are floats) or a batch of them (its fields are arrays of shape (cases,)), so
    that a check written with NumPy is run on thousands of cases at once. An example is in `kdtheory.testing`.
    """

    def __post_init__(self) -> None:
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        if all(type(value) is float and value == value for value in values.values()):
            return  # a single case, as searches make them by the thousand
        arrays = {name: finite_array(name, v, ndim=(0, 1), infinity=True) for name, v in values.items()}
        try:
            shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            fix = "pass numbers, or arrays of one length"
            raise InvalidArgument("case", expected="fields of one length", got=shapes, fix=fix) from None
        for name, array in arrays.items():
            object.__setattr__(self, name, np.broadcast_to(array, shape) if shape else float(array))

    @classmethod
    def variables(cls) -> dict[str, Variable]:
        """How each field is drawn."""
        return _variables(cls)

    @classmethod
    def draw(cls, generator: np.random.Generator, size: int) -> Self:
        """A batch of ``size`` cases."""
        size = count("size", size, at_least=1)
        return cls(**{name: variable.draw(generator, size) for name, variable in cls.variables().items()})

    @classmethod
    def strategy(cls) -> SearchStrategy[Self]:
        """Hypothesis strategy of single cases; it shrinks to short round numbers."""
        from hypothesis import strategies

        return strategies.builds(cls, **{name: variable.strategy() for name, variable in cls.variables().items()})

    @property
    def size(self) -> int:
        """Number of cases in this object."""
        return int(np.size(next(iter(self.values.values()))))

    @property
    def values(self) -> dict[str, Any]:
        """Fields by name."""
        here = vars(self)
        return {name: here[name] for name in self.variables()}

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the fields that a single case depends on."""
        return tuple(self.variables())

    @staticmethod
    def per_mode(values: Any) -> NDArray[np.float64]:
        """One number per case with an axis of length 1 behind, so that it broadcasts with one number per mode."""
        return np.asarray(values, dtype=float)[..., None]

    def at(self, index: int) -> Self:
        """One case of a batch."""
        return type(self)(**{name: float(np.atleast_1d(value)[index]) for name, value in self.values.items()})

    def simpler(self) -> Sequence[Self]:
        """Single cases that differ from this one in one field, which is simpler there; the simplest first."""
        values = self.values
        found = [
            type(self)(**{**values, name: candidate})
            for name, variable in self.variables().items()
            for candidate in variable.simpler(values[name])
        ]
        return sorted(found, key=lambda case: case.complexity())

    @classmethod
    def batch(cls, cases: Sequence[Self]) -> Self:
        """Single cases as one batch."""
        rows = [case.values for case in cases]
        return cls(**{name: np.array([row[name] for row in rows]) for name in cls.variables()})

    def complexity(self) -> tuple[int, float]:
        """What shrinking makes small: significant digits of all fields, then distance from the simple values."""
        return self._complexity

    @cached_property
    def _complexity(self) -> tuple[int, float]:
        return self._measured(self.values)

    def _measured(self, values: dict[str, Any]) -> tuple[int, float]:
        """Complexity of some of the fields together."""
        variables = self.variables()
        each = [variables[name].complexity(value) for name, value in values.items()]
        return sum(digits for digits, _ in each), sum(distance for _, distance in each)

    def describe(self) -> str:
        """Fields of a single case in words, for example ``ratio=0.5, teacher_progress=1``."""
        return ", ".join(f"{name}={value:.15g}" for name, value in self.values.items())


@cache
def _variables(cls: type[Case]) -> dict[str, Variable]:
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        fix = "define the class, and import what its annotations name, at the top of a module"
        raise InvalidArgument(
            cls.__name__, expected="annotations that can be read", got=f"NameError: {error}", fix=fix
        ) from error
    found: dict[str, Variable] = {}
    for field in fields(cls):  # type: ignore[arg-type]
        hint = hints[field.name]
        declared = [item for item in get_args(hint)[1:] if isinstance(item, Variable)]
        if get_origin(hint) is not Annotated or len(declared) != 1:
            raise InvalidArgument(
                f"{cls.__name__}.{field.name}",
                expected="an annotation with its range",
                got="none",
                fix=f"write {field.name}: Annotated[Any, kd.testing.logarithmic(low, high)]",
            )
        found[field.name] = declared[0]
    if not found:
        fix = "decorate it with @dataclass(frozen=True) and annotate a field"
        raise InvalidArgument(cls.__name__, expected="a dataclass with at least one field", got="none", fix=fix)
    return found
