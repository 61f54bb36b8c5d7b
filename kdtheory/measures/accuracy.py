"""The share of points that are classified as they should be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import Classes, needed_classes, read


def accuracy(result: FitResult | ArrayLike, labels: ArrayLike | None = None, *, on: str = "test") -> Array:
    """Share of points whose largest output is that of their class, shape ``(*axes,)``.

    Parameters
    ----------
    result : FitResult or array of shape ``(*axes, n, classes)``
        A fit of any world, or outputs (logits or values).
    labels : integer array of shape (n,), optional
        Classes from 0; for a single output 0 and 1, or -1 and +1. Default: those of the fit's task.
    on : {"train", "test"}
        Which inputs of the fit. Plain arrays are taken as they are.

    Notes
    -----
    Of equal largest outputs the first counts; a single output is positive above zero only.

    >>> accuracy([[0.9, 0.1], [0.6, 0.4]], labels=[0, 1]).item()
    0.5
    """
    outputs = read("result", result, on)
    return matches(outputs.values, needed_classes(outputs, labels))


def matches(values: Array, classes: Classes) -> Array:
    """Share of ``values`` (``(*axes, n, outputs)``) whose decision is that of ``classes`` (n,)."""
    decided = np.where(values[..., 0] > 0, 1, -1) if values.shape[-1] == 1 else np.argmax(values, axis=-1)
    return np.mean(decided == classes, axis=-1)[()]
