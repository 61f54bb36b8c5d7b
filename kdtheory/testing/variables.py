"""One number of a case: its range, the scale on which it is drawn, and what counts as simple."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Array = NDArray[np.float64]
_DIGITS = 4


@dataclass(frozen=True)
class Variable:
    """A number between ``low`` and ``high``; made by `linear`, `logarithmic`, `odds` or `whole`.

    Draws are uniform on the scale; with ``edges``, one of eight is 0 and one of eight is 1. Simplification goes to
    fewer significant digits first, then towards ``simple``.
    """

    low: float
    high: float
    simple: float
    scale: str
    edges: bool = False

    def __post_init__(self) -> None:
        inside = {"logarithmic": (0.0, np.inf), "odds": (0.0, 1.0)}.get(self.scale, (-np.inf, np.inf))
        if not inside[0] < self.low < self.high < inside[1] or not self.low <= self.simple <= self.high:
            raise InvalidArgument(
                "variable",
                expected=f"{inside[0]:g} < low < high < {inside[1]:g} with the simple value between low and high",
                got=f"low {self.low:g}, high {self.high:g}, simple {self.simple:g}",
                fix="change the range",
            )

    def draw(self, generator: np.random.Generator, size: int) -> Array:
        """``size`` numbers, uniform on the scale."""
        if self.scale == "whole":
            return generator.integers(int(self.low), int(self.high), size, endpoint=True).astype(float)
        positions = generator.uniform(self._position(self.low), self._position(self.high), size)
        values = np.clip(self._value(positions), self.low, self.high)
        if not self.edges:
            return values
        kind = generator.integers(8, size=size)
        return np.where(kind == 0, 0.0, np.where(kind == 1, 1.0, values))

    def grid(self, points: int) -> Array:
        """About ``points`` rising numbers from ``low`` to ``high``, evenly on the scale; whole ones are all of them."""
        if self.scale == "whole":
            return np.arange(self.low, self.high + 1.0)
        positions = np.linspace(self._position(self.low), self._position(self.high), points)
        return np.clip(self._value(positions), self.low, self.high)

    def strategy(self) -> SearchStrategy[float]:
        """Hypothesis strategy: a position on the scale, rounded to 1 to 4 significant digits.

        The number of digits is drawn first and apart, so that shrinking it rounds the number at hand.
        """
        from hypothesis import strategies

        if self.scale == "whole":
            steps = strategies.integers(int(self.low - self.simple), int(self.high - self.simple))
            return steps.map(lambda step: self.simple + step)
        origin = self._position(self.simple)
        unit = (self._position(self.high) - self._position(self.low)) / 20_000
        steps = strategies.integers(
            int(np.ceil((self._position(self.low) - origin) / unit)),
            int(np.floor((self._position(self.high) - origin) / unit)),
        )
        digits = strategies.integers(1, _DIGITS)
        inner = strategies.builds(lambda d, s: self.rounded(float(self._value(origin + s * unit)), d), digits, steps)
        return strategies.one_of(inner, strategies.sampled_from([1.0, 0.0])) if self.edges else inner

    def rounded(self, value: float, digits: int) -> float:
        """``value`` with that many significant digits (of ``1 - value`` above one half on the odds scale), in range."""
        if self.scale == "whole":
            return float(np.clip(np.rint(value), self.low, self.high))
        for kept in range(digits, 18):
            candidate = float(f"{value:.{kept - 1}e}")
            if self.scale == "odds" and value > 0.5:
                candidate = float(1 - Decimal(f"{1 - value:.{kept - 1}e}"))
            if self.low <= candidate <= self.high:
                return candidate
        return value

    def simpler(self, value: float) -> list[float]:
        """Numbers in range that are simpler than ``value``, the simplest first."""
        if self.edges and value in (0.0, 1.0):
            return [self.simple]
        if self.scale == "whole":
            wholes = np.arange(self.low, self.high + 1.0)
            nearer = np.abs(wholes - self.simple) < abs(value - self.simple)
            return sorted(wholes[nearer].tolist(), key=self.complexity)
        here, there = self._position(value), self._position(self.simple)
        between = [float(self._value(there + share * (here - there))) for share in (0.25, 0.5, 0.75, 0.9, 1.0)]
        candidates = [self.rounded(nearby, digits) for nearby in between for digits in range(1, _DIGITS + 1)]
        if self.scale != "odds":
            upward = [value * (1 + 0.5 * 10.0 ** (1 - digits)) for digits in range(1, _DIGITS + 1)]
            candidates += [self.rounded(nearby, digits) for digits, nearby in enumerate(upward, start=1)]
        known = dict.fromkeys([self.simple, *candidates])
        inside = [candidate for candidate in known if self.low <= candidate <= self.high]
        simpler = [candidate for candidate in inside if self.complexity(candidate) < self.complexity(value)]
        return sorted(simpler, key=self.complexity)

    def complexity(self, value: float) -> tuple[int, float]:
        """Number of significant digits, and distance from the simple value on the scale."""
        digits = _significant(value, from_one=self.scale == "odds")
        if self.edges and value in (0.0, 1.0):
            return (1, abs(self._position(self.high) - self._position(self.low)))
        if not self.low <= value <= self.high:
            return (digits, float("inf"))
        return (digits, abs(self._position(value) - self._position(self.simple)))

    def _position(self, value: float) -> float:
        if self.scale in ("linear", "whole"):
            return value
        return float(np.log10(value) - (np.log10(1 - value) if self.scale == "odds" else 0.0))

    def _value(self, position: Array | float) -> Array:
        if self.scale in ("linear", "whole"):
            return np.asarray(position)
        power = np.power(10.0, position)
        return power / (1 + power) if self.scale == "odds" else power


def linear(low: float, high: float, simple: float = 0.0) -> Variable:
    """A number drawn uniformly from ``low`` to ``high``."""
    return Variable(low, high, _clipped(simple, low, high), "linear")


def logarithmic(low: float, high: float, simple: float = 1.0) -> Variable:
    """A positive number whose logarithm is drawn uniformly.

    >>> logarithmic(1e-6, 30.0).simpler(0.0314)
    [1.0, 0.4, 0.2, 0.07, 0.05, 0.04, 0.03, 0.42, 0.18, 0.075, ...]
    """
    return Variable(low, high, _clipped(simple, low, high), "logarithmic")


def odds(low: float, high: float, simple: float = 0.5, *, edges: bool = False) -> Variable:
    """A number between 0 and 1 whose log-odds are drawn uniformly: as fine towards 1 as towards 0.

    With ``edges``, 0 and 1 themselves are drawn, too.
    """
    return Variable(low, high, _clipped(simple, low, high), "odds", edges)


def whole(low: int, high: int, simple: int = 1) -> Variable:
    """A whole number, drawn uniformly from ``low`` to ``high``, both included.

    >>> whole(1, 8).simpler(4.0)
    [1.0, 2.0, 3.0]
    """
    for name, value in {"low": low, "high": high}.items():
        count(name, value, at_least=-(2**53))
    return Variable(low, high, _clipped(simple, low, high), "whole")


def _clipped(simple: float, low: float, high: float) -> float:
    for name, value in {"low": low, "high": high, "simple": simple}.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InvalidArgument(name, expected="a finite number", got=describe(value), fix=f"change {name}")
    return float(min(max(simple, low), high))


@lru_cache(maxsize=4096)
def _significant(value: float, from_one: bool) -> int:
    """Digits of a number; if its distance from one is shorter, of that."""
    exact = Decimal(repr(value))
    each = (exact, 1 - exact) if from_one else (exact,)
    return min(len(item.normalize().as_tuple().digits) if item.is_finite() and item else 0 for item in each)
