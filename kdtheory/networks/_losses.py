"""The loss of a phase on tensors. Imports torch.

Both losses are sums over samples; a batch's loss is scaled by ``n / batch`` where the step is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from kdtheory.distillation import CrossEntropy, Loss
from kdtheory.networks.places import Term

PhaseLoss = Callable[[Tensor, Tensor | slice], Tensor]


def phase_loss(loss: Loss, terms: Sequence[Term], dtype: torch.dtype) -> PhaseLoss:
    """The loss as a function of a batch's outputs, shape (batch, outputs), and the batch's indices."""
    if isinstance(loss, CrossEntropy):
        return _cross_entropy(loss, terms, dtype)
    return _squared_error(terms, dtype)


def _squared_error(terms: Sequence[Term], dtype: torch.dtype) -> PhaseLoss:
    target = torch.as_tensor(sum(term.weight * term.values for term in terms), dtype=dtype)

    def value(outputs: Tensor, batch: Tensor | slice) -> Tensor:
        return 0.5 * (outputs - target[batch]).square().sum()

    return value


def _cross_entropy(loss: CrossEntropy, terms: Sequence[Term], dtype: torch.dtype) -> PhaseLoss:
    """``sum of weight * T^2 * cross-entropy(p, softmax(outputs / T))``; terms of one temperature are taken together."""
    wanted: dict[float, Tensor] = {}
    for term in terms:
        temperature = loss.label_temperature if term.labels else loss.temperature
        values = torch.from_numpy(np.array(term.values))
        probabilities = values if term.labels else torch.softmax(values / temperature, dim=1)
        scale = temperature**2 if loss.scaled else 1.0
        wanted[temperature] = wanted.get(temperature, 0.0) + term.weight * scale * probabilities
    groups = [(temperature, weighted.to(dtype)) for temperature, weighted in wanted.items()]

    def value(outputs: Tensor, batch: Tensor | slice) -> Tensor:
        total = torch.zeros((), dtype=outputs.dtype)
        for temperature, weighted in groups:
            total = total - (weighted[batch] * torch.log_softmax(outputs / temperature, dim=1)).sum()
        return total

    return value
