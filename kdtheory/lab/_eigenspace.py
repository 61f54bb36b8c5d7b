"""Numbers of the demonstration ``eigenspace``: gains of teacher and student, and two modes against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kdtheory as kd
from kdtheory.errors import InvalidArgument

Array = NDArray[np.float64]
Family = Callable[[Any], kd.procedures.Procedure]

DIGITS = "500 handwritten digits"
POWER_LAWS = {f"power law, exponent {exponent:g}": exponent for exponent in (0.5, 1.0, 2.0)}
DATA = (DIGITS, *POWER_LAWS)
SHOWN = (1, 2, 3, 5, 8, 13, 21, 34, 55)
MODES = 12
DECAY, FRICTION = 0.2, 1.0  # in units of the leading eigenvalue, and of its square root

# Momentum takes finite times only; after this one float64 sees no difference from the end in any mode.
LONG = 1e9


@dataclass(frozen=True)
class Training:
    """A procedure of one time, in units in which the leading eigenvalue is 1, and whether it has a middle."""

    at: Callable[[Any, float], kd.procedures.Procedure]
    switches: bool = True


TRAININGS = {
    "gradient flow": Training(lambda time, lam: kd.GradientFlow(time * (1 / lam))),
    "ridge (penalty 1 / time)": Training(
        lambda time, lam: kd.Ridge(_inverse(time, lam)),
        switches=False,
    ),
    "weight decay": Training(lambda time, lam: kd.WeightDecayFlow(time * (1 / lam), DECAY * lam)),
    "momentum": Training(
        lambda time, lam: kd.HeavyBallFlow(_finite(time) * (1 / np.sqrt(lam)), FRICTION * np.sqrt(lam))
    ),
}


def _inverse(time: Any, lam: float) -> Any:
    """The penalty of a ridge: ``lam / time``, of a sweep too."""
    return replace(time, values=lam / time.values) if hasattr(time, "values") else lam / np.asarray(time)[()]


def _finite(time: Any) -> Any:
    return time if hasattr(time, "values") else np.minimum(time, LONG)


@dataclass(frozen=True)
class Problem:
    """A task, a model, and the modes that are drawn (numbers from 1, the largest eigenvalue)."""

    task: Any
    model: Any
    shown: tuple[int, ...]

    @property
    def eigenvalues(self) -> Array:
        """All of them, largest first."""
        return self.model.spectrum(self.task).eigenvalues


@cache
def problem(data: str) -> Problem:
    """The digits in a linear model, centred; or a chosen spectrum."""
    model = kd.LinearModel()
    if data == DIGITS:
        return Problem(kd.tasks.digits(train=500, test=1, seed=0).centered(), model, SHOWN)
    spectrum = kd.tasks.power_law(MODES, POWER_LAWS[data])
    task = kd.tasks.from_spectrum(spectrum, coefficients=np.ones(MODES))
    return Problem(task, model, tuple(range(1, MODES + 1)))


@cache
def pair(data: str, lower: int) -> Problem:
    """The leading and a lower mode alone: modes do not mix, and two are sooner followed along training than 500."""
    eigenvalues = problem(data).eigenvalues[[0, lower - 1]]
    return Problem(kd.tasks.from_spectrum(eigenvalues, coefficients=np.ones(2)), kd.LinearModel(), (1, lower))


@dataclass(frozen=True)
class Choice:
    """Where the knobs stand; times in units in which the leading eigenvalue is 1, modes numbered from 1."""

    data: str = DIGITS
    training: str = "gradient flow"
    teacher: float = 2.0
    student: float = 2.0
    rounds: int = 1
    mixing: float = 1.0
    switch: float = 0.0
    lower: int = 8


@dataclass(frozen=True, eq=False)
class View:
    """What is shown for a choice.

    Attributes
    ----------
    numbers, ratios : of the shown modes
        Their numbers, and their eigenvalues over the leading one.
    teacher, student, limit : arrays of shape (shown modes,)
        Gains; ``limit`` is that of infinitely many rounds, or None where the toolkit has no such filter.
    labels_path, student_path, bound : pairs of arrays
        Gains of the leading and the lower mode along training; ``bound`` is None where theorem C1 says nothing.
    teacher_point, student_point : pairs of floats
    matched : float or None
        Gain on the lower mode of the run on labels that has come as far as the student on the leading one.
    lag : float or None
        The student's gain there over that.
    differences : dict of str to float or None
        Largest difference of the student's gains, over all modes, from its teacher's and others'.
    """

    numbers: tuple[int, ...]
    ratios: Array
    teacher: Array
    student: Array
    limit: Array | None
    labels_path: tuple[Array, Array]
    student_path: tuple[Array, Array]
    bound: tuple[Array, Array] | None
    teacher_point: tuple[float, float]
    student_point: tuple[float, float]
    matched: float | None
    lag: float | None
    ratio: float
    differences: dict[str, float | None]


TIMES = np.geomspace(1e-4, 1e4, 240)


def view(choice: Choice) -> View:
    """Solve teacher, students and runs on labels in closed form."""
    setting, two = problem(choice.data), pair(choice.data, choice.lower)
    lam = setting.eigenvalues
    family = _family(choice, lam[0])
    phases = _phases(choice, choice.student)
    solved = _solved(choice, family, phases, setting)
    student, teacher = solved[list(solved)[-1]], solved["teacher"]
    own = _labels(family(choice.student), setting).gains
    endless = _endless(choice, family)
    labels = _labels(family(kd.axis("time", TIMES)), two)
    of_two = _solved(choice, family, phases, two)
    lag = _lag(of_two[list(of_two)[-1]], family, labels)
    ratio = float(two.eigenvalues[1] / lam[0])
    promised = choice.training == "gradient flow" and (choice.rounds, choice.mixing, choice.switch) == (1, 1.0, 0.0)
    shown = np.array(setting.shown) - 1
    return View(
        numbers=setting.shown,
        ratios=lam[shown] / lam[0],
        teacher=teacher.gains[shown],
        student=student.gains[shown],
        limit=None if endless is None else endless[shown],
        labels_path=_columns(labels.gains),
        student_path=_columns(_path(choice, family, two)),
        bound=_columns(labels.gains * [1.0, ratio]) if promised else None,
        teacher_point=_point(of_two["teacher"].gains),
        student_point=_point(of_two[list(of_two)[-1]].gains),
        matched=lag[1],
        lag=lag[0],
        ratio=ratio,
        differences={
            "teacher": _apart(student.gains, solved[list(solved)[-2]].gains),
            "labels": _apart(student.gains, own),
            "limit": None if endless is None else _apart(student.gains, endless),
        },
    )


def _family(choice: Choice, leading: float) -> Family:
    training = TRAININGS[choice.training]
    return lambda time: training.at(time, float(leading))


def _recipe(choice: Choice, family: Family, last: list[tuple[bool, Any]]) -> kd.distillation.Recipe:
    """Teacher and students; ``last`` holds the phases of the last student: whether on labels, and the time."""
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, family(choice.teacher)))}
    for number in range(1, choice.rounds + 1):
        mix = choice.mixing * kd.output_of(list(fits)[-1]) + (1 - choice.mixing) * kd.labels
        phases = last if number == choice.rounds else _phases(choice, choice.student)
        name = "student" if number == 1 else f"student_{number}"
        fits[name] = kd.Fit([kd.Phase(kd.labels if on_labels else mix, family(time)) for on_labels, time in phases])
    return kd.Recipe(**fits)


def _phases(choice: Choice, time: float) -> list[tuple[bool, Any]]:
    """First on labels, for a share of the time, then on the teacher; a phase of no length is left out."""
    share = choice.switch if TRAININGS[choice.training].switches else 0.0
    before, after = (time, time) if np.isinf(time) else (share * time, (1 - share) * time)
    phases = [(True, before)] if share > 0 else []
    return phases + ([(False, after)] if share < 1 else [])


def _solved(choice: Choice, family: Family, last: list[tuple[bool, Any]], setting: Problem) -> kd.distillation.Result:
    return kd.solve(_recipe(choice, family, last), setting.model, setting.task)


def _labels(procedure: Any, setting: Problem) -> Any:
    """A run on labels."""
    recipe = kd.Recipe(labels_only=kd.Fit(kd.Phase(kd.labels, procedure)))
    return kd.solve(recipe, setting.model, setting.task)["labels_only"]


def _endless(choice: Choice, family: Family) -> Array | None:
    """Gains after infinitely many rounds, where they are those of one procedure."""
    setting, student = problem(choice.data), family(choice.student)
    switched = choice.switch > 0 and TRAININGS[choice.training].switches
    copied = np.isinf(choice.student) and choice.mixing == 1  # every round returns its teacher: no limit of its own
    if switched or copied or isinstance(student, kd.procedures.Remembering):
        return None
    return kd.InfiniteRounds(student, choice.mixing).gain(setting.eigenvalues)


def _path(choice: Choice, family: Family, two: Problem) -> Array:
    """The last student along its training, shape (times, 2): labels up to the switch, then its teacher."""
    times = TIMES
    phases = _phases(choice, choice.student)
    parts = []
    for done in range(len(phases)):
        on_labels, longest = phases[done]
        # The last phase is followed to its end, beyond where the student stops.
        swept = times if done == len(phases) - 1 or np.isinf(longest) else np.append(times[times < longest], longest)
        last = [*phases[:done], (on_labels, kd.axis("time", swept))]
        result = _solved(choice, family, last, two)
        parts.append(result[list(result)[-1]].gains)
    return np.concatenate(parts)


def _lag(student: Any, family: Family, along_labels: Any) -> tuple[float | None, float | None]:
    """Lag on the lower mode, and the matched gain; None where no run on labels has come as far."""
    try:
        found = kd.measures.lag(student, family)
    except InvalidArgument:  # with decay no run reaches a gain of 1: along the run itself, then
        found = kd.measures.lag(student, along_labels)
    ratio, reference = found.ratio[1], found.reference[1]
    return (None, None) if np.ma.is_masked(ratio) else (float(ratio), float(reference))


def _apart(one: Array, other: Array) -> float:
    return float(np.max(np.abs(one - other)))


def _columns(path: Array) -> tuple[Array, Array]:
    return path[:, 0], path[:, 1]


def _point(gains: Array) -> tuple[float, float]:
    return float(gains[0]), float(gains[1])
