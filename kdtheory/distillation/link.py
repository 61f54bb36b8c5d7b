"""A fit's phases on one spectrum, ready to be composed at any eigenvalues and at any points of its sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdtheory.distillation.composition import OFFSET, OUTPUT, START, Array, Key, State, TargetFactors, advance, mix
from kdtheory.distillation.recipe import Phase
from kdtheory.distillation.targets import Source, Target
from kdtheory.procedures import Procedure

Placement = Callable[[Any], Any]


@dataclass(frozen=True)
class Link:
    """One fit in the chain of fits that share a spectrum.

    Attributes
    ----------
    name : str
        The fit's name.
    phases : tuple of (Phase, Procedure)
        Each phase with its procedure resolved.
    labels : Key
        The source that stands for the fit's own labels.
    has_offset : bool
        Whether its start has an offset, which is taken out of every target and added to every output.
    teachers : dict of str to Link
        Teachers on the same spectrum; those elsewhere enter as sources of their own.
    """

    name: str
    phases: tuple[tuple[Phase, Procedure], ...]
    labels: Key
    has_offset: bool
    teachers: dict[str, Link] = field(default_factory=dict)

    def state(self, lam: Array, place: Placement, known: dict[str, State]) -> State:
        """The state after the last phase; ``known`` keeps the states of all links, for one ``lam`` and ``place``."""
        if self.name not in known:
            state = State.initial(Key(START, self.name))
            for phase, procedure in self.phases:
                target = self._target(phase.target, lam, place, known)
                state = advance(state, procedure.placed(place), target, lam, phase.restart)
            known[self.name] = state
        return known[self.name]

    def _output(self, lam: Array, place: Placement, known: dict[str, State]) -> TargetFactors:
        """This fit as somebody's target."""
        shown = self.state(lam, place, known).shown
        factors = dict(shown.position)
        if self.has_offset:
            offset = Key(OFFSET, self.name)
            factors[offset] = factors.get(offset, 0.0) + np.ones(1)
        return TargetFactors(factors, shown.residual)

    def _target(self, target: Target, lam: Array, place: Placement, known: dict[str, State]) -> TargetFactors:
        sources = [self._source(source, lam, place, known) for _, source in target.terms]
        mixed = mix(zip((np.asarray(place(weight)) for weight in target.weights), sources, strict=True))
        if not self.has_offset:
            return mixed
        offset = Key(OFFSET, self.name)
        return TargetFactors({**mixed.factors, offset: mixed.factors.get(offset, 0.0) - np.ones(1)}, mixed.residual)

    def _source(self, source: Source, lam: Array, place: Placement, known: dict[str, State]) -> TargetFactors:
        if source.fit is None:
            return TargetFactors({self.labels: np.ones(1)}, np.zeros(1))
        if source.fit in self.teachers:
            return self.teachers[source.fit]._output(lam, place, known)
        return TargetFactors({Key(OUTPUT, source.fit): np.ones(1)}, np.ones(1))
