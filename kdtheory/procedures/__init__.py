"""Procedures: what one training run does to a mode. One file per family."""

from kdtheory.procedures.base import Procedure
from kdtheory.procedures.descent import Descent, StepRule
from kdtheory.procedures.gradient_descent import GradientDescent
from kdtheory.procedures.gradient_flow import GradientFlow
from kdtheory.procedures.infinite_rounds import InfiniteRounds
from kdtheory.procedures.memory import Remembering
from kdtheory.procedures.ridge import Ridge

__all__ = [
    "Descent",
    "GradientDescent",
    "GradientFlow",
    "InfiniteRounds",
    "Procedure",
    "Remembering",
    "Ridge",
    "StepRule",
]
