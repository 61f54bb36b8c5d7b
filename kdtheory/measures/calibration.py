"""Are outputs as often right as they are sure?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.distillation import FitResult
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import read
from kdtheory.measures._probabilities import class_numbers, probabilities
from kdtheory.validation import count, one_of

Masked = np.ma.MaskedArray[Any, Any]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A reliability diagram and its error; made by `calibration`.

    Attributes
    ----------
    confidence, accuracy : masked arrays of shape ``(*axes, bins)``
        Mean confidence, and share of right answers, of the points in each bin; masked where a bin is empty.
    share : array of shape ``(*axes, bins)``
        Share of the points that are in the bin; 1 in total.
    axes : dict of str to array, or None
    binning : {"width", "mass"}
    """

    confidence: Masked
    accuracy: Masked
    share: Array
    axes: dict[str, Array] | None
    binning: str

    @property
    def error(self) -> Array:
        r"""Expected calibration error :math:`\sum_m \mathrm{share}_m |\mathrm{accuracy}_m - \mathrm{confidence}_m|`."""
        gaps = np.ma.filled(np.abs(self.accuracy - self.confidence), 0.0)
        return np.sum(self.share * gaps, axis=-1)[()]


def calibration(
    result: FitResult | ArrayLike,
    labels: ArrayLike | None = None,
    *,
    on: str = "test",
    bins: int = 15,
    binning: str = "width",
    temperature: float = 1.0,
    scale: str | None = None,
) -> Calibration:
    r"""Confidence and accuracy in bins of confidence, and the expected calibration error (``guo2017``).

    Confidence is the probability of the most probable class, of two classes too (so never below 1/2; scikit-learn's
    ``calibration_curve`` and ``naeini2015`` take the positive class's probability there).

    Parameters
    ----------
    result : FitResult or array of shape ``(*axes, n, classes)``
        Logits or probabilities; a single column is that of the positive class.
    labels : integer array of shape (n,), optional
        Classes from 0; for a single output 0 and 1, or -1 and +1. Default: those of the fit's task.
    on : {"train", "test"}
        Which inputs of the fit.
    bins : int
        Number of bins; 15 in ``guo2017``, 10 in many libraries.
    binning : {"width", "mass"}
        ``"width"``: M bins ((m-1)/M, m/M], closed on the right (``guo2017``). ``"mass"``: sizes that differ by at most
        one (``nixon2019`` and ``kumar2019``, for less bias where confidences crowd near 1); points of equal confidence
        share their accuracy, so that their order does not matter.
    temperature : float
        Logits are divided by it (temperature scaling).
    scale : {"logit", "probability"}, optional
        Default: logits; fits on squared error are refused.

    Notes
    -----
    The error is biased upwards, the more so the fewer points a bin has; compare at equal numbers of points and bins.

    >>> sure = [[0.8], [0.8], [0.6], [0.6]]
    >>> calibration(sure, [1, 1, 1, 0], scale="probability").error.round(6).item()
    0.15
    """
    outputs = read("result", result, on)
    bins = count("bins", bins, at_least=1)
    one_of("binning", binning, ("width", "mass"))
    guesses = probabilities(outputs, scale, temperature)
    right = (np.argmax(guesses, axis=-1) == class_numbers(outputs, labels)).astype(float)
    confidence = np.max(guesses, axis=-1)
    sums = np.zeros((3, *confidence.shape[:-1], bins))
    for cell in np.ndindex(confidence.shape[:-1]):
        held, correct = confidence[cell], right[cell]
        where = _by_width(held, bins)
        if binning == "mass":
            where, held, correct = _by_mass(held, correct, bins)
        for total, weights in zip(sums, (None, held, correct), strict=True):
            total[cell] = np.bincount(where, weights, minlength=bins)
    sizes = np.ma.masked_equal(sums[0], 0.0)
    share = sums[0] / confidence.shape[-1]
    return Calibration(sums[1] / sizes, sums[2] / sizes, share, outputs.axes, binning)


def _by_width(confidence: Array, bins: int) -> NDArray[np.intp]:
    return np.searchsorted(np.arange(1, bins) / bins, confidence, side="left")


def _by_mass(confidence: Array, right: Array, bins: int) -> tuple[NDArray[np.intp], Array, Array]:
    """Bins of the sorted points, their confidence, and their accuracy pooled over ties."""
    levels, tied, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    pooled = np.bincount(tied, right, minlength=len(levels)) / sizes
    parts = [len(part) for part in np.array_split(confidence, bins)]
    return np.repeat(np.arange(bins), parts), np.repeat(levels, sizes), np.repeat(pooled, sizes)
