"""The modules behind the networks. Imports torch, and is imported when a network is built."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from kdtheory.networks._layers import PADDING, Tokens, activation, convolution, linear


def mlp(
    sizes: Sequence[int], parametrization: str, generator: Generator, *, dropout: float = 0.0, batch_norm: bool = False
) -> nn.Sequential:
    """Layers between ``sizes`` = (inputs, width, ..., outputs); see `MLP`."""
    modules: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        modules += [linear(parametrization, fan_in, fan_out, generator)]
        modules += [nn.BatchNorm1d(fan_out, dtype=torch.float64)] if batch_norm else []
        modules += [activation(parametrization)]
        modules += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*modules, linear(parametrization, sizes[-2], sizes[-1], generator))


def cnn(
    image: tuple[int, int, int],
    channels: Sequence[int],
    kernel: int,
    outputs: int,
    parametrization: str,
    generator: Generator,
    *,
    dropout: float,
    batch_norm: bool,
) -> nn.Sequential:
    """Blocks of convolution, activation and pooling, then a linear layer; see `CNN`."""
    modules: list[nn.Module] = [nn.Unflatten(1, image)]
    height, width = image[1:]
    for pair in pairwise((image[0], *channels)):
        modules += [convolution(parametrization, pair, (kernel, kernel), generator, padded=True)]
        modules += [nn.BatchNorm2d(pair[1], dtype=torch.float64)] if batch_norm else []
        modules += [activation(parametrization), nn.AvgPool2d(2)]
        height, width = height // 2, width // 2
    modules += [nn.Flatten(), *([nn.Dropout(dropout)] if dropout else [])]
    return nn.Sequential(*modules, linear(parametrization, channels[-1] * height * width, outputs, generator))


def residual_mlp(sizes: tuple[int, int, int], survival: Sequence[float], generator: Generator) -> nn.Sequential:
    """A layer, one block per probability of survival, and a layer; see `ResidualMLP`."""
    inputs, width, outputs = sizes
    first = [linear("standard", inputs, width, generator), nn.ReLU()]
    blocks = [Surviving(mlp([width] * 3, "standard", generator), probability) for probability in survival]
    return nn.Sequential(*first, *blocks, linear("standard", width, outputs, generator))


class Surviving(nn.Module):
    """A residual block that samples skip at random while training, and that counts by its survival afterwards."""

    def __init__(self, block: nn.Module, survival: float) -> None:
        super().__init__()
        self.block, self.survival = block, survival

    def forward(self, h: Tensor) -> Tensor:
        """Shape (batch, width) to the same."""
        if self.survival == 1:
            return h + self.block(h)
        if not self.training:
            return h + self.survival * self.block(h)
        survives = torch.rand(len(h), 1) < self.survival
        return h + survives * self.block(h)


class MeanOfTokens(nn.Module):
    """The mean of the vectors of all tokens that are not padding; zero for a text without any."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.tokens = tokens

    def forward(self, tokens: Tensor) -> Tensor:
        """Shape (batch, length) to (batch, width)."""
        count = (tokens != PADDING).sum(dim=1, keepdim=True).clamp(min=1)
        return self.tokens(tokens).sum(dim=1) / count


class StrongestResponses(nn.Module):
    """The largest response of every filter along a text."""

    def __init__(self, tokens: Tokens, filters: Sequence[nn.Module], activation: nn.Module) -> None:
        super().__init__()
        self.tokens, self.filters, self.activation = tokens, nn.ModuleList(filters), activation

    def forward(self, tokens: Tensor) -> Tensor:
        """Shape (batch, length) to (batch, filters)."""
        embedded = self.tokens(tokens).transpose(1, 2)
        return torch.cat([self.activation(one(embedded)).amax(dim=2) for one in self.filters], dim=1)


class Noisy(nn.Module):
    """Images that are shifted, mirrored and disturbed at random while training, and left alone afterwards."""

    def __init__(self, image: tuple[int, int, int], shift: int, mirror: bool, noise: float) -> None:
        super().__init__()
        self.image, self.shift, self.mirror, self.noise = image, shift, mirror, noise

    def forward(self, inputs: Tensor) -> Tensor:
        """Shape (batch, inputs) to the same."""
        if not self.training:
            return inputs
        if self.noise:
            inputs = inputs + self.noise * torch.randn_like(inputs)
        images = inputs.unflatten(1, self.image)
        if self.mirror:
            turned = torch.rand(len(images)) < 0.5
            images = torch.where(turned[:, None, None, None], images.flip(3), images)
        return self._shifted(images).flatten(1) if self.shift else images.flatten(1)

    def _shifted(self, images: Tensor) -> Tensor:
        """Each image moved by up to ``shift`` pixels in both directions; what comes in is zero."""
        size, (height, width) = self.shift, images.shape[2:]
        padded = nn.functional.pad(images, (size, size, size, size))
        moves = torch.randint(2 * size + 1, (2, len(images)))
        rows = (torch.arange(height) + moves[0][:, None])[:, None, :, None]
        columns = (torch.arange(width) + moves[1][:, None])[:, None, None, :]
        number = torch.arange(len(images))[:, None, None, None]
        channel = torch.arange(images.shape[1])[None, :, None, None]
        return padded[number, channel, rows, columns]
