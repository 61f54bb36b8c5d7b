"""One number of a case: its range, the scale on which it is drawn, and what counts as simple."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Array = NDArray[np.float64]
_DIGITS = 4


@dataclass(frozen=True)
class Variable:
    """A number between ``low`` and ``high``; made by `linear`, `logarithmic` or `odds`.

    Draws are uniform on the scale. Simplification goes to fewer significant digits first, then towards ``simple``.
    """

    low: float
    high: float
    simple: float
    scale: str

    def __post_init__(self) -> None:
        inside = {"linear": (-np.inf, np.inf), "logarithmic": (0.0, np.inf), "odds": (0.0, 1.0)}[self.scale]
        if not inside[0] < self.low < self.high < inside[1] or not self.low <= self.simple <= self.high:
            raise InvalidArgument(
                "variable",
                expected=f"{inside[0]:g} < low < high < {inside[1]:g} with the simple value between low and high",
                got=f"low {self.low:g}, high {self.high:g}, simple {self.simple:g}",
                fix="change the range",
            )

    def draw(self, generator: np.random.Generator, size: int) -> Array:
        """``size`` numbers, uniform on the scale."""
        positions = generator.uniform(self._position(self.low), self._position(self.high), size)
        return np.clip(self._value(positions), self.low, self.high)

    def strategy(self) -> SearchStrategy[float]:
        """Hypothesis strategy: a position on the scale, rounded to 1 to 4 significant digits.

        The number of digits is drawn first and apart, so that shrinking it rounds the number at hand.
        """
        from hypothesis import strategies

        origin = self._position(self.simple)
        unit = (self._position(self.high) - self._position(self.low)) / 20_000
        steps = strategies.integers(
            int(np.ceil((self._position(self.low) - origin) / unit)),
            int(np.floor((self._position(self.high) - origin) / unit)),
        )
        digits = strategies.integers(1, _DIGITS)
        return strategies.builds(lambda d, s: self.rounded(float(self._value(origin + s * unit)), d), digits, steps)

    def rounded(self, value: float, digits: int) -> float:
        """``value`` with that many significant digits (of ``1 - value`` above one half on the odds scale), in range."""
        for count in range(digits, 18):
            candidate = float(f"{value:.{count - 1}e}")
            if self.scale == "odds" and value > 0.5:
                candidate = float(1 - Decimal(f"{1 - value:.{count - 1}e}"))
            if self.low <= candidate <= self.high:
                return candidate
        return value

    def simpler(self, value: float) -> list[float]:
        """Numbers in range that are simpler than ``value``, the simplest first."""
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
        digits = _significant(Decimal(repr(value)))
        if self.scale == "odds":
            digits = min(digits, _significant(1 - Decimal(repr(value))))
        if not self.low <= value <= self.high:
            return (digits, float("inf"))
        return (digits, abs(self._position(value) - self._position(self.simple)))

    def _position(self, value: float) -> float:
        if self.scale == "linear":
            return value
        return float(np.log10(value) - (np.log10(1 - value) if self.scale == "odds" else 0.0))

    def _value(self, position: Array | float) -> Array:
        if self.scale == "linear":
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


def odds(low: float, high: float, simple: float = 0.5) -> Variable:
    """A number between 0 and 1 whose log-odds are drawn uniformly: as fine towards 1 as towards 0."""
    return Variable(low, high, _clipped(simple, low, high), "odds")


def _clipped(simple: float, low: float, high: float) -> float:
    for name, value in {"low": low, "high": high, "simple": simple}.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InvalidArgument(name, expected="a finite number", got=describe(value), fix=f"change {name}")
    return float(min(max(simple, low), high))


def _significant(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits) if value.is_finite() and value else 0
