"""Gains and residuals in 80 digits, from definitions: textbook formulas, and steps by powers of one-step matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

DIGITS = 80
Pair = tuple[Any, Any]
mp = mpmath.mp.clone()
mp.dps = DIGITS


def _left(error: Any) -> Pair:
    return 1 - error, error


def _decayed(lam: Any, decay: Any, kept: Any) -> Pair:
    share = (1 - kept) / (lam + decay)
    return lam * share, 1 - lam * share


def _averaged_descent(lam: Any, step: Any, k: int) -> Pair:
    h = lam * step
    return _left((1 - (1 - h) ** k) / (k * h))


def _steps(one_step: tuple[Any, ...], k: int) -> Pair:
    """By repeated squaring."""
    result, matrix = (mp.mpf(1), mp.mpf(0), mp.mpf(0), mp.mpf(1)), one_step
    while k:
        if k % 2:
            result = _product(result, matrix)
        matrix, k = _product(matrix, matrix), k // 2
    return _left(result[0])


def _product(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]
    )  # fmt: skip


def _heavy_ball(lam: Any, step: Any, mu: Any, k: int) -> Pair:
    h = step * lam
    return _steps((1 - h, mu, -h, mu), k)


def _nesterov(lam: Any, step: Any, mu: Any, k: int) -> Pair:
    h = step * lam
    return _steps((1 - h, mu * (1 - h), -h, mu * (1 - h)), k)


def _heavy_ball_flow(lam: Any, time: Any, friction: Any) -> Pair:
    root = mp.sqrt(mp.mpc(friction**2 / 4 - lam))
    slow, fast = friction / 2 - root, friction / 2 + root
    if root == 0:
        return _left(mp.exp(-slow * time) * (1 + slow * time))
    return _left(((fast * mp.exp(-slow * time) - slow * mp.exp(-fast * time)) / (fast - slow)).real)


def _nesterov_flow(lam: Any, time: Any) -> Pair:
    x = mp.sqrt(lam) * time
    return _left(2 * mp.besselj(1, x) / x)


def _matched(a: Any, b: Any) -> Pair:
    """The progress of the reference, and the share of the student's gain that the teacher has not."""
    return -mp.log(mp.exp(-a) + mp.exp(-b) - mp.exp(-a - b)), mp.exp(-b)


EXACT: dict[str, Callable[..., Pair]] = {
    "flow": lambda lam, time: _left(mp.exp(-lam * time)),
    "descent": lambda lam, step, k: _left((1 - lam * step) ** k),
    "ridge": lambda lam, penalty: (lam / (lam + penalty), penalty / (lam + penalty)),
    "iterated": lambda lam, penalty, k: _left((1 + lam / penalty) ** -k),
    "decay_flow": lambda lam, time, decay: _decayed(lam, decay, mp.exp(-(lam + decay) * time)),
    "decay_descent": lambda lam, step, decay, k: _decayed(lam, decay, (1 - step * (lam + decay)) ** k),
    "averaged_flow": lambda lam, time: _left((1 - mp.exp(-lam * time)) / (lam * time)),
    "averaged_descent": _averaged_descent,
    "heavy_ball": _heavy_ball,
    "nesterov": _nesterov,
    "heavy_ball_flow": _heavy_ball_flow,
    "nesterov_flow": _nesterov_flow,
    "matched": _matched,
    "mixed": lambda lam, penalty, mixing: (
        (1 - mixing) * lam / ((1 - mixing) * lam + penalty),
        penalty / ((1 - mixing) * lam + penalty),
    ),
}
"""Gain and residual of each formula by its inputs; whole numbers come last."""


def exactly(name: str, *inputs: float) -> Pair:
    """Gain and residual in 80 digits; the last input of procedures with steps is their whole number."""
    counted = name in ("descent", "iterated", "decay_descent", "averaged_descent", "heavy_ball", "nesterov")
    exact = [mp.mpf(value) for value in inputs]
    return EXACT[name](*([*exact[:-1], int(inputs[-1])] if counted else exact))


def distance(value: float, exact: Any) -> float:
    """Absolute error of a float."""
    return float(abs(mp.mpf(value) - exact)) if value == value else float("inf")
