"""The arc-cosine kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.kernels._angles import Angles
from kdtheory.kernels.angular import AngularKernel
from kdtheory.kernels.base import Array
from kdtheory.validation import count


@dataclass(frozen=True)
class ArcCosine(AngularKernel):
    r"""Arc-cosine kernel of order n, :math:`k(x, x') = \frac{1}{\pi}\,|x|^n\,|x'|^n\,J_n(\theta)`, with

    .. math::
        J_0 = \pi - \theta, \qquad J_1 = \sin\theta + (\pi - \theta)\cos\theta, \qquad
        J_2 = 3\sin\theta\cos\theta + (\pi - \theta)(1 + 2\cos^2\theta).

    It is the expectation over :math:`w \sim N(0, I)` of :math:`2\,\phi(w \cdot x)\,\phi(w \cdot x')` for
    :math:`\phi(z) = [z > 0]\,z^n`: a step, a ReLU, a squared ReLU. The factor 2, which is that of the source, makes
    :math:`k(x, x) = |x|^{2n}` for orders 0 and 1, and :math:`3\,|x|^4` for order 2; without it, features of plain ReLUs
    have half this kernel.

    Parameters
    ----------
    order : int
        0, 1 or 2. Order 1 divided by the number of columns is ``NNGP(depth=1)``.

    Notes
    -----
    A zero input gives 0, for order 0 one half (the step at 0 counts as one half). Accurate at small angles: see
    `AngularKernel`. Source: ``cho2009``. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> ArcCosine(order=1).gram([[1.0, 1.0], [2.0, 0.0]]).round(4).tolist()
    [[2.0, 2.1366], [2.1366, 4.0]]
    """

    order: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", count("order", self.order, at_least=0, at_most=2))

    @property
    def homogeneity(self) -> int:
        """The order."""
        return self.order

    def of_angles(self, angles: Angles) -> Array:
        """The kernel of unit vectors, elementwise."""
        cosine, sine, _, _, overlap = angles
        if self.order == 0:
            return overlap
        if self.order == 1:
            return sine / np.pi + overlap * cosine
        return 3 / np.pi * sine * cosine + overlap * (1 + 2 * cosine**2)

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows: two arrays of shape ``(k, columns)`` to shape ``(k,)``."""
        values = super().pairs(left, right)
        if self.order == 0:
            values[~left.any(axis=1) | ~right.any(axis=1)] = 0.5
        return values
