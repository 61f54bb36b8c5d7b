"""Proper scores of probabilistic predictions: both are least, in expectation, at the true probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import read
from kdtheory.measures._probabilities import class_numbers, log_probabilities, probabilities


def brier_score(
    result: FitResult | ArrayLike,
    labels: ArrayLike | None = None,
    *,
    on: str = "test",
    temperature: float = 1.0,
    scale: str | None = None,
) -> Array:
    r"""Mean over points of the squared distance to the one-hot label, :math:`\sum_j (p_j - [j = y])^2`, 0 to 2.

    The original definition (``brier1950``), for two classes and a single column too: there scikit-learn's
    ``brier_score_loss`` takes one half of it, :math:`(p - y)^2`, 0 to 1.

    Parameters
    ----------
    result, labels, on, temperature, scale
        As in `calibration`. Shapes ``(*axes, n, classes)`` to ``(*axes,)``.

    >>> brier_score([[0.8, 0.2], [0.5, 0.5]], [0, 1], scale="probability").round(12).item()
    0.29
    """
    outputs = read("result", result, on)
    others = np.array(probabilities(outputs, scale, temperature))
    classes = np.broadcast_to(class_numbers(outputs, labels), others.shape[:-1])[..., None]
    np.put_along_axis(others, classes, 0.0, axis=-1)
    # The true class's part is the sum of the others': 1 - p would lose what is left near p = 1.
    return np.mean(np.square(others.sum(axis=-1)) + np.sum(np.square(others), axis=-1), axis=-1)[()]


def negative_log_likelihood(
    result: FitResult | ArrayLike,
    labels: ArrayLike | None = None,
    *,
    on: str = "test",
    temperature: float = 1.0,
    scale: str | None = None,
) -> Array:
    r"""Mean over points of :math:`-\log p_y`, in nats; the cross-entropy loss of training is n times that.

    From logits it is finite always. From probabilities it is infinite where the true class was given 0; scikit-learn's
    ``log_loss`` clips at machine epsilon instead.

    Parameters
    ----------
    result, labels, on, temperature, scale
        As in `calibration`. Shapes ``(*axes, n, classes)`` to ``(*axes,)``.

    >>> logits = [[0.0, 0.0], [1000.0, 0.0]]  # costs log 2 and 1000
    >>> negative_log_likelihood(logits, [0, 1]).round(3).item()
    500.347
    """
    outputs = read("result", result, on)
    logs = log_probabilities(outputs, scale, temperature)
    classes = np.broadcast_to(class_numbers(outputs, labels), logs.shape[:-1])
    return 0.0 - np.mean(np.take_along_axis(logs, classes[..., None], axis=-1)[..., 0], axis=-1)[()]
