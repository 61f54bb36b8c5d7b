"""How faithfully does the student say what the teacher says?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.distillation import FitResult
from kdtheory.measures._named import Array, align
from kdtheory.measures._outputs import Outputs, read, refuse_other_points
from kdtheory.measures._probabilities import log_probabilities
from kdtheory.validation import number


@dataclass(frozen=True, eq=False)
class Agreement:
    """Fidelity of a student to its teacher; made by `agreement`. All are means over points, shape ``(*axes,)``.

    Attributes
    ----------
    top_class : array
        Share of points where both choose the same class.
    kl : array or None
        KL(teacher || student) of their softmax distributions, in nats; None where outputs are values, not logits.
    total_variation : array or None
        One half of the sum over classes of absolute differences of these distributions, 0 to 1.
    squared_distance : array
        Sum over outputs of squared differences of the raw outputs (never divided by a temperature).
    temperature : float
    axes : dict of str to array
    """

    top_class: Array
    kl: Array | None
    total_variation: Array | None
    squared_distance: Array
    temperature: float
    axes: dict[str, Array]


def agreement(
    teacher: FitResult | ArrayLike,
    student: FitResult | ArrayLike,
    *,
    on: str = "test",
    temperature: float = 1.0,
    scale: str | None = None,
) -> Agreement:
    r"""Compare two fits' outputs point by point: top class, :math:`KL(p_T \| p_S)`, total variation, distance.

    Top-class agreement and mean KL are the fidelity of ``stanton2021``: a student may generalize well and yet agree
    poorly with its teacher, so none of these is a measure of quality.

    Parameters
    ----------
    teacher, student : FitResult or array of shape ``(*axes, n, classes)``
        Fits of any world, or raw outputs on the same points; a single column is the logit of the positive class. Axes
        are matched by name; one may lack an axis that the other has.
    on : {"train", "test"}
        Which inputs of the fits. Plain arrays are taken as they are.
    temperature : float
        Of both softmax distributions.
    scale : {"logit", "probability"}, optional
        What the outputs are. Default: as the fits say; arrays are logits. Fits on squared error have values: no KL and
        no total variation, unless they are called logits here.

    Notes
    -----
    Of equal largest outputs the first counts. KL is accurate where distributions nearly agree and where probabilities
    round to zero. Means over points; the loss of training is a sum, and with temperature T has a factor of
    :math:`T^2` that is not in here. KL with the student first is the other convention (of variational inference).

    >>> same = agreement([[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]])
    >>> same.top_class.item(), same.squared_distance.item(), round(float(same.kl), 3)
    (0.5, 1.5, 0.265)
    """
    temperature = number("temperature", temperature, above=0.0)
    outputs = [read("teacher", teacher, on), read("student", student, on)]
    refuse_other_points(*outputs)
    axes, (first, second) = align(outputs)
    values = scale is None and any(each.fit is not None and not each.fit.logits for each in outputs)
    kl = variation = None
    if not values:
        _, (told, said) = align([_logs(each, scale, temperature) for each in outputs])
        kl = np.mean(divergence(told, said), axis=-1)[()]
        variation = 0.5 * np.mean(np.sum(np.abs(np.exp(told) - np.exp(said)), axis=-1), axis=-1)[()]
    threshold = 0.5 if scale == "probability" else 0.0
    same = np.mean(_top(first, threshold) == _top(second, threshold), axis=-1)[()]
    distance = np.mean(np.sum(np.square(first - second), axis=-1), axis=-1)[()]
    return Agreement(same, kl, variation, distance, temperature, axes)


def divergence(first: Array, second: Array) -> Array:
    r"""KL divergence from log probabilities, summed over the last axis.

    As :math:`\sum p\,(d + e^{-d} - 1)` with :math:`d = \log p - \log q`.

    The terms :math:`p(e^{-d} - 1)` sum to 0; with them each term is non-negative and small where d is. Infinite where
    q = 0 < p.
    """
    p, q = np.exp(first), np.exp(second)
    with np.errstate(invalid="ignore", over="ignore"):
        gap = first - second
        near = p * (gap + np.expm1(-gap))
        far = p * gap + (q - p)
    terms = np.where(np.abs(gap) < 1.0, near, far)
    return np.sum(np.where(p > 0, terms, q), axis=-1)


def _top(values: Array, threshold: float) -> NDArray[Any]:
    return values[..., 0] > threshold if values.shape[-1] == 1 else np.argmax(values, axis=-1)


def _logs(outputs: Outputs, scale: str | None, temperature: float) -> Outputs:
    return Outputs(outputs.argument, log_probabilities(outputs, scale, temperature), outputs.axes, 2)
