"""A teacher's, a student's and a reference's training on two modes, by any procedures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.testing.margin import Margin
from kdtheory.testing.tolerances import tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trainings:
    """Distillation and its reference on two modes whose target coefficients are 1.

    Attributes
    ----------
    eigenvalues : (largest, second)
    teacher, student : callables
        Gain as a function of the eigenvalue; what is not gained is kept from the start.
    reference : callable
        Gain of a single training on labels, as a function of its time and of the eigenvalue.
    times : (shortest, longest)
        Where the time is searched at which the reference has come as far on mode 1 as the student; two equal numbers
        are taken as they are, and must bring the reference at least as far.
    start : (float, float)
        Coefficients at which all three begin.
    """

    eigenvalues: tuple[float, float]
    teacher: Callable[[Array], Any]
    student: Callable[[Array], Any]
    reference: Callable[[float, Array], Any]
    times: tuple[float, float]
    start: tuple[float, float] = (0.0, 0.0)

    @property
    def distilled(self) -> Array:
        """The student's coefficients on the two modes."""
        lam, start = np.asarray(self.eigenvalues), np.asarray(self.start)
        taught = start + self.teacher(lam) * (1.0 - start)
        return start + self.student(lam) * (taught - start)

    @property
    def matched(self) -> Array:
        """The reference's coefficients on the two modes, at the time that matches the first."""
        lam, start = np.asarray(self.eigenvalues), np.asarray(self.start)
        return start + self.reference(self.matched_time, lam) * (1.0 - start)

    @property
    def matched_time(self) -> float:
        """Time of the reference."""
        lam, start, goal = np.asarray(self.eigenvalues), self.start[0], float(self.distilled[0])

        def ahead(time: float) -> float:
            return float(start + self.reference(time, lam)[0] * (1.0 - start)) - goal

        if self.times[0] == self.times[1]:
            if ahead(self.times[0]) < -float(tolerance()) * abs(goal):
                got = f"{-ahead(self.times[0]):.3g} less"
                fix = "give the reference more time"
                raise InvalidArgument("times", expected="a reference as far as the student on mode 1", got=got, fix=fix)
            return self.times[0]
        from scipy.optimize import brentq

        try:
            return float(brentq(ahead, *self.times, xtol=1e-15, rtol=4 * np.finfo(float).eps))  # type: ignore[arg-type]
        except ValueError as error:
            got = f"{ahead(self.times[0]):.3g} and {ahead(self.times[1]):.3g} ahead at the two ends"
            fix = "widen the range"
            raise InvalidArgument("times", expected="a range with a matching time", got=got, fix=fix) from error


def lag_margin(trainings: Trainings) -> Margin:
    """Log of the reference's coefficient on mode 2 over the student's: positive where the student lags."""
    return Margin(lag=np.log(trainings.matched[1] / trainings.distilled[1]))
