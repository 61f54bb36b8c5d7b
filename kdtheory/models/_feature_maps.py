"""Random features of kernels that are expectations: ``k(x, x')`` is the mean of ``feature(x) feature(x')``.

Each map takes points of shape (m, d) to ``count`` features of mean product k, shape (m, count), not yet divided by the
root of their number. What is drawn has streams of its own, row by row, so that more features begin with the fewer ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, RBF, ArcCosine, Laplace
from kdtheory.kernels.base import Array
from kdtheory.validation import describe

FeatureMap = Callable[[Array], Array]


def feature_map(kernel: object, count: int, columns: int, seed: int) -> FeatureMap:
    """The random features of a kernel, for points with that many columns; the same for the same arguments."""
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)]
    directions = streams[0].standard_normal((count, columns))
    if isinstance(kernel, RBF):
        return _waves(directions * np.sqrt(2 * kernel.gamma), streams[1])
    if isinstance(kernel, Laplace):  # the spectral density is that of a multivariate Cauchy distribution
        return _waves(directions * (kernel.gamma / np.abs(streams[2].standard_normal((count, 1)))), streams[1])
    if isinstance(kernel, NNGP):
        return _powers(directions / np.sqrt(columns), order=1)
    assert isinstance(kernel, ArcCosine)  # noqa: S101  (`refuse_unless_known` has looked)
    return _powers(directions, kernel.order)


def refuse_unless_known(kernel: object) -> None:
    """Raise unless the kernel has random features here."""
    if isinstance(kernel, RBF | Laplace | ArcCosine) or (isinstance(kernel, NNGP) and kernel.depth == 1):
        return
    expected = "RBF, Laplace, ArcCosine or NNGP(depth=1), the kernels with random features"
    got = repr(kernel) if hasattr(kernel, "gram") else describe(kernel)
    raise InvalidArgument("kernel", expected=expected, got=got, fix="choose one of them, or use KernelModel")


def _waves(frequencies: Array, generator: np.random.Generator) -> FeatureMap:
    phases = generator.uniform(0.0, 2 * np.pi, len(frequencies))
    return lambda points: np.sqrt(2.0) * np.cos(points @ frequencies.T + phases)


def _powers(directions: Array, order: int) -> FeatureMap:
    if order == 0:
        return lambda points: np.sqrt(2.0) * np.heaviside(points @ directions.T, 0.5)
    return lambda points: np.sqrt(2.0) * np.maximum(points @ directions.T, 0.0) ** order
