r"""Momentum as a linear recurrence with two roots.

Heavy ball and Nesterov's method move a mode's error ``e`` (position minus target) and velocity ``v`` by

.. math:: \begin{pmatrix} e \\ v \end{pmatrix} \leftarrow
          \begin{pmatrix} 1-h & q \\ -h & q \end{pmatrix} \begin{pmatrix} e \\ v \end{pmatrix},
          \qquad p^2 - (1-h+q) p + q = 0,

with :math:`h = \eta\lambda` and the determinant ``q`` (:math:`\mu`, or :math:`\mu(1-h)`). Everything that ``k`` steps
do follows from :math:`u_k = (p_1^k - p_2^k)/(p_1 - p_2)`. The roots enter through their distances from one,
:math:`s = 1 - p`, whose product is ``h``: the slow one is ``h`` over the fast one, never a difference. All formulas for
real roots are sums of positive terms as long as the motion does not overshoot.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures._cases import choose
from kdtheory.procedures._phi import power_difference
from kdtheory.procedures._powers import geometric, power, raised

Array = NDArray[np.float64]


class Motion(NamedTuple):
    """What a run does to error and velocity.

    ``error`` and ``velocity`` are the diagonal of the map. ``response`` is how the position answers a velocity (up to
    the determinant) and, times ``-h``, how the velocity answers an error. ``one_minus_error = h * progress``.
    """

    error: Array
    velocity: Array
    response: Array
    progress: Array


def motion(steps: Any, h: Array, determinant: Any, total: Array, discriminant: Array) -> Motion:
    """The map of ``steps`` steps; ``total`` is ``1 + h - determinant``, ``discriminant`` ``(1-h+q)^2 - 4q``.

    The caller computes these two, because it knows where they cancel.
    """
    arguments = np.broadcast_arrays(np.asarray(steps, dtype=float), h, determinant, total, discriminant)
    steps, h, determinant, total, discriminant = arguments
    error, velocity, response, progress = choose(discriminant >= 0, _real, _conjugate, *arguments)
    farthest = np.where(discriminant >= 0, 0.5 * (total + np.sqrt(np.maximum(discriminant, 0.0))), np.sqrt(h))
    short = steps * farthest <= 1
    progress = choose(short, lambda k, s, h, _: power_difference(k, s, h), lambda *a: a[3], steps, total, h, progress)
    error = np.where(short | (h == 0), 1.0 - h * progress, error)  # a null mode stays where it is, to the last bit
    return Motion(error, velocity, response, progress)


def _real(steps: Array, h: Array, determinant: Array, total: Array, discriminant: Array) -> tuple[Array, ...]:
    """Two real roots; the dominant one has the distance ``near`` from one, the other one ``far``."""
    apart = np.sqrt(discriminant)
    larger = 0.5 * (total + apart)
    forward = 1.0 - h + determinant >= 0
    near = np.where(forward, h / larger, larger)
    dominant = 1.0 - near
    other = np.divide(determinant, dominant, out=np.zeros_like(dominant), where=dominant != 0)
    far = np.where(forward, larger, 1.0 - other)
    relative = np.divide(apart, np.abs(dominant), out=np.zeros_like(apart), where=dominant != 0)
    response = power(np.maximum(steps - 1.0, 0.0), near) * geometric(steps, relative)
    with np.errstate(divide="ignore"):
        logarithm = np.where(far < 0.5, np.log1p(-np.minimum(far, 0.5)), np.log(np.abs(other)))
    sign = np.where(other < 0, 1.0 - 2.0 * (steps % 2), 1.0)
    vanishing = sign * raised(logarithm, steps)
    error = vanishing + dominant * far * response
    velocity = vanishing - near * other * response
    progress = choose(
        forward & (far >= 2.0 * near),
        lambda k, near, far, log, *_: (geometric(k + 1.0, near) - (1.0 - raised(log, k + 1.0)) / far) / (far - near),
        lambda k, near, far, log, h, error: (1.0 - error) / h,
        *(steps, near, far, logarithm, h, error),
    )
    return error, velocity, response, progress


def _conjugate(steps: Array, h: Array, determinant: Array, total: Array, discriminant: Array) -> tuple[Array, ...]:
    """Two conjugate roots of absolute value ``sqrt(determinant)``; those near the negative axis alternate."""
    height, trace = np.sqrt(-discriminant), 1.0 - h + determinant
    angle = steps * np.arctan2(height, np.abs(trace))  # never that of a negative root, near pi, whose sine would cancel
    turned, odd = trace < 0, steps % 2 == 1
    parity = np.where(turned & odd, -1.0, 1.0)
    logarithm = 0.5 * np.log(determinant)
    amplitude = raised(logarithm, steps)
    wave = np.where(turned, -parity, parity) * np.sin(angle) / height
    tilted = (1.0 - h - determinant) * wave
    half = np.where(parity < 0, np.cos(0.5 * angle), np.sin(0.5 * angle))
    one_minus_error = -np.expm1(steps * logarithm) + amplitude * (2.0 * np.square(half) - tilted)
    cosine = parity * np.cos(angle)
    return amplitude * (cosine + tilted), amplitude * (cosine - tilted), 2.0 * amplitude * wave, one_minus_error / h
