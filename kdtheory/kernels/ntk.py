"""The neural tangent kernel of wide fully connected ReLU networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kdtheory.kernels._angles import Angles, angles_from_cosines, angles_from_points, relu_ntk
from kdtheory.kernels.base import Array, Mask
from kdtheory.kernels.products import ProductKernel
from kdtheory.validation import count

# An angle from its cosine has lost seven bits here: 1 - cosine = 2^-12 is an angle of 0.022.
_CANCELLED = 2.0**-12


@dataclass(frozen=True)
class NTK(ProductKernel):
    r"""Neural tangent kernel of a bias-free fully connected ReLU network, in the limit of infinite width.

    The network with :math:`L` = ``depth`` hidden layers of :math:`m` units on inputs with :math:`d` columns is

    .. math::
        h_0 = x, \qquad h_1 = \sqrt2\,\mathrm{relu}(W_1 x / \sqrt d), \qquad
        h_{l+1} = \sqrt2\,\mathrm{relu}(W_{l+1} h_l / \sqrt m), \qquad f(x) = W_{L+1} h_L / \sqrt m,

    with all entries of all :math:`W_l` independent standard normal and all :math:`W_l` trained: each weight matrix
    is divided by the root of its fan-in, and the :math:`\sqrt2` stands behind each ReLU, hence not at the output. For
    :math:`L = 0`, :math:`f(x) = W_1 x / \sqrt d`. The kernel is the limit for :math:`m \to \infty` of
    :math:`\nabla_W f(x) \cdot \nabla_W f(x')` (per output): with :math:`\Sigma_0 = \Theta_0 = x \cdot x' / d`,
    :math:`\theta_l` the angle whose cosine is :math:`\Sigma_l(x, x') d / (|x|\,|x'|)`,

    .. math::
        \Sigma_{l+1} = \frac{|x|\,|x'|}{d}\,\frac{\sin\theta_l + (\pi - \theta_l)\cos\theta_l}{\pi}, \qquad
        \Theta_{l+1} = \Sigma_{l+1} + \Theta_l\,\frac{\pi - \theta_l}{\pi}, \qquad k = \Theta_L.

    The layers keep norms, :math:`\Sigma_l(x, x) = |x|^2 / d`, so that :math:`k(x, x) = (L + 1)\,|x|^2 / d`, and
    :math:`k` is linear in either norm and otherwise a function of one angle. A zero input gives 0.

    Parameters
    ----------
    depth : int
        Number of hidden layers, 0 or more; 0 is the linear kernel divided by ``d``.

    Notes
    -----
    neural-tangents builds the same network from ``Dense(width, W_std=sqrt(2))`` and ``Relu()``. A ReLU hands factors
    through, so that with ``W_std=sqrt(2)`` in all layers its function is :math:`\sqrt2 f` and its kernel ``2 k``; with
    ``W_std=1`` in the last layer it is ``k``. Arora et al. leave out the ``1 / d``. PyTorch's own parametrization (the
    scale in the initial weights instead of the formula) has another kernel.

    Angles below 0.022, and those as close to a straight angle, are computed from the points and not from rounded
    cosines.

    Sources: ``jacot2018``; the arc-cosine formulas are those of ``cho2009``; conventions as in ``lee2019``. Shapes and
    errors: `Kernel.gram`.

    Examples
    --------
    >>> NTK(depth=3).gram([[1.0, 1.0], [2.0, 0.0], [-2.0, 0.0]]).round(4).tolist()
    [[4.0, 3.1584, 0.9585], [3.1584, 8.0, 1.3714], [0.9585, 1.3714, 8.0]]
    """

    depth: int = 3

    per_feature: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", count("depth", self.depth, at_least=0))

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """The kernel from ``x.x' / d``, ``|x|^2 / d`` and ``|x'|^2 / d``, elementwise."""
        if self.depth == 0:
            return products
        left_norms, right_norms = np.sqrt(left_squared), np.sqrt(right_squared)
        cosines = products * _inverse(left_norms)
        cosines *= _inverse(right_norms)
        values = relu_ntk(angles_from_cosines(np.clip(cosines, -1.0, 1.0, out=cosines)), self.depth)
        values *= left_norms
        values *= right_norms
        return values

    def delicate(self, products: Array, left_squared: Array, right_squared: Array) -> Mask | None:
        """Pairs that are parallel or opposite within an angle of 0.022."""
        if self.depth == 0:
            return None
        return np.abs(products) > (1 - _CANCELLED) * np.sqrt(left_squared) * np.sqrt(right_squared)

    def pairs(self, left: Array, right: Array) -> Array:
        """Values for matching rows, from angles between points: shape ``(k, columns)`` to ``(k,)``."""
        if self.depth == 0:
            return super().pairs(left, right)
        angles: Angles = angles_from_points(left, right)
        left_squared, right_squared = (np.einsum("ij,ij->i", side, side) for side in (left, right))
        return relu_ntk(angles, self.depth) * _geometric_mean(left_squared, right_squared) / left.shape[1]


def _inverse(norms: Array) -> Array:
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)


def _geometric_mean(left: Array, right: Array) -> Array:
    """``sqrt(left * right)`` without overflow, exact where the two are equal, symmetric to the last bit."""
    small, large = np.minimum(left, right), np.maximum(left, right)
    return large * np.sqrt(np.divide(small, large, out=np.zeros_like(large), where=large > 0))
