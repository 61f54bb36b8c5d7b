"""The covariance of wide fully connected ReLU networks at initialization."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.kernels._angles import Angles, relu_nngp
from kdtheory.kernels.angular import ReluKernel
from kdtheory.kernels.base import Array
from kdtheory.validation import count


@dataclass(frozen=True)
class NNGP(ReluKernel):
    r"""Covariance :math:`E[f(x) f(x')]` of the network of `NTK` at initialization, in the limit of infinite width.

    In the notation there it is :math:`k = \Sigma_L`, with :math:`\Sigma_0 = x \cdot x' / d` and

    .. math::
        \Sigma_{l+1} = \frac{|x|\,|x'|}{d}\,\frac{\sin\theta_l + (\pi - \theta_l)\cos\theta_l}{\pi}.

    It is also the NTK of the network whose last layer alone is trained. The layers keep norms:
    :math:`k(x, x) = |x|^2 / d` at every depth.

    Parameters
    ----------
    depth : int
        Number of hidden layers, 0 or more; 0 is the linear kernel divided by ``d``, 1 is ``ArcCosine(order=1)``
        divided by ``d``.

    Notes
    -----
    Accurate at small angles: see `AngularKernel`. Sources: ``cho2009``, ``lee2018``. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> NNGP(depth=1).gram([[1.0, 1.0], [2.0, 0.0], [-2.0, 0.0]]).round(4).tolist()
    [[1.0, 1.0683, 0.0683], [1.0683, 2.0, 0.0], [0.0683, 0.0, 2.0]]
    """

    depth: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", count("depth", self.depth, at_least=0))

    def of_angles(self, angles: Angles) -> Array:
        """The kernel of unit vectors, elementwise (arrays are overwritten)."""
        return relu_nngp(angles, self.depth)
