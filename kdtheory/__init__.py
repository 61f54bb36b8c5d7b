"""kdtheory: the theory of knowledge distillation, executable.

Everything public is reachable from here (``import kdtheory as kd``) and loaded when first used, so that importing the
package costs next to nothing.
"""

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = (
    "claims",
    "conventions",
    "distillation",
    "errors",
    "kernels",
    "measures",
    "models",
    "networks",
    "plotting",
    "procedures",
    "risk",
    "spectrum",
    "tasks",
    "testing",
)
_NAMES_OF = {
    "axes": ("axis",),
    "procedures": (
        "AveragedDescent",
        "AveragedFlow",
        "GradientDescent",
        "GradientFlow",
        "HeavyBall",
        "HeavyBallFlow",
        "InfiniteRounds",
        "IteratedTikhonov",
        "Nesterov",
        "NesterovFlow",
        "Ridge",
        "SpectralCutOff",
        "WeightDecayDescent",
        "WeightDecayFlow",
    ),
    "models": ("KernelModel", "LinearModel", "RandomFeatures"),
    "distillation": (
        "CrossEntropy",
        "Fit",
        "Minibatch",
        "Phase",
        "Recipe",
        "SquaredError",
        "Start",
        "labels",
        "loss_switching",
        "output_of",
        "self_distillation",
        "solve",
    ),
    "simulation": ("simulate",),
    "networks": ("Adam", "SGD", "train"),
    "measures": ("compare",),
}
_ROOM_OF = {name: room for room, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"kdtheory.{name}")
    if name in _ROOM_OF:
        return getattr(import_module(f"kdtheory.{_ROOM_OF[name]}"), name)
    if not name.startswith("_"):
        with suppress(AttributeError):
            return getattr(import_module("kdtheory.procedures"), name)
    raise AttributeError(f"module 'kdtheory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return ["__version__", *_ROOMS, *_ROOM_OF]


if TYPE_CHECKING:
    from kdtheory import claims as claims
    from kdtheory import conventions as conventions
    from kdtheory import distillation as distillation
    from kdtheory import errors as errors
    from kdtheory import kernels as kernels
    from kdtheory import measures as measures
    from kdtheory import models as models
    from kdtheory import networks as networks
    from kdtheory import plotting as plotting
    from kdtheory import procedures as procedures
    from kdtheory import risk as risk
    from kdtheory import spectrum as spectrum
    from kdtheory import tasks as tasks
    from kdtheory import testing as testing
    from kdtheory.axes import axis as axis
    from kdtheory.distillation import CrossEntropy as CrossEntropy
    from kdtheory.distillation import Fit as Fit
    from kdtheory.distillation import Minibatch as Minibatch
    from kdtheory.distillation import Phase as Phase
    from kdtheory.distillation import Recipe as Recipe
    from kdtheory.distillation import SquaredError as SquaredError
    from kdtheory.distillation import Start as Start
    from kdtheory.distillation import labels as labels
    from kdtheory.distillation import loss_switching as loss_switching
    from kdtheory.distillation import output_of as output_of
    from kdtheory.distillation import self_distillation as self_distillation
    from kdtheory.distillation import solve as solve
    from kdtheory.measures import compare as compare
    from kdtheory.models import KernelModel as KernelModel
    from kdtheory.models import LinearModel as LinearModel
    from kdtheory.models import RandomFeatures as RandomFeatures
    from kdtheory.networks import SGD as SGD
    from kdtheory.networks import Adam as Adam
    from kdtheory.networks import train as train
    from kdtheory.procedures import AveragedDescent as AveragedDescent
    from kdtheory.procedures import AveragedFlow as AveragedFlow
    from kdtheory.procedures import GradientDescent as GradientDescent
    from kdtheory.procedures import GradientFlow as GradientFlow
    from kdtheory.procedures import HeavyBall as HeavyBall
    from kdtheory.procedures import HeavyBallFlow as HeavyBallFlow
    from kdtheory.procedures import InfiniteRounds as InfiniteRounds
    from kdtheory.procedures import IteratedTikhonov as IteratedTikhonov
    from kdtheory.procedures import Nesterov as Nesterov
    from kdtheory.procedures import NesterovFlow as NesterovFlow
    from kdtheory.procedures import Ridge as Ridge
    from kdtheory.procedures import SpectralCutOff as SpectralCutOff
    from kdtheory.procedures import WeightDecayDescent as WeightDecayDescent
    from kdtheory.procedures import WeightDecayFlow as WeightDecayFlow
    from kdtheory.simulation import simulate as simulate
