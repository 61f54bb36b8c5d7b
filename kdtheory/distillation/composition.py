r"""Composition of phases on one spectrum: the calculus of gains and retains.

A fit's function is written as ``offset + scale * start + trained``. Mode by mode, the trainable part and its dual
coefficient are linear in a few *sources* (the labels of a task, the start, the outputs of a fit that lives on another
spectrum), so the state of a fit is one factor per source and mode. A phase maps factors to factors::

    position < -gain * target + retain * position + anchoring * anchor
    dual < -dual_gain * (target - anchor) + retain * dual - (
        scale - [center is start]
    ) * dual_retain * start

The second line is the first one divided by the eigenvalue, with what stays off the row space (``scale * start``) taken
out: it is finite at eigenvalue zero, and predictions and weights are made of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures import Procedure

Array = NDArray[np.float64]
START = "start"
OFFSET = "offset"


@dataclass(frozen=True)
class Key:
    """One source of a fit's function: whose labels, start, offset or (on another spectrum) outputs."""

    kind: str
    of: Hashable


@dataclass(frozen=True)
class State:
    """Factors per source, each of shape ``(*axes, modes)``.

    ``residual`` is one minus the total weight of all labels, tracked beside the positions so that it never comes from a
    difference of near-one numbers.
    """

    start: Key
    residual: Array
    scale: Array
    position: dict[Key, Array] = field(default_factory=dict)
    dual: dict[Key, Array] = field(default_factory=dict)

    @classmethod
    def initial(cls, start: Key) -> State:
        """The state before the first phase: all of the start, nothing trained."""
        one = np.ones(1)
        return cls(start, residual=one, scale=one, position={start: one})


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


def advance(state: State, procedure: Procedure, target: TargetFactors, eigenvalues: Array) -> State:
    """The state after one phase."""
    gain, retain = procedure.gain(eigenvalues), procedure.retain(eigenvalues)
    anchoring, dual_gain = procedure.anchoring(eigenvalues), procedure.dual_gain(eigenvalues)
    # No prediction sees the dual coefficient of a null mode: the kernel with any point vanishes on it.
    dual_gain = np.where(eigenvalues > 0, dual_gain, 0.0)
    anchored = float(procedure.anchored_at_start)
    keys = dict.fromkeys([*state.position, *state.dual, *target.factors])
    position, dual = {}, {}
    for key in keys:
        anchor = anchored if key == state.start else 0.0
        aim = target.factors.get(key, 0.0)
        position[key] = gain * aim + retain * state.position.get(key, 0.0) + anchoring * anchor
        dual[key] = dual_gain * (aim - anchor) + retain * state.dual.get(key, 0.0)
    drift = np.where(eigenvalues > 0, procedure.dual_retain(eigenvalues), 0.0)
    dual[state.start] = dual[state.start] - (state.scale - anchored) * drift
    frozen = procedure.retain([0.0])
    return State(
        start=state.start,
        residual=anchoring + gain * target.residual + retain * state.residual,
        scale=frozen * state.scale + (1.0 - frozen) * anchored,
        position=position,
        dual=dual,
    )
