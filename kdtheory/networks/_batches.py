"""Which samples each step sees. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from kdtheory.distillation import Minibatch


def visits(batch: Minibatch | None, samples: int, generator: torch.Generator) -> Iterator[Tensor | slice]:
    """The batches of one fit, without end: indices of shape (size,), or everything for ``None``.

    One iterator serves all phases of a fit, so that cutting a phase in two changes nothing.
    """
    if batch is None:
        while True:
            yield slice(None)
    while batch.replace:
        yield torch.randint(samples, (batch.size,), generator=generator)
    while True:
        order = torch.randperm(samples, generator=generator)
        for start in range(0, samples - batch.size + 1, batch.size):
            yield order[start : start + batch.size]
