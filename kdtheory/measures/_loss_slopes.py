"""Derivatives of the losses with respect to a model's outputs, in NumPy."""

from __future__ import annotations

import numpy as np
import scipy.special

from kdtheory.distillation import CrossEntropy, Loss
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array


def label_slopes(loss: Loss, values: Array, labels: Array) -> Array:
    r"""Of the loss against labels (or their probabilities), shape ``(*axes, n, outputs)``.

    Squared error: :math:`f - y`. Cross-entropy: :math:`s\,(\mathrm{softmax}(f/T) - y)/T` with the label temperature
    T and the scale :math:`s = T^2` or, unscaled, 1.
    """
    if not isinstance(loss, CrossEntropy):
        return values - labels
    temperature = loss.label_temperature
    guesses = scipy.special.softmax(values / temperature, axis=-1)
    return label_factor(loss) * (guesses - labels)


def teacher_slopes(loss: Loss, values: Array, outputs: Array) -> Array:
    """Of the loss against a teacher's raw outputs, which cross-entropy softens with its temperature."""
    if not isinstance(loss, CrossEntropy):
        return values - outputs
    temperature = loss.temperature
    guesses, told = (scipy.special.softmax(each / temperature, axis=-1) for each in (values, outputs))
    return (temperature if loss.scaled else 1.0 / temperature) * (guesses - told)


def label_factor(loss: Loss) -> float:
    """How much the derivative falls when a label grows by one."""
    if not isinstance(loss, CrossEntropy):
        return 1.0
    return loss.label_temperature if loss.scaled else 1.0 / loss.label_temperature


def distributions(argument: str, values: Array) -> Array:
    """``values`` of shape ``(*axes, n, classes)``, if each row is a distribution over at least two classes."""
    wrong = (values.min(axis=-1) < -1e-9) | (np.abs(values.sum(axis=-1) - 1.0) > 1e-9)
    if values.shape[-1] < 2 or wrong.any():
        row = f", a row {values[wrong][0].tolist()}" if wrong.any() else ""
        fix = "pass one-hot labels or class probabilities, or use SquaredError()"
        got = f"{values.shape[-1]} output(s){row}"
        raise InvalidArgument(argument, expected="probabilities of two classes or more", got=got, fix=fix)
    return values
