"""The Laplace kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.kernels.base import Array
from kdtheory.kernels.distances import DistanceKernel
from kdtheory.validation import number


@dataclass(frozen=True)
class Laplace(DistanceKernel):
    r"""Laplace kernel, :math:`k(x, x') = \exp(-\gamma\, |x - x'|)` with the Euclidean distance.

    Not differentiable at coincident points, like the kernels of ReLU networks: its eigenvalues fall as a power law
    where those of the Gaussian kernel fall exponentially.

    Parameters
    ----------
    gamma : float
        Above 0; the Matérn kernel of order 1/2 has length scale :math:`1 / \gamma`. scikit-learn's
        ``laplacian_kernel`` takes the sum of absolute differences instead of the Euclidean distance: the two agree on
        one column only.

    Notes
    -----
    Accurate near coincident points, where the square root of a cancelling difference would show: see
    `DistanceKernel`. Source: textbook. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> Laplace(gamma=1.0).gram([[0.0, 0.0], [3.0, 4.0]]).round(4).tolist()
    [[1.0, 0.0067], [0.0067, 1.0]]
    """

    gamma: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", number("gamma", self.gamma, above=0.0))

    def of_squared_distances(self, distances: Array) -> Array:
        """``exp(-gamma |x - x'|)``, elementwise."""
        np.sqrt(distances, out=distances)
        distances *= -self.gamma
        return np.exp(distances, out=distances)
