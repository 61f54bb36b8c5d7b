"""Procedures: what one training run does to a mode. One file per family."""

import sys
from typing import Any

from kdtheory._discovery import find
from kdtheory.procedures.averaged_descent import AveragedDescent
from kdtheory.procedures.averaged_flow import AveragedFlow
from kdtheory.procedures.base import Procedure
from kdtheory.procedures.cross_kernel import flattest_teacher
from kdtheory.procedures.decay_threshold import decay_threshold
from kdtheory.procedures.descent import Descent, StepRule
from kdtheory.procedures.elasticity import elasticity, elasticity_at_gain
from kdtheory.procedures.exaggeration import Verdict, exaggeration
from kdtheory.procedures.gradient_descent import GradientDescent
from kdtheory.procedures.gradient_flow import GradientFlow
from kdtheory.procedures.heavy_ball import HeavyBall
from kdtheory.procedures.heavy_ball_flow import HeavyBallFlow
from kdtheory.procedures.infinite_rounds import InfiniteRounds
from kdtheory.procedures.iterated_tikhonov import IteratedTikhonov
from kdtheory.procedures.many_rounds import gain_of_rounds, limiting_gain
from kdtheory.procedures.memory import Remembering
from kdtheory.procedures.nesterov import Nesterov
from kdtheory.procedures.nesterov_flow import NesterovFlow
from kdtheory.procedures.ridge import Ridge
from kdtheory.procedures.spectral_cut_off import SpectralCutOff
from kdtheory.procedures.weight_decay_descent import WeightDecayDescent
from kdtheory.procedures.weight_decay_flow import WeightDecayFlow

__all__ = [
    "GradientFlow",
    "GradientDescent",
    "Ridge",
    "IteratedTikhonov",
    "SpectralCutOff",
    "WeightDecayFlow",
    "WeightDecayDescent",
    "AveragedFlow",
    "AveragedDescent",
    "HeavyBall",
    "Nesterov",
    "HeavyBallFlow",
    "NesterovFlow",
    "InfiniteRounds",
    "elasticity",
    "elasticity_at_gain",
    "flattest_teacher",
    "exaggeration",
    "decay_threshold",
    "gain_of_rounds",
    "limiting_gain",
    "Verdict",
    "Procedure",
    "Remembering",
    "Descent",
    "StepRule",
]


def __getattr__(name: str) -> Any:
    """A class of a file that the list above does not know."""
    return find(sys.modules[__name__], name)
