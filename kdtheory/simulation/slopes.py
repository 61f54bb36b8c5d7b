"""Derivatives of the losses with respect to a model's outputs, and what they aim at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from kdtheory.distillation import CrossEntropy, Loss
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument

Slope = Callable[[jax.Array, jax.Array, dict[str, jax.Array]], jax.Array]


@dataclass(frozen=True)
class Term:
    """One term of a target: ``values`` of shape (runs, n, outputs) are labels, or the raw outputs of a teacher."""

    weight: float
    values: Array
    labels: bool


@dataclass(frozen=True)
class Aim:
    """A loss prepared for its gradient.

    Attributes
    ----------
    slope : function
        Of outputs (m, outputs), the rows of these samples and the numbers, to the loss's derivative, (m, outputs).
    rows : array of shape (runs, n, ...)
        What each sample imitates.
    numbers : dict of arrays
        What all samples share.
    """

    slope: Slope
    rows: Array
    numbers: dict[str, Any]


def aim(loss: Loss, terms: list[Term]) -> Aim:
    """The mixture of the losses of the terms."""
    if isinstance(loss, CrossEntropy):
        return _distributions(loss, terms)
    return Aim(squared_slope, sum((term.weight * term.values for term in terms), np.zeros(1)), {})


def squared_slope(outputs: jax.Array, rows: jax.Array, numbers: dict[str, jax.Array]) -> jax.Array:
    """Of half the squared distance to the mixed target: the difference."""
    return outputs - rows


def cross_entropy_slope(outputs: jax.Array, rows: jax.Array, numbers: dict[str, jax.Array]) -> jax.Array:
    r"""Of a mixture of cross-entropies, :math:`\sum_j w_j s_j \, (\mathrm{softmax}(f/T_j) - p_j) / T_j`.

    ``rows`` holds the distributions :math:`p_j`, shape (m, terms, outputs); the scale :math:`s_j` is :math:`T_j^2`
    or, unscaled, 1.
    """
    guesses = jax.nn.softmax(outputs[:, None, :] / numbers["temperatures"][None, :, None], axis=-1)
    return jnp.einsum("mto,t->mo", guesses - rows, numbers["factors"])


def _distributions(loss: CrossEntropy, terms: list[Term]) -> Aim:
    temperatures = np.array([loss.label_temperature if term.labels else loss.temperature for term in terms])
    weights = np.array([term.weight for term in terms])
    factors = weights * (temperatures if loss.scaled else 1.0 / temperatures)
    rows = [
        _probabilities(term.values) if term.labels else scipy.special.softmax(term.values / temperature, axis=-1)
        for term, temperature in zip(terms, temperatures, strict=True)
    ]
    return Aim(cross_entropy_slope, np.stack(rows, axis=2), {"temperatures": temperatures, "factors": factors})


def _probabilities(labels: Array) -> Array:
    """Labels as they are, if each row is a distribution over at least two classes."""
    fix = "pass class labels as integers to kd.tasks.from_arrays, or use SquaredError()"
    wrong = (labels.min(axis=-1) < -1e-9) | (np.abs(labels.sum(axis=-1) - 1.0) > 1e-9)
    if labels.shape[-1] < 2 or wrong.any():
        got = f"{labels.shape[-1]} output(s)" + (f", a row {labels[wrong][0].tolist()}" if wrong.any() else "")
        expected = "targets that are probabilities of classes, with cross-entropy"
        raise InvalidArgument("task", expected=expected, got=" ".join(got.split()), fix=fix)
    return labels
