"""Variance of a fit: a quadratic form of its filter on one spectrum, of its operator where there are several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.axes import at_points
from kdtheory.distillation import ExactFit
from kdtheory.distillation.composition import LABELS, Key
from kdtheory.distillation.results import Array
from kdtheory.risk._truth import Truth

CHUNK = 256  # points of a sweep that are composed at a time


def variance(fit: ExactFit, truth: Truth, on: str) -> Array:
    """``tr(A Cov(y) A^T)`` with ``A`` from labels to values, shape ``(*axes,)``."""
    return _by_operator(fit, truth, on) if fit.has_foreign_teacher else _by_modes(fit, truth, on)


def _by_operator(fit: ExactFit, truth: Truth, on: str) -> Array:
    inputs = None if on == "train" else fit.task.test_inputs
    total = np.zeros(())
    for key, task in truth.labelled.items():
        matrix = fit.operator(task, inputs)
        if truth.centred:
            matrix = matrix - matrix.mean(axis=-1, keepdims=True) + 1.0 / task.size
        total = total + np.sum(np.square(matrix) @ truth.noise[key], axis=-1)
    return np.asarray(total)


def _by_modes(fit: ExactFit, truth: Truth, on: str) -> Array:
    forms = {Key(LABELS, key): _form(fit, on, noise, truth.centred) for key, noise in truth.noise.items()}
    shape = tuple(len(values) for values in fit.axes.values())
    total = np.zeros(int(np.prod(shape)))
    for first in range(0, total.size, CHUNK):
        points = np.arange(first, min(first + CHUNK, total.size))
        indices = dict(zip(fit.axes, np.unravel_index(points, shape), strict=True)) if shape else {}
        shown = fit.link.state(fit.spectrum.eigenvalues, at_points(indices), {}).shown
        filters = shown.position if on == "train" else shown.dual
        total[points] = sum(form(filters[key]) for key, form in forms.items())
    return total.reshape(shape)


@dataclass(frozen=True)
class Form:
    """``d^T H d + linear . d + constant`` of filters d, shape ``(points, modes)``; H is a matrix or its diagonal."""

    quadratic: Array
    linear: Array
    constant: float

    def __call__(self, filters: Array) -> Array:
        squared = filters**2 @ self.quadratic if self.quadratic.ndim == 1 else self._full(filters)
        return squared + filters @ self.linear + self.constant

    def _full(self, filters: Array) -> Array:
        return np.sum((filters @ self.quadratic) * filters, axis=-1)


def _form(fit: ExactFit, on: str, noise: Array, centred: bool) -> Form:
    r"""Values are :math:`V \mathrm{diag}(d) U^T y`: :math:`H = (V^T V) \circ (U^T \mathrm{Cov}(y)\, U)`.

    Centred: y less its mean is filtered, and the mean is added; for independent noise N = diag(noise) the cross term
    is :math:`2 \, (1^T V)_k \, (U^T (I - 11^T/n) N 1 / n)_k`, the added mean has variance :math:`1^T N 1 / n^2` per
    point.
    """
    left, right = fit.mode_values(on), fit.spectrum.basis
    size = len(noise)
    linear, constant = np.zeros(fit.spectrum.size), 0.0
    if centred:
        right = right - right.mean(axis=0)
        linear = 2.0 * left.sum(axis=0) * (right.T @ noise) / size
        constant = len(left) * float(noise.sum()) / size**2
    if on == "train":
        return Form(noise @ right**2, linear, constant)
    if not centred and np.ptp(noise) == 0.0:
        return Form(noise[0] * np.sum(left**2, axis=0), linear, constant)
    return Form((left.T @ left) * (right.T @ (noise[:, None] * right)), linear, constant)
