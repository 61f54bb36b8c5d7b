"""Random features: a linear model on finitely many random functions, instead of the kernel they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.kernels.base import Array, Kernel
from kdtheory.models._feature_maps import feature_map, refuse_unless_known
from kdtheory.models.base import Model
from kdtheory.spectrum import Spectrum, from_features
from kdtheory.tasks import Task
from kdtheory.validation import count, finite_array


@dataclass(frozen=True)
class RandomFeatures(Model):
    r"""A linear model on ``count`` random features :math:`z(x) \in R^m` with :math:`E[z(x) \cdot z(x')] = k(x, x')`.

    The Gram matrix :math:`Z Z^T` is a mean of m independent matrices: its root mean square error is exactly
    proportional to :math:`m^{-1/2}`. Features are drawn once per model and number of columns and stay as they are;
    what is trained are the weights on them (a network of one hidden layer whose last layer alone is trained).

    Parameters
    ----------
    kernel : Kernel
        ``RBF`` or ``Laplace``: :math:`z_i = \sqrt{2/m}\,\cos(w_i \cdot x + b_i)` with frequencies from the kernel's
        spectral density and uniform phases (``rahimi2007``). ``ArcCosine(order)``:
        :math:`z_i = \sqrt{2/m}\,[w_i \cdot x > 0]\,(w_i \cdot x)^n` with :math:`w_i \sim N(0, I)` (``cho2009``).
        ``NNGP(depth=1)``: random ReLUs, ``ArcCosine(order=1)`` divided by the number of columns.
    count : int
        Number of features m. More features with the same seed begin with the fewer ones (up to the scale).
    seed : int
        Seed of the draw. Models with equal kernel, count and seed are equal.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[0.0], [1.0]], [1.0, -1.0])
    >>> model = kd.models.RandomFeatures(kd.kernels.RBF(gamma=1.0), count=100_000)
    >>> model.gram(task).round(1).tolist()  # of the kernel itself: [[1, 0.368], [0.368, 1]]
    [[1.0, 0.4], [0.4, 1.0]]
    """

    kernel: Kernel
    count: int
    seed: int = 0

    def __post_init__(self) -> None:
        refuse_unless_known(self.kernel)
        object.__setattr__(self, "count", count("count", self.count, at_least=1))
        object.__setattr__(self, "seed", count("seed", self.seed))

    def features(self, inputs: ArrayLike) -> Array:
        """Features of inputs of shape (m, d): shape (m, count)."""
        points = finite_array("inputs", inputs, ndim=2)
        return feature_map(self.kernel, self.count, points.shape[1], self.seed)(points) / np.sqrt(self.count)

    def gram(self, task: Task) -> Array:
        """``Z @ Z.T`` of the training inputs, shape (n, n)."""
        features = self.features(task.inputs)
        return features @ features.T

    def cross_gram(self, inputs: Array, task: Task) -> Array:
        """``z(inputs) @ Z.T``, shape (m, n)."""
        return self.features(inputs) @ self.features(task.inputs).T

    def _spectrum(self, task: Task) -> Spectrum:
        features = self.features(task.inputs)
        if self.count > task.size:  # the same left singular vectors, without a count x count matrix on the right
            triangle: Any = np.linalg.qr(features.T, mode="r")
            features = triangle.T
        return from_features(features, "kernel")
