"""Fully connected ReLU networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kdtheory.kernels import NTK
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network, parametrized, share
from kdtheory.networks.told import brief
from kdtheory.validation import count

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class MLP(Network):
    r"""A fully connected ReLU network with ``depth`` hidden layers of ``width`` units.

    Parameters
    ----------
    width : int
        Units per hidden layer :math:`m`; without hidden layers it says nothing.
    depth : int
        Number of hidden layers, 0 or more, as in `kdtheory.kernels.NTK`; 0 is a linear model.
    parametrization : {"standard", "ntk"}
        ``"standard"``: biases, and weights and biases initialized as ``torch.nn.Linear`` does (uniform on
        :math:`\pm 1/\sqrt{\text{fan-in}}`). Its kernel grows with the width, and so must its step size shrink.

        ``"ntk"``: no biases, weights :math:`N(0, 1)`, the scale in the formula, so that gradient descent follows the
        kernel `NTK` of equal depth as the width grows (``jacot2018``, ``lee2019``):

        .. math::
            h_1 = \sqrt2\,\mathrm{relu}(W_1 x / \sqrt d), \quad h_{l+1} = \sqrt2\,\mathrm{relu}(W_{l+1} h_l / \sqrt m),
            \quad f(x) = W_{L+1} h_L / \sqrt m .
    dropout : float
        Probability with which each hidden unit is left out in a training step; what is left is scaled up. Outputs are
        those without dropout. Standard parametrization only.
    batch_norm : bool
        Whether hidden layers are normalized over the batch before the activation. Standard parametrization only.

    Examples
    --------
    >>> MLP(width=512, depth=3, parametrization="ntk").kernel()
    NTK(depth=3)
    """

    width: int = 512
    depth: int = 3
    parametrization: str = "standard"
    dropout: float = 0.0
    batch_norm: bool = False

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", count("width", self.width, at_least=1))
        object.__setattr__(self, "depth", count("depth", self.depth, at_least=0))
        object.__setattr__(self, "dropout", share("dropout", self.dropout))
        parametrized(self)

    @property
    def limit(self) -> NTK | None:
        """`NTK` of equal depth for the NTK parametrization; none for the standard one."""
        return NTK(depth=self.depth) if self.parametrization == "ntk" else None

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module in float64; one generator state gives the same weights at every precision."""
        require_torch()
        from kdtheory.networks._modules import mlp

        sizes = [inputs, *[self.width] * self.depth, outputs]
        return mlp(sizes, self.parametrization, generator, dropout=self.dropout, batch_norm=self.batch_norm)
