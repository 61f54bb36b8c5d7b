"""Several seeds of one fit in one batch of networks. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, vmap

from kdtheory.errors import InvalidArgument
from kdtheory.networks._fitting import Job, batches, descend, fit_network, said, start
from kdtheory.networks._function import Explosion, Function
from kdtheory.networks._layers import NormKeepingReLU, ScaledConvolution, ScaledLinear
from kdtheory.networks._losses import PhaseLoss, phase_loss
from kdtheory.networks.backend import quiet_torch
from kdtheory.networks.places import Said, Term
from kdtheory.networks.streams import stream_seed

Array = NDArray[np.float64]
Targets = Sequence[Sequence[Term]]

# Layers that neither draw at random nor mix samples nor remember, and that vmap differentiates as they are.
_PLAIN = {
    nn.AvgPool2d, nn.Conv1d, nn.Conv2d, nn.Flatten, nn.Linear, nn.ReLU, nn.Sequential, nn.Unflatten,
    NormKeepingReLU, ScaledConvolution, ScaledLinear,
}  # fmt: skip

# Larger networks wait for their matrix products, and for memory that a batch of them does not fit into: slower at once
# (tests/benchmarks/seeds_in_one_batch.py).
_MOST_WEIGHTS = 100_000


def fit_networks(jobs: Sequence[Job], targets: Sequence[Targets], places: Mapping[str, Array]) -> list[Said]:
    """`fit_network` for every job, in one batch where that is possible, else one by one.

    Parameters
    ----------
    jobs : sequence of Job
        One fit with several seeds.
    targets : one for each job
    places : as in `fit_network`
    """
    if len(jobs) > 1:
        with _quiet(jobs[0]):
            fitted = _fitted_together(jobs, targets, places)
        if fitted is not None:
            return fitted
    return [_fitted_alone(job, phases, places) for job, phases in zip(jobs, targets, strict=True)]


def _fitted_alone(job: Job, targets: Targets, places: Mapping[str, Array]) -> Said:
    with _quiet(job):
        return fit_network(job, targets, places)


def _quiet(job: Job) -> AbstractContextManager[None]:
    return quiet_torch(job.options.threads, stream_seed(job.seed, job.stream, "layers"))


def _fitted_together(jobs: Sequence[Job], targets: Sequence[Targets], places: Mapping[str, Array]) -> list[Said] | None:
    functions = [start(jobs[0], places)]  # one is enough to see most of what cannot be a batch
    if not _alike(functions) or any(term.spoken for phases in targets for terms in phases for term in terms):
        return None
    functions += [start(job, places) for job in jobs[1:]]
    if not _alike(functions):
        return None
    dtype = getattr(torch, jobs[0].options.dtype)
    losses = [
        _Losses([phase_loss(phase.loss, terms, dtype) for terms in each], phase_loss(phase.loss, _stacked(each), dtype))
        for phase, each in zip(jobs[0].fit.phases, zip(*targets, strict=True), strict=True)
    ]
    try:
        positions = descend(jobs[0], Together(functions), losses, _orders(jobs))
    except InvalidArgument:
        return None  # at least one diverged: one by one they tell which
    return [said(function, position, places) for function, position in zip(functions, positions, strict=True)]


def _alike(functions: Sequence[Function]) -> bool:
    """Whether the networks are one small module with other weights, all of them trained, in layers known as plain."""
    shapes = {tuple((name, weight.shape) for name, weight in f.module.named_parameters()) for f in functions}
    trained = all(weight.requires_grad for f in functions for weight in f.module.parameters())
    plain = all(type(layer) in _PLAIN for f in functions for layer in f.module.modules())
    return plain and trained and len(shapes) == 1 and len(functions[0].start) <= _MOST_WEIGHTS


def _orders(jobs: Sequence[Job]) -> Iterator[Tensor | slice]:
    """The batches of every seed, shape (seeds, size)."""
    if jobs[0].options.batch is None:
        return repeat(slice(None))
    return map(torch.stack, zip(*map(batches, jobs), strict=True))


def _stacked(each: Sequence[Sequence[Term]]) -> list[Term]:
    """The terms of all seeds as those of one task, the rows of one seed below those of the one before."""
    return [
        replace(terms[0], values=np.concatenate([term.values for term in terms])) for terms in zip(*each, strict=True)
    ]


@dataclass(frozen=True)
class _Losses:
    """The loss of a phase seed by seed, and as one sum over the rows of all seeds."""

    each: Sequence[PhaseLoss]
    total: PhaseLoss


class Together:
    """Functions of one architecture as one, of a position of shape (seeds, weights): what `descend` asks of one.

    The gradient of the sum of their losses is, row by row, the gradient of each.
    """

    def __init__(self, functions: Sequence[Function]) -> None:
        self._functions = functions
        self.start = torch.stack([function.start for function in functions])
        self._origin = torch.stack([function.origin for function in functions])
        self._added = torch.cat([function.added["train"] for function in functions])
        self._inputs = functions[0].inputs["train"]
        self._module = functions[0].module.train()
        self._shapes = {name: weight.shape for name, weight in self._module.named_parameters()}
        self._before = torch.arange(len(functions))[:, None] * len(self._inputs)

    def loss(self, position: Tensor, loss: _Losses) -> Array:
        """The loss of each on all training inputs."""
        rows = zip(self._functions, position, loss.each, strict=True)
        return np.array([function.loss(row, one) for function, row, one in rows])

    def zero_loss(self, loss: _Losses) -> Array:
        """The loss of each at the zero function."""
        return np.array([function.zero_loss(one) for function, one in zip(self._functions, loss.each, strict=True)])

    def gradient(self, position: Tensor, loss: _Losses, batch: Tensor | slice, limit: float) -> Tensor:
        """All gradients on batches of shape (seeds, size), or on everything; the sum of losses must keep its limit."""
        weights = self._weights(position)
        whole = isinstance(batch, slice)
        outputs = vmap(self._outputs, in_dims=(0, None if whole else 0))(weights, self._inputs[batch])
        rows = batch if whole else (batch + self._before).flatten()
        value = loss.total(outputs.flatten(0, 1) + self._added[rows], rows)
        value = value * (len(self._inputs) / outputs.shape[1])
        if not value.item() <= limit:
            raise Explosion(value.item())
        slopes = torch.autograd.grad(value, list(weights.values()))
        return torch.cat([slope.flatten(1) for slope in slopes], dim=1)

    def _weights(self, position: Tensor) -> dict[str, Tensor]:
        sizes = [shape.numel() for shape in self._shapes.values()]
        parts = zip(self._shapes.items(), (position + self._origin).split(sizes, dim=1), strict=True)
        return {name: part.unflatten(1, shape).detach().requires_grad_() for (name, shape), part in parts}

    def _outputs(self, weights: dict[str, Tensor], inputs: Tensor) -> Tensor:
        return functional_call(self._module, weights, (inputs,))
