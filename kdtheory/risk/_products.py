"""Products of the best weights of several rounds: least squares in as many digits as they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk.quadratic import QuadraticRisk

TIED = 1e-12  # gains that differ by less, relatively, are those of one eigenvalue up to rounding
LARGEST = 1e50  # of a weight: products of more and larger ones leave float64


def best_products(risk: QuadraticRisk, gains: Array, residuals: Array, rounds: int) -> list[Any]:
    """``T_1, ..., T_rounds`` of least risk as mpmath numbers; zeros beyond the number of distinct gains.

    Columns ``change * gain^m`` are made orthogonal one by one, in the metric of the risk, while their coefficients are
    kept. Each loses at most as many digits as neighbouring gains share, 12, since closer ones are tied.
    """
    import mpmath

    context = mpmath.mp.clone()
    context.dps = 40 + 26 * rounds
    lost = context.mpf(10) ** (20 - 2 * context.dps)  # what rounding leaves of a column that the others span, squared
    exact = np.vectorize(context.mpf, otypes=[object])
    first = _first_of_tied(gains)
    g = exact(gains[first])
    change = g * exact(residuals[first])
    goal = -_seen(risk, context, exact, exact(residuals), exact(gains), exact(risk.unreachable))
    products = exact(np.zeros(rounds))
    basis: list[tuple[Any, Any, Any]] = []
    for number in range(min(rounds, np.unique(first[gains * residuals != 0]).size)):
        column = _seen(risk, context, exact, change * g**number, -change * g**number, exact(0.0))
        power, size = exact(np.arange(rounds) == number), column @ column
        for other, made, square in basis * 2:  # twice is enough
            share = (other @ column) / square
            column, power = column - share * other, power - share * made
        if column @ column <= lost * size:
            break
        basis.append((column, power, column @ column))
        products = products + (column @ goal) / basis[-1][2] * power
    return list(products)


def weights_of(products: Sequence[Any]) -> tuple[float, ...]:
    """Weights round by round, the first one first: ratios of the products; 0 before the last round that matters."""
    mattering = max((number for number, product in enumerate(products, start=1) if product != 0), default=0)
    weights = [0.0] * len(products)
    before: Any = 1
    for number, product in enumerate(products[:mattering]):
        weight = product / before if before else None
        if weight is None or abs(weight) > LARGEST:
            got = f"weight {number + 1} from the end beyond {LARGEST:g}: the one after it is 0"
            fix = "change the gains a little, for example the penalty"
            raise InvalidArgument("gains", expected="finite weights", got=got, fix=fix)
        weights[-1 - number] = float(weight)
        before = product
    return tuple(weights)


def polynomial(products: Sequence[Any], gains: Array) -> Array:
    """``sum_m T_(m+1) gain^m``, without rounding until the end."""
    values = []
    for gain in gains:
        value: Any = 0
        for product in reversed(products):
            value = value * product.context.mpf(gain) + product
        values.append(float(value))
    return np.array(values)


def _seen(risk: QuadraticRisk, context: Any, exact: Any, residuals: Any, gains: Any, unreachable: Any) -> Any:
    """A vector whose square is the risk."""
    signal = exact(risk.signal)
    errors = residuals * signal if risk.signal.ndim == 1 else signal @ residuals
    spread = np.array([context.sqrt(v) for v in exact(risk.noise)], dtype=object)
    return np.concatenate([errors + unreachable, spread * gains])


def _first_of_tied(gains: Array) -> Any:
    """For each gain the index of one that stands for all gains tied with it."""
    order = np.argsort(gains)
    rising = gains[order]
    apart = np.diff(rising) > TIED * np.abs(rising[1:])
    starts = np.concatenate([[0], np.flatnonzero(apart) + 1])
    return order[starts][np.searchsorted(starts, np.argsort(order), side="right") - 1]
