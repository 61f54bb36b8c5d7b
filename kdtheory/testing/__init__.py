"""What a claim is tested with: cases that are drawn, margins by which it holds, and Hypothesis strategies.

Public, for users' own claims. Hypothesis is imported when a strategy is asked for, mpmath when float64 cannot decide.

- Cases (`TwoModes`, `SpectralProblem`, `DegenerateProblem`, `LinearProblem`, or your own `Case`) are drawn in batches
  of thousands and shrink to short numbers; a claim's check takes them.
- Margins (`Margin`, with `log_ratio`, `agreement`, `falling`, `matched_lag`, `tolerance`, `decided`) say by how much
  it held.
- Strategies (`spectra`, `bases`, `targets`, `noises`, `gram_matrices`, `soft_labels`, `procedures`, `recipes`) are for
  Hypothesis tests of your own code.

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

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kdtheory.testing.cases import Case
from kdtheory.testing.comparisons import agreement, falling, log_ratio
from kdtheory.testing.label_strategies import soft_labels
from kdtheory.testing.linear_problems import LinearProblem
from kdtheory.testing.margin import Margin
from kdtheory.testing.precision import decided
from kdtheory.testing.profiles import PROFILES, Profile, profile
from kdtheory.testing.spectral_problems import DegenerateProblem, SpectralProblem
from kdtheory.testing.spectral_strategies import ALIGNMENTS, KINDS, bases, gram_matrices, noises, spectra, targets
from kdtheory.testing.tolerances import EPSILON, tolerance
from kdtheory.testing.trainings import Trainings, lag_margin
from kdtheory.testing.two_modes import TwoModes
from kdtheory.testing.variables import Variable, linear, logarithmic, odds, whole

if TYPE_CHECKING:
    from kdtheory.testing.lags import matched_lag
    from kdtheory.testing.recipe_strategies import FAMILIES, procedures, recipes

__all__ = [
    "ALIGNMENTS",
    "EPSILON",
    "FAMILIES",
    "KINDS",
    "PROFILES",
    "Case",
    "DegenerateProblem",
    "LinearProblem",
    "Margin",
    "Profile",
    "SpectralProblem",
    "Trainings",
    "TwoModes",
    "Variable",
    "agreement",
    "bases",
    "decided",
    "falling",
    "gram_matrices",
    "lag_margin",
    "linear",
    "log_ratio",
    "logarithmic",
    "matched_lag",
    "noises",
    "odds",
    "procedures",
    "profile",
    "recipes",
    "soft_labels",
    "spectra",
    "targets",
    "tolerance",
    "whole",
]


_LATER = {"matched_lag": "lags", **dict.fromkeys(("FAMILIES", "procedures", "recipes"), "recipe_strategies")}


def __getattr__(name: str) -> Any:
    """What needs procedures and recipes, whose rooms are loaded only for it."""
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
