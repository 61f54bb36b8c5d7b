"""What a claim is tested with: cases that are drawn, and margins by which it holds.

Public, for users' own claims. Hypothesis is imported when a strategy is asked for, mpmath when float64 cannot decide.
A case class says how each of its numbers is drawn:

>>> from dataclasses import dataclass
>>> from typing import Annotated, Any
>>> import numpy as np
>>> @dataclass(frozen=True)
... class Mixed(TwoModes):
...     mixing: Annotated[Any, linear(0.0, 1.0, simple=0.5)]
>>> Mixed.draw(np.random.default_rng(0), 3).mixing.round(2).tolist()
[0.86, 0.03, 0.73]
"""

from kdtheory.testing.cases import Case
from kdtheory.testing.linear_problems import LinearProblem
from kdtheory.testing.margin import Margin
from kdtheory.testing.precision import decided
from kdtheory.testing.tolerances import EPSILON, tolerance
from kdtheory.testing.trainings import Trainings, lag_margin
from kdtheory.testing.two_modes import TwoModes
from kdtheory.testing.variables import Variable, linear, logarithmic, odds

__all__ = [
    "EPSILON",
    "Case",
    "LinearProblem",
    "Margin",
    "Trainings",
    "TwoModes",
    "Variable",
    "decided",
    "lag_margin",
    "linear",
    "logarithmic",
    "odds",
    "tolerance",
]
