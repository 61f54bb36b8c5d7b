"""Students whose target changes during training, as the toolkit runs them: the other side of ``loss-switching``.

What a student ends with is linear in the labels, in the teacher's function and in its own start. Three outputs keep the
three apart: the labels are 1 in the first and 0 elsewhere, the teacher is 1 in the second, the start in the third. No
effect is then the small difference of two large numbers, whatever the teacher, the target and the start are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.axes import Axis
from kdtheory.distillation import Fit, Phase, Recipe, Start, labels, output_of, solve
from kdtheory.models import LinearModel
from kdtheory.procedures import GradientFlow, Procedure
from kdtheory.tasks import from_spectrum
from kdtheory.testing import EPSILON, Margin

Array = NDArray[np.float64]
Schedule = Sequence[tuple[Any, Procedure]]
CONSERVED = 1e-12


@dataclass(frozen=True)
class Response:
    """A student's final coefficient per unit of the labels, of the teacher's function and of the start, by mode."""

    labels: Array
    teacher: Array
    start: Array


def swept(values: Any) -> Axis:
    """One value per case, along the axis that all parameters of a batch share."""
    array = np.atleast_1d(np.asarray(values, dtype=float))
    return Axis("case", np.arange(float(array.size)), array)


def responses(schedules: Mapping[str, Schedule], eigenvalues: Any = 1.0, restart: bool = False) -> dict[str, Response]:
    """Responses of students by name; each has a schedule of phases, ``(mixing, procedure)``.

    Arrays are of shape ``(cases,)`` for a single eigenvalue, else ``(modes,)``; ``restart`` forgets all velocity at
    each change of the target.
    """
    lam = np.atleast_1d(np.asarray(eigenvalues, dtype=float))
    task = from_spectrum(lam, coefficients=np.ones((lam.size, 1)) * [1.0, 0.0, 0.0])

    def start(*values: float) -> Start:
        return Start(weights=np.asarray(values) / np.sqrt(lam)[:, None])

    fits = {"teacher": Fit(Phase(labels, GradientFlow(0.0)), start=start(0.0, 1.0, 0.0))}
    for name, schedule in schedules.items():
        phases = [Phase(_target(mixing), procedure, restart=restart) for mixing, procedure in schedule]
        fits[name] = Fit(phases, start=start(0.0, 0.0, 1.0))
    solved = solve(Recipe(**fits), LinearModel(), task)
    found = {name: np.asarray(solved[name].coefficients) for name in schedules}
    return {name: Response(*(each[..., i].reshape(-1) for i in range(3))) for name, each in found.items()}


def residuals(teacher: Procedure, schedules: Mapping[str, Schedule]) -> dict[str, Array]:
    """One minus the students' coefficients on labels of 1, from zero, for a teacher trained on the same labels."""
    task = from_spectrum([1.0], coefficients=[1.0])
    fits = {"teacher": Fit(Phase(labels, teacher))}
    for name, schedule in schedules.items():
        fits[name] = Fit([Phase(_target(mixing), procedure) for mixing, procedure in schedule])
    solved = solve(Recipe(**fits), LinearModel(), task)
    return {name: -np.asarray(solved[name].errors).reshape(-1) for name in schedules}


def _target(mixing: Any) -> Any:
    if isinstance(mixing, Axis):
        return mixing * output_of("teacher") + (1 - mixing) * labels
    return output_of("teacher") if mixing else labels


@dataclass(frozen=True)
class Switched:
    """Switching by any procedure, on two modes.

    Attributes
    ----------
    eigenvalues : (largest, second)
    procedure : callable
        The training of a given length.
    before, after : numbers
        Lengths before and after the switch.
    restart : bool
        Whether the switch sets the velocity to zero.
    """

    eigenvalues: tuple[float, float]
    procedure: Callable[[Any], Procedure]
    before: Any
    after: Any
    restart: bool = False


def switched_margin(run: Switched) -> Margin:
    """How far the recovered fractions keep from their bounds and each other; in decades, how exact conservation is."""
    first, second = run.procedure(run.before), run.procedure(run.after)
    schedules = {
        "distilled": [(1, first), (1, second)],
        "onehot": [(0, first), (0, second)],
        "switched": [(0, first), (1, second)],
        "reversed": [(1, first), (0, second)],
    }
    ends = responses({**schedules}, run.eigenvalues, run.restart)
    ends |= responses({name: schedules[name] for name in ("distilled", "onehot")}, run.eigenvalues)
    recovered = ends["switched"].teacher / ends["distilled"].teacher
    excess = [
        getattr(ends["switched"], of) + getattr(ends["reversed"], of)
        - getattr(ends["distilled"], of) - getattr(ends["onehot"], of)
        for of in ("labels", "teacher", "start")
    ]  # fmt: skip
    return Margin(
        above_uniform=recovered.min() - run.after / (run.before + run.after),
        below_one=1.0 - recovered.max(),
        increasing=recovered[0] - recovered[1],
        conserved=np.log10(CONSERVED / np.maximum(np.abs(excess).max(), EPSILON)),
    )
