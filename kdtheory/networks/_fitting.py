"""One fit on one network. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdtheory.distillation import Fit
from kdtheory.distillation.setting import Setting
from kdtheory.distillation.starts import offset_values
from kdtheory.errors import InvalidArgument
from kdtheory.networks._batches import visits
from kdtheory.networks._function import Explosion, Function
from kdtheory.networks._losses import phase_loss
from kdtheory.networks.options import Options
from kdtheory.networks.places import Said, Term
from kdtheory.networks.streams import generator
from kdtheory.procedures import Descent

Array = NDArray[np.float64]

# How far above the larger of its start's and the zero function's a loss may rise on its way (large steps send it up
# before it comes down), and end: a network that died of a large step ends in between.
_ON_THE_WAY, _IN_THE_END = 1e6, 2.0


@dataclass(frozen=True)
class Job:
    """A fit and a seed, with all that its training depends on except what its teachers say."""

    name: str
    fit: Fit
    setting: Setting
    descents: Sequence[Descent]
    options: Options
    seed: int

    @property
    def stream(self) -> str:
        """Name of the random stream of initialization and batches."""
        return self.name if self.fit.stream is None else self.fit.stream

    def diverged(self, phase: int, where: str, loss: float, start: float) -> InvalidArgument:
        """The one line for a training that does not converge; phases and steps count from 1."""
        rates = self.descents[phase - 1].rates
        rate = "step_size" if "step_size" in rates else "rate"
        place = f"{where} of phase {phase} of {self.name!r} with seed {self.seed}"
        got = f"{rates[rate]:.6g}, and a loss that went from {start:.3g} to {loss:.3g} {place}"
        return InvalidArgument(rate, expected="training to converge", got=got, fix=f"take a smaller {rate}")


def fit_network(job: Job, targets: Sequence[Sequence[Term]], places: Mapping[str, Array]) -> Said:
    """Train from the start to the last phase, and evaluate.

    Parameters
    ----------
    job : Job
    targets : one list of terms per phase
        What each phase imitates on the training inputs.
    places : dict of str to array of shape (points, inputs)
        Where to evaluate the trained network; ``"train"`` is among them.

    Returns
    -------
    Said
        Outputs by place, shape (points, outputs), float64, in the units of the original targets.
    """
    dtype = getattr(torch, job.options.dtype)
    function = start(job, places)
    losses = [phase_loss(phase.loss, terms, dtype) for phase, terms in zip(job.fit.phases, targets, strict=True)]
    return said(function, descend(job, function, losses, batches(job)), places)


def start(job: Job, places: Mapping[str, Array]) -> Function:
    """The untrained network as a function known at these places."""
    columns, outputs = job.setting.task.inputs.shape[1], job.setting.outputs
    module = job.setting.model.build(columns, outputs, generator(job.seed, job.stream, "initialization"))
    untrained = {place: _untrained(job, inputs) for place, inputs in places.items()}
    dtype = getattr(torch, job.options.dtype)
    return Function(module, places, untrained, subtract_initial=job.options.subtract_initial, dtype=dtype)


def batches(job: Job) -> Iterator[Tensor | slice]:
    """The batches of all phases, without end."""
    return visits(job.options.batch, job.setting.task.size, generator(job.seed, job.stream, "batches"))


def said(function: Function, position: Tensor, places: Mapping[str, Array]) -> Said:
    """What the network says at a position."""
    outputs = {place: function.outputs(position, place).double().numpy() for place in places}
    return Said(outputs, partial(function.aloud, position))


def _untrained(job: Job, inputs: Array) -> Array:
    """What training never moves, shape (points, outputs): the offset, and the shift of a centred task."""
    start, outputs = job.fit.start, job.setting.outputs
    offset = np.zeros((len(inputs), outputs))
    if start is not None and start.offset is not None:
        offset = offset_values(start, inputs, outputs)
    return job.setting.task.restored(offset)


def descend(job: Job, function: Any, losses: Sequence[Any], batches: Iterator[Tensor | slice]) -> Tensor:
    """The position that predicts after the last phase.

    What a rule remembers goes on from phase to phase if rule and rates stay and the phase does not restart. Losses are
    numbers for a `Function`, and arrays for several in one (`Together`), all of which have to converge.
    """
    state, before = {"position": function.start}, None
    for number, (phase, descent, loss) in enumerate(zip(job.fit.phases, job.descents, losses, strict=True), start=1):
        if phase.restart or not descent.continues(before):
            state = descent.rule.begin(state["position"], function.start)
        start = np.maximum(function.loss(state["position"], loss), function.zero_loss(loss))
        for step in range(1, descent.steps + 1):
            slope = partial(function.gradient, loss=loss, batch=next(batches), limit=_ON_THE_WAY * np.sum(start))
            try:
                state = descent.rule.step(state, slope, descent.rates)
            except Explosion as explosion:
                raise job.diverged(number, f"at step {step}", explosion.args[0], np.sum(start)) from None
        end = function.loss(state["position"], loss)
        if not np.all(end <= _IN_THE_END * start):
            raise job.diverged(number, "at the end", np.max(end), np.max(start))
        before = descent
    return job.descents[-1].rule.output(state)
