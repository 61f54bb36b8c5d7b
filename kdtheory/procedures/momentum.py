"""What the momentum methods have in common: how a motion becomes the map of position and velocity."""

from __future__ import annotations

from typing import Any, ClassVar

from kdtheory.procedures._roots import Motion
from kdtheory.procedures.base import Array, parameter
from kdtheory.procedures.memory import Remembering, Row, Transition
from kdtheory.procedures.stepwise import Stepwise


class Momentum(Stepwise, Remembering):
    """Steps with a velocity ``v``, which is minus ``step_size`` times the buffer of ``torch.optim.SGD``."""

    duration: ClassVar[str] = "steps"
    momentum: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "momentum", parameter("momentum", self.momentum, below=1.0))


def rows(motion: Motion, lam: Array, strength: Any, coupling: Any) -> Transition:
    """The map of position and velocity.

    ``strength`` is the force per gradient (a step size), ``coupling`` what of a velocity reaches the next position.
    """
    answer, progress = strength * motion.response, strength * motion.progress
    return Transition(
        position=Row(motion.error, coupling * motion.response, lam * progress, progress),
        memory=Row(-lam * answer, motion.velocity, lam * answer, answer),
    )
