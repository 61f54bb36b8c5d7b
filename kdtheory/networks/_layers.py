"""Layers in both parametrizations, with weights from a generator. Imports torch, when a network is built."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn

PADDING = 0
"""The token that stands for nothing."""


class ScaledLinear(nn.Module):
    """``W h / sqrt(fan_in)`` with standard normal ``W``: the layer of the NTK parametrization."""

    def __init__(self, fan_in: int, fan_out: int, generator: Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_out, fan_in, generator=generator, dtype=torch.float64))
        self.scale = 1 / math.sqrt(fan_in)

    def forward(self, h: Tensor) -> Tensor:
        """Shape (batch, fan_in) to (batch, fan_out)."""
        return nn.functional.linear(h * self.scale, self.weight)


class ScaledConvolution(nn.Module):
    """The same for a convolution in one or two dimensions, which keeps the size of what it sees if ``padded``."""

    def __init__(self, channels: tuple[int, int], kernel: tuple[int, ...], padded: bool, generator: Generator) -> None:
        super().__init__()
        shape = (channels[1], channels[0], *kernel)
        self.weight = nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.float64))
        self.scale = 1 / math.sqrt(channels[0] * math.prod(kernel))
        self.padding = "same" if padded else "valid"

    def forward(self, h: Tensor) -> Tensor:
        """Shape (batch, channels, ...) to the same with the other number of channels."""
        convolve = nn.functional.conv1d if h.ndim == 3 else nn.functional.conv2d
        return convolve(h * self.scale, self.weight, padding=self.padding)


class NormKeepingReLU(nn.Module):
    """``sqrt(2) relu(h)``, which keeps the mean square of Gaussian inputs."""

    def forward(self, h: Tensor) -> Tensor:
        """Any shape."""
        return torch.relu(h) * math.sqrt(2)


class Tokens(nn.Module):
    """Token numbers, as floats, to vectors of standard normal entries; padding is the zero vector and stays it."""

    def __init__(self, vocabulary: int, width: int, generator: Generator) -> None:
        super().__init__()
        weight = torch.randn(vocabulary, width, generator=generator, dtype=torch.float64)
        weight[PADDING] = 0
        self.embedding = nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=PADDING)

    def forward(self, tokens: Tensor) -> Tensor:
        """Shape (batch, length) to (batch, length, width)."""
        return self.embedding(tokens.long())


def linear(parametrization: str, fan_in: int, fan_out: int, generator: Generator) -> nn.Module:
    """A layer; in standard parametrization initialized as ``torch.nn.Linear`` initializes itself."""
    if parametrization == "ntk":
        return ScaledLinear(fan_in, fan_out, generator)
    return _drawn(nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=torch.float64), fan_in, generator)


def convolution(
    parametrization: str, channels: tuple[int, int], kernel: tuple[int, ...], generator: Generator, *, padded: bool
) -> nn.Module:
    """A convolution; in standard parametrization initialized as ``torch.nn.Conv2d`` (``Conv1d``) initializes itself."""
    if parametrization == "ntk":
        return ScaledConvolution(channels, kernel, padded, generator)
    kind = nn.Conv1d if len(kernel) == 1 else nn.Conv2d
    padding = "same" if padded else "valid"
    layer = nn.utils.skip_init(kind, *channels, kernel, padding=padding, dtype=torch.float64)
    return _drawn(layer, channels[0] * math.prod(kernel), generator)


def activation(parametrization: str) -> nn.Module:
    """ReLU, which in NTK parametrization keeps the norm."""
    return NormKeepingReLU() if parametrization == "ntk" else nn.ReLU()


def _drawn(layer: nn.Module, fan_in: int, generator: Generator) -> nn.Module:
    """Weights, then bias, uniform on plus or minus ``1 / sqrt(fan_in)``."""
    bound = 1 / math.sqrt(fan_in)
    for weight in layer.parameters():
        nn.init.uniform_(weight, -bound, bound, generator=generator)
    return layer
