"""The Gaussian radial basis function kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.kernels.base import Array
from kdtheory.kernels.distances import DistanceKernel
from kdtheory.validation import number


@dataclass(frozen=True)
class RBF(DistanceKernel):
    r"""Gaussian kernel, :math:`k(x, x') = \exp(-\gamma\, |x - x'|^2)`.

    Parameters
    ----------
    gamma : float
        Above 0. This is scikit-learn's convention (``rbf_kernel``, ``KernelRidge``); with the length scale of GPyTorch
        and of Gaussian processes, :math:`\gamma = 1 / (2\,\text{length scale}^2)`.

    Notes
    -----
    Accurate near coincident points: see `DistanceKernel`. Source: textbook. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> RBF(gamma=0.5).gram([[0.0], [1.0]]).round(4).tolist()
    [[1.0, 0.6065], [0.6065, 1.0]]
    """

    gamma: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", number("gamma", self.gamma, above=0.0))

    def of_squared_distances(self, distances: Array) -> Array:
        """``exp(-gamma |x - x'|^2)``, elementwise."""
        distances *= -self.gamma
        return np.exp(distances, out=distances)
