"""Schedules of mixing with which ``loss-switching`` is checked, and its formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing import Case, linear, logarithmic, odds

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Schedules(Case):
    """A teacher, and a student whose mixing changes twice, once by gradient flow and once by gradient descent.

    Attributes
    ----------
    teacher_progress, student_progress : between 1e-6 and 30
        Eigenvalue times training time.
    share : between 0.001 and 0.999
        When the loss is switched, in shares of the student's training.
    later : between 0.001 and 0.999
        When the mixing of the schedule changes again, in shares of what is left.
    first, second, third : between -1 and 2
        The mixing of the schedule.
    ratio : between 0.001 and 0.999
        Another mode's eigenvalue over this one's.
    steps : between 2 and 1000, rounded
        Number of steps of gradient descent.
    half_step : between 0.0005 and 0.9995
        One half of step size times eigenvalue.
    """

    teacher_progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    share: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    later: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    first: Annotated[Any, linear(-1.0, 2.0, simple=0.0)]
    second: Annotated[Any, linear(-1.0, 2.0, simple=0.5)]
    third: Annotated[Any, linear(-1.0, 2.0, simple=1.0)]
    ratio: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    steps: Annotated[Any, logarithmic(2.0, 1000.0, simple=4.0)]
    half_step: Annotated[Any, odds(0.0005, 0.9995, simple=0.25)]

    @property
    def lengths(self) -> tuple[Any, Any, Any]:
        """Progress before the switch, from there to the second change of mixing, and from there on."""
        after = self.student_progress * (1 - np.asarray(self.share))
        return self.student_progress * self.share, after * self.later, after * (1 - np.asarray(self.later))

    @property
    def counts(self) -> tuple[Any, Any, Any]:
        """The same in steps of gradient descent."""
        total = np.round(self.steps)
        after = np.clip(np.round(total * (1 - np.asarray(self.share))), 1, total - 1)
        middle = np.round(after * self.later)
        return total - after, middle, after - middle


class Span(NamedTuple):
    """What a stretch of training on one target keeps of the state before it, and one minus that."""

    kept: Any
    lost: Any

    def then(self, other: Span) -> Span:
        """This stretch followed by another one: sums of positive terms, without cancellation."""
        return Span(self.kept * other.kept, self.lost + self.kept * other.lost)


def flow(progress: Any) -> Span:
    """Gradient flow: what is kept is exp(-eigenvalue * time)."""
    return Span(np.exp(-progress), -np.expm1(-progress))


def descent(steps: Any, step: Any) -> Span:
    """Gradient descent: (1 - step size * eigenvalue)^steps."""
    logarithm = np.log1p(-np.minimum(step, 0.5))
    kept = np.power(1.0 - step, steps)
    return Span(kept, np.where(step < 0.5, -np.expm1(steps * logarithm), 1.0 - kept))


def difference(teacher: Any, before: Span, after: Span) -> Array:
    """Switched minus always distilled, per unit of the target; ``teacher``: what the teacher has left to learn."""
    return teacher * after.kept * before.lost


def recovered(before: Span, after: Span) -> Array:
    """The fraction phi of distillation's effect that a switch recovers."""
    return after.lost / before.then(after).lost


def retained(before: Span, after: Span) -> Array:
    """The fraction 1 - phi of distillation's effect that is left when distillation comes first."""
    return after.kept * before.lost / before.then(after).lost


def weights(spans: Sequence[Span]) -> list[Array]:
    """Weight of each stretch of a schedule in the mixing that is felt; they add up to 1."""
    total, found, kept = spans[0], [], np.ones_like(spans[0].kept)
    for span in spans[1:]:
        total = total.then(span)
    for span in reversed(spans):
        found.append(kept * span.lost / total.lost)
        kept = kept * span.kept
    return found[::-1]
