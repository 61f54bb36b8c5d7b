r"""Composition of phases on one spectrum: the calculus of gains and retains.

A fit's function is written as ``offset + scale * start + trained``. Mode by mode, the trainable part and its dual
coefficient are linear in a few *sources* (the labels of a task, the start, the outputs of a fit that lives on another
spectrum), so the state of a fit is one factor per source and mode. A phase makes, per source, the new

* position: ``gain * target + retain * position + anchoring * anchor``
* dual: ``dual_gain * (target - anchor) + retain * dual - (scale - [anchor is start]) * dual_retain * start``

The second line is the first one divided by the eigenvalue, with what stays off the row space (``scale * start``) taken
out: it is finite at eigenvalue zero, and predictions and weights are made of it. A procedure with memory (velocity,
average) maps two components instead of one, by the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.procedures import Procedure, Remembering
from kdtheory.procedures.memory import Row

Array = NDArray[np.float64]
START = "start"
OFFSET = "offset"
LABELS = "labels"
OUTPUT = "output"


@dataclass(frozen=True)
class Key:
    """One source of a fit's function: whose labels, start, offset or (on another spectrum) outputs."""

    kind: str
    of: Hashable


@dataclass(frozen=True)
class Component:
    """One component of a fit's state: factors per source, each of shape ``(*axes, modes)``.

    ``residual`` is one minus the total weight of all labels (for a velocity, minus that weight), carried beside the
    positions so that it never comes from a difference of near-one numbers.
    """

    position: dict[Key, Array] = field(default_factory=dict)
    dual: dict[Key, Array] = field(default_factory=dict)
    residual: Array = field(default_factory=lambda: np.zeros(1))


@dataclass(frozen=True)
class State:
    """Where a fit stands between two phases.

    Attributes
    ----------
    start : Key
        The source that the fit started from.
    scale : array
        How much of the start is left where no training reaches, off the row space.
    shown : Component
        What predicts and teaches.
    carried : Component
        What training goes on from: the last iterate.
    memory : Component
        Velocity or average of the last phase's procedure.
    clock : array or float
        How long the phases that share this memory have run.
    last : Procedure or None
        The last phase's procedure.
    """

    start: Key
    scale: Array
    shown: Component
    carried: Component
    memory: Component = field(default_factory=Component)
    clock: Any = 0.0
    last: Procedure | None = None

    @classmethod
    def initial(cls, start: Key) -> State:
        """The state before the first phase: all of the start, nothing trained."""
        beginning = Component(position={start: np.ones(1)}, residual=np.ones(1))
        return cls(start, np.ones(1), beginning, beginning)


@dataclass(frozen=True)
class TargetFactors:
    """A target as factors per source, with one minus the weight of its labels."""

    factors: dict[Key, Array]
    residual: Array


def mix(terms: Iterable[tuple[Array, TargetFactors]]) -> TargetFactors:
    """Weighted sum of targets; the weights sum to 1."""
    factors: dict[Key, Array] = {}
    residual = np.zeros(1)
    for weight, term in terms:
        residual = residual + weight * term.residual
        for key, factor in term.factors.items():
            factors[key] = factors.get(key, 0.0) + weight * factor
    return TargetFactors(factors, residual)


def advance(state: State, procedure: Procedure, target: TargetFactors, lam: Array, restart: bool = False) -> State:
    """The state after one phase on modes with eigenvalues ``lam``."""
    _refuse_continuation(state, procedure, restart)
    if isinstance(procedure, Remembering):
        return _advance_with_memory(state, procedure, target, lam, restart)
    return _advance_position(state, procedure, target, lam)


def _advance_position(state: State, procedure: Procedure, target: TargetFactors, lam: Array) -> State:
    gain, retain, anchoring = procedure.gain(lam), procedure.retain(lam), procedure.anchoring(lam)
    # No prediction sees the dual coefficient of a null mode: the kernel with any point vanishes on it.
    dual_gain = np.where(lam > 0, procedure.dual_gain(lam), 0.0)
    drift = np.where(lam > 0, procedure.dual_retain(lam), 0.0)
    anchored = float(procedure.anchored_at_start)
    old, position, dual = state.carried, {}, {}
    for key in _keys(state, target):
        anchor = anchored if key == state.start else 0.0
        aim = target.factors.get(key, 0.0)
        position[key] = gain * aim + retain * old.position.get(key, 0.0) + anchoring * anchor
        dual[key] = dual_gain * (aim - anchor) + retain * old.dual.get(key, 0.0)
    dual[state.start] = dual[state.start] - (state.scale - anchored) * drift
    residual = anchoring + gain * target.residual + retain * old.residual
    new = Component(position, dual, residual)
    frozen = procedure.retain([0.0])
    scale = frozen * state.scale + (1.0 - frozen) * anchored
    return replace(state, scale=scale, shown=new, carried=new, memory=Component(), clock=0.0, last=procedure)


def _advance_with_memory(
    state: State, procedure: Remembering, target: TargetFactors, lam: Array, restart: bool
) -> State:
    goes_on = not restart and procedure.continues(state.last)
    memory, clock = (state.memory, state.clock) if goes_on else (Component(), 0.0)
    transition = procedure.transition(lam, clock)
    carried = _component(transition.position, state, memory, target, lam)
    remembered = _component(transition.memory, state, memory, target, lam)
    weights = procedure.output_weights
    shown = carried if weights == (1.0, 0.0) else _combined(weights, carried, remembered)
    clock = clock + procedure.parameters[procedure.duration]
    return replace(state, shown=shown, carried=carried, memory=remembered, clock=clock, last=procedure)


def _component(row: Row, state: State, memory: Component, target: TargetFactors, lam: Array) -> Component:
    dual_target = np.where(lam > 0, row.dual_target, 0.0)
    old, position, dual = state.carried, {}, {}
    for key in _keys(state, target):
        aim = target.factors.get(key, 0.0)
        kept = state.scale if key == state.start else 0.0
        remembered = row.memory * memory.position.get(key, 0.0)
        position[key] = row.target * aim + row.position * old.position.get(key, 0.0) + remembered
        remembered = row.memory * memory.dual.get(key, 0.0)
        dual[key] = dual_target * (aim - kept) + row.position * old.dual.get(key, 0.0) + remembered
    residual = row.target * target.residual + row.position * old.residual + row.memory * memory.residual
    return Component(position, dual, residual)


def _combined(weights: tuple[Any, Any], carried: Component, memory: Component) -> Component:
    one, other = weights
    position = {key: one * carried.position[key] + other * memory.position[key] for key in carried.position}
    dual = {key: one * carried.dual[key] + other * memory.dual[key] for key in carried.dual}
    return Component(position, dual, one * carried.residual + other * memory.residual)


def _keys(state: State, target: TargetFactors) -> list[Key]:
    return list(dict.fromkeys([*state.carried.position, *target.factors]))


def _refuse_continuation(state: State, procedure: Procedure, restart: bool) -> None:
    if procedure.has_clock and type(procedure) is type(state.last) and not restart:
        raise InvalidArgument(
            "phases",
            expected=f"no second {type(procedure).__name__} after the first, whose clock cannot go on",
            got=repr(procedure),
            fix="run it in one phase, or set restart=True",
        )
