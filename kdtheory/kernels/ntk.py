"""The neural tangent kernel of wide fully connected ReLU networks."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.kernels._angles import Angles, relu_ntk
from kdtheory.kernels.angular import ReluKernel
from kdtheory.kernels.base import Array
from kdtheory.validation import count


@dataclass(frozen=True)
class NTK(ReluKernel):
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

    The covariance of the functions at initialization is `NNGP`. Accurate at small angles: see `AngularKernel`.

    Sources: ``jacot2018``; the arc-cosine formulas are those of ``cho2009``; conventions as in ``lee2019``. Shapes and
    errors: `Kernel.gram`.

    Examples
    --------
    >>> NTK(depth=3).gram([[1.0, 1.0], [2.0, 0.0], [-2.0, 0.0]]).round(4).tolist()
    [[4.0, 3.1584, 0.9585], [3.1584, 8.0, 1.3714], [0.9585, 1.3714, 8.0]]
    """

    depth: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", count("depth", self.depth, at_least=0))

    def of_angles(self, angles: Angles) -> Array:
        """The kernel of unit vectors, elementwise (arrays are overwritten)."""
        return relu_ntk(angles, self.depth)
