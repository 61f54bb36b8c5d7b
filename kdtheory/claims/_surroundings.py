"""What lies around a counterexample: the margin along each of its numbers, or the trainings that it compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing import Case, Margin, Trainings

Array = NDArray[np.float64]
POINTS = 81


@dataclass(frozen=True)
class Along:
    """The margin along one field of a case, all others fixed.

    Attributes
    ----------
    name, scale : str
        Of the field: linear, logarithmic, odds or whole.
    values, margins : arrays
        The field's values, rising, and the margin there.
    at : float
        The case's own value.
    """

    name: str
    scale: str
    values: Array
    margins: Array
    at: float


def around(check: Callable[[Any], Margin], case: Case, points: int = POINTS) -> tuple[Along, ...]:
    """The margin along every field that the case depends on, over the field's whole range."""
    found = []
    for name in case.varied:
        variable, own = case.variables()[name], float(case.values[name])
        values = np.unique([*variable.grid(points), own])
        batch = type(case).batch([type(case)(**{**case.values, name: value}) for value in values])
        found.append(Along(name, variable.scale, values, check(batch).values.reshape(-1), own))
    return tuple(found)


@dataclass(frozen=True)
class Courses:
    """Two modes against each other, as shares of their targets: the reference's course, and where everybody is.

    Attributes
    ----------
    reference : array of shape (times, 2)
    teacher, student, matched : pairs of floats
        The three fits; the reference at the time that matches the student on mode 1.
    """

    reference: Array
    teacher: tuple[float, float]
    student: tuple[float, float]
    matched: tuple[float, float]


def courses(trainings: Trainings, points: int = POINTS) -> Courses:
    """The courses that a case of two modes compares."""
    lam, start = np.asarray(trainings.eigenvalues), np.asarray(trainings.start)
    low, high = trainings.times
    inner = trainings.matched_time
    times = np.unique([*np.linspace(min(low, inner), max(min(high, 20 * inner), inner), points), inner])
    if low == high:
        times = np.array([inner])
    course = np.array([start + trainings.reference(float(time), lam) * (1.0 - start) for time in times])
    taught = start + trainings.teacher(lam) * (1.0 - start)
    return Courses(course, _pair(taught), _pair(trainings.distilled), _pair(trainings.matched))


def _pair(values: Any) -> tuple[float, float]:
    return float(values[0]), float(values[1])
