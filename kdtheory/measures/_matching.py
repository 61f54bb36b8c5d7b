"""The reference whose gain on a leading mode is the student's: from a family of procedures, or along a trajectory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.procedures import Procedure
from kdtheory.validation import describe

# exp of this times the largest eigenvalue stays finite.
_LOG_RANGE = 600.0


def matched_family(family: Callable[[Any], Procedure], eigenvalues: Array | None, state: Array, leading: int) -> Array:
    """Gains and residuals ``(*axes, modes, 2)`` of the member of a family whose leading gain is the state's.

    The parameter is bisected on a logarithmic scale, comparing gains below one half and residuals above. No gain in
    (0, 1), no match: NaN.
    """
    if eigenvalues is None:
        fix = "pass progress(...) of a fit, or the reference's gains"
        raise InvalidArgument("student", expected="known eigenvalues", got="gains as numbers", fix=fix)
    if eigenvalues[leading] <= 0:
        fix = "choose a mode below the rank"
        got = f"mode {leading}"
        raise InvalidArgument("leading", expected="a mode with a positive eigenvalue", got=got, fix=fix)
    gain, residual = state[..., leading, 0], state[..., leading, 1]
    unit = float(eigenvalues[leading])

    def short(log_parameter: Array) -> Any:
        member = family(np.exp(log_parameter))
        by_residual = member.residual(unit) > residual
        return np.where(gain > 0.5, by_residual, member.gain(unit) < gain)

    low, high = np.full(gain.shape, -_LOG_RANGE), np.full(gain.shape, _LOG_RANGE)
    _refuse_flat(family, unit)
    if float(family(np.exp(_LOG_RANGE)).gain(unit)) < 0.5:
        low, high = high, low  # the gain falls with the parameter
    for _ in range(80):
        middle = (low + high) / 2
        more = short(middle)
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    member = family(np.exp((low + high) / 2)[..., None])
    found = np.stack([member.gain(eigenvalues), member.residual(eigenvalues)], axis=-1)
    matches = (gain > 0) & (residual > 0)
    return np.where(matches[..., None, None], found, np.nan)


def _refuse_flat(family: Callable[[Any], Procedure], eigenvalue: float) -> None:
    member = family(1.0)
    if not isinstance(member, Procedure):
        fix = "pass kd.GradientFlow, kd.Ridge, or a trajectory"
        raise InvalidArgument("reference", expected="a family of procedures", got=describe(member), fix=fix)
    ends = [float(family(np.exp(end)).gain(eigenvalue)) for end in (-_LOG_RANGE, _LOG_RANGE)]
    if not (min(ends) < 1e-12 and max(ends) > 1 - 1e-12):
        fix = "pass a trajectory of the reference instead"
        got = f"gains from {min(ends):.4g} to {max(ends):.4g}"
        raise InvalidArgument("reference", expected="a family whose gain goes from 0 to 1", got=got, fix=fix)


def matched_path(state: Array, path: Array, leading: int) -> Array:
    """Gains and residuals ``(*axes, modes, 2)`` on a path ``(*axes, points, modes, 2)`` where it meets the state."""
    found = np.full(state.shape, np.nan)
    for cell in np.ndindex(state.shape[:-2]):
        target, points = state[cell][leading], path[cell]
        if len(points) == 1:
            _refuse_unmatched(target, points[0, leading])
            found[cell] = points[0]
            continue
        ahead = np.sign(points[:, leading, 0] - target[0])
        crossings = np.flatnonzero(ahead[:-1] * ahead[1:] <= 0)
        if len(crossings):
            before, after = points[crossings[0]], points[crossings[0] + 1]
            found[cell] = _between(before, after, _position(before[leading], after[leading], target))
    return found


def _refuse_unmatched(target: Array, point: Array) -> None:
    allowed = 1e-6 * np.min(np.abs(target)) + 16 * np.finfo(float).eps
    if abs(target[0] - point[0]) > allowed:
        raise InvalidArgument(
            "reference",
            expected=f"the student's leading gain, {target[0]:.10g}, or a trajectory",
            got=f"{point[0]:.10g}",
            fix="sweep the reference's time, name its axis with along=, or pass a family such as kd.GradientFlow",
        )


def _position(before: Array, after: Array, target: Array) -> float:
    """Where on the way from ``before`` to ``after`` the target lies, 0 to 1."""
    if min(before[1], after[1], target[1]) > 0:
        first, last, wanted = (_log_residual(each) for each in (before, after, target))
    else:
        first, last, wanted = before[0], after[0], target[0]
    return float(np.clip((wanted - first) / (last - first), 0.0, 1.0)) if last != first else 0.0


def _between(before: Array, after: Array, position: float) -> Array:
    """Modes interpolated in log residuals; those that overshoot, in gains."""
    straight = (1 - position) * before + position * after
    smooth = (before[:, 1] > 0) & (after[:, 1] > 0)
    logs = np.zeros(len(before))
    logs[smooth] = (1 - position) * _log_residual(before[smooth]) + position * _log_residual(after[smooth])
    return np.where(smooth[:, None], np.stack([-np.expm1(logs), np.exp(logs)], axis=-1), straight)


def _log_residual(state: Array) -> Array:
    """log(1 - gain) from gains below one half, from residuals above."""
    gain, residual = state[..., 0], state[..., 1]
    return np.where(gain < 0.5, np.log1p(-np.minimum(gain, 0.5)), np.log(np.maximum(residual, np.finfo(float).tiny)))
