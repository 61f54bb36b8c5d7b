"""Textbook closed forms of all procedures, and the literal iterations and differential equations that they solve.

The mode has the target 1. Rates are in units of its eigenvalue: ``h`` is step size times eigenvalue, ``z`` time times
eigenvalue. The textbook forms lose digits (`stable-formulas` says where); they are what the statement says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import j1

Array = NDArray[np.float64]
_ORDER, _DOUBLINGS, _SERIES = 20, 6, 28


def flow(z: Any) -> Any:
    """Gradient flow."""
    return 1.0 - np.exp(-z)


def descent(h: Any, k: Any) -> Any:
    """Gradient descent."""
    return 1.0 - (1.0 - h) ** k


def ridge(lam: Any, c: Any) -> Any:
    """Ridge."""
    return lam / (lam + c)


def iterated(lam: Any, c: Any, m: Any) -> Any:
    """Iterated Tikhonov."""
    return 1.0 - (1.0 + lam / c) ** -m


def decay_flow(lam: Any, w: Any, t: Any) -> Any:
    """Gradient flow with weight decay towards zero."""
    return lam / (lam + w) * (1.0 - np.exp(-(lam + w) * t))


def decay_descent(h: Any, d: Any, k: Any) -> Any:
    """Gradient descent with weight decay towards zero, ``d`` is step size times decay."""
    return h / (h + d) * (1.0 - (1.0 - h - d) ** k)


def averaged_flow(z: Any) -> Any:
    """Gradient flow, averaged."""
    return 1.0 - (1.0 - np.exp(-z)) / z


def averaged_descent(h: Any, k: Any) -> Any:
    """Gradient descent, averaged over the iterates 0 to k - 1."""
    return 1.0 - (1.0 - (1.0 - h) ** k) / (k * h)


def two_roots(total: Any, product: Any, k: Any) -> Any:
    """Gain of a recurrence whose roots have that sum and product; of a double root as the limit."""
    apart = np.sqrt(np.asarray(total**2 - 4.0 * product, dtype=complex))
    one, two = 0.5 * (total + apart), 0.5 * (total - apart)
    double = np.abs(apart) < 1e-7
    left = ((1.0 - two) * one ** (k + 1) - (1.0 - one) * two ** (k + 1)) / np.where(double, 1.0, apart)
    return 1.0 - np.where(double, one**k * (1.0 + k * (1.0 - one)), left).real


def heavy_ball(h: Any, mu: Any, k: Any) -> Any:
    """Heavy ball."""
    return two_roots(1.0 + mu - h, mu, k)


def nesterov(h: Any, mu: Any, k: Any) -> Any:
    """Nesterov's iterate."""
    return two_roots((1.0 - h) * (1.0 + mu), (1.0 - h) * mu, k)


def look_ahead(h: Any, mu: Any, k: Any) -> Any:
    """The point at which Nesterov's method takes its gradient."""
    return (1.0 + mu) * nesterov(h, mu, k) - mu * nesterov(h, mu, k - 1.0)


def heavy_ball_flow(lam: Any, g: Any, t: Any) -> Any:
    """Heavy-ball flow; at critical friction as the limit."""
    w = np.sqrt(np.asarray(0.25 * g**2 - lam, dtype=complex))
    critical = np.abs(w) * t < 1e-6
    w = np.where(critical, 1.0, w)
    # Growth and damping are put together, so that neither overflows.
    up, down = np.exp((w - 0.5 * g) * t), np.exp(-(w + 0.5 * g) * t)
    left = 0.5 * (up + down) + 0.25 * g / w * (up - down)
    return 1.0 - np.where(critical, np.exp(-0.5 * g * t) * (1.0 + 0.5 * g * t), left).real


def nesterov_flow(x: Any) -> Any:
    """Nesterov flow, at the root of the eigenvalue times time."""
    return 1.0 - 2.0 * j1(x) / x


@dataclass(frozen=True)
class ClosedForms:
    """The closed forms and the limits of stability and monotony; mutants replace them."""

    flow: Callable[..., Any] = flow
    descent: Callable[..., Any] = descent
    ridge: Callable[..., Any] = ridge
    iterated: Callable[..., Any] = iterated
    decay_flow: Callable[..., Any] = decay_flow
    decay_descent: Callable[..., Any] = decay_descent
    averaged_flow: Callable[..., Any] = averaged_flow
    averaged_descent: Callable[..., Any] = averaged_descent
    heavy_ball: Callable[..., Any] = heavy_ball
    nesterov: Callable[..., Any] = nesterov
    look_ahead: Callable[..., Any] = look_ahead
    heavy_ball_flow: Callable[..., Any] = heavy_ball_flow
    nesterov_flow: Callable[..., Any] = nesterov_flow
    descent_limit: Callable[..., Any] = lambda mu: 2.0 + 0.0 * mu
    heavy_ball_limit: Callable[..., Any] = lambda mu: 2.0 * (1.0 + mu)
    nesterov_limit: Callable[..., Any] = lambda mu: (2.0 + 2.0 * mu) / (1.0 + 2.0 * mu)
    heavy_ball_critical: Callable[..., Any] = lambda mu: (1.0 - np.sqrt(mu)) ** 2
    nesterov_critical: Callable[..., Any] = lambda mu: ((1.0 - mu) / (1.0 + mu)) ** 2
    friction_critical: Callable[..., Any] = lambda g: 0.25 * g**2
    first_overshoot: Callable[..., Any] = lambda: 3.8317059702075125


def one_step(kind: str, h: Array, mu: Array) -> Array:
    """What one step does to error and velocity, shape (..., 2, 2)."""
    zero = np.zeros(np.broadcast_shapes(np.shape(h), np.shape(mu)))
    rows = {
        "descent": (1.0 - h, zero, zero, zero),
        "heavy ball": (1.0 - h, mu, -h, mu),
        "nesterov": (1.0 - h, mu * (1.0 - h), -h, mu * (1.0 - h)),
    }[kind]
    return np.stack([entry + zero for entry in rows], axis=-1).reshape(*zero.shape, 2, 2)


def iterated_literally(kind: str, h: Array, mu: Array, steps: Array, start: Array, velocity: Any = 0.0) -> Array:
    """Position after so many steps from ``start``, step by step, shape (4, cases).

    Rows: the position, the look-ahead point, the average of the positions before each step, the position with a pull.
    For "descent with decay", ``mu`` is step size times decay; for "implicit", ``h`` is eigenvalue over penalty.
    """
    x, v, total = start.copy(), np.zeros_like(start) + velocity, np.zeros_like(start)
    for j in range(int(np.max(steps))):
        ahead = x + mu * v if kind == "nesterov" else x
        total = np.where(j < steps, total + x, total)
        push = -h * (ahead - 1.0)
        if kind == "implicit":
            new, speed = (x + h) / (1.0 + h), v
        elif kind == "descent with decay":
            new, speed = x + push - mu * x, v
        else:
            speed = mu * v + push if kind in ("heavy ball", "nesterov") else push
            new = x + speed
        x, v = np.where(j < steps, new, x), np.where(j < steps, speed, v)
    return np.stack([x, x + mu * v, total / steps])


def solved_literally(matrix: Array, time: Array, start: Array) -> Array:
    """``exp(matrix * time) start`` by a Taylor series over a small part of the time, applied over and over."""
    part = matrix * (np.asarray(time) / 2.0**_DOUBLINGS)[..., None, None]
    one = np.broadcast_to(np.eye(matrix.shape[-1]), part.shape)
    step = one
    for n in range(_ORDER, 0, -1):
        step = one + part @ step / n
    for _ in range(_DOUBLINGS):
        step = step @ step
    return (step @ start[..., None])[..., 0]


def clocked_literally(x: Array) -> Array:
    """Error of Nesterov flow by the power series that its differential equation asks for, coefficient by coefficient.

    In ``sum of c_n x^(2n)`` the equation says ``(2n + 2)(2n + 4) c_(n+1) = -c_n``.
    """
    term = value = np.ones_like(x)
    for n in range(_SERIES):
        term = -term * np.square(x) / ((2 * n + 2) * (2 * n + 4))
        value = value + term
    return value
