"""The module behind a linearized network. Imports torch, when one is built."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.func import functional_call, jvp


class Tangent(nn.Module):
    """A module's value at fixed weights, plus its derivative in the direction of its own weights."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module.requires_grad_(False).eval()
        self.moved = nn.ParameterList(torch.zeros_like(weight) for weight in module.parameters())

    def train(self, mode: bool = True) -> Self:
        """Only the mode: the module inside stays in evaluation mode."""
        self.training = mode
        return self

    def forward(self, inputs: Tensor) -> Tensor:
        """Shape (batch, inputs) to (batch, outputs)."""
        origin = dict(self.module.named_parameters())
        direction = dict(zip(origin, self.moved, strict=True))

        def outputs(weights: dict[str, Tensor]) -> Tensor:
            return functional_call(self.module, weights, (inputs,))

        value, change, *_ = jvp(outputs, (origin,), (direction,))
        return value + change
