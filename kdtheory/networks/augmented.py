"""A network that sees its training images disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kdtheory.errors import InvalidArgument
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network
from kdtheory.networks.images import image_shape
from kdtheory.networks.told import brief
from kdtheory.validation import count, describe, number

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Augmented(Network):
    """A network whose training images are shifted, mirrored or disturbed by noise, anew in every step.

    What it imitates stays what it is on the undisturbed images, and so do its outputs.

    Parameters
    ----------
    network : Network
    shift : int
        Largest shift in pixels, in both directions; zeros come in.
    mirror : bool
        Whether left and right are exchanged in every other image.
    noise : float
        Standard deviation of Gaussian noise in every pixel.
    image : tuple of int, optional
        As in `CNN`.

    >>> from kdtheory.networks import MLP
    >>> Augmented(MLP(width=64), shift=1).shift
    1
    """

    network: Network
    shift: int = 0
    mirror: bool = False
    noise: float = 0.0
    image: tuple[int, ...] | None = None

    __repr__ = brief

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            fix = "pass for example MLP(width=512)"
            raise InvalidArgument("network", expected="a network", got=describe(self.network), fix=fix)
        object.__setattr__(self, "shift", count("shift", self.shift, at_least=0))
        object.__setattr__(self, "noise", number("noise", self.noise, at_least=0.0))
        if not isinstance(self.mirror, bool):
            raise InvalidArgument("mirror", expected="True or False", got=describe(self.mirror), fix="pass a boolean")

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """The network's module behind one that disturbs its inputs while training."""
        require_torch()
        from torch import nn

        from kdtheory.networks._modules import Noisy

        noisy = Noisy(image_shape(self.image, inputs), self.shift, self.mirror, self.noise)
        return nn.Sequential(noisy, self.network.build(inputs, outputs, generator))
