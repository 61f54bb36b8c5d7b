"""One fit of a recipe: its phases run one after the other on one state, at every point of its sweeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Fit, Phase, SquaredError, Start
from kdtheory.distillation.results import Array
from kdtheory.distillation.setting import Setting, seen_by
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import Descent
from kdtheory.procedures.descent import State
from kdtheory.simulation.batches import blocks
from kdtheory.simulation.loop import Kind, run
from kdtheory.simulation.options import Options
from kdtheory.simulation.parametrization import Parametrization
from kdtheory.simulation.slopes import Term, aim
from kdtheory.simulation.sweeps import Point, procedure_at, value_at


@dataclass(frozen=True)
class Trained:
    """A fit after its training.

    Attributes
    ----------
    axes : tuple of str
        The sweeps it depends on.
    positions : array of shape (runs, *axes, parameters, outputs)
    steps, step_sizes : arrays of shape (phases, *axes)
    """

    parametrization: Parametrization
    axes: tuple[str, ...]
    positions: Array
    steps: NDArray[np.int64]
    step_sizes: Array

    def values(self, points: Array) -> Array:
        """Outputs at points in the coordinates of its task, in original units; shape (runs, *axes, m, outputs)."""
        return self.parametrization.values(self.positions, points)


class Trainer:
    """Trains one fit, given the fits that teach it."""

    def __init__(self, name: str, fit: Fit, setting: Setting, teachers: dict[str, Trained], options: Options) -> None:
        self.name, self.fit, self.teachers, self.options = name, fit, teachers, options
        self.task = setting.task
        if options.batch is not None:
            options.batch.check(self.task.size)
        self.parametrization = Parametrization(setting.model, self.task, fit.start or Start(), setting.outputs)
        self.stream = fit.stream or name
        self.largest = setting.model.spectrum(self.task).largest
        self.taught = {
            name: teacher.values(seen_by(teacher.parametrization.task, self.task)) for name, teacher in teachers.items()
        }

    def train(self, axes: dict[str, int]) -> Trained:
        """Train at every point of the grid spanned by ``axes``, ``{name: length}``."""
        shape = tuple(axes.values())
        start = self.parametrization.beginning()
        positions = np.empty((len(self.options.runs), *shape, *start.shape))
        steps = np.empty((len(self.fit.phases), *shape), dtype=np.int64)
        step_sizes = np.empty(steps.shape)
        for index in np.ndindex(*shape):
            at = (slice(None), *index)
            positions[at], descents = self._train_at(dict(zip(axes, index, strict=True)), start)
            steps[at] = [descent.steps for descent in descents]
            step_sizes[at] = [descent.rates["step_size"] for descent in descents]
        return Trained(self.parametrization, tuple(axes), positions, steps, step_sizes)

    def _train_at(self, point: Point, start: Array) -> tuple[Array, list[Descent]]:
        start = np.broadcast_to(start, (len(self.options.runs), *start.shape))
        state: State = {"position": start}
        descents: list[Descent] = []
        for number, phase in enumerate(self.fit.phases, start=1):
            descent = self._descent(phase, point)
            if phase.restart or not (descents and descent.continues(descents[-1])):
                state = descent.rule.begin(state["position"], start)
            first = sum(earlier.steps for earlier in descents)
            state = self._run(descent, state, phase, point, first)
            self._refuse_divergence(state, descent, number)
            descents.append(descent)
        return descents[-1].rule.output(state), descents

    def _descent(self, phase: Phase, point: Point) -> Descent:
        procedure = procedure_at(phase.procedure, point)
        if self.options.step_size is not None and procedure.parameters.get("step_size", 0.0) is None:
            procedure = replace(procedure, step_size=self.options.step_size)
        procedure = procedure.resolved(self.largest)
        if isinstance(phase.loss, SquaredError):  # cross-entropy is less curved, and its gradients are bounded
            procedure.refuse_unstable(self.largest)
        return procedure.descent(self.largest, self.options.step_size)

    def _run(self, descent: Descent, state: State, phase: Phase, point: Point, first: int) -> State:
        dtype, parametrization = self.options.dtype, self.parametrization
        aimed = aim(phase.loss, self._terms(phase, point))
        kind = Kind(descent.rule, aimed.slope, parametrization.explicit)
        shared: Any = {
            "rows": aimed.rows,
            "design": parametrization.training_design,
            "constant": parametrization.constant(self.task.inputs),
            "numbers": aimed.numbers,
            "rates": dict(descent.rates),
        }
        state, shared = jax.tree.map(lambda array: np.asarray(array, dtype), (state, shared))
        seen = blocks(self.options.batch, self.task.size, self.stream, self.options.runs, first, descent.steps)
        for samples, start, stop in seen:
            state = run(kind, state, samples=samples, first=np.int32(start), last=np.int32(stop), **shared)
        return {name: np.asarray(array, dtype=np.float64) for name, array in state.items()}

    def _terms(self, phase: Phase, point: Point) -> list[Term]:
        shape = (len(self.options.runs), self.task.size, self.parametrization.outputs)
        terms = []
        for weight, source in phase.target.terms:
            if source.fit is None:
                values = self.task.restored(self.task.targets)  # type: ignore[arg-type]
            else:
                values = self.taught[source.fit][(slice(None), *(point[a] for a in self.teachers[source.fit].axes))]
            terms.append(Term(value_at(weight, point), np.broadcast_to(values, shape), labels=source.fit is None))
        return terms

    def _refuse_divergence(self, state: State, descent: Descent, number: int) -> None:
        if all(np.isfinite(array).all() for array in state.values()):
            return
        batch = self.options.batch
        how = f"step size {descent.rates['step_size']:.6g}" + ("" if batch is None else f" and {batch!r}")
        fix = "take a smaller step" + ("" if batch is None else ", or larger batches")
        got = f"infinity or NaN in {self.name!r}, phase {number}, at {how}"
        raise InvalidArgument("step_size", expected="steps that stay finite", got=got, fix=fix)
