r"""The damped oscillator :math:`x'' + g x' + \lambda x = 0` over a time ``t``.

With :math:`m = g/2` and :math:`\omega = \sqrt{|m^2 - \lambda|}` it has the rates :math:`m \pm \omega` (or
:math:`m \pm i\omega`), whose product is :math:`\lambda`: the slow one is :math:`\lambda` over the fast one, never a
difference. Over-damped formulas are sums of positive terms; where the rates meet nothing is divided by their distance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures._cases import choose
from kdtheory.procedures._phi import exponential_difference, phi1
from kdtheory.procedures._roots import Motion

Array = NDArray[np.float64]


def oscillation(time: Any, friction: Any, lam: Array) -> Motion:
    """What the time does to error and velocity; ``1 - error = lam * progress``."""
    time, friction, lam = np.broadcast_arrays(np.asarray(time, dtype=float), friction, lam)
    half = 0.5 * friction
    square = (half - np.sqrt(lam)) * (half + np.sqrt(lam))
    arguments = time, half, lam, square
    error, velocity, response, progress = choose(square >= 0, _overdamped, _underdamped, *arguments)
    farthest = time * np.where(square >= 0, half + np.sqrt(np.maximum(square, 0.0)), np.sqrt(lam))
    progress = choose(farthest <= 1, _early, lambda *a: a[3], time, friction, lam, progress)
    return Motion(error, velocity, response, progress)


def _early(time: Array, friction: Array, lam: Array, _: Array) -> Array:
    return np.square(time) * exponential_difference(friction * time, lam * np.square(time))


def _overdamped(time: Array, half: Array, lam: Array, square: Array) -> tuple[Array, ...]:
    omega = np.sqrt(square)
    fast_rate = half + omega
    slow_rate = np.divide(lam, fast_rate, out=np.zeros(lam.shape), where=fast_rate > 0)
    slow, fast = slow_rate * time, fast_rate * time
    left = np.exp(-slow)
    response = time * left * phi1(2.0 * omega * time)
    error = left + slow_rate * response
    velocity = np.exp(-fast) - slow_rate * response
    progress = choose(
        fast >= 2.0 * slow,
        lambda t, a, b, lam, error: t * (t * (phi1(a) - phi1(b))) / np.maximum(b - a, 1e-300),
        lambda t, a, b, lam, error: (1.0 - error) / lam,
        *(time, slow, fast, lam, error),
    )
    return error, velocity, response, progress


def _underdamped(time: Array, half: Array, lam: Array, square: Array) -> tuple[Array, ...]:
    omega = np.sqrt(-square)
    angle, damping = omega * time, half * time
    amplitude = np.exp(-damping)
    wave = np.sin(angle) / omega
    one_minus_error = -np.expm1(-damping) + amplitude * (2.0 * np.square(np.sin(0.5 * angle)) - half * wave)
    error, velocity = amplitude * (np.cos(angle) + half * wave), amplitude * (np.cos(angle) - half * wave)
    return error, velocity, amplitude * wave, one_minus_error / lam
