"""Numbers of the demonstration ``break_the_theorem``: one contest on two modes, and who wins it, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory import claims
from kdtheory.claims._filters import Ensemble, Shrunk
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import (
    AveragedFlow,
    GradientFlow,
    HeavyBallFlow,
    Procedure,
    Ridge,
    WeightDecayFlow,
    elasticity,
    exaggeration,
)
from kdtheory.procedures.exaggeration import Verdict, log_ahead, matched
from kdtheory.testing import Trainings

Array = NDArray[np.float64]
Gain = Callable[[Array], Any]
CLAIMS = ("exaggerated-bias", "which-procedures-exaggerate")
LEVEL = 1e-9
"""Ratios closer to 1 than this count as level: they are sums of a few roundings."""


@dataclass(frozen=True)
class Family:
    """Procedures of one time, in units of the leading eigenvalue.

    Attributes
    ----------
    member : callable
        From a time to a procedure.
    longest : float, optional
        Up to which time its gain on the leading mode rises.
    top : float
        The largest gain there.
    """

    member: Callable[[Any], Procedure]
    longest: float | None = None
    top: float = 1.0


FAMILIES = {
    "gradient flow": Family(GradientFlow),
    "ridge (penalty 1 / time)": Family(lambda time: Ridge(1 / np.asarray(time)[()])),
    "momentum without damping": Family(lambda time: HeavyBallFlow(time, 0.0), np.pi, 2.0),
    "momentum with much damping": Family(lambda time: HeavyBallFlow(time, 3.0)),
    "weight decay 2": Family(lambda time: WeightDecayFlow(time, 2.0), top=1 / 3),
    "weight decay 0.1": Family(lambda time: WeightDecayFlow(time, 0.1), top=1 / 1.1),
    "averaged gradient flow": Family(AveragedFlow),
    "outputs shrunk to 0.9": Family(lambda time: Shrunk(GradientFlow(time), 0.9), top=0.9),
    "mean of two ridges": Family(lambda time: Ensemble(Ridge(1 / np.asarray(time)[()]), Ridge(1e6 / np.asarray(time)))),
}
SAME = "the same"


@dataclass(frozen=True)
class Choice:
    """An attempt: procedures, times (the leading eigenvalue is 1) and the lower eigenvalue."""

    student: str = "gradient flow"
    teacher: str = SAME
    teacher_time: float = 2.0
    student_time: float = 2.0
    ratio: float = 0.5


@dataclass(frozen=True, eq=False)
class Contest:
    """A student and a run on labels that is as far on the leading mode (or farther, in steps).

    Attributes
    ----------
    eigenvalues : (largest, second)
    student, labels : (float, float)
        Coefficients on the two modes, whose targets are 1.
    curves : dict of str to array, or None
        Gains at ``grid`` of "student" and "control" (the run on labels); None where a start adds to what is gained.
    grid : array
        Eigenvalues.
    slopes : dict of str to float, or None
        Elasticities at the leading mode of "teacher", "student" and "control"; None where a gain is not smooth,
        or a start adds to it.
    """

    eigenvalues: tuple[float, float]
    student: tuple[float, float]
    labels: tuple[float, float]
    grid: Array
    curves: dict[str, Array] | None
    slopes: dict[str, float] | None

    @property
    def ratio(self) -> float:
        """The student's coefficient on mode 2 over that of the run on labels."""
        return self.student[1] / self.labels[1]

    @property
    def leader(self) -> str:
        """Who leads on mode 2: "student", "control" or "nobody"."""
        if abs(self.ratio - 1) < LEVEL:
            return "nobody"
        return "student" if self.ratio > 1 else "control"


def attempt(choice: Choice) -> Contest | None:
    """The contest of a choice; None if no run on labels gets as far on the leading mode as the student."""
    own = FAMILIES[choice.student]
    teacher = FAMILIES[choice.student if choice.teacher == SAME else choice.teacher].member(choice.teacher_time)
    student = own.member(choice.student_time)
    try:
        runs = matched(teacher, student, own.member, longest=own.longest)
    except InvalidArgument:
        return None
    modes, grid = np.array([1.0, choice.ratio]), _grid(1.0, choice.ratio)
    labels, ahead = runs.reference.gain(modes), log_ahead(*runs, modes)
    return Contest(
        eigenvalues=(1.0, choice.ratio),
        student=_pair(labels * np.exp(-ahead)),
        labels=_pair(labels),
        grid=grid,
        curves={"student": teacher.gain(grid) * student.gain(grid), "control": runs.reference.gain(grid)},
        slopes=_slopes(*runs, 1.0),
    )


@cache
def verdict(student: str, teacher: str) -> Verdict:
    """The criterion on a grid of gains: of a teacher's family, and of the student's and the run on labels."""
    own, taught = FAMILIES[student], FAMILIES[student if teacher == SAME else teacher]
    return exaggeration(
        taught.member,
        own.member,
        own.member,
        longest=(_before_overshoot(taught), _before_overshoot(own), _before_overshoot(own)),
        top=min(1.0, taught.top, own.top),
    )


def _before_overshoot(family: Family) -> float | None:
    """Until when a gain that swings has not passed its target: half of the time to its top."""
    return None if family.longest is None else family.longest / 2


def counterexample(claim: str, name: str) -> tuple[claims.Claim, claims.Counterexample]:
    """A claim, and its counterexample of that name."""
    found = claims.get(claim)
    return found, next(item for item in found.counterexamples if item.name == name)


def known(case: Any) -> Contest:
    """The contest of a counterexample's case."""
    if not isinstance(case, Trainings):
        case = _flows(case)
    first, second = case.eigenvalues
    time, grid = case.matched_time, _grid(first, second)

    def labels(lam: Array) -> Any:
        return case.reference(time, np.asarray(lam))

    curves = {"student": case.teacher(grid) * case.student(grid), "control": labels(grid)}
    teacher, student, own = (_procedure(each) for each in (case.teacher, case.student, labels))
    from_zero = tuple(case.start) == (0.0, 0.0)
    return Contest(
        eigenvalues=(float(first), float(second)),
        student=_pair(case.distilled),
        labels=_pair(case.matched),
        grid=grid,
        curves=curves if from_zero else None,
        slopes=_slopes(teacher, student, own, first) if from_zero else None,
    )


@dataclass(frozen=True)
class Given(Procedure):
    """A procedure that is known by its gain alone."""

    formula: Gain

    @property
    def parameters(self) -> dict[str, Any]:
        """None that could be swept."""
        return {}

    def _gain(self, lam: Array) -> Array:
        return np.asarray(self.formula(lam), dtype=float)

    def _residual(self, lam: Array) -> Array:
        return 1.0 - self._gain(lam)

    def _dual_gain(self, lam: Array) -> Array:
        return self._gain(lam) / lam


def _procedure(gain: Gain) -> Procedure:
    """The procedure whose method this is, or one that is known by its gain."""
    owner = getattr(gain, "__self__", None)
    return owner if isinstance(owner, Procedure) else Given(gain)


def _slopes(teacher: Procedure, student: Procedure, labels: Procedure, eigenvalue: float) -> dict[str, float] | None:
    runs = {"teacher": teacher, "student": student, "control": labels}
    try:
        return {name: float(elasticity(run, eigenvalue)) for name, run in runs.items()}
    except InvalidArgument:
        return None


def _flows(case: Any) -> Trainings:
    """Gradient flow of two modes, as the claim draws them."""
    longest = max(case.teacher_time, case.student_time)
    teacher, student = GradientFlow(case.teacher_time), GradientFlow(case.student_time)
    reference = lambda time, lam: GradientFlow(time).gain(lam)  # noqa: E731
    return Trainings(case.eigenvalues, teacher.gain, student.gain, reference, times=(0.0, longest))


def _grid(first: float, second: float) -> Array:
    """Eigenvalues from a third of the lower one to the leading one."""
    return np.geomspace(min(second, 0.9 * first) / 3, first, 160)


def _pair(values: Any) -> tuple[float, float]:
    return float(values[0]), float(values[1])
