"""Angles between points, and what wide ReLU layers make of them.

A kernel of ReLU layers has slope -1/pi (and more) in the angle at angle zero, and the arc cosine of a rounded cosine is
wrong by up to 1e-8 there. Here an angle is always right to a few times 1e-16: it comes from ``|x - x'|`` and
``|x + x'|`` where points are nearly parallel or opposite, and from ``1 - cosine`` in the layers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kdtheory.kernels.base import Array


class Angles(NamedTuple):
    """Angles in [0, pi] with what is known of them without cancellation, arrays of one shape."""

    cosine: Array
    sine: Array
    versine: Array  # 1 - cosine
    angle: Array
    overlap: Array  # 1 - angle / pi


def angles_from_cosines(cosine: Array) -> Angles:
    """Angles by arc cosine: for those well away from 0 and pi."""
    versine = 1.0 - cosine
    angle = np.arccos(cosine)
    return Angles(cosine, _sine(versine), versine, angle, _overlap(angle))


def angles_from_points(left: Array, right: Array) -> Angles:
    """Angles between matching rows, shape ``(k, columns)`` to ``(k,)``, accurate everywhere; zero points give any."""
    left, right = _unit(left), _unit(right)
    apart, along = _norms(left - right) / 2, _norms(left + right) / 2  # sine and cosine of half the angle
    cosine = np.where(apart < along, 1 - 2 * apart**2, 2 * along**2 - 1)
    angle = 2 * np.arctan2(apart, along)
    return Angles(cosine, 2 * apart * along, 2 * apart**2, angle, _overlap(angle))


def relu_ntk(angles: Angles, depth: int) -> Array:
    """NTK of ``depth`` >= 1 ReLU layers between unit vectors at these angles (arrays are overwritten)."""
    tangent = angles.cosine.copy()
    relu_nngp(angles, depth, tangent)
    return tangent


def relu_nngp(angles: Angles, depth: int, tangent: Array | None = None) -> Array:
    r"""Covariance behind ``depth`` >= 1 ReLU layers of unit vectors at these angles (arrays are overwritten).

    Layer by layer, :math:`1 - \cos' = 1 - \cos\theta - (\sin\theta - \theta\cos\theta) / \pi`: what is lost in the last
    bracket is of the size epsilon times the angle, hence epsilon in the next angle. A ``tangent`` kernel is taken along
    in place, :math:`\Theta' = \cos' + \Theta\,(\pi - \theta) / \pi`.
    """
    cosine, sine, versine, angle, overlap = angles
    for layer in range(depth):
        if tangent is not None:
            tangent *= overlap
        if layer < depth - 1:
            versine = _next_versine(versine, sine, angle, cosine)
        overlap *= cosine
        sine *= 1 / np.pi
        cosine = np.add(overlap, sine, out=overlap)
        if tangent is not None:
            tangent += cosine
        if layer < depth - 1:
            angle = _angle(versine)
            sine, overlap = _sine(versine), _overlap(angle)
    return cosine


def _next_versine(versine: Array, sine: Array, angle: Array, cosine: Array) -> Array:
    angle *= cosine
    np.subtract(sine, angle, out=angle)
    angle *= 1 / np.pi
    versine -= angle
    return np.abs(versine, out=versine)  # at angles of rounding size the difference may be just below zero


def _angle(versine: Array) -> Array:
    half = versine * 0.5
    np.sqrt(half, out=half)
    np.arcsin(half, out=half)
    half *= 2.0
    return half


def _sine(versine: Array) -> Array:
    sine = 2.0 - versine
    sine *= versine
    return np.sqrt(sine, out=sine)


def _overlap(angle: Array) -> Array:
    overlap = angle * (-1 / np.pi)
    overlap += 1.0
    return overlap


def _norms(points: Array) -> Array:
    return np.sqrt(np.einsum("ij,ij->i", points, points))


def _unit(points: Array) -> Array:
    norms = _norms(points)
    inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return points * inverse[:, None]
