r"""Elasticity: by how many percent a gain grows where the eigenvalue is one percent larger.

.. math:: e(\lambda) = \frac{d \log \text{gain}}{d \log \lambda}, \qquad
          E(u) = e(\lambda) \text{ where the gain is } u

Distillation multiplies gains and adds elasticities; whether it exaggerates is read off from them (`exaggeration`).

Derivatives are central differences of order eight in :math:`\log \lambda`, for any procedure: of the log-gain up to one
half, of the residual above, where the elasticity is as small as the residual. Steps from 0.2 down to 0.0001 are tried
and the best is kept, with an estimate of its error. (Complex steps and automatic differentiation would have to pass
through every family's case distinctions.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.procedures.base import Array, Procedure
from kdtheory.procedures.matching import Estimate
from kdtheory.validation import describe, finite_array

Family = Callable[[Any], Procedure]

_EPSILON = float(np.finfo(np.float64).eps)
_WEIGHTS = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
_LARGEST_STEP, _HALVINGS = 0.2, 11
_UNRESOLVED = 1e-5
_LOG_RANGE = 100.0
_BISECTIONS = 64
_TINY = 1e-300


def elasticity(procedure: Procedure, eigenvalues: ArrayLike) -> Array:
    r"""Elasticity :math:`d \log \text{gain} / d \log \lambda` at positive eigenvalues where the gain is positive.

    Parameters
    ----------
    procedure : Procedure
        Its parameters broadcast against the eigenvalues.
    eigenvalues : array

    Raises
    ------
    InvalidArgument
        Where there is no logarithm, or the gain has no derivative (a cut-off at its threshold).

    Examples
    --------
    >>> from kdtheory.procedures import GradientFlow, Ridge
    >>> elasticity(Ridge(penalty=1.0), [0.25, 1.0, 4.0]).round(12).tolist()
    [0.8, 0.5, 0.2]
    >>> elasticity(GradientFlow(time=1.0), [1e-6, 1.0, 30.0]).round(12).tolist()
    [0.9999995, 0.581976706869, 3e-12]
    """
    if not isinstance(procedure, Procedure):
        fix = "pass for example GradientFlow(time=1.0)"
        raise InvalidArgument("procedure", expected="a procedure", got=describe(procedure), fix=fix)
    return elasticity_estimate(procedure, eigenvalues).value


def elasticity_estimate(procedure: Procedure, eigenvalues: ArrayLike) -> Estimate:
    """`elasticity` with an estimate of its error: what halving the step still changes, plus rounding."""
    return procedure._apply(lambda lam: _differences(procedure, lam), eigenvalues)


def refuse_unless_family(argument: str, family: object) -> None:
    """Raise unless the argument can be called with a parameter."""
    if not callable(family):
        fix = "pass for example GradientFlow, or lambda time: HeavyBallFlow(time, friction=1.0)"
        expected = "a function from a parameter to a procedure"
        raise InvalidArgument(argument, expected=expected, got=describe(family), fix=fix)


def elasticity_at_gain(family: Family, gain: ArrayLike, *, longest: Any = None) -> Array:
    """Elasticity :math:`E(u)` as a function of the gain ``u``, at eigenvalue 1.

    For procedures that depend on one scale times the eigenvalue it is the same at every eigenvalue.

    Parameters
    ----------
    family : callable
        From a parameter (or an array of them) to a procedure, for example ``GradientFlow`` or ``Ridge``.
    gain, longest
        As for `parameter_at_gain`.

    >>> from kdtheory.procedures import Ridge
    >>> elasticity_at_gain(Ridge, [0.25, 0.5, 0.75]).round(12).tolist()
    [0.75, 0.5, 0.25]
    """
    found = parameter_at_gain(family, gain, longest=longest)
    return elasticity(family(found), np.ones(np.shape(found)))


def parameter_at_gain(
    family: Family, gain: ArrayLike, *, residual: ArrayLike | None = None, longest: Any = None
) -> Array:
    """The parameter at which a family's gain at eigenvalue 1 is ``gain``, found on a logarithmic scale.

    Parameters
    ----------
    family : callable
        Its gain must rise with the parameter, or fall (a penalty), over the whole range.
    gain : array
        Positive.
    residual : array, optional
        ``1 - gain`` where that is known better than by subtraction; compared where gains exceed one half.
    longest : array, optional
        Largest parameter, for families that rise only so far (until momentum overshoots); default: ``exp(100)``.

    >>> from kdtheory.procedures import GradientFlow
    >>> float(parameter_at_gain(GradientFlow, 0.5).round(12))
    0.69314718056
    """
    refuse_unless_family("family", family)
    goal = finite_array("gain", gain)
    left = 1.0 - goal if residual is None else np.asarray(residual, dtype=float)
    top = np.broadcast_to(_LOG_RANGE if longest is None else np.log(longest), goal.shape)
    bottom = np.broadcast_to(-_LOG_RANGE, goal.shape)
    one = np.ones(goal.shape)

    def ahead(log_parameter: Array) -> Array:
        member = family(np.exp(log_parameter))
        gain, rest = member.gain(one), member.residual(one)
        by_gain = np.log(np.maximum(gain, _TINY) / goal)
        by_rest = np.where(left > 0, np.log(np.maximum(left, _TINY) / np.maximum(rest, _TINY)), left - rest)
        return np.where(goal > 0.5, by_rest, by_gain)

    first, last = ahead(bottom), ahead(top)
    slack = 64 * _EPSILON
    outside = (np.minimum(first, last) > slack) | (np.maximum(first, last) < -slack)
    if outside.any():
        got = f"{goal[outside][0]:g}"
        fix = "take a gain between those of its shortest and its longest member"
        raise InvalidArgument("gain", expected="gains that the family reaches", got=got, fix=fix)
    return np.exp(_crossing(ahead, (bottom, top), (first, last)))


def _crossing(function: Callable[[Array], Array], ends: tuple[Array, Array], values: tuple[Array, Array]) -> Array:
    """Where a monotone function crosses zero, to the last bit: Chandrupatla's method (1997), all crossings at once."""
    (x1, x2), (f1, f2) = ends, values
    t: Any = 0.5
    best = x1
    for _ in range(2 * _BISECTIONS):
        x = x1 + t * (x2 - x1)
        f = function(x)
        same = np.sign(f) == np.sign(f1)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        best = np.where(np.abs(f2) < np.abs(f1), x2, x1)
        width = np.maximum(np.abs(x2 - x1), _TINY)
        least = 2.0 * _EPSILON * np.maximum(np.abs(best), 1e-3) / width
        if np.all((least > 0.5) | (np.minimum(np.abs(f1), np.abs(f2)) == 0)):
            break
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
            quadratic = (np.square(phi) < xi) & (np.square(1.0 - phi) < 1.0 - xi)
            leap = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        t = np.clip(
            np.where(quadratic & np.isfinite(leap), leap, 0.5), np.minimum(least, 0.5), 1 - np.minimum(least, 0.5)
        )
    return best


def _differences(procedure: Procedure, lam: Array) -> Estimate:
    """The best of the steps, everywhere."""
    gain = procedure._gain(lam)
    if not np.all((lam > 0) & (gain > 0)):
        fix = "leave out null modes and those that the procedure does not learn"
        got = f"gain {np.min(gain):g} at eigenvalue {np.min(lam):g}"
        raise InvalidArgument("eigenvalues", expected="positive ones with positive gains", got=got, fix=fix)
    offsets, values = _sampled(procedure, lam, gain)
    late = gain > 0.5
    best, error = np.zeros(gain.shape), np.full(gain.shape, np.inf)
    before, size = _central(offsets, values, 0)
    for level in range(_HALVINGS):
        after, smaller = _central(offsets, values, level + 1)
        size = np.where(late, size * (1.0 + np.abs(np.log(np.maximum(size, _TINY)))), 1.0)
        rounding = 4.0 * _EPSILON * (size + np.abs(after)) * 2**level / _LARGEST_STEP
        estimate = np.abs(after - before) + rounding
        better = estimate < error
        best, error = np.where(better, before, best), np.where(better, estimate, error)
        before, size = after, smaller
    scale = np.where(late, -1.0 / gain, 1.0)
    found = Estimate(best * scale, error * np.abs(scale))
    _refuse_unresolved(found)
    return found


def _refuse_unresolved(found: Estimate) -> None:
    if not np.all(found.error <= _UNRESOLVED * (1.0 + np.abs(found.value))):
        fix = "take eigenvalues away from thresholds"
        got = f"differences that do not settle (error {np.max(found.error):.2g})"
        raise InvalidArgument("eigenvalues", expected="a gain that is smooth there", got=got, fix=fix)


def _sampled(procedure: Procedure, lam: Array, gain: Array) -> tuple[dict[int, int], Array]:
    """Where each offset (in units of the smallest step) stands, and the sampled log-gains or residuals there.

    Offsets of one step are, but for two of them, offsets of the next.
    """
    units = sorted({sign * k * 2**level for level in range(_HALVINGS + 1) for k in _WEIGHTS for sign in (1, -1)})
    step = _LARGEST_STEP / 2**_HALVINGS
    around = lam * np.exp(step * np.reshape(units, (-1, *[1] * gain.ndim)))
    gains, residuals = procedure._gain(around), procedure._residual(around)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(gain > 0.5, residuals, np.log(np.maximum(gains / gain, _TINY)))
    return {unit: position for position, unit in enumerate(units)}, values


def _central(offsets: dict[int, int], values: Array, level: int) -> tuple[Array, Array]:
    """The derivative by the step that is halved ``level`` times, and the largest value that it takes."""
    unit = 2 ** (_HALVINGS - level)
    taken = {k: (values[offsets[k * unit]], values[offsets[-k * unit]]) for k in _WEIGHTS}
    slope = np.sum([_WEIGHTS[k] * (up - down) for k, (up, down) in taken.items()], axis=0) * 2**level / _LARGEST_STEP
    return slope, np.max(np.abs(list(taken.values())), axis=(0, 1))
