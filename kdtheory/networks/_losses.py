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
    fixed = [term.weight * term.values for term in terms if term.spoken is None]
    target = torch.as_tensor(sum(fixed), dtype=dtype) if fixed else None
    spoken = [term for term in terms if term.spoken is not None]

    def value(outputs: Tensor, batch: Tensor | slice) -> Tensor:
        wanted = torch.zeros_like(outputs) if target is None else target[batch]
        for term in spoken:
            wanted = wanted + term.weight * term.spoken(batch)  # type: ignore[misc]
        return 0.5 * (outputs - wanted).square().sum()

    return value


def _cross_entropy(loss: CrossEntropy, terms: Sequence[Term], dtype: torch.dtype) -> PhaseLoss:
    """``sum of weight * T^2 * cross-entropy(p, softmax(outputs / T))``; fixed terms of one temperature go together."""
    wanted: dict[float, Tensor] = {}
    spoken = [term for term in terms if term.spoken is not None]
    for term in terms:
        if term.spoken is None:
            temperature = loss.label_temperature if term.labels else loss.temperature
            values = torch.from_numpy(np.array(term.values))
            probabilities = values if term.labels else torch.softmax(values / temperature, dim=1)
            weighted = term.weight * _scale(loss, temperature) * probabilities
            wanted[temperature] = wanted.get(temperature, 0.0) + weighted
    groups = [(temperature, weighted.to(dtype)) for temperature, weighted in wanted.items()]

    def value(outputs: Tensor, batch: Tensor | slice) -> Tensor:
        total = torch.zeros((), dtype=outputs.dtype)
        for temperature, weighted in groups:
            total = total - (weighted[batch] * torch.log_softmax(outputs / temperature, dim=1)).sum()
        for term in spoken:
            answers = torch.softmax(term.spoken(batch) / loss.temperature, dim=1)  # type: ignore[misc]
            weight = term.weight * _scale(loss, loss.temperature)
            total = total - weight * (answers * torch.log_softmax(outputs / loss.temperature, dim=1)).sum()
        return total

    return value


def _scale(loss: CrossEntropy, temperature: float) -> float:
    return temperature**2 if loss.scaled else 1.0
