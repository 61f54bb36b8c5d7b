"""How far a Gram matrix of random features is from that of its kernel, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, ArcCosine
from kdtheory.kernels.base import Array, Kernel
from kdtheory.models._feature_maps import refuse_unless_known
from kdtheory.validation import finite_array


def feature_variance(kernel: Kernel, inputs: ArrayLike) -> Array:
    r"""Variance of :math:`z(x)\,z(x')` of one random feature, for all pairs of inputs; shape (n, n).

    The Gram matrix of m features is a mean of m independent ones: its entries have this variance over m, and
    :math:`E\,\|K_m - K\|_F^2` is the sum of the entries over m.

    Parameters
    ----------
    kernel : Kernel
        One of `RandomFeatures`; arc-cosine kernels of order 0 and 1.
    inputs : array of shape (n, d)

    Notes
    -----
    Derived here. The square of a feature product is a feature product again: of order 2n for the arc-cosine kernel of
    order n, so that the variance is :math:`2 k_{2n} - k_n^2`; and for waves, :math:`\cos^2` brings in the kernel at
    twice the distance, :math:`1 + \tfrac12 k(2x, 2x') - k(x, x')^2`.

    >>> feature_variance(ArcCosine(order=1), [[1.0, 0.0], [0.0, 1.0]]).round(4).tolist()
    [[5.0, 0.8987], [0.8987, 5.0]]
    """
    refuse_unless_known(kernel)
    points = finite_array("inputs", inputs, ndim=2)
    if isinstance(kernel, NNGP):
        return feature_variance(ArcCosine(order=1), points / np.sqrt(points.shape[1]))
    if not isinstance(kernel, ArcCosine):
        return 1.0 + 0.5 * kernel.gram(2.0 * points) - np.square(kernel.gram(points))
    if kernel.order > 1:
        fix = "measure it on many features"
        raise InvalidArgument("kernel", expected="order 0 or 1", got=repr(kernel), fix=fix)
    return 2.0 * ArcCosine(order=2 * kernel.order).gram(points) - np.square(kernel.gram(points))
