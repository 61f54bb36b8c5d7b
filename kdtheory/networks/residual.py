"""Fully connected residual networks, whose blocks may be left out at random while they train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network, share
from kdtheory.networks.told import brief
from kdtheory.validation import count

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ResidualMLP(Network):
    r"""A hidden ReLU layer, ``depth`` residual blocks, and a linear layer, in standard parametrization.

    .. math::
        h_0 = \mathrm{relu}(W_0 x + a_0), \quad h_l = h_{l-1} + B_l\,(V_l\,\mathrm{relu}(W_l h_{l-1} + a_l) + b_l),
        \quad f(x) = U h_L + c .

    Block :math:`l` of :math:`L` survives with probability :math:`p_l = 1 - l / L \cdot` ``stochastic_depth``
    (``huang2016``): in a training step :math:`B_l` is 1 with this probability and else 0, in evaluation it is
    :math:`p_l`, its mean.

    Parameters
    ----------
    width : int
        Units of the first layer, and of both layers of a block.
    depth : int
        Number of blocks :math:`L`, 1 or more.
    stochastic_depth : float
        Probability with which the last block is left out; 0 is a plain residual network. torchvision calls it
        ``stochastic_depth_prob``, timm ``drop_path_rate``. As there, every sample has draws of its own (the paper: one
        draw for a minibatch; the mean loss over draws is the same). They scale what survives up by :math:`1 / p_l` in
        training instead, and timm never leaves out the first block.

    Examples
    --------
    >>> network = ResidualMLP(width=64, depth=4, stochastic_depth=0.5)
    >>> network, network.survival
    (ResidualMLP(width=64, depth=4, stochastic_depth=0.5), (0.875, 0.75, 0.625, 0.5))
    """

    width: int = 256
    depth: int = 4
    stochastic_depth: float = 0.0

    __repr__ = brief

    def __post_init__(self) -> None:
        for name in ("width", "depth"):
            object.__setattr__(self, name, count(name, getattr(self, name), at_least=1))
        object.__setattr__(self, "stochastic_depth", share("stochastic_depth", self.stochastic_depth))

    @property
    def survival(self) -> tuple[float, ...]:
        """The probability with which each block takes part in a training step, from the first to the last."""
        return tuple(1.0 - block / self.depth * self.stochastic_depth for block in range(1, self.depth + 1))

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module in float64; the weights at the start do not depend on ``stochastic_depth``."""
        require_torch()
        from kdtheory.networks._modules import residual_mlp

        return residual_mlp((inputs, self.width, outputs), self.survival, generator)
