"""Networks linearized at their start: their first-order Taylor series in the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Kernel
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network
from kdtheory.validation import describe

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Linearized(Network):
    r"""The first-order Taylor series of a network at its initial weights,
    :math:`f_0(x) + \nabla f_0(x) \cdot (\theta - \theta_0)`.

    A linear model with the network's own empirical tangent kernel, for every loss and optimizer: what theory says about
    the network, beside what it does (``lee2019``). With one seed and stream it starts from the same weights as the
    network itself.

    Parameters
    ----------
    network : Network
        Looked at in evaluation mode throughout: without dropout, with batch statistics as they are at the start.

    Notes
    -----
    What is trained is the distance from the initial weights; weight decay pulls it to zero.

    >>> from kdtheory.networks import MLP
    >>> Linearized(MLP(width=64, depth=1)).network.width
    64
    """

    network: Network

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network) or isinstance(self.network, Linearized):
            fix = "pass for example MLP(width=512)"
            raise InvalidArgument("network", expected="a network", got=describe(self.network), fix=fix)

    @property
    def limit(self) -> Kernel | None:
        """That of the network."""
        return self.network.limit

    def refuse(self, inputs: NDArray[np.float64], argument: str) -> None:
        """What the network itself refuses."""
        self.network.refuse(inputs, argument)

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module whose weights are distances from the network's initial weights: zero at the start."""
        require_torch()
        from kdtheory.networks._tangent import Tangent

        return Tangent(self.network.build(inputs, outputs, generator))
