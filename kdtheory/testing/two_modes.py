"""Two modes of a spectrum, a teacher's training and a student's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing.cases import Case
from kdtheory.testing.variables import linear, logarithmic, odds


@dataclass(frozen=True)
class TwoModes(Case):
    """Eigenvalues of two modes and how far a teacher and a student are trained, in numbers without units.

    Each field is a float, or an array of shape (cases,).

    Attributes
    ----------
    log10_largest : between -8 and 8
        Decimal logarithm of the larger eigenvalue.
    ratio : between 0.001 and 0.999
        Smaller eigenvalue over the larger one, drawn by its log-odds.
    teacher_progress, student_progress : between 1e-6 and 30
        Larger eigenvalue times training time.

    Examples
    --------
    >>> case = TwoModes(
    ...     log10_largest=2.0, ratio=0.5, teacher_progress=1.0, student_progress=3.0
    ... )
    >>> case.eigenvalues.tolist(), case.teacher_time, case.student_time
    ([100.0, 50.0], 0.01, 0.03)
    """

    log10_largest: Annotated[Any, linear(-8.0, 8.0, simple=0.0)]
    ratio: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    teacher_progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]

    @property
    def largest(self) -> Any:
        """The larger eigenvalue."""
        return 10.0**self.log10_largest

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Both eigenvalues, shape (cases, 2), or (2,) for a single case."""
        return np.stack([np.asarray(self.largest), np.asarray(self.largest * self.ratio)], axis=-1)

    @property
    def teacher_time(self) -> Any:
        """Gradient-flow time of the teacher."""
        return self.teacher_progress / self.largest

    @property
    def student_time(self) -> Any:
        """Gradient-flow time of the student."""
        return self.student_progress / self.largest
