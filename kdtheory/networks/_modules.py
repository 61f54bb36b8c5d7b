"""The modules behind `MLP`. Imports torch, and is imported when a network is built."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class ScaledLinear(nn.Module):
    """``W h / sqrt(fan_in)`` with standard normal ``W``: the layer of the NTK parametrization."""

    def __init__(self, fan_in: int, fan_out: int, generator: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_out, fan_in, generator=generator, dtype=torch.float64))
        self.scale = 1 / math.sqrt(fan_in)

    def forward(self, h: Tensor) -> Tensor:
        """Shape (batch, fan_in) to (batch, fan_out)."""
        return nn.functional.linear(h * self.scale, self.weight)


class NormKeepingReLU(nn.Module):
    """``sqrt(2) relu(h)``, which keeps the mean square of Gaussian inputs."""

    def forward(self, h: Tensor) -> Tensor:
        """Any shape."""
        return torch.relu(h) * math.sqrt(2)


def ntk_mlp(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """Layers between ``sizes`` = (inputs, width, ..., outputs) in the NTK parametrization; see `MLP`."""
    layers = [ScaledLinear(i, o, generator) for i, o in pairwise(sizes)]
    return _joined(layers, NormKeepingReLU)


def standard_mlp(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """Layers between ``sizes``, initialized as ``torch.nn.Linear`` initializes itself, from ``generator``."""
    return _joined([_standard_linear(i, o, generator) for i, o in pairwise(sizes)], nn.ReLU)


def _standard_linear(fan_in: int, fan_out: int, generator: torch.Generator) -> nn.Module:
    bound = 1 / math.sqrt(fan_in)
    layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=torch.float64)
    for weight in layer.parameters():  # the weights, then the bias
        nn.init.uniform_(weight, -bound, bound, generator=generator)
    return layer


def _joined(layers: Sequence[nn.Module], activation: type[nn.Module]) -> nn.Sequential:
    """``layers`` with an activation between each two."""
    modules: list[nn.Module] = [layers[0]]
    for layer in layers[1:]:
        modules += [activation(), layer]
    return nn.Sequential(*modules)
