"""Bias and variance of gradients, mode by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.measures.critical_batch import critical_batch
from kdtheory.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Moments:
    """Bias and variance, apart, of one estimator of the clean gradient.

    Attributes
    ----------
    bias : array of shape ``(*axes, modes, outputs)``
        Mean of the estimator minus the clean gradient, along each mode's direction.
    variance : array of shape ``(*axes, modes)``
        Summed over outputs.
    """

    bias: Array
    variance: Array

    @property
    def squared_bias(self) -> Array:
        """Summed over outputs, shape ``(*axes, modes)``."""
        return np.sum(np.square(self.bias), axis=-1)

    @property
    def error(self) -> Array:
        """Mean squared error, bias squared plus variance, shape ``(*axes, modes)``."""
        return self.squared_bias + self.variance

    @property
    def total_squared_bias(self) -> Array:
        """Over all modes, shape ``(*axes,)``; the same for the next two."""
        return np.sum(self.squared_bias, axis=-1)

    @property
    def total_variance(self) -> Array:
        """Trace of the covariance."""
        return np.sum(self.variance, axis=-1)

    @property
    def total_error(self) -> Array:
        """Mean squared distance to the clean gradient."""
        return self.total_squared_bias + self.total_variance


@dataclass(frozen=True, eq=False)
class GradientNoise:
    """Distillation's and one-hot gradients as estimators of the clean one; of `gradient_noise`, `gradient_denoising`.

    Attributes
    ----------
    distillation, one_hot : Moments
        Of the estimators at batch size ``batch``.
    eigenvalues : array of shape (modes,)
    axes : dict of str to array
    batch : int or None
        Batch size; None: all samples.
    labels : {"fresh", "given", "noisy"}
        What is random about the labels: drawn anew with each sample; nothing; drawn once for the data set.
    """

    distillation: Moments
    one_hot: Moments
    eigenvalues: Array
    axes: dict[str, Array]
    batch: int | None
    labels: str

    @property
    def ratio(self) -> np.ma.MaskedArray[Any, Any]:
        """Mean squared error, distillation over one-hot, per mode; masked where one-hot has none."""
        return _ratio(self.distillation.error, self.one_hot.error)

    @property
    def total_ratio(self) -> np.ma.MaskedArray[Any, Any]:
        """The same over all modes, shape ``(*axes,)``."""
        return _ratio(self.distillation.total_error, self.one_hot.total_error)

    @property
    def critical_batch(self) -> Array:
        """Batch size below which distillation has the smaller total error, shape ``(*axes,)``: see `critical_batch`."""
        if self.batch is None or self.labels != "fresh":
            fix = "use gradient_noise(..., labels='fresh')"
            got = f"labels={self.labels!r}"
            raise InvalidArgument("labels", expected="one-hot gradients without bias", got=got, fix=fix)
        one_hot, own = (self.batch * each.total_variance for each in (self.one_hot, self.distillation))
        return critical_batch(one_hot, own, self.distillation.total_squared_bias)


def batch_variance(spectrum: Spectrum, slopes: Array) -> Array:
    r"""Variance per mode of the gradient of one sample drawn at random, scaled by n; shape ``(*axes, modes)``.

    :math:`\lambda_k\, n \sum_i |u_{ik} s_i - \text{mean}|^2`, without cancellation, for slopes ``(*axes, n, outputs)``;
    batches of B drawn with replacement have 1/B of it.
    """
    moved = spectrum.eigenvalues > 0  # along the other modes, often nearly all, no gradient has a part
    basis, lam = spectrum.basis[:, moved], spectrum.eigenvalues[moved]
    variance = np.zeros((*slopes.shape[:-2], spectrum.size))
    for cell in np.ndindex(slopes.shape[:-2]):
        columns = (basis * column[:, None] for column in slopes[cell].T)
        own = sum(len(basis) * np.sum(np.square(each - each.mean(axis=0)), axis=0) for each in columns)
        variance[(*cell, moved)] = lam * own
    return variance


def _ratio(upper: Array, lower: Array) -> np.ma.MaskedArray[Any, Any]:
    known = lower > 0
    return np.ma.masked_array(np.divide(upper, lower, out=np.zeros_like(upper), where=known), mask=~known)
