"""Starts of fits as arrays: weights and offsets, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation.recipe import Start
from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array

Array = NDArray[np.float64]


def start_weights(start: Start, features: int, outputs: int) -> Array:
    """Initial weights of shape (features, outputs)."""
    weights = finite_array("start.weights", start.weights, ndim=(1, 2))
    weights = weights.reshape(len(weights), -1)
    if weights.shape not in {(features, outputs), (features, 1)}:
        raise InvalidArgument(
            "start.weights",
            expected=f"shape {(features, outputs)}",
            got=f"{weights.shape}",
            fix="pass one weight per feature and output",
        )
    return np.broadcast_to(weights, (features, outputs))


def _called(offset: Callable[[Array], Any], inputs: Array) -> Any:
    try:
        return offset(inputs)
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        fix = "correct the function: it gets inputs of shape (m, d)"
        raise InvalidArgument("start.offset", expected="a function of inputs", got=got, fix=fix) from error


def offset_values(start: Start, inputs: Array, outputs: int) -> Array:
    """Values of the offset at ``inputs``, shape (m, outputs)."""
    values = _called(start.offset, inputs) if callable(start.offset) else start.offset
    array = finite_array("start.offset", values)
    if array.shape == (len(inputs),):
        array = array[:, None] if outputs == 1 or callable(start.offset) else array
    try:
        return np.broadcast_to(array, (len(inputs), outputs))
    except ValueError:
        expected = f"values that broadcast to {(len(inputs), outputs)}"
        fix = "return one value per input and output"
        raise InvalidArgument("start.offset", expected=expected, got=f"shape {array.shape}", fix=fix) from None
