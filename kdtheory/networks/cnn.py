"""Small convolutional ReLU networks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kdtheory.errors import InvalidArgument
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network, parametrized, share
from kdtheory.networks.images import image_shape, whole_numbers
from kdtheory.networks.told import brief
from kdtheory.validation import count

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class CNN(Network):
    r"""Blocks of a convolution, a ReLU and the mean over 2 by 2 pixels, then a linear layer.

    Parameters
    ----------
    channels : tuple of int
        Filters of each block; every block halves height and width.
    kernel_size : int
        Height and width of a filter, odd; images are filled up with zeros around them.
    image : tuple of int, optional
        Height and width, or channels, height and width, of an image whose pixels are the inputs of a task row by row.
        Default: a square of one channel.
    parametrization : {"standard", "ntk"}
        As in `MLP`; ``"ntk"`` scales every layer by :math:`1/\sqrt{\text{fan-in}}` and has no known limit kernel here.
    dropout : float
        Before the last layer; see `MLP`.
    batch_norm : bool
        Whether the convolutions' outputs are normalized over the batch.

    Examples
    --------
    >>> CNN(channels=(8, 16), image=(8, 8), dropout=0.5)
    CNN(channels=(8, 16), kernel_size=3, image=(8, 8), parametrization='standard', dropout=0.5)
    """

    channels: tuple[int, ...] = (16, 32)
    kernel_size: int = 3
    image: tuple[int, ...] | None = None
    parametrization: str = "standard"
    dropout: float = 0.0
    batch_norm: bool = False

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", whole_numbers("channels", self.channels, "pass for example (16, 32)"))
        object.__setattr__(self, "kernel_size", count("kernel_size", self.kernel_size, at_least=1))
        if self.kernel_size % 2 == 0:
            raise InvalidArgument("kernel_size", expected="an odd number", got=str(self.kernel_size), fix="pass 3 or 5")
        object.__setattr__(self, "dropout", share("dropout", self.dropout))
        parametrized(self)

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module in float64; inputs that are no such image, or too small for the blocks, are one line."""
        require_torch()
        from kdtheory.networks._modules import cnn

        image = image_shape(self.image, inputs)
        smallest = 2 ** len(self.channels)
        if min(image[1:]) < smallest:
            expected = f"images of at least {smallest} by {smallest} pixels for {len(self.channels)} blocks"
            raise InvalidArgument(
                "image", expected=expected, got=f"{math.prod(image[1:])} pixels", fix="use fewer channels=(...)"
            )
        look = {"dropout": self.dropout, "batch_norm": self.batch_norm}
        return cnn(image, self.channels, self.kernel_size, outputs, self.parametrization, generator, **look)
